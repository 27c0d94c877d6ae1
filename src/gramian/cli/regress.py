"""``gramian regress``: a table goes in; predictions, a report, numbers and a model come out."""

from __future__ import annotations

import math
import time
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from gramian._validation import check_int, check_real
from gramian.cli._faults import BadInputError
from gramian.cli._job import Job, Presentation, carry_out, circumstances, described, open_table
from gramian.cli._labelled import PREDICTION
from gramian.cli._progress import Progress
from gramian.cli._regress_words import python_program, summary_lines
from gramian.cli._source import Source
from gramian.data import Table
from gramian.kernel_methods import KernelRidgeCV

__all__ = ["SCHEMA", "Request", "Result", "quartiles", "run"]

SCHEMA = "gramian.regress/1"
_RIDGES = {"rbf": (1e-6, 1e2), "laplacian": (1e-6, 1e2), "linear": (1e-3, 1e5)}
_N_RIDGES = 13


@dataclass(frozen=True, kw_only=True)
class Request(Job):
    """What was asked for on the command line."""

    target: str
    kernel: str
    ridge: str
    bandwidth: str
    weight: str | None


@dataclass(frozen=True)
class Result:
    """What came of it.

    Attributes
    ----------
    parameters : dict
        What the estimator was made with.
    truth, predicted : ndarray of shape (n,), float64
        The target, and what the model says of the rows that it has seen.
    """

    request: Request
    source: Source
    table: Table
    model: KernelRidgeCV
    parameters: dict[str, Any]
    truth: np.ndarray
    predicted: np.ndarray
    summary: dict[str, Any]


def run(request: Request) -> int:
    """Carry out the request."""
    check_int(request.seed, "--seed", "regress", low=0, high=2**32 - 1)
    parameters = _parameters(request)
    return carry_out(request, lambda progress: _learn(request, parameters, progress), _present)


def quartiles(values: np.ndarray) -> dict[str, float]:
    """Least, quartiles, greatest and mean."""
    points = {"min": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "max": 1.0}
    found = {name: float(np.quantile(values, share)) for name, share in points.items()}
    return {**found, "mean": float(values.mean())}


def _parameters(request: Request) -> dict[str, Any]:
    """What `KernelRidgeCV` is made with."""
    if request.ridge == "auto":
        low, high = _RIDGES[request.kernel]
        alphas = np.geomspace(low, high, _N_RIDGES).tolist()
    else:
        alphas = _numbers(request.ridge, "--ridge")
    made: dict[str, Any] = {"alphas": alphas, "kernel": request.kernel, "fit_intercept": True}
    if request.kernel == "linear":
        if request.bandwidth != "auto":
            raise BadInputError(
                "--bandwidth must be left out for --kernel linear, which has none, "
                f"got {request.bandwidth!r}."
            )
    elif request.bandwidth == "auto":
        made["bandwidths"] = "auto"
    else:
        made["bandwidths"] = _numbers(request.bandwidth, "--bandwidth")
    return {**made, "random_state": request.seed}


def _numbers(text: str, option: str) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        raise BadInputError(
            f"{option} must be auto or numbers with commas between them, got {text!r}."
        ) from None
    return [check_real(value, option, "regress", low=0, low_open=True) for value in values]


def _target(table: Table, request: Request) -> np.ndarray:
    """The numbers to predict."""
    assert table.label is not None
    if table.label.dtype.kind not in "iuf":
        raise BadInputError(
            f"--target must be a column of numbers, got {request.target!r} of {table.label.dtype}."
        )
    truth = table.label.astype(np.float64)
    if not np.isfinite(truth).all():
        row = int((~np.isfinite(truth)).argmax())
        raise BadInputError(
            f"--target must be finite, got {truth[row]} in row {row + 1} of {request.target!r}."
        )
    if len(truth) < 3:
        raise BadInputError(f"DATA must have at least 3 rows to learn from, got {len(truth)}.")
    return truth


def _learn(request: Request, parameters: dict[str, Any], progress: Progress) -> Result:
    """Read, choose, fit and predict."""
    started = time.perf_counter()
    source, table = open_table(request, progress, label=request.target, weight=request.weight)
    truth, X = _target(table, request), table.X.astype(np.float64)
    read = time.perf_counter()
    progress.step(f"Choosing ridge and bandwidth on {table.n_rows:,} rows")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ConvergenceWarning)
        model = KernelRidgeCV(**parameters).fit(X, truth, table.weight)
    cautions = [str(each.message) for each in said]
    progress.step(f"Predicting {table.n_rows:,} rows")
    predicted = np.asarray(model.predict(X))
    done = time.perf_counter()
    errors = np.asarray(model.loo_prediction_) - truth
    counted = np.ones_like(truth) if table.weight is None else table.weight
    kept = counted > 0
    level = np.average(truth, weights=counted)
    spread = math.sqrt(np.average(np.square(truth - level), weights=counted))
    rmse = math.sqrt(np.average(np.square(errors[kept]), weights=counted[kept]))
    summary = {
        "schema": SCHEMA,
        "data": described(
            request,
            source,
            table,
            list(table.notes),
            target=table.label_name,
            weight=table.weight_name,
        ),
        "parameters": {
            "given": parameters,
            "used": _used(model, request),
        },
        "leave_one_out": {
            "rmse": rmse,
            "mean_absolute_error": float(np.average(np.abs(errors[kept]), weights=counted[kept])),
            "r2": 1 - (rmse / spread) ** 2 if spread > 0 else None,
            "target_deviation": spread,
        },
        "path": {
            "ridge": model.cv_results_["param_alpha"].tolist(),
            "bandwidth": [
                None if math.isnan(h) else h for h in model.cv_results_["param_bandwidth"].tolist()
            ],
            "mean_squared_error": [
                value if math.isfinite(value) else None
                for value in (-model.cv_results_["mean_test_score"]).tolist()
            ],
            "method": model.path_method_,
            "error": model.path_error_,
        },
        "certificate": {
            "solver": model.solver_,
            "residual": model.residual_,
            "passes": model.passes_,
            "rank": model.rank_,
            "cautions": cautions,
        },
        "prediction": quartiles(predicted),
        **circumstances(request),
        "seconds": {"read": read - started, "fit": done - read},
    }
    return Result(request, source, table, model, parameters, truth, predicted, summary)


def _used(model: KernelRidgeCV, request: Request) -> dict[str, Any]:
    """Parameters of the `KernelRidge` that was chosen."""
    used = {"alpha": model.alpha_, "kernel": request.kernel, "fit_intercept": True}
    return used if model.bandwidth_ is None else {**used, "bandwidth": model.bandwidth_}


def _present(result: Result) -> Presentation:
    return Presentation(
        found=result.predicted,
        column=PREDICTION,
        what="predictions",
        kind="regression",
        # new rows need not have the target, nor a value in it
        preparation=replace(result.table.preparation, label=None, weight=None),
        python=python_program(result),
        lines=summary_lines,
        report="gramian.cli._regress_report",
    )
