"""``gramian density``: a table goes in; log densities, a report, numbers and a model come out."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian._validation import check_int, check_real
from gramian.cli._density_words import python_program, summary_lines
from gramian.cli._faults import BadInputError
from gramian.cli._job import Job, Presentation, carry_out, circumstances, described, open_table
from gramian.cli._labelled import PREDICTION
from gramian.cli._progress import Progress
from gramian.cli._source import Source
from gramian.cli.model import build
from gramian.data import Preparation, Table

__all__ = ["SCHEMA", "Request", "Result", "log_densities", "log_units", "run", "spread"]

SCHEMA = "gramian.density/1"
RULES = ("scott", "silverman", "loo")
SPARSEST = 10


@dataclass(frozen=True, kw_only=True)
class Request(Job):
    """What was asked for on the command line."""

    bandwidth: str
    kernel: str
    weight: str | None


@dataclass(frozen=True)
class Result:
    """What came of it."""

    request: Request
    source: Source
    table: Table
    model: Any
    values: np.ndarray
    summary: dict[str, Any]

    @property
    def sparsest(self) -> np.ndarray:
        """Row numbers of least density, the least first."""
        return np.argsort(self.values, kind="stable")[:SPARSEST]


def run(request: Request) -> int:
    """Carry out the request."""
    check_int(request.seed, "--seed", "density", low=0, high=2**32 - 1)
    bandwidth = _bandwidth(request.bandwidth)
    return carry_out(request, lambda progress: _estimate(request, bandwidth, progress), _present)


def log_densities(model: Any, X: np.ndarray, preparation: Preparation) -> np.ndarray:
    """Log density of prepared rows per unit of the columns as the table holds them, float64."""
    values: np.ndarray = model.score_samples(X).astype(np.float64)
    return values - log_units(preparation)


def log_units(preparation: Preparation) -> float:
    """Log volume that one unit of volume of the prepared columns takes in the table's columns."""
    if not preparation.standardize:
        return 0.0
    return sum(math.log(scale) for scale in preparation.scales if scale > 0)


def spread(values: np.ndarray) -> dict[str, Any]:
    """Quantiles of the log densities that are finite, and how many are not."""
    finite = values[np.isfinite(values)]
    points = {"min": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "max": 1.0}
    return {
        **{
            name: float(np.quantile(finite, share)) if len(finite) else None
            for name, share in points.items()
        },
        "mean": float(finite.mean()) if len(finite) else None,
        "rows_of_density_zero": int(len(values) - len(finite)),
    }


def _bandwidth(text: str) -> float | str:
    if text in RULES:
        return text
    try:
        value = float(text)
    except ValueError:
        raise BadInputError(
            f"--bandwidth must be a number, 'scott', 'silverman' or 'loo', got {text!r}."
        ) from None
    return check_real(value, "--bandwidth", "density", low=0, low_open=True)


def _estimate(request: Request, bandwidth: float | str, progress: Progress) -> Result:
    """Read, fit and score."""
    started = time.perf_counter()
    source, table = open_table(request, progress, label=None, weight=request.weight)
    read = time.perf_counter()
    progress.step(f"Fitting a density to {table.n_rows:,} rows")
    given = {"bandwidth": bandwidth, "kernel": request.kernel}
    model = build("density", given).fit(table.X, sample_weight=table.weight)
    progress.step(f"Density of {table.n_rows:,} rows")
    values = log_densities(model, table.X, table.preparation)
    done = time.perf_counter()
    summary = {
        "schema": SCHEMA,
        "data": described(request, source, table, _notes(table), weight=table.weight_name),
        "parameters": {
            "given": given,
            "used": {"bandwidth": model.bandwidth_, "kernel": request.kernel},
        },
        "log_density": spread(values),
        "leave_one_out_mean": _leave_one_out_mean(model, table),
        **circumstances(request),
        "seconds": {"read": read - started, "fit": done - read},
    }
    return Result(request, source, table, model, values, summary)


def _leave_one_out_mean(model: Any, table: Table) -> float | None:
    """Mean log density that the rows give each other, in the units of the columns.

    None where a row gets none from the others, or all rows are equal.
    """
    if not (table.X[1:] != table.X[0]).any():
        return None
    mass = table.n_rows if table.weight is None else float(table.weight.sum())
    mean = model.leave_one_out_score() / mass - log_units(table.preparation)
    return mean if math.isfinite(mean) else None


def _notes(table: Table) -> list[str]:
    """What was done to the data, and what that means for the density."""
    notes = [*table.notes]
    preparation = table.preparation
    if preparation.standardize:
        notes.append(
            "The bandwidth is in standard deviations; log densities are per unit of the columns "
            "as the table holds them."
        )
        constant = [
            name
            for name, scale in zip(preparation.feature_names, preparation.scales, strict=True)
            if scale == 0
        ]
        if constant:
            notes.append(f"Columns without a unit, because they never vary: {', '.join(constant)}.")
    return notes


def _present(result: Result) -> Presentation:
    return Presentation(
        found=result.values,
        column=PREDICTION,
        what="log densities",
        kind="density",
        python=python_program(result),
        lines=summary_lines,
        report="gramian.cli._density_report",
    )
