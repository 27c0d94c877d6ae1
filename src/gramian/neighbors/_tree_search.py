"""Neighbours from a tree, decided as float64 brute force decides: for few features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from joblib import Parallel, delayed
from sklearn.utils import gen_even_slices
from torch import Tensor

from gramian.neighbors._blocks import bounded_blocks
from gramian.neighbors._lists import NeighborLists
from gramian.neighbors._tree import as_float64, form_of_pairs, make_tree, wider
from gramian.pairwise._base import Elementary

__all__ = ["FittedTree", "TreeSearch"]


class FittedTree:
    """A tree on the rows of a fit, with the float64 copy of them that it stands on."""

    def __init__(self, x: Tensor, metric: Elementary, *, algorithm: str, leaf_size: int) -> None:
        self.metric = metric
        self.x = as_float64(x)
        self.tree = make_tree(self.x, metric, algorithm=algorithm, leaf_size=leaf_size)

    def pairs(self, queries: np.ndarray, radius: Any) -> tuple[np.ndarray, np.ndarray]:
        """Queries and rows whose tree distance is within a radius; the queries rise."""
        lists = self.tree.query_radius(queries, radius)
        left = np.repeat(np.arange(len(queries)), [len(found) for found in lists])
        return left, np.concatenate(lists)


class TreeSearch:
    """From query rows among more than k of a tree; distances come in the dtype of the queries."""

    def __init__(self, fitted: FittedTree, queries: Tensor) -> None:
        self._fitted, self._dtype = fitted, queries.dtype
        self._queries = as_float64(queries)

    def nearest(self, k: int) -> tuple[Tensor, Tensor]:
        n = len(self._queries)
        found = _in_threads(lambda part: self._fitted.tree.query(self._queries[part], k + 1), n)
        bounds, candidates = (np.concatenate(parts) for parts in zip(*found, strict=True))
        radius = wider(bounds[:, k - 1])
        forms, indices = np.empty((n, k)), candidates[:, :k].astype(np.int64)
        # only a next one that is clearly farther proves that these are the k nearest
        proven = bounds[:, k] > radius
        settled, doubtful = np.flatnonzero(proven), np.flatnonzero(~proven)
        for block in bounded_blocks(np.full(len(settled), k), self._queries.shape[1]):
            rows = settled[block]
            right = np.sort(indices[rows], axis=1)
            form = self._forms(np.repeat(rows, k), right.reshape(-1)).reshape(-1, k)
            order = form.argsort(axis=1, kind="stable")
            forms[rows] = np.take_along_axis(form, order, axis=1)
            indices[rows] = np.take_along_axis(right, order, axis=1)
        sizes = self._count(doubtful, radius[doubtful])
        for block in bounded_blocks(sizes, self._queries.shape[1]):
            rows = doubtful[block]
            place, right = self._fitted.pairs(self._queries[rows], radius[rows])
            form = self._forms(rows[place], right)
            order = np.lexsort((right, form, place))
            best = order[np.searchsorted(place, np.arange(len(rows)))[:, None] + np.arange(k)]
            forms[rows], indices[rows] = form[best], right[best]
        return self._entries(forms), torch.from_numpy(indices)

    def within(self, radius: float) -> NeighborLists:
        n = len(self._queries)
        lengths, indices, forms = np.zeros(n, dtype=np.int64), [], []
        everyone = np.arange(n)
        sizes = self._count(everyone, np.full(n, wider(radius)))
        for block in bounded_blocks(sizes, self._queries.shape[1]):
            rows = everyone[block]
            place, right = self._fitted.pairs(self._queries[rows], wider(radius))
            form = self._forms(rows[place], right)
            inside = (self._fitted.metric.entry(torch.from_numpy(form)) <= radius).numpy()
            place, right, form = place[inside], right[inside], form[inside]
            order = np.lexsort((right, place))
            lengths[rows] = np.bincount(place, minlength=len(rows))
            indices.append(right[order].astype(np.int64))
            forms.append(form[order])
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        return NeighborLists(
            torch.from_numpy(indptr),
            torch.from_numpy(np.concatenate(indices)),
            self._entries(np.concatenate(forms)),
        )

    def _forms(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """What the distances of pairs (query, row of the tree) are computed from, in float64."""
        metric, there = self._fitted.metric, self._fitted.x
        return form_of_pairs(metric, self._queries[left], there[right]).numpy()

    def _count(self, rows: np.ndarray, radius: np.ndarray) -> np.ndarray:
        """How many the tree finds within a radius of each of the given queries."""
        if not len(rows):
            return np.zeros(0, dtype=np.int64)
        return np.concatenate(
            _in_threads(
                lambda part: self._fitted.tree.query_radius(
                    self._queries[rows[part]], radius[part], count_only=True
                ),
                len(rows),
            )
        )

    def _entries(self, forms: np.ndarray) -> Tensor:
        return self._fitted.metric.entry(torch.from_numpy(forms)).to(self._dtype)


def _in_threads(work: Callable[[slice], Any], n: int) -> list[Any]:
    """What ``work`` returns for slices of n rows, one for each of torch's threads."""
    threads = min(n, torch.get_num_threads())
    return list(
        Parallel(threads, prefer="threads")(
            delayed(work)(part) for part in gen_even_slices(n, threads)
        )
    )
