"""Lloyd's iteration on checked rows.

Source: S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian._input import Rows
from gramian._sums import moved_means, squared_movement
from gramian.cluster._assignment import assign
from gramian.cluster._passes import Passes
from gramian.cluster._sphere import on_sphere
from gramian.engine.partition import Assigned

__all__ = ["Run", "Watch", "lloyd", "same_clustering"]

Watch = Callable[[int, float, Tensor], bool]
"""Told an iteration, the inertia and the centres it started from; a true answer ends the run."""


@dataclass(frozen=True)
class Run:
    """Where one run ended: labels, their clusters' mass and inertia belong to ``centers``."""

    labels: Tensor
    mass: Tensor
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
    verbose: bool = False,
    watch: Watch | None = None,
    spherical: bool = False,
) -> Run:
    """Assign and average until the labels stay, the centres move by ≤ ``tol``, or ``max_iter``.

    ``spherical``: rows have length 1, and so get the means.

    ``watch`` sees the centres that each iteration starts from, and those that the run ends with.
    """
    passes = Passes(rows, weights, centers)
    stale = torch.zeros(len(centers), dtype=torch.bool, device=rows.device)
    for i in range(max_iter):
        found = passes.assign(centers, stale)
        same = i > 0 and found.changed == 0
        if verbose or watch is not None:
            inertia = passes.inertia()
            if verbose:
                print(f"Iteration {i}, inertia {inertia}.")
            if watch is not None and watch(i, inertia, centers):
                return Run(found.labels, found.mass, centers, inertia, i + 1, stopped=True)
        if same:
            # the same labels have the same means, so the centres need no update
            if verbose:
                print(f"Converged at iteration {i}: strict convergence.")
            return Run(found.labels, found.mass, centers, passes.inertia(), i + 1)
        old = centers
        centers, stale = _update(passes, found, old, stale)
        if spherical:
            centers = on_sphere(centers, old)
        shift = squared_movement(old, centers)
        if shift <= tol:
            if verbose:
                print(f"Converged at iteration {i}: center shift {shift} within tolerance {tol}.")
            break
    found = passes.assign(centers, stale)
    inertia = passes.inertia()
    stopped = watch is not None and watch(i + 1, inertia, centers)
    return Run(found.labels, found.mass, centers, inertia, i + 1, stopped)


def same_clustering(labels: Tensor, others: Tensor, n_clusters: int) -> bool:
    """Whether rows with equal ``labels`` have equal ``others``: the same clusters, renamed."""
    renamed = others.new_zeros(n_clusters)
    renamed[labels] = others
    return torch.equal(renamed[labels], others)


def _update(passes: Passes, found: Assigned, old: Tensor, stale: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted means of the clusters whose rows came or went or that are ``stale``.

    Empty clusters take the rows that are farthest from their centres, the farthest first; where
    no row is off its centre they stay empty, at the place of the heaviest cluster. Clusters that
    gave or took such a row are stale: their centres are no longer the means of their rows.
    """
    rows, weights = passes.rows, passes.weights
    due = found.moved | stale
    stale = torch.zeros_like(stale)
    if found.mass.all():
        return moved_means(old, found.sums, found.mass, due), stale
    empty = (found.mass == 0).nonzero()[:, 0]
    far = _farthest(passes)[: len(empty)]
    if len(far):
        # counted without these rows, clusters lose them to the last bit, as a difference would not
        without = weights.clone()
        without[far] = 0
        found = assign(rows, old, without, previous=found.labels)
        stale[found.labels[far]] = True
        due |= stale
        stale[empty[: len(far)]] = True
    mass = found.mass.clone()
    mass[empty[: len(far)]] = weights[far]
    centers = moved_means(old, found.sums, mass, due)
    centers[empty[: len(far)]] = rows.take(far)
    centers[mass == 0] = centers[mass.argmax()].clone()
    return centers, stale


def _farthest(passes: Passes) -> Tensor:
    """Rows off their centre, farthest first; one without weight cannot hold a cluster."""
    distance = passes.measure().where(passes.weights > 0, 0)
    order = distance.sort(descending=True, stable=True).indices
    return order[: int(distance.count_nonzero())]
