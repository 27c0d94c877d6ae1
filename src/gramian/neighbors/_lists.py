"""What a search found: tables of k neighbours, and lists of all within a radius."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

__all__ = ["MODES", "NeighborLists", "first_others", "ragged"]

MODES = ("connectivity", "distance")
"""Entries of a graph: ones, or distances."""


@dataclass(frozen=True)
class NeighborLists:
    """Neighbours of n rows, one list behind the other: a compressed sparse row matrix.

    Attributes
    ----------
    indptr : Tensor of shape (n + 1,), int64
        List i is at ``indptr[i]:indptr[i + 1]``.
    indices : Tensor of shape (nnz,), int64
    distances : Tensor of shape (nnz,)
    """

    indptr: Tensor
    indices: Tensor
    distances: Tensor

    @classmethod
    def of_table(cls, distances: Tensor, indices: Tensor) -> NeighborLists:
        """The lists of a table of k neighbours per row."""
        n, k = indices.shape
        indptr = torch.arange(n + 1, device=indices.device) * k
        return cls(indptr, indices.reshape(-1), distances.reshape(-1))

    @property
    def rows(self) -> Tensor:
        """The row that each neighbour belongs to, (nnz,)."""
        n = len(self.indptr) - 1
        return torch.arange(n, device=self.indptr.device).repeat_interleave(self.indptr.diff())

    @property
    def lengths(self) -> list[int]:
        """How many neighbours each row has."""
        lengths: list[int] = self.indptr.diff().tolist()
        return lengths

    def others(self) -> NeighborLists:
        """The lists without each row itself."""
        rows = self.rows
        keep = self.indices != rows
        indptr = torch.zeros_like(self.indptr)
        indptr[1:] = torch.bincount(rows[keep], minlength=len(indptr) - 1).cumsum(0)
        return NeighborLists(indptr, self.indices[keep], self.distances[keep])

    def nearest_first(self) -> NeighborLists:
        """The lists sorted by distance; equal distances keep their order."""
        return self._sorted_by(self.distances)

    def rising(self) -> NeighborLists:
        """The lists sorted by index."""
        return self._sorted_by(self.indices)

    def graph(self, n_columns: int, mode: str, *, numpy: bool) -> Any:
        """A sparse matrix of SciPy, or a sparse tensor, with entries as `MODES` says."""
        weighted = mode == "distance"
        shape = (len(self.indptr) - 1, n_columns)
        if numpy:
            data = self.distances.cpu().numpy() if weighted else np.ones(len(self.indices))
            parts = (data, self.indices.cpu().numpy(), self.indptr.cpu().numpy())
            return sparse.csr_matrix(parts, shape=shape)
        # a sparse tensor must have rising columns
        lists = self.rising()
        values = lists.distances if weighted else torch.ones_like(lists.distances)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
            return torch.sparse_csr_tensor(
                lists.indptr, lists.indices, values, shape, check_invariants=True
            )

    def _sorted_by(self, key: Tensor) -> NeighborLists:
        order = key.argsort(stable=True)
        order = order[self.rows[order].argsort(stable=True)]
        return NeighborLists(self.indptr, self.indices[order], self.distances[order])


def first_others(distances: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """The k nearest of the other rows, from the k + 1 nearest of all: both (n, k).

    A row with more than k duplicates before it is not among the k + 1; then the last one goes.
    """
    n, k = indices.shape[0], indices.shape[1] - 1
    keep = indices != torch.arange(n, device=indices.device)[:, None]
    keep[keep.all(1), -1] = False
    return distances[keep].view(n, k), indices[keep].view(n, k)


def ragged(values: Tensor, lengths: Sequence[int], *, numpy: bool) -> Any:
    """Lists that lie one behind the other, apart: an array of arrays, or a list of tensors."""
    parts = values.split(list(lengths))
    if not numpy:
        return list(parts)
    apart = np.empty(len(parts), dtype=object)
    for row, part in enumerate(parts):
        apart[row] = part.cpu().numpy()
    return apart
