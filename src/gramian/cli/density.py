"""``gramian density``: a table goes in; log densities, a report, numbers and a model come out."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian import _config
from gramian._validation import check_int, check_real
from gramian.cli._density_words import python_program, summary_lines
from gramian.cli._faults import BadInputError
from gramian.cli._labelled import PREDICTION, labelled
from gramian.cli._machine import peak_memory, versions
from gramian.cli._outputs import STDOUT, Outputs, as_json
from gramian.cli._progress import Progress
from gramian.cli._source import Source
from gramian.cli.model import build, save_bytes
from gramian.data import Preparation, Table

__all__ = ["SCHEMA", "Request", "Result", "log_densities", "log_units", "run", "spread"]

SCHEMA = "gramian.density/1"
RULES = ("scott", "silverman", "loo")
SPARSEST = 10


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    data: str
    bandwidth: str
    kernel: str
    columns: list[str] | None
    standardize: bool
    weight: str | None
    out: str | None
    report: str | None
    json: str | None
    save: str | None
    seed: int
    device: str
    memory: str
    separator: str | None
    header: bool
    quiet: bool
    command: str


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
    """Carry out the request; files appear only once everything has succeeded."""
    check_int(request.seed, "--seed", "density", low=0, high=2**32 - 1)
    bandwidth = _bandwidth(request.bandwidth)
    with Outputs([request.data]) as outputs, Progress(not request.quiet) as progress:
        outputs.claim("--out", request.out, stdout=True)
        outputs.claim("--json", request.json, stdout=True)
        outputs.claim("--report", request.report)
        outputs.claim("--save", request.save)
        with _config.config_context(memory=request.memory, device=request.device):
            result = _estimate(request, bandwidth, progress)
            _stage(result, outputs, progress)
        if not (request.quiet or outputs.own_stdout):
            outputs.put(STDOUT, ("\n".join(summary_lines(result.summary)) + "\n").encode())
        outputs.commit()
    return 0


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
    progress.step("Reading the table")
    source = Source.open(request.data, separator=request.separator, header=request.header)
    table = source.table(
        columns=request.columns,
        label=None,
        weight=request.weight,
        standardize=request.standardize,
    )
    read = time.perf_counter()
    progress.step(f"Fitting a density to {table.n_rows:,} rows")
    given = {"bandwidth": bandwidth, "kernel": request.kernel}
    model = build("density", given).fit(table.X, sample_weight=table.weight)
    progress.step(f"Density of {table.n_rows:,} rows")
    values = log_densities(model, table.X, table.preparation)
    done = time.perf_counter()
    summary = {
        "schema": SCHEMA,
        "data": {
            "name": source.name,
            "sha256": source.sha256,
            "rows": table.n_rows,
            "columns": list(table.feature_names),
            "weight": table.weight_name,
            "standardized": request.standardize,
            "dtype": str(table.X.dtype),
            "notes": _notes(table),
        },
        "parameters": {
            "given": given,
            "used": {"bandwidth": model.bandwidth_, "kernel": request.kernel},
        },
        "log_density": spread(values),
        "leave_one_out_mean": _leave_one_out_mean(model, table),
        "seed": request.seed,
        "device": request.device,
        "memory_budget": _config.current().memory,
        "versions": versions(),
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


def _stage(result: Result, outputs: Outputs, progress: Progress) -> None:
    """Make every file that was asked for, under temporary names."""
    request, summary = result.request, result.summary
    summary["command"] = request.command
    summary["python"] = python_program(result)
    if request.out is not None:
        progress.step("Writing the log densities")
        content, note = labelled(result.source, result.values, request.out, PREDICTION)
        outputs.put(request.out, content)
        summary["data"]["notes"] += [note] if note else []
    if request.save is not None:
        used = summary["parameters"]["used"]
        outputs.put(
            request.save,
            save_bytes(
                "density", result.model, used, result.table.preparation, result.table.n_rows
            ),
        )
    summary["files"] = {
        name: path
        for name in ("out", "report", "json", "save")
        if (path := getattr(request, name)) not in (None, STDOUT)
    }
    summary["peak_memory"] = peak_memory()
    if request.report is not None:
        progress.step("Drawing the pictures")
        from gramian.cli._density_report import build_report

        outputs.put(request.report, build_report(result).html().encode())
    if request.json is not None:
        outputs.put(request.json, as_json(summary).encode())
