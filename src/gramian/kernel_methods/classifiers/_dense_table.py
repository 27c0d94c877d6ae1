"""A kernel matrix that is in memory as the table that solvers take parts of."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian import _config
from gramian.kernel_methods.kernel._table import EntryTable, KernelTable, PairTable

__all__ = ["FEW_FEATURES", "DenseTable", "settled", "stored"]

FEW_FEATURES = 64
"""Up to so many features, entries are computed again as fast as they are read from memory."""


class DenseTable(KernelTable):
    """A stored matrix.

    Parameters
    ----------
    matrix : Tensor of shape (n, m)
    """

    def __init__(self, matrix: Tensor) -> None:
        self.matrix, self.shape = matrix, (len(matrix), matrix.shape[1])
        self.dtype, self.device = matrix.dtype, matrix.device

    def between(self, i: Tensor | None, j: Tensor | None) -> DenseTable:
        if i is not None and j is not None:
            return DenseTable(self.matrix[i[:, None], j])
        rows = self.matrix if i is None else self.matrix[i]
        return DenseTable(rows if j is None else rows[:, j])

    def entries(self) -> Tensor:
        return self.matrix

    def __matmul__(self, v: Tensor) -> Tensor:
        return self.matrix @ v

    def diagonal(self) -> Tensor:
        return self.matrix.diagonal()

    def double(self) -> DenseTable:
        return DenseTable(self.matrix.double())

    @property
    def T(self) -> DenseTable:
        return DenseTable(self.matrix.T)


def settled(table: KernelTable) -> KernelTable:
    """The table, or its matrix where each entry is dear and a quarter of the budget holds them.

    Entries from Python or from sparse rows cost far more than to keep them.
    """
    if not isinstance(table, EntryTable) or not _fits(table, torch.float64, 4):
        return table
    return DenseTable(table.entries().to(torch.float64))


def stored(table: KernelTable) -> KernelTable:
    """The table, or its matrix where features are many and half of the memory budget holds it.

    An entry costs as many multiplications as there are features, and one read from memory.
    """
    wide = isinstance(table, PairTable) and table.x.shape[1] > FEW_FEATURES
    return DenseTable(table.entries()) if wide and _fits(table, table.dtype, 2) else table


def _fits(table: KernelTable, dtype: torch.dtype, part: int) -> bool:
    """Whether one of so many parts of the memory budget holds the matrix."""
    return dtype.itemsize * table.shape[0] * table.shape[1] <= _config.current().memory // part
