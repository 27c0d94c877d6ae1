"""A product of two tall factors as a kernel matrix, always in float64."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.kernel_methods.kernel._table import KernelTable

__all__ = ["LowRankTable", "wide_product", "wide_product_t"]

_ROWS = 4096
"""Rows of a factor that are widened to float64 at once."""


class LowRankTable(KernelTable):
    """F Gᵀ for tall factors; products are float64, by blocks of the factors' rows.

    Parameters
    ----------
    left : Tensor of shape (n, r)
    right : Tensor of shape (m, r)
    """

    dtype = torch.float64

    def __init__(self, left: Tensor, right: Tensor) -> None:
        self.left, self.right = left, right
        self.shape, self.device = (len(left), len(right)), left.device

    def between(self, i: Tensor | None, j: Tensor | None) -> LowRankTable:
        left = self.left if i is None else self.left[i]
        same = self.left is self.right and i is j
        right = left if same else self.right if j is None else self.right[j]
        return LowRankTable(left, right)

    def entries(self) -> Tensor:
        return self.left.double() @ self.right.double().T

    def __matmul__(self, v: Tensor) -> Tensor:
        return wide_product(self.left, wide_product_t(self.right, v))

    def diagonal(self) -> Tensor:
        return (self.left.double() * self.right.double()).sum(1)

    def double(self) -> LowRankTable:
        return self

    @property
    def T(self) -> LowRankTable:  # noqa: N802  (as above)
        return LowRankTable(self.right, self.left)


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
