"""``gramian embed``: a table goes in; components, a report, numbers and a model come out."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian._validation import check_int, check_real
from gramian.cli._embed_words import python_program, summary_lines
from gramian.cli._faults import BadInputError
from gramian.cli._job import Job, Presentation, carry_out, circumstances, described, open_table
from gramian.cli._labelled import COMPONENT
from gramian.cli._progress import Progress
from gramian.cli._source import Source
from gramian.cli.model import build
from gramian.data import Table

__all__ = ["SCHEMA", "Request", "Result", "ranges", "run"]

SCHEMA = "gramian.embed/1"
AUTO = "auto"
WITH_BANDWIDTH = ("rbf", "laplacian")
SAMPLE = 2_000
"""Rows whose distances choose the bandwidth."""


@dataclass(frozen=True, kw_only=True)
class Request(Job):
    """What was asked for on the command line."""

    n_components: int
    kernel: str
    bandwidth: str
    label: str | None


@dataclass(frozen=True)
class Result:
    """What came of it."""

    request: Request
    source: Source
    table: Table
    model: Any
    embedding: np.ndarray
    summary: dict[str, Any]


def run(request: Request) -> int:
    """Carry out the request."""
    check_int(request.seed, "--seed", "embed", low=0, high=2**32 - 1)
    check_int(request.n_components, "--components", "embed", low=1)
    bandwidth = _bandwidth(request)
    return carry_out(request, lambda progress: _embed(request, bandwidth, progress), _present)


def ranges(embedding: np.ndarray) -> list[dict[str, Any]]:
    """Least, middle and largest value, and standard deviation, of each component."""
    wide = embedding.astype(np.float64)
    return [
        {
            "component": j + 1,
            "min": float(column.min()),
            "median": float(np.median(column)),
            "max": float(column.max()),
            "deviation": float(column.std()),
        }
        for j, column in enumerate(wide.T)
    ]


def _bandwidth(request: Request) -> float | str | None:
    """The width as given; None where the kernel has none."""
    if request.kernel not in WITH_BANDWIDTH:
        if request.bandwidth != AUTO:
            raise BadInputError(
                f"--bandwidth must be left out for the {request.kernel!r} kernel, got "
                f"{request.bandwidth!r}."
            )
        return None
    if request.bandwidth == AUTO:
        return AUTO
    try:
        value = float(request.bandwidth)
    except ValueError:
        raise BadInputError(
            f"--bandwidth must be a number or 'auto', got {request.bandwidth!r}."
        ) from None
    return check_real(value, "--bandwidth", "embed", low=0, low_open=True)


def _chosen_bandwidth(X: np.ndarray, kernel: str, seed: int) -> tuple[float, str]:
    """The median distance between rows, to four digits, and the sentence that says so."""
    from gramian.gram import Gram
    from gramian.pairwise import Euclidean, Manhattan

    rows = X
    if len(X) > SAMPLE:
        rows = X[np.sort(np.random.default_rng(seed).choice(len(X), SAMPLE, replace=False))]
    metric = Euclidean() if kernel == "rbf" else Manhattan()
    table = Gram(np.ascontiguousarray(rows), kernel=metric).dense()
    apart = table[np.triu_indices(len(rows), 1)]
    apart = apart[apart > 0]
    if not len(apart):
        return 1.0, "bandwidth = 1, as all rows are equal."
    value = float(f"{float(np.median(apart)):.4g}")
    of = f"{len(rows):,} rows drawn at random" if len(rows) < len(X) else "the rows"
    name = "distance" if kernel == "rbf" else "L1 distance"
    return value, f"bandwidth = {value:.4g}, the median {name} between {of} that differ."


def _embed(request: Request, bandwidth: float | str | None, progress: Progress) -> Result:
    """Read, choose and fit."""
    started = time.perf_counter()
    source, table = open_table(request, progress, label=request.label, weight=None)
    remedy = "Lower it or pass more rows."
    k, n = request.n_components, table.n_rows
    check_int(k, "--components", "embed", low=1, high=n, remedy=remedy)
    read = time.perf_counter()
    progress.step(f"Embedding {n:,} rows")
    used: dict[str, Any] = {"n_components": k, "kernel": request.kernel}
    how = "As given." if bandwidth is not None else f"The {request.kernel} kernel has no bandwidth."
    if bandwidth == AUTO:
        bandwidth, how = _chosen_bandwidth(table.X, request.kernel, request.seed)
    if bandwidth is not None:
        used["bandwidth"] = bandwidth
    used["random_state"] = request.seed
    model = build("embedding", used)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        embedding = np.asarray(model.fit_transform(table.X))
    done = time.perf_counter()
    said = dict.fromkeys(f"Warning: {warning.message}" for warning in caught)
    summary = {
        "schema": SCHEMA,
        "data": described(request, source, table, [*table.notes, *said], label=table.label_name),
        "parameters": {
            "given": {"n_components": k, "kernel": request.kernel, "bandwidth": request.bandwidth},
            "used": used,
            "how": how,
        },
        "components": _components(model, embedding),
        "solver": model.solver_,
        "passes": float(model.passes_),
        **circumstances(request),
        "seconds": {"read": read - started, "fit": done - read},
    }
    return Result(request, source, table, model, embedding, summary)


def _components(model: Any, embedding: np.ndarray) -> list[dict[str, Any]]:
    """Every component with its eigenvalue, shares, certificate and range."""
    shares = np.asarray(model.explained_variance_ratio_, dtype=np.float64)
    return [
        {
            **part,
            "eigenvalue": float(value),
            "share": float(share),
            "cumulated_share": float(total),
            "residual": float(residual),
        }
        for part, value, share, total, residual in zip(
            ranges(embedding),
            model.eigenvalues_,
            shares,
            np.cumsum(shares),
            model.residuals_,
            strict=True,
        )
    ]


def _present(result: Result) -> Presentation:
    return Presentation(
        found=result.embedding,
        column=COMPONENT,
        what="components",
        kind="embedding",
        python=python_program(result),
        lines=summary_lines,
        report="gramian.cli._embed_report",
    )
