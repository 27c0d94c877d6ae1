"""Disjoint sets that are united by whole arrays of edges at a time.

Source: R. E. Tarjan, "Efficiency of a good but not linear set union algorithm", J. ACM 22(2),
1975; path compression, with the smallest member as the root of each set.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["UnionFind"]


class UnionFind:
    """Disjoint sets of ``size`` members, each in a set of its own at first.

    The root of a set is its smallest member. Nothing recurses: chains of any length are followed
    for all members at once.
    """

    def __init__(self, size: int) -> None:
        self._parent = np.arange(size)

    def roots(self, members: np.ndarray | None = None) -> np.ndarray:
        """The root of each of ``members``, or of everyone."""
        where = slice(None) if members is None else members
        root = self._parent[where]
        above = self._parent[root]
        while not np.array_equal(above, root):
            root, above = above, self._parent[above]
        self._parent[where] = root
        return root

    def unite(self, a: np.ndarray, b: np.ndarray) -> None:
        """Join the sets of ``a[i]`` and ``b[i]`` for every i."""
        a, b = self.roots(a), self.roots(b)
        apart = a != b
        if not apart.any():
            return
        ends = np.concatenate([a[apart], b[apart]])
        nodes, place = np.unique(ends, return_inverse=True)
        left, right = np.split(place, 2)
        graph = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(len(nodes),) * 2)
        _, part = connected_components(graph, directed=False)
        # nodes rise, so the first of each part is its smallest
        first = np.unique(part, return_index=True)[1]
        self._parent[nodes] = nodes[first][part]
