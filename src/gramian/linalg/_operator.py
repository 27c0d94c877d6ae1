"""What a solver may ask of a matrix, and a matrix that is simply there."""

from __future__ import annotations

from typing import Any, Protocol, Self

import torch
from torch import Tensor

__all__ = [
    "Centered",
    "DenseOperator",
    "Operator",
    "relative_residual",
    "ridge_residual",
    "row_blocks",
    "square_size",
]


class Operator(Protocol):
    """A real matrix, known by what it does; `gramian.Gram` of tensors is one.

    Index arguments are int64 tensors. Results lie on ``device`` and have ``dtype``, which is
    float32 or float64.
    """

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    @property
    def dtype(self) -> torch.dtype:
        """Data type of entries and products."""

    @property
    def device(self) -> torch.device:
        """Where entries and products lie."""

    @property
    def T(self) -> Self:
        """The transposed matrix."""

    def __matmul__(self, v: Any) -> Any:
        """The product with a block of vectors (m, r) of the operator's dtype, (n, r)."""

    def rows(self, i: Any) -> Any:
        """Rows ``i`` as a table (len(i), m)."""

    def columns(self, j: Any) -> Any:
        """Columns ``j`` as a table (n, len(j))."""

    def block(self, i: Any, j: Any) -> Any:
        """Entries at rows ``i`` and columns ``j``."""

    def diagonal(self) -> Any:
        """Entries (i, i)."""

    def take(self, i: Any) -> Self:
        """The matrix of the rows ``i``, as an operator."""

    def double(self) -> Self:
        """The same matrix with entries and products in float64."""


class DenseOperator:
    """A matrix in memory as an `Operator`: precomputed kernels, small tests.

    Parameters
    ----------
    matrix : Tensor of shape (n, m), float32 or float64

    Examples
    --------
    >>> import torch
    >>> DenseOperator(torch.eye(2)) @ torch.ones(2, 1)
    tensor([[1.],
            [1.]])
    """

    def __init__(self, matrix: Tensor) -> None:
        self.matrix = matrix

    @property
    def shape(self) -> tuple[int, int]:
        return self.matrix.shape[0], self.matrix.shape[1]

    @property
    def dtype(self) -> torch.dtype:
        return self.matrix.dtype

    @property
    def device(self) -> torch.device:
        return self.matrix.device

    @property
    def T(self) -> DenseOperator:
        return DenseOperator(self.matrix.T)

    def __matmul__(self, v: Tensor) -> Tensor:
        return self.matrix @ v

    def rows(self, i: Tensor) -> Tensor:
        return self.matrix[i]

    def columns(self, j: Tensor) -> Tensor:
        return self.matrix[:, j]

    def block(self, i: Tensor, j: Tensor) -> Tensor:
        return self.matrix[i[:, None], j]

    def diagonal(self) -> Tensor:
        return self.matrix.diagonal()

    def take(self, i: Tensor) -> DenseOperator:
        return DenseOperator(self.matrix[i])

    def double(self) -> DenseOperator:
        return DenseOperator(self.matrix.double())


class Centered:
    """K − 1K − K1 + 1K1 for a square matrix K, where 1 has all its entries 1/n.

    Rows and columns of it have mean zero: it is the kernel matrix of the features less their mean.
    """

    def __init__(self, operator: Operator) -> None:
        self.operator = operator

    @property
    def shape(self) -> tuple[int, int]:
        return self.operator.shape

    @property
    def dtype(self) -> torch.dtype:
        return self.operator.dtype

    @property
    def device(self) -> torch.device:
        return self.operator.device

    def __matmul__(self, v: Tensor) -> Tensor:
        product = self.operator @ (v - v.mean(0))
        return product - product.mean(0)

    def double(self) -> Centered:
        return Centered(self.operator.double())


def row_blocks(n: int, width: int, device: torch.device) -> list[Tensor]:
    """Row numbers in blocks of about 2²¹ entries of ``width`` columns."""
    return list(torch.arange(n, device=device).split(max(1, 2**21 // max(1, width))))


def ridge_residual(exact: Operator, x: Tensor, b: Tensor, ridge: float) -> Tensor:
    """b − (K + ridge I) x, for a float64 operator and float64 blocks of vectors."""
    return b - exact @ x - ridge * x


def relative_residual(exact: Operator, x: Tensor, b: Tensor, ridge: float) -> Tensor:
    """‖b − (K + ridge I) x‖ / ‖b‖ of each right-hand side; 0 where b is 0."""
    norms = torch.linalg.vector_norm(ridge_residual(exact, x, b, ridge), dim=0)
    scale = torch.linalg.vector_norm(b, dim=0)
    return torch.where(scale > 0, norms / scale, 0.0)


def square_size(operator: Operator, caller: str) -> int:
    """Rows of a square operator; ``ValueError`` where it is not square."""
    n, m = operator.shape
    if n != m:
        raise ValueError(f"{caller}: the matrix must be square, got {(n, m)}. Leave out y.")
    return n
