"""Lloyd's iteration on checked rows.

Source: S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian._input import Rows
from gramian._sums import ordered_sum, weighted_total
from gramian.cluster._assignment import assign
from gramian.engine.partition import Assigned

__all__ = ["Run", "Watch", "lloyd", "same_clustering"]

Watch = Callable[[int, float, Tensor], bool]
"""Told an iteration, the inertia and the centres it started from; a true answer ends the run."""


@dataclass(frozen=True)
class Run:
    """Where one run ended: labels and inertia belong to ``centers``."""

    labels: Tensor
    centers: Tensor
    inertia: float
    n_iter: int
    stopped: bool = False


def lloyd(
    rows: Rows,
    weights: Tensor,
    centers: Tensor,
    *,
    max_iter: int,
    tol: float,
    verbose: bool,
    watch: Watch | None,
) -> Run:
    """Assign and average until the labels stay, the centres move by ≤ ``tol``, or ``max_iter``.

    ``watch`` sees the centres that each iteration starts from, and those that the run ends with.
    """
    watched = verbose or watch is not None
    labels: Tensor | None = None
    for i in range(max_iter):
        found = assign(rows, centers, weights, previous=labels, values=watched)
        labels = found.labels
        same = i > 0 and found.changed == 0
        if watched:
            inertia = _inertia(weights, found)
            if verbose:
                print(f"Iteration {i}, inertia {inertia}.")
            stopped = watch is not None and watch(i, inertia, centers)
            if stopped or same:
                # the same labels have the same means, so the centres need no update
                if verbose and same:
                    print(f"Converged at iteration {i}: strict convergence.")
                return Run(labels, centers, inertia, i + 1, stopped)
        elif same:
            found = assign(rows, centers, weights, previous=labels, values=True)
            return Run(found.labels, centers, _inertia(weights, found), i + 1)
        old = centers
        centers = _update(rows, weights, found, old)
        shift = float(ordered_sum((centers.double() - old.double()).square().flatten()))
        if shift <= tol:
            if verbose:
                print(f"Converged at iteration {i}: center shift {shift} within tolerance {tol}.")
            break
    found = assign(rows, centers, weights, previous=labels, values=True)
    inertia = _inertia(weights, found)
    stopped = watch is not None and watch(i + 1, inertia, centers)
    return Run(found.labels, centers, inertia, i + 1, stopped)


def same_clustering(labels: Tensor, others: Tensor, n_clusters: int) -> bool:
    """Whether rows with equal ``labels`` have equal ``others``: the same clusters, renamed."""
    renamed = others.new_zeros(n_clusters)
    renamed[labels] = others
    return torch.equal(renamed[labels], others)


def _inertia(weights: Tensor, found: Assigned) -> float:
    assert found.squared is not None
    return weighted_total(weights, found.squared)


def _update(rows: Rows, weights: Tensor, found: Assigned, old: Tensor) -> Tensor:
    """Weighted means of the clusters.

    Empty clusters take the rows that are farthest from their centres, the farthest first; where
    no row is off its centre they stay empty, at the place of the heaviest cluster.
    """
    empty = (found.mass == 0).nonzero()[:, 0]
    far = empty[:0]
    if len(empty):
        far = _farthest(rows, weights, found, old)[: len(empty)]
    if len(far):
        # counted without these rows, clusters lose them to the last bit, as a difference would not
        without = weights.clone()
        without[far] = 0
        found = assign(rows, old, without, previous=found.labels)
    mass = found.mass.clone()
    mass[empty[: len(far)]] = weights[far]
    centers = (old.double() + found.sums / mass[:, None]).to(old.dtype)
    centers[empty[: len(far)]] = rows.take(far)
    centers[mass == 0] = centers[mass.argmax()].clone()
    return centers


def _farthest(rows: Rows, weights: Tensor, found: Assigned, centers: Tensor) -> Tensor:
    """Rows off their centre, farthest first; one without weight cannot hold a cluster."""
    squared = found.squared
    if squared is None:
        squared = assign(rows, centers, weights, previous=found.labels, values=True).squared
        assert squared is not None
    distance = squared.where(weights > 0, 0)
    order = distance.sort(descending=True, stable=True).indices
    return order[: int(distance.count_nonzero())]
