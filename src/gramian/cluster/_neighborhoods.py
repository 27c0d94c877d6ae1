"""Who lies within eps of whom: from the lazy engine, or from scikit-learn's explicit blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import torch
from sklearn import config_context
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from gramian import _config
from gramian.gram import Gram
from gramian.neighbors._blocks import pair_limit, row_limit
from gramian.pairwise._base import PairFunction

__all__ = ["EngineNeighborhoods", "ExplicitNeighborhoods", "Neighborhoods", "neighbor_lists"]


class Neighborhoods(Protocol):
    """Pairs of rows at distance ≤ eps, a block at a time."""

    shape: tuple[int, int]

    def sizes(self, weights: Tensor | None) -> tuple[np.ndarray, np.ndarray]:
        """How many neighbours each row has, itself among them, and their total weight."""

    def pairs(
        self, rows: np.ndarray, columns: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All pairs (row of ``rows``, row of ``columns``) within eps; both rise."""


class EngineNeighborhoods:
    """Neighbours from `Gram.count` and `Gram.neighbors`: exact, nothing stored."""

    def __init__(self, x: Tensor, metric: PairFunction, eps: float) -> None:
        self.shape = (x.shape[0], x.shape[1])
        self._x, self._metric, self._eps = x, metric, eps

    def sizes(self, weights: Tensor | None) -> tuple[np.ndarray, np.ndarray]:
        table = Gram(self._x, kernel=self._metric)
        counts = table.count(self._eps).cpu().numpy()
        if weights is None:
            return counts, counts
        return counts, table.count(self._eps, weights=weights).cpu().numpy()

    def pairs(
        self, rows: np.ndarray, columns: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        block = self._take(rows)
        step = row_limit(self.shape[1])
        for start in range(0, len(columns), step):
            part = columns[start : start + step]
            table = Gram(block, self._take(part), self._metric)
            indptr, indices, _ = table.neighbors(self._eps)
            yield np.repeat(rows, indptr.diff().cpu().numpy()), part[indices.cpu().numpy()]

    def _take(self, index: np.ndarray) -> Tensor:
        return self._x[torch.from_numpy(index).to(self._x.device)]


class ExplicitNeighborhoods:
    """Neighbours from scikit-learn's `NearestNeighbors`: any metric, sparse, precomputed."""

    def __init__(self, x: Any, model: NearestNeighbors) -> None:
        self.shape = x.shape
        self._x, self._model = x, model

    def sizes(self, weights: Tensor | None) -> tuple[np.ndarray, np.ndarray]:
        counts = np.zeros(self.shape[0], dtype=np.int64)
        totals = counts if weights is None else np.zeros(self.shape[0])
        w = None if weights is None else weights.cpu().numpy()
        for rows, lists in neighbor_lists(self._model, self._x):
            counts[rows] = [len(found) for found in lists]
            if w is not None:
                totals[rows] = [np.sum(w[found]) for found in lists]
        return counts, totals

    def pairs(
        self, rows: np.ndarray, columns: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        wanted = np.zeros(self.shape[0], dtype=bool)
        wanted[columns] = True
        for part, lists in neighbor_lists(self._model, self._x, rows):
            left = np.repeat(rows[part], [len(found) for found in lists])
            right = np.concatenate(lists)
            inside = wanted[right]
            yield left[inside], right[inside].astype(np.int64)


def neighbor_lists(
    model: NearestNeighbors, x: Any, rows: np.ndarray | None = None, *, distances: bool = False
) -> Iterator[tuple[slice, Any]]:
    """Neighbours of the given rows of ``x``, by blocks that grow while their lists are short.

    Yields the place of each block among ``rows`` and what ``radius_neighbors`` returns for it.
    """
    n = x.shape[0] if rows is None else len(rows)
    memory = _config.current().memory >> 21
    start, size, limit = 0, 64, pair_limit()
    while start < n:
        part = slice(start, min(n, start + size))
        with config_context(working_memory=max(memory, x.shape[0] >> 15, 4)):
            block = x[part] if rows is None else x[rows[part]]
            found = model.radius_neighbors(block, return_distance=distances)
        yield part, found
        total = sum(len(one) for one in (found[1] if distances else found))
        start, size = part.stop, 2 * size if 4 * total < limit else max(1, size // 2)
