"""A kernel matrix that is in memory as the table that solvers take parts of."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian import _config
from gramian.kernel_methods.kernel._table import EntryTable, KernelTable

__all__ = ["DenseTable", "settled"]


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
    def T(self) -> DenseTable:  # noqa: N802 # the name that arrays use
        return DenseTable(self.matrix.T)


def settled(table: KernelTable) -> KernelTable:
    """The table, or its matrix where each entry is dear and a quarter of the budget holds them.

    Entries from Python or from sparse rows cost far more than to keep them.
    """
    needed = 8 * table.shape[0] * table.shape[1]
    if not isinstance(table, EntryTable) or needed > _config.current().memory // 4:
        return table
    return DenseTable(table.entries().to(torch.float64))
