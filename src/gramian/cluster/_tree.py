"""Neighbours from a tree of scikit-learn's, decided exactly: for few features.

The tree is asked with a radius a little wider than eps, and what lies so near eps that rounding
could matter is decided by float64 brute force, as the engine does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from sklearn.neighbors import BallTree, KDTree
from torch import Tensor

from gramian import _config
from gramian.cluster._blocks import bounded_blocks
from gramian.engine.exact import form_pairs
from gramian.pairwise import Chebyshev, Euclidean, Manhattan
from gramian.pairwise._base import Elementary

__all__ = ["TREES", "TreeNeighborhoods", "has_tree", "nearest_by_tree", "tree_pays"]

TREES = {"kd_tree": KDTree, "ball_tree": BallTree}
_NAMES: dict[type, str] = {
    Euclidean: "euclidean",
    Manhattan: "manhattan",
    Chebyshev: "chebyshev",
}
_MARGIN = 1e-9
_MOST_FEATURES = 5
_FEWEST_ROWS = 2000


def tree_pays(x: Tensor, metric: object) -> bool:
    """Whether a tree is likely to beat the engine, and its float64 copy of x fits the budget."""
    n, d = x.shape
    return (
        has_tree(metric)
        and x.device.type == "cpu"
        and d <= _MOST_FEATURES
        and n >= _FEWEST_ROWS
        and n * (d + 2) * 8 <= _config.current().memory // 4
    )


def has_tree(metric: object) -> bool:
    """Whether the trees know this very metric."""
    return type(metric) in _NAMES


class TreeNeighborhoods:
    """Neighbours in O(log n) each where eps is small; the tree holds a float64 copy of x."""

    def __init__(
        self, x: Tensor, metric: Elementary, eps: float, *, algorithm: str, leaf_size: int
    ) -> None:
        self.shape = (x.shape[0], x.shape[1])
        self._metric, self._eps = metric, eps
        self._x = _float64(x)
        self._tree = TREES[algorithm](self._x, leaf_size, metric=_NAMES[type(metric)])

    def sizes(self, weights: Tensor | None) -> tuple[np.ndarray, np.ndarray]:
        sure = self._tree.query_radius(self._x, self._eps * (1 - _MARGIN), count_only=True)
        counts = self._tree.query_radius(self._x, _wider(self._eps), count_only=True)
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
            self._x[rows], _wider(self._eps), return_distance=True
        )
        left = np.repeat(rows, [len(found) for found in lists])
        right, distance = np.concatenate(lists), np.concatenate(distances)
        inside = wanted[right]
        near_eps = np.flatnonzero(inside & (distance > self._eps * (1 - _MARGIN)))
        form = _forms(self._metric, self._x[left[near_eps]], self._x[right[near_eps]])
        inside[near_eps] = (self._metric.entry(form) <= self._eps).numpy()
        yield left[inside], right[inside]


def nearest_by_tree(
    x: Tensor, core: Tensor, metric: Elementary, eps: float, *, algorithm: str, leaf_size: int
) -> np.ndarray:
    """The nearest row of ``core`` within eps of each row of ``x``; −1 where there is none."""
    queries, there = _float64(x), _float64(core)
    tree = TREES[algorithm](there, leaf_size, metric=_NAMES[type(metric)])
    radius = _wider(tree.query(queries, k=1)[0][:, 0])
    nearest = np.full(len(queries), -1)
    asking = np.flatnonzero(radius <= _wider(_wider(eps)))
    sizes = tree.query_radius(queries[asking], radius[asking], count_only=True)
    for block in bounded_blocks(sizes, x.shape[1]):
        rows = asking[block]
        lists = tree.query_radius(queries[rows], radius[rows])
        left, right = np.repeat(rows, [len(found) for found in lists]), np.concatenate(lists)
        form = _forms(metric, queries[left], there[right])
        inside = (metric.entry(form) <= eps).numpy()
        left, right, key = left[inside], right[inside], form.numpy()[inside]
        order = np.lexsort((right, key, left))
        found, first = np.unique(left[order], return_index=True)
        nearest[found] = right[order][first]
    return nearest


def _float64(x: Tensor) -> np.ndarray:
    return x.double().numpy()


def _wider(radius: Any) -> Any:
    return np.nextafter(radius * (1 + _MARGIN), np.inf)


def _forms(metric: Elementary, a: np.ndarray, b: np.ndarray) -> Tensor:
    """What the metric's entries are computed from, by float64 brute force."""
    return form_pairs(metric.form, torch.from_numpy(a), torch.from_numpy(b))
