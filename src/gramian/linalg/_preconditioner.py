"""The inverse of F Fᵀ + ridge I, stable down to a ridge at the rounding of F."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian import _config

__all__ = ["LowRankInverse"]

_ROWS = 1024
_SHARE = 8
"""One part in so many of the memory budget may hold F in float64."""


class LowRankInverse:
    """ridge · (F Fᵀ + ridge I)⁻¹ = I − F (Fᵀ F + ridge I)⁻¹ Fᵀ, as a map of blocks of vectors.

    F may be stored in float32; everything is computed in float64, from a copy of F where it fits,
    else block by block of its rows. In float32 the difference would lose all its digits where
    ‖F‖² exceeds the ridge by 10⁷.

    Parameters
    ----------
    factor : Tensor of shape (n, r)
    ridge : float
        Positive, or raised to what float64 can tell from zero beside ‖F‖².
    """

    def __init__(self, factor: Tensor, ridge: float) -> None:
        n, rank = factor.shape
        fits = 8 * n * rank <= _config.current().memory // _SHARE
        self.factor = factor.double() if fits else factor
        self.rows = max(1, n) if fits else _ROWS
        inner = torch.zeros(rank, rank, dtype=torch.float64, device=factor.device)
        for part in self.factor.split(self.rows):
            wide = part.double()
            inner.addmm_(wide.T, wide)
        least = 8 * max(rank, 1) * torch.finfo(torch.float64).eps * float(inner.trace())
        self.ridge = max(ridge, least)
        inner.diagonal().add_(self.ridge)
        self.triangle = torch.linalg.cholesky(inner)

    def __call__(self, v: Tensor) -> Tensor:
        """The map of a block of float64 vectors (n, k)."""
        if not self.factor.shape[1]:
            return v.clone()
        inside = torch.zeros(self.factor.shape[1], v.shape[1], dtype=torch.float64, device=v.device)
        for part, rows in zip(self.factor.split(self.rows), v.split(self.rows), strict=True):
            inside.addmm_(part.double().T, rows)
        inside = torch.cholesky_solve(inside, self.triangle)
        result = torch.empty_like(v)
        parts = self.factor.split(self.rows), v.split(self.rows), result.split(self.rows)
        for part, rows, out in zip(*parts, strict=True):
            torch.addmm(rows, part.double(), inside, alpha=-1, out=out)
        return result
