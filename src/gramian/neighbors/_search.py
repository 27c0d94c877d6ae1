"""Who is near: from the lazy engine, a precomputed table, or scikit-learn's explicit blocks."""

from __future__ import annotations

import sys
from typing import Any, Protocol

import numpy as np
import torch
from sklearn import config_context
from torch import Tensor

from gramian import _config
from gramian.gram import Gram
from gramian.neighbors._blocks import row_limit
from gramian.neighbors._lists import NeighborLists

__all__ = ["EngineSearch", "ExplicitSearch", "Search", "TableSearch"]


class Search(Protocol):
    """Searches from query rows among the rows of a fit."""

    def nearest(self, k: int) -> tuple[Tensor, Tensor]:
        """Distances and indices of the k nearest, (n_queries, k), nearest first."""

    def within(self, radius: float) -> NeighborLists:
        """All at distance ≤ radius, which may be infinite."""


class EngineSearch:
    """From `Gram.topk` and `Gram.neighbors`: float64 brute force, ties by the smallest index."""

    def __init__(self, table: Gram) -> None:
        self._table = table

    def nearest(self, k: int) -> tuple[Tensor, Tensor]:
        distances, indices = self._table.topk(k)
        return distances, indices

    def within(self, radius: float) -> NeighborLists:
        return NeighborLists(*self._table.neighbors(min(radius, sys.float_info.max)))


class TableSearch:
    """From a dense table of distances, (n_queries, n_fit), a block of rows at a time."""

    def __init__(self, table: Tensor) -> None:
        self._blocks = table.split(row_limit(table.shape[1]))

    def nearest(self, k: int) -> tuple[Tensor, Tensor]:
        sorted_ = (block.sort(dim=1, stable=True) for block in self._blocks)
        parts = [(values[:, :k].clone(), index[:, :k].clone()) for values, index in sorted_]
        distances, indices = zip(*parts, strict=True)
        return torch.cat(distances), torch.cat(indices)

    def within(self, radius: float) -> NeighborLists:
        lengths, indices, distances = [], [], []
        for block in self._blocks:
            inside = block <= radius
            lengths.append(inside.sum(1))
            indices.append(inside.nonzero()[:, 1])
            distances.append(block[inside])
        return NeighborLists(_ends(torch.cat(lengths)), torch.cat(indices), torch.cat(distances))


class ExplicitSearch:
    """From a fitted model of scikit-learn's: any metric, sparse rows, sparse distance graphs."""

    def __init__(self, model: Any, queries: Any, dtype: torch.dtype, device: torch.device) -> None:
        self._model, self._queries = model, queries
        self._dtype, self._device = dtype, device

    def nearest(self, k: int) -> tuple[Tensor, Tensor]:
        with _working_memory():
            distances, indices = self._model.kneighbors(self._queries, k)
        return self._values(distances), self._places(indices)

    def within(self, radius: float) -> NeighborLists:
        with _working_memory():
            distances, indices = self._model.radius_neighbors(self._queries, radius)
        lengths = torch.tensor([len(found) for found in indices], device=self._device)
        places, values = np.concatenate(list(indices)), np.concatenate(list(distances))
        return NeighborLists(_ends(lengths), self._places(places), self._values(values))

    def _values(self, distances: np.ndarray) -> Tensor:
        return torch.from_numpy(distances).to(self._device, self._dtype)

    def _places(self, indices: np.ndarray) -> Tensor:
        return torch.from_numpy(indices.astype(np.int64)).to(self._device)


def _ends(lengths: Tensor) -> Tensor:
    """Where lists of these lengths begin and end."""
    return torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])


def _working_memory() -> Any:
    """scikit-learn's blocks within the memory budget in force, of which they take MiB."""
    return config_context(working_memory=max(1, _config.current().memory >> 20))
