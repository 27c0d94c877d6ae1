"""A product of two tall factors as a kernel matrix."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.kernel_methods.kernel._table import KernelTable

__all__ = ["LowRankTable", "wide_product", "wide_product_t"]

_ROWS = 4096
"""Rows of a factor that are widened to float64 at once."""


class LowRankTable(KernelTable):
    """F Gᵀ for tall factors.

    Parameters
    ----------
    left : Tensor of shape (n, r)
    right : Tensor of shape (m, r)
    wide : bool, default=True
        Whether products are float64, by blocks of the factors' rows, or of the factors' dtype.
    """

    def __init__(self, left: Tensor, right: Tensor, *, wide: bool = True) -> None:
        self.left, self.right = left, right
        self.dtype = torch.float64 if wide else left.dtype
        self.shape, self.device = (len(left), len(right)), left.device

    def between(self, i: Tensor | None, j: Tensor | None) -> LowRankTable:
        left = self.left if i is None else self.left[i]
        same = self.left is self.right and i is j
        right = left if same else self.right if j is None else self.right[j]
        return self._of(left, right)

    def entries(self) -> Tensor:
        return self.left.to(self.dtype) @ self.right.to(self.dtype).T

    def __matmul__(self, v: Tensor) -> Tensor:
        if self.dtype == self.left.dtype:
            return self.left @ (self.right.T @ v)
        return wide_product(self.left, wide_product_t(self.right, v))

    def diagonal(self) -> Tensor:
        return (self.left.double() * self.right.double()).sum(1)

    def double(self) -> LowRankTable:
        return LowRankTable(self.left, self.right)

    def narrow(self) -> LowRankTable:
        """The same matrix with products in the dtype of the factors."""
        return LowRankTable(self.left, self.right, wide=False)

    @property
    def T(self) -> LowRankTable:
        return self._of(self.right, self.left)

    def _of(self, left: Tensor, right: Tensor) -> LowRankTable:
        return LowRankTable(left, right, wide=self.dtype != left.dtype)


def wide_product(factor: Tensor, v: Tensor) -> Tensor:
    """F v in float64 for F of any dtype, widened block by block."""
    if factor.dtype == torch.float64:
        return factor @ v
    return torch.cat([part.double() @ v for part in factor.split(_ROWS)])


def wide_product_t(factor: Tensor, v: Tensor) -> Tensor:
    """Fᵀ v in float64, in the same way."""
    if factor.dtype == torch.float64:
        return factor.T @ v
    found = v.new_zeros(factor.shape[1], v.shape[1])
    for part, rows in zip(factor.split(_ROWS), v.split(_ROWS), strict=True):
        found.addmm_(part.double().T, rows)
    return found
