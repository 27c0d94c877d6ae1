"""How much rows belong to every chosen cluster, not only to their own.

Source: L. McInnes, J. Healy, S. Astels, "hdbscan: Hierarchical density based clustering", JOSS
2(11), 2017, whose soft clustering joins nearness to a cluster's densest rows with persistence in
the tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gramian.cluster._condensed import Condensed
from gramian.cluster._flat_clustering import FlatClustering, share
from gramian.cluster._spaces import RowSpace

if TYPE_CHECKING:
    from gramian.cluster._hierarchy import Hierarchy

__all__ = ["soft_memberships"]


def soft_memberships(found: Hierarchy, queries: Any) -> np.ndarray:
    """Weights of every chosen cluster for new rows, (q, n_clusters).

    m_k = max(s) (s_k / d_k) / Σ_j (s_j / d_j), with s the persistence and d the distance to each
    cluster's exemplars. Where a distance is 0, only such clusters count.
    """
    cluster, leaves = found.place(queries)
    if not len(found.flat.chosen):
        return np.empty((len(cluster), 0))
    assert isinstance(found.space, RowSpace)
    persisting = _persistence(found.tree, found.flat, cluster, leaves)
    members = _exemplars(found.tree, found.flat)
    distances = np.stack([found.space.nearest(queries, rows) for rows in members], axis=1)
    # relative to the nearest: nothing overflows, and at distance 0 nothing else is left
    nearness = np.ones_like(distances)
    least = distances.min(axis=1, keepdims=True)
    np.divide(least, distances, out=nearness, where=distances > 0)
    weight = persisting * nearness
    total = weight.sum(axis=1, keepdims=True)
    parts = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    return parts * persisting.max(axis=1, keepdims=True)


def _exemplars(tree: Condensed, flat: FlatClustering) -> list[np.ndarray]:
    """For each chosen cluster its densest rows: the last to leave each leaf that lies in it."""
    inner = np.zeros(len(tree.parent), dtype=bool)
    inner[tree.parent[1:]] = True
    last = ~inner[tree.row_cluster] & (tree.row_lambda == flat.death[tree.row_cluster])
    label = flat.over[tree.row_cluster]
    return [np.flatnonzero(last & (label == number)) for number in range(len(flat.chosen))]


def _persistence(
    tree: Condensed, flat: FlatClustering, cluster: np.ndarray, leaves: np.ndarray
) -> np.ndarray:
    """The share of each chosen cluster's lifetime for which rows go with it, (q, n_clusters).

    Rows are given by the last clusters that they are in, and λ at which they leave those.
    """
    parents = tree.parent.tolist()
    ends = np.empty((len(parents), len(flat.chosen)))
    for column, chosen in enumerate(flat.chosen.tolist()):
        # λ until which each cluster of the tree goes with the chosen one
        together = np.full(len(parents), -1.0)
        together[chosen], below = np.inf, chosen
        while parents[below] >= 0:
            together[parents[below]] = tree.birth[below]
            below = parents[below]
        for number, parent in enumerate(parents):
            if together[number] < 0:
                together[number] = together[parent]
        ends[:, column] = together
    return share(np.minimum(ends[cluster], leaves[:, None]), flat.death[flat.chosen])
