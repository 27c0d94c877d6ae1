"""Density-based validity of clusters of any shape, with noise."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS, Rows
from gramian.gram import Gram
from gramian.metrics._clusters import checked
from gramian.metrics._reach_tree import internal, reach_tree
from gramian.pairwise.metrics import Euclidean

__all__ = ["dbcv_score"]

NOISE = -1


def dbcv_score(X: Any, labels: Any) -> float:
    """Density-based clustering validation: gaps between clusters beside gaps within them.

    The core distance of a row x among the nᵢ rows of its cluster is
    (Σ ‖x − y‖⁻ᵈ / (nᵢ − 1))^(−1/d) over the other rows y, the mutual reachability of two rows is
    the largest of their core distances and their distance, and a cluster's tree is a minimum
    spanning tree of it. With s the largest edge between inner nodes of that tree (nodes with more
    than one edge), and g the least mutual reachability between an inner node of the cluster and one
    of another cluster, the cluster is worth (g − s) / max(g, s). The score is the mean over the
    rows of what their cluster is worth; rows of noise are worth 0.

    Parameters
    ----------
    X : array-like, data frame, sparse matrix or Tensor of shape (n, d)
    labels : array-like or Tensor of shape (n,)
        Cluster of each row: numbers, text, anything that sorts. The number −1 is noise.

    Returns
    -------
    float
        In [−1, 1]; higher is better. A cluster without inner edges takes the largest of all its
        edges, without inner nodes all its nodes; a cluster of one row is noise.

    Raises
    ------
    ValueError, TypeError
        If fewer than 2 clusters have 2 rows or more; if X and labels disagree in length, are not
        finite or have a wrong type.

    Notes
    -----
    O(n² d) time; O(n d) memory for a cluster and the inner nodes, and blocks of `BLOCK_ELEMENTS`
    distances, in float64 on the CPU. Trees are exact and computed cluster by cluster. Among
    spanning trees of the same length the one with the nearer rows is taken, so that the order of
    the rows does not matter where their distances differ. Equal rows have core distance 0.

    References
    ----------
    .. [1] D. Moulavi, P. A. Jaskowiak, R. J. G. B. Campello, A. Zimek, J. Sander, "Density-based
       clustering validation", SIAM International Conference on Data Mining, 2014,
       doi:10.1137/1.9781611973440.96, definitions 1 to 8.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import dbcv_score
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [10.0], [11.0], [12.0], [13.0]])
    >>> round(dbcv_score(X, [0, 0, 0, 0, 1, 1, 1, 1]), 2)
    0.87
    >>> round(dbcv_score(X, [0, 1, 0, 1, 0, 1, 0, 1]), 2)
    -0.48
    """
    caller = "dbcv_score"
    rows, labels = checked(X, labels, caller)
    names, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    noise = names == NOISE if names.dtype.kind in "iuf" else np.zeros(len(names), dtype=bool)
    kept = np.flatnonzero((sizes > 1) & ~noise)
    if len(kept) < 2:
        raise ValueError(
            f"{caller}: labels must have at least 2 clusters of 2 rows or more, got {len(kept)}. "
            "The label -1 is noise. Cluster the rows into more clusters."
        )
    parts = [_skeleton(rows, np.flatnonzero(codes == code)) for code in kept]
    sparseness = np.array([part.sparseness for part in parts])
    separation = _separation(parts)
    largest = np.maximum(sparseness, separation)
    # clusters that are equal rows at one place
    worth = np.divide(separation - sparseness, largest, out=np.zeros(len(parts)), where=largest > 0)
    return float(sizes[kept] @ worth) / len(rows)


class _Skeleton(NamedTuple):
    """The inner nodes of a cluster's tree.

    Attributes
    ----------
    points : Tensor of shape (m, d), float64
    core : Tensor of shape (m,), float64
        Their core distances.
    sparseness : float
        The largest edge between them.
    """

    points: Tensor
    core: Tensor
    sparseness: float


def _skeleton(rows: Rows, members: np.ndarray) -> _Skeleton:
    points = rows.take(torch.from_numpy(members).to(rows.device)).cpu().double()
    core = _core_distances(points)
    inside, sparseness = internal(*reach_tree(points.numpy(), core.numpy()))
    return _Skeleton(points[inside], core[inside], sparseness)


def _core_distances(points: Tensor) -> Tensor:
    """(Σ distance⁻ᵈ / (n − 1))^(−1/d) over the other rows, (n,); by logarithms, for large d."""
    n, d = points.shape
    logs = []
    for start in range(0, n, step := max(1, BLOCK_ELEMENTS // n)):
        block = points[start : start + step]
        distances = Gram(block, points, Euclidean()).dense()
        own = torch.arange(len(block))
        distances[own, start + own] = torch.inf
        logs.append(torch.logsumexp(-d * distances.log(), dim=1))
    return torch.exp((math.log(n - 1) - torch.cat(logs)) / d)


def _separation(parts: list[_Skeleton]) -> np.ndarray:
    """From each cluster, the least mutual reachability between its inner nodes and another's."""
    points = torch.cat([part.points for part in parts])
    core = torch.cat([part.core for part in parts])
    bounds = np.cumsum([0, *(len(part.points) for part in parts)])
    least = np.full(len(parts), np.inf)
    for i, part in enumerate(parts[:-1]):
        # the clusters before have met this one
        behind = bounds[i + 1]
        starts = bounds[i + 1 : -1] - behind
        step = max(1, BLOCK_ELEMENTS // len(points))
        for block, own in zip(part.points.split(step), part.core.split(step), strict=True):
            reach = Gram(block, points[behind:], Euclidean()).dense()
            reach = reach.clamp_(min=own[:, None]).amin(0).maximum(core[behind:])
            nearest = np.minimum.reduceat(reach.numpy(), starts)
            least[i] = min(least[i], nearest.min())
            least[i + 1 :] = np.minimum(least[i + 1 :], nearest)
    return least
