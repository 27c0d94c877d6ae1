"""DBSCAN's neighbours from a tree of scikit-learn's, decided exactly: for few features."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from gramian.neighbors._blocks import bounded_blocks
from gramian.neighbors._tree import MARGIN, as_float64, form_of_pairs, make_tree, wider
from gramian.pairwise._base import Elementary

__all__ = ["TreeNeighborhoods", "nearest_by_tree"]


class TreeNeighborhoods:
    """Neighbours in O(log n) each where eps is small; the tree holds a float64 copy of x."""

    def __init__(
        self, x: Tensor, metric: Elementary, eps: float, *, algorithm: str, leaf_size: int
    ) -> None:
        self.shape = (x.shape[0], x.shape[1])
        self._metric, self._eps = metric, eps
        self._x = as_float64(x)
        self._tree = make_tree(self._x, metric, algorithm=algorithm, leaf_size=leaf_size)

    def sizes(self, weights: Tensor | None) -> tuple[np.ndarray, np.ndarray]:
        sure = self._tree.query_radius(self._x, self._eps * (1 - MARGIN), count_only=True)
        counts = self._tree.query_radius(self._x, wider(self._eps), count_only=True)
        everyone = np.arange(len(counts))
        open_ = everyone if weights is not None else np.flatnonzero(sure != counts)
        w = None if weights is None else weights.cpu().numpy()
        exact, totals = counts.copy(), np.zeros(len(counts))
        for block in bounded_blocks(counts[open_], self.shape[1]):
            rows = open_[block]
            for a, b in self.pairs(rows, everyone):
                place = np.searchsorted(rows, a)
                exact[rows] = np.bincount(place, minlength=len(rows))
                if w is not None:
                    totals[rows] = np.bincount(place, weights=w[b], minlength=len(rows))
        return exact, exact if w is None else totals

    def pairs(
        self, rows: np.ndarray, columns: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        wanted = np.zeros(self.shape[0], dtype=bool)
        wanted[columns] = True
        lists, distances = self._tree.query_radius(
            self._x[rows], wider(self._eps), return_distance=True
        )
        left = np.repeat(rows, [len(found) for found in lists])
        right, distance = np.concatenate(lists), np.concatenate(distances)
        inside = wanted[right]
        near_eps = np.flatnonzero(inside & (distance > self._eps * (1 - MARGIN)))
        form = form_of_pairs(self._metric, self._x[left[near_eps]], self._x[right[near_eps]])
        inside[near_eps] = (self._metric.entry(form) <= self._eps).numpy()
        yield left[inside], right[inside]


def nearest_by_tree(
    x: Tensor, core: Tensor, metric: Elementary, eps: float, *, algorithm: str, leaf_size: int
) -> np.ndarray:
    """The nearest row of ``core`` within eps of each row of ``x``; −1 where there is none."""
    queries, there = as_float64(x), as_float64(core)
    tree = make_tree(there, metric, algorithm=algorithm, leaf_size=leaf_size)
    radius = wider(tree.query(queries, k=1)[0][:, 0])
    nearest = np.full(len(queries), -1)
    asking = np.flatnonzero(radius <= wider(wider(eps)))
    sizes = tree.query_radius(queries[asking], radius[asking], count_only=True)
    for block in bounded_blocks(sizes, x.shape[1]):
        rows = asking[block]
        lists = tree.query_radius(queries[rows], radius[rows])
        left, right = np.repeat(rows, [len(found) for found in lists]), np.concatenate(lists)
        form = form_of_pairs(metric, queries[left], there[right])
        inside = (metric.entry(form) <= eps).numpy()
        left, right, key = left[inside], right[inside], form.numpy()[inside]
        order = np.lexsort((right, key, left))
        found, first = np.unique(left[order], return_index=True)
        nearest[found] = right[order][first]
    return nearest
