"""The inverse of I + D (K + shift 1 1ᵀ) D for several diagonals D: of K itself, or of K ≈ F Fᵀ."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.kernel_methods.classifiers._low_rank_table import wide_product, wide_product_t

__all__ = ["DenseInverse", "WeightedInverse"]

_ROWS = 4096


class WeightedInverse:
    """v ↦ (I + D_c (F Fᵀ + shift_c 1 1ᵀ) D_c)⁻¹ v_c for each column c, by Woodbury's identity.

    In float32 the difference loses all its digits where ‖F‖² D² exceeds 10⁷, so that everything is
    float64, whatever F is, unless it may be ``rough``. The shift is large by purpose, and always
    a step of its own in float64.

    Parameters
    ----------
    factor : Tensor of shape (n, r)
        F.
    weights : Tensor of shape (n, k), float64
        Diagonals of D_c.
    shift : Tensor of shape (k,), float64
        Zero without an intercept.
    rough : bool, default=False
        Compute in the dtype of F.
    """

    def __init__(
        self, factor: Tensor, weights: Tensor, shift: Tensor, *, rough: bool = False
    ) -> None:
        self.factor, self.weights, self.rough = factor, weights, rough
        rank, k = factor.shape[1], weights.shape[1]
        inner = torch.zeros(k, rank, rank, dtype=torch.float64, device=factor.device)
        for part, roots in zip(factor.split(_ROWS), weights.split(_ROWS), strict=True):
            table = part if rough else part.double()
            for c in range(k):
                used = roots[:, c].nonzero()[:, 0]  # of a squared hinge often a small part
                rows = table[used] * roots[used, c, None].to(table)
                inner[c] += rows.T @ rows
        inner.diagonal(dim1=1, dim2=2).add_(1)
        self.triangle = torch.linalg.cholesky(inner)
        self.constant = self._unshifted(weights)
        self.damping = shift / (1 + shift * (weights * self.constant).sum(0))

    def __call__(self, v: Tensor) -> Tensor:
        """The map of (n, k) float64."""
        found = self._unshifted(v)
        return found - self.constant * (self.damping * (self.constant * v).sum(0))

    def _unshifted(self, v: Tensor) -> Tensor:
        """The map for a shift of zero."""
        weighted = self.weights * v
        if self.rough:
            inside = (self.factor.T @ weighted.to(self.factor)).double()
        else:
            inside = wide_product_t(self.factor, weighted)
        inside = torch.cholesky_solve(inside.T[:, :, None], self.triangle)[:, :, 0].T
        if self.rough:
            return v - self.weights * (self.factor @ inside.to(self.factor))
        return v - self.weights * wide_product(self.factor, inside)


class DenseInverse:
    """v ↦ (I + D_c (K + shift_c 1 1ᵀ) D_c)⁻¹ v_c by a Cholesky factor for each column c.

    Parameters
    ----------
    matrix : Tensor of shape (n, n)
        K.
    weights, shift : Tensor
        As in `WeightedInverse`.

    Raises
    ------
    torch.linalg.LinAlgError
        If K is not positive semi-definite up to rounding.
    """

    def __init__(self, matrix: Tensor, weights: Tensor, shift: Tensor) -> None:
        scaled = matrix.double() + shift[:, None, None]
        scaled *= weights.T[:, :, None] * weights.T[:, None, :]
        scaled.diagonal(dim1=1, dim2=2).add_(1)
        self.triangle = torch.linalg.cholesky(scaled)

    def __call__(self, v: Tensor) -> Tensor:
        """The map of (n, k) float64."""
        return torch.cholesky_solve(v.T[:, :, None], self.triangle)[:, :, 0].T
