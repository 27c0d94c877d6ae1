"""Kernel matrices between two tables of rows as operators, whatever the kernel is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self

import torch
from torch import Tensor

from gramian.gram import Gram
from gramian.pairwise import PairFunction

__all__ = ["EntryTable", "KernelTable", "PairTable"]

_ENTRIES = 2**21
"""Entries of a block of an `EntryTable`."""


class KernelTable(ABC):
    """An n × m kernel matrix as `gramian.linalg.Operator`, and its parts as such matrices."""

    shape: tuple[int, int]
    dtype: torch.dtype
    device: torch.device

    @abstractmethod
    def between(self, i: Tensor | None, j: Tensor | None) -> Self:
        """The matrix of rows ``i`` and columns ``j``, not computed; None means all of them."""

    @abstractmethod
    def entries(self) -> Tensor:
        """The whole matrix."""

    @abstractmethod
    def __matmul__(self, v: Tensor) -> Tensor:
        """The product with a block of vectors (m, r)."""

    @abstractmethod
    def diagonal(self) -> Tensor:
        """Entries (i, i)."""

    @abstractmethod
    def double(self) -> Self:
        """The same matrix with products in float64."""

    @property
    @abstractmethod
    def T(self) -> Self:
        """The transposed matrix."""

    def take(self, i: Tensor) -> Self:
        return self.between(i, None)

    def rows(self, i: Tensor) -> Tensor:
        return self.between(i, None).entries()

    def columns(self, j: Tensor) -> Tensor:
        return self.between(None, j).entries()

    def block(self, i: Tensor, j: Tensor) -> Tensor:
        return self.between(i, j).entries()


class PairTable(KernelTable):
    """Kernel values of a `PairFunction` between the rows of x and of y: a `Gram`.

    Parameters
    ----------
    x : Tensor of shape (n, d), float32 or float64
    y : Tensor of shape (m, d), the same
    kernel : PairFunction
    """

    def __init__(self, x: Tensor, y: Tensor, kernel: PairFunction) -> None:
        self.x, self.y, self.kernel = x, y, kernel
        self.gram = Gram(x, y, kernel)
        self.shape, self.dtype, self.device = self.gram.shape, x.dtype, x.device

    def between(self, i: Tensor | None, j: Tensor | None) -> PairTable:
        x = self.x if i is None else self.x[i]
        same = self.x is self.y and i is j
        y = x if same else self.y if j is None else self.y[j]
        return PairTable(x, y, self.kernel)

    def entries(self) -> Tensor:
        return self.gram.dense()

    def __matmul__(self, v: Tensor) -> Tensor:
        return self.gram @ v

    def diagonal(self) -> Tensor:
        return self.gram.diagonal()

    def double(self) -> PairTable:
        if self.dtype == torch.float64:
            return self
        x = self.x.double()
        return PairTable(x, x if self.y is self.x else self.y.double(), self.kernel)

    @property
    def T(self) -> PairTable:
        return PairTable(self.y, self.x, self.kernel)


class EntryTable(KernelTable):
    """A kernel matrix whose blocks something else supplies: a table, a function, scikit-learn.

    Parameters
    ----------
    supply : callable
        (i, j) ↦ the block of rows ``i`` and columns ``j``; int64 tensors in, a tensor out.
    i, j : Tensor of shape (n,) and (m,), int64
        The rows and columns that this matrix has.
    dtype : torch.dtype
    """

    def __init__(
        self, supply: Callable[[Tensor, Tensor], Any], i: Tensor, j: Tensor, dtype: torch.dtype
    ) -> None:
        self.supply, self.i, self.j = supply, i, j
        self.shape, self.dtype, self.device = (len(i), len(j)), dtype, i.device

    def between(self, i: Tensor | None, j: Tensor | None) -> EntryTable:
        rows = self.i if i is None else self.i[i]
        columns = self.j if j is None else self.j[j]
        return EntryTable(self.supply, rows, columns, self.dtype)

    def entries(self) -> Tensor:
        return self.supply(self.i, self.j).to(self.dtype)

    def __matmul__(self, v: Tensor) -> Tensor:
        found = v.new_empty(len(self.i), v.shape[1])
        step = max(1, _ENTRIES // max(1, len(self.j)))
        for start in range(0, len(self.i), step):
            block = self.supply(self.i[start : start + step], self.j).to(self.dtype)
            torch.mm(block, v, out=found[start : start + step])
        return found

    def diagonal(self) -> Tensor:
        pairs = zip(self.i.split(64), self.j.split(64), strict=True)
        return torch.cat([self.supply(i, j).diagonal() for i, j in pairs]).to(self.dtype)

    def double(self) -> EntryTable:
        return EntryTable(self.supply, self.i, self.j, torch.float64)

    @property
    def T(self) -> EntryTable:
        def transposed(i: Tensor, j: Tensor) -> Tensor:
            return self.supply(j, i).T

        return EntryTable(transposed, self.j, self.i, self.dtype)
