"""Sums over a dimension, and products."""

from __future__ import annotations

from typing import Any

from gramian._arrays import as_vector
from gramian.engine.autograd import differentiable
from gramian.gram._table import Table

__all__ = ["Sums"]


class Sums(Table):
    """Products, sums, means and log-sum-exp, none of which stores the matrix."""

    def __matmul__(self, v: Any) -> Any:
        """The product with a vector (m,) or with columns (m, r), without storing the matrix."""
        right, flat = as_vector(v, "v", "Gram.__matmul__", rows=self.shape[1], like=self._x)
        result = differentiable(self._call("product", weights=right))
        return self._give(result[:, 0] if flat else result)

    def sum(self, dim: int = 1) -> Any:
        """Sum over a dimension: of each row (dim=1) or of each column (dim=0)."""
        return self._along(dim, "sum")._give_of("product")

    def mean(self, dim: int = 1) -> Any:
        """Mean over a dimension: of each row (dim=1) or of each column (dim=0)."""
        side = self._along(dim, "mean")
        total = differentiable(side._call("product", wide=True))
        return self._give((total / side.shape[1]).to(self.dtype))

    def logsumexp(self, dim: int = 1) -> Any:
        """log Σ exp(entry) over a dimension, as ``torch.logsumexp`` of the dense matrix.

        For the log of a density use the log of the kernel: ``Gram(x, y, kernel.log())``.
        """
        return self._along(dim, "logsumexp")._give_of("logsumexp")

    def weighted_mean(self, v: Any) -> Any:
        """Mean of the rows of ``v`` with the entries of each row as weights.

        Row i is Σ_j G_ij v_j / Σ_j G_ij, computed from the kernel's logarithm, so that it neither
        overflows nor becomes 0/0 far from every y. With a Gaussian kernel this is the step of mean
        shift; with ``Linear().exp()`` it is attention.

        Parameters
        ----------
        v : Tensor or ndarray of shape (m,) or (m, r)

        Returns
        -------
        Tensor or ndarray of shape (n,) or (n, r)
            NaN in rows whose weights are all exactly zero (compact kernels), or where an entry,
            or a part of a sum or product of kernels, is negative.
        """
        right, flat = as_vector(v, "v", "Gram.weighted_mean", rows=self.shape[1], like=self._x)
        result = differentiable(self._call("weighted_mean", weights=right))
        return self._give(result[:, 0] if flat else result)
