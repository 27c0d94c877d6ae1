"""The runs of a k-means fit: several starts, of which the best is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gramian._input import Rows
from gramian.cluster._assignment import mean_variance
from gramian.cluster._lloyd import Run, Watch, lloyd, same_clustering
from gramian.cluster._start import first_centers
from gramian.pairwise.metrics import unit_rows

__all__ = ["IterationState", "best_run"]


@dataclass(frozen=True)
class IterationState:
    """What a callback of `KMeans` is told.

    Attributes
    ----------
    run : int
        Which of the ``n_init`` runs, from 0.
    iteration : int
        Which iteration of that run, from 0. A run that ends with a last update of the centres
        tells these too, as one more iteration.
    inertia : float
        Weighted sum of squared distances to ``centers``.
    centers : ndarray or Tensor of shape (n_clusters, n_features)
        A copy of the centres that the iteration started from.
    """

    run: int
    iteration: int
    inertia: float
    centers: Any


def best_run(
    rows: Rows,
    weights: Tensor,
    init: Any,
    n_clusters: int,
    generator: torch.Generator,
    *,
    n_init: int,
    max_iter: int,
    tol: float,
    verbose: bool,
    callback: Callable[[IterationState], Any] | None,
    spherical: bool,
) -> Run:
    """The run of least inertia; ``tol`` is relative to the mean variance of the features."""
    best: Run | None = None
    movement = tol * mean_variance(rows) if tol else 0.0
    for number in range(n_init):
        centers = first_centers(init, rows, weights, n_clusters, generator)
        if spherical:
            centers = unit_rows(centers, mark_zeros=False)
        if verbose:
            print("Initialization complete")
        run = lloyd(
            rows,
            weights,
            centers,
            max_iter=max_iter,
            tol=movement,
            verbose=verbose,
            watch=None if callback is None else _watch(callback, rows, number),
            spherical=spherical,
        )
        # rounding alone may make the inertia of one clustering, renamed, a little smaller
        if best is None or (
            run.inertia < best.inertia and not same_clustering(run.labels, best.labels, n_clusters)
        ):
            best = run
        if run.stopped:
            break
    assert best is not None
    return best


def _watch(callback: Callable[[IterationState], Any], rows: Rows, run: int) -> Watch:
    def watch(iteration: int, inertia: float, centers: Tensor) -> bool:
        copied = rows.give(centers.clone())
        return bool(callback(IterationState(run, iteration, inertia, copied)))

    return watch
