"""The matrix of kernel ridge regression: weighted, free of the intercept, of two precisions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.linalg import Operator

__all__ = ["RidgeOperator"]


@dataclass(frozen=True)
class _Side:
    """What belongs to the rows, or to the columns, of the matrix.

    Attributes
    ----------
    scale : Tensor of shape (n,), float64, or None
    factor : Tensor of shape (n, 2), float64, or None
    """

    scale: Tensor | None
    factor: Tensor | None

    def take(self, i: Tensor) -> _Side:
        return _Side(
            None if self.scale is None else self.scale[i],
            None if self.factor is None else self.factor[i],
        )

    def times(self, v: Tensor) -> Tensor:
        """diag(scale) v."""
        return v if self.scale is None else self.scale.to(v)[:, None] * v


class RidgeOperator:
    """diag(a) K diag(b) + L Rᵀ for a kernel matrix K, two scales and a term of rank two.

    With √weights for the scales, and the term that takes the weighted mean off rows and columns,
    its ridge system is that of weighted regression with an intercept that is not penalised.

    Parameters
    ----------
    table : Operator of shape (n, m)
        K, as products and blocks use it.
    exact : Operator of shape (n, m), float64
        K, as certificates use it. It may hold more digits of the data than ``table``.
    left, right : _Side
    """

    def __init__(self, table: Operator, exact: Operator, left: _Side, right: _Side) -> None:
        self.table, self.exact, self.left, self.right = table, exact, left, right

    @classmethod
    def build(
        cls, table: Operator, exact: Operator, roots: Tensor | None, *, centred: bool
    ) -> tuple[RidgeOperator, Tensor | None, Tensor | None]:
        """P S K S P for S = diag(roots) and P = I − u uᵀ, where u is the direction of the roots.

        Returns
        -------
        operator : RidgeOperator of shape (n, n)
        u : Tensor of shape (n,), float64, or None
            None where nothing is centred; then P = I.
        means : Tensor of shape (n,), float64, or None
            S K S u, which took one product.
        """
        scaled = cls(table, exact, _Side(roots, None), _Side(roots, None))
        if not centred:
            return scaled, None, None
        n = table.shape[0]
        u = torch.ones(n, dtype=torch.float64, device=table.device) if roots is None else roots
        u = u / torch.linalg.vector_norm(u)
        means = (scaled.double() @ u[:, None])[:, 0]
        left = torch.stack([u, means], 1)
        right = torch.stack([u * (u @ means) - means, -u], 1)
        return cls(table, exact, _Side(roots, left), _Side(roots, right)), u, means

    @property
    def shape(self) -> tuple[int, int]:
        return self.table.shape

    @property
    def dtype(self) -> torch.dtype:
        return self.table.dtype

    @property
    def device(self) -> torch.device:
        return self.table.device

    @property
    def T(self) -> RidgeOperator:
        return RidgeOperator(self.table.T, self.exact.T, self.right, self.left)

    def take(self, i: Tensor) -> RidgeOperator:
        return RidgeOperator(self.table.take(i), self.exact.take(i), self.left.take(i), self.right)

    def double(self) -> RidgeOperator:
        return RidgeOperator(self.exact, self.exact, self.left, self.right)

    def __matmul__(self, v: Tensor) -> Tensor:
        product = self.left.times(self.table @ self.right.times(v))
        if self.left.factor is None or self.right.factor is None:
            return product
        low = self.left.factor @ (self.right.factor.T @ v.double())
        return (product.double() + low).to(product.dtype)

    def rows(self, i: Tensor) -> Tensor:
        return self._finished(self.table.rows(i), self.left.take(i), self.right)

    def columns(self, j: Tensor) -> Tensor:
        return self._finished(self.table.columns(j), self.left, self.right.take(j))

    def block(self, i: Tensor, j: Tensor) -> Tensor:
        return self._finished(self.table.block(i, j), self.left.take(i), self.right.take(j))

    def diagonal(self) -> Tensor:
        found = self.table.diagonal().double()
        for side in (self.left, self.right):
            found = found if side.scale is None else found * side.scale
        if self.left.factor is not None and self.right.factor is not None:
            found = found + (self.left.factor * self.right.factor).sum(1)
        return found.to(self.dtype)

    @staticmethod
    def _finished(block: Tensor, left: _Side, right: _Side) -> Tensor:
        """A block of K as a block of the whole."""
        if left.scale is not None and right.scale is not None:
            block = block * left.scale.to(block)[:, None] * right.scale.to(block)
        if left.factor is None or right.factor is None:
            return block
        return (block.double() + left.factor @ right.factor.T).to(block.dtype)
