"""Lloyd's iteration on checked rows.

Source: S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.cluster._input import Rows
from gramian.cluster._sums import cluster_sums, ordered_sum, weighted_total
from gramian.gram import Gram

__all__ = ["Run", "lloyd", "nearest", "same_clustering"]


@dataclass(frozen=True)
class Run:
    """Where one run ended: labels and inertia belong to ``centers``."""

    labels: Tensor
    centers: Tensor
    inertia: float
    n_iter: int
    stopped: bool = False


def nearest(rows: Rows, centers: Tensor) -> tuple[Tensor, Tensor]:
    """Squared distance to, and index of, the nearest centre of each row, (n,) and (n,)."""
    kind = torch.promote_types(rows.dtype, centers.dtype)
    centers = centers.to(kind)
    if rows.tensor is not None and rows.dtype == kind:
        return Gram(rows.tensor, centers).min(dim=1)
    parts = [Gram(rows.take(span).to(kind), centers).min(dim=1) for span in rows.spans()]
    squared, labels = zip(*parts, strict=True)
    return torch.cat(squared), torch.cat(labels)


def lloyd(
    rows: Rows,
    weights: Tensor,
    centers: Tensor,
    *,
    origin: Tensor,
    max_iter: int,
    tol: float,
    verbose: bool,
    watch: Callable[[int, float, Tensor], bool],
) -> Run:
    """Assign and average until the labels stay, the centres move by ≤ ``tol``, or ``max_iter``.

    ``watch(iteration, inertia, centers)`` is told what each iteration started from; a true
    answer ends the run after it.
    """
    previous: Tensor | None = None
    stopped = False
    for i in range(max_iter):
        squared, labels = nearest(rows, centers)
        inertia = weighted_total(weights, squared)
        if verbose:
            print(f"Iteration {i}, inertia {inertia}.")
        stopped = watch(i, inertia, centers)
        if previous is not None and torch.equal(labels, previous):
            # the same labels have the same means, so the centres need no update
            if verbose:
                print(f"Converged at iteration {i}: strict convergence.")
            return Run(labels, centers, inertia, i + 1, stopped)
        old, previous = centers, labels
        centers = _update(rows, weights, labels, squared, old, origin)
        shift = float(ordered_sum((centers.double() - old.double()).square().flatten()))
        if shift <= tol:
            if verbose:
                print(f"Converged at iteration {i}: center shift {shift} within tolerance {tol}.")
            break
        if stopped:
            break
    squared, labels = nearest(rows, centers)
    return Run(labels, centers, weighted_total(weights, squared), i + 1, stopped)


def same_clustering(labels: Tensor, others: Tensor, n_clusters: int) -> bool:
    """Whether rows with equal ``labels`` have equal ``others``: the same clusters, renamed."""
    renamed = others.new_zeros(n_clusters)
    renamed[labels] = others
    return torch.equal(renamed[labels], others)


def _update(
    rows: Rows, weights: Tensor, labels: Tensor, squared: Tensor, old: Tensor, origin: Tensor
) -> Tensor:
    """Weighted means of the clusters.

    Empty clusters take the rows that are farthest from their centres, the farthest first; where
    no row is off its centre they stay empty, at the place of the heaviest cluster.
    """
    n_clusters = len(old)
    sums, mass = cluster_sums(rows, weights, labels, n_clusters, origin)
    empty = (mass == 0).nonzero()[:, 0]
    if len(empty):
        # a row without weight counts as absent, so it cannot hold a cluster
        distance = squared.where(weights > 0, 0)
        if bool(distance.any()):
            far = distance.sort(descending=True, stable=True).indices[: len(empty)]
            labels = labels.clone()
            labels[far] = empty
            sums, mass = cluster_sums(rows, weights, labels, n_clusters, origin)
    sums[mass == 0] = sums[mass.argmax()].clone()
    mass = mass.where(mass > 0, mass.max())
    return (origin + sums / mass[:, None]).to(old.dtype)
