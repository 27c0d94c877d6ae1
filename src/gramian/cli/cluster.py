"""``gramian cluster``: a table goes in; labels, a report, numbers and a model come out."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian._validation import check_int, check_real
from gramian.cli import choose
from gramian.cli._faults import BadInputError
from gramian.cli._job import Job, Presentation, carry_out, circumstances, described, open_table
from gramian.cli._labelled import CLUSTER
from gramian.cli._other_k import OtherK, other_k
from gramian.cli._progress import Progress
from gramian.cli._scores import agreement, counts, silhouette_sample
from gramian.cli._source import Source
from gramian.cli.model import CLASSES, build
from gramian.data import Table

__all__ = ["SCHEMA", "Request", "Result", "run"]

SCHEMA = "gramian.cluster/1"
AUTO = "auto"
ONE_OR_MORE = "Pass one or more, or leave the option out."
OR_AUTO = "Pass a positive number, or leave the option out: one is chosen then."


@dataclass(frozen=True, kw_only=True)
class Request(Job):
    """What was asked for on the command line."""

    algorithm: str
    n_clusters: int
    eps: str
    min_samples: int
    min_cluster_size: int
    bandwidth: str
    kernel: str
    label: str | None
    weight: str | None


@dataclass(frozen=True)
class Result:
    """What came of it: the table, the fitted estimator and its parameters, and all numbers.

    ``other_k`` is of k-means, where a file asks for it.
    """

    request: Request
    source: Source
    table: Table
    model: Any
    parameters: dict[str, Any]
    choice: choose.Choice | None
    other_k: OtherK | None
    silhouette: tuple[np.ndarray, np.ndarray] | None
    summary: dict[str, Any]

    @property
    def labels(self) -> np.ndarray:
        """Cluster of each row; −1 is noise."""
        return np.asarray(self.model.labels_)


def run(request: Request) -> int:
    """Carry out the request."""
    given = _given_parameters(request)
    return carry_out(request, lambda progress: _cluster(request, given, progress), _present)


def _given_parameters(request: Request) -> dict[str, Any]:
    """The estimator's parameters as given, each checked; "auto" is still to be chosen."""
    check_int(request.seed, "--seed", "cluster", low=0, high=2**32 - 1)
    if request.algorithm == "kmeans":
        check_int(request.n_clusters, "-k", "cluster", low=1, remedy=ONE_OR_MORE)
        return {"n_clusters": request.n_clusters, "n_init": 10, "random_state": request.seed}
    if request.algorithm == "dbscan":
        check_int(request.min_samples, "--min-samples", "cluster", low=1, remedy=ONE_OR_MORE)
        eps = _number_or_auto(request.eps, "--eps")
        return {"eps": eps, "min_samples": request.min_samples}
    if request.algorithm == "hdbscan":
        check_int(request.min_samples, "--min-samples", "cluster", low=1, remedy=ONE_OR_MORE)
        remedy = "A cluster has two rows or more; without the option it has five."
        size = request.min_cluster_size
        check_int(size, "--min-cluster-size", "cluster", low=2, remedy=remedy)
        return {
            "min_cluster_size": request.min_cluster_size,
            "min_samples": request.min_samples,
        }
    bandwidth = _number_or_auto(request.bandwidth, "--bandwidth")
    return {"bandwidth": bandwidth, "kernel": request.kernel}


def _number_or_auto(text: str, option: str) -> float | str:
    if text == AUTO:
        return AUTO
    try:
        value = float(text)
    except ValueError:
        raise BadInputError(f"{option} must be a number or 'auto', got {text!r}.") from None
    return check_real(value, option, "cluster", low=0, low_open=True, remedy=OR_AUTO)


def _cluster(request: Request, given: dict[str, Any], progress: Progress) -> Result:
    """Read, choose, fit and score."""
    started = time.perf_counter()
    source, table = open_table(request, progress, label=request.label, weight=request.weight)
    _check_against_rows(request, table)
    read = time.perf_counter()
    progress.step(f"Fitting {CLASSES[request.algorithm]} to {table.n_rows:,} rows")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model, parameters, choice = _fit(request, given, table)
    fitted = time.perf_counter()
    progress.step("Scoring")
    labels = np.asarray(model.labels_)
    silhouette = silhouette_sample(table.X, labels, request.seed)
    other = None
    if request.algorithm == "kmeans" and (request.report or request.json):
        progress.step("Trying other numbers of clusters")
        other = other_k(table.X, request.n_clusters, weight=table.weight, seed=request.seed)
    notes = [*table.notes, *dict.fromkeys(f"Warning: {warning.message}" for warning in caught)]
    summary = {
        "schema": SCHEMA,
        "algorithm": request.algorithm,
        "data": described(
            request, source, table, notes, label=table.label_name, weight=table.weight_name
        ),
        "parameters": {
            "given": given,
            "used": parameters,
            "how": choice.how if choice else "As given.",
            "tried": choice.tried if choice else [],
        },
        **counts(labels),
        "inertia": float(model.inertia_) if hasattr(model, "inertia_") else None,
        "iterations": int(model.n_iter_) if hasattr(model, "n_iter_") else None,
        "silhouette": silhouette[2] if silhouette else None,
        "other_k": other.summary() if other else None,
        "scores": agreement(table, labels),
        **circumstances(request),
        "seconds": {"read": read - started, "fit": fitted - read},
    }
    sampled = silhouette[:2] if silhouette else None
    return Result(request, source, table, model, parameters, choice, other, sampled, summary)


def _check_against_rows(request: Request, table: Table) -> None:
    """Parameters that no table of this length allows."""
    name, value = {
        "kmeans": ("-k", request.n_clusters),
        "dbscan": ("--min-samples", request.min_samples if request.eps == AUTO else 1),
        "hdbscan": ("--min-samples", request.min_samples),
        "mean-shift": ("-k", 1),
    }[request.algorithm]
    remedy = "Lower it or pass more rows."
    check_int(value, name, "cluster", low=1, high=table.n_rows, remedy=remedy)


def _fit(
    request: Request, given: dict[str, Any], table: Table
) -> tuple[Any, dict[str, Any], choose.Choice | None]:
    """The fitted estimator, its parameters, and how the one that was "auto" was chosen."""

    def fit(rows: np.ndarray | None = None, **changes: float) -> Any:
        estimator = build(request.algorithm, given | changes)
        X, weight = table.X, table.weight
        if rows is not None:
            X, weight = X[rows], None if weight is None else weight[rows]
        return estimator.fit(X, sample_weight=weight)

    choice = None
    if given.get("eps") == AUTO:
        n = request.min_samples
        choice = choose.choose_eps(table.X, n, lambda eps: fit(eps=eps), request.seed)
    elif given.get("bandwidth") == AUTO:
        choice = choose.choose_bandwidth(
            table.X,
            request.kernel,
            lambda bandwidth, rows: fit(rows, bandwidth=bandwidth),
            request.seed,
            table.weight,
        )
    if choice is None:
        return fit(), given, None
    return choice.model, given | {choice.name: choice.value}, choice


def _present(result: Result) -> Presentation:
    from gramian.cli._words import python_program, summary_lines

    return Presentation(
        found=result.labels,
        column=CLUSTER,
        what="labels",
        kind=result.request.algorithm,
        python=python_program(result),
        lines=summary_lines,
        report="gramian.cli._cluster_report",
    )
