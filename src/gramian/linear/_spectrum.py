"""Householder factors of blocks, and the singular values of what they leave.

Source: J. Demmel, L. Grigori, M. Hoemmen, J. Langou, "Communication-optimal parallel and
sequential QR and LU factorizations", SIAM J. Sci. Comput. 34(1), 2012 (the sequential tree).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.linear._design import Design
from gramian.linear._direct import cross_products, filling

__all__ = ["Spectrum", "eigen_spectrum", "singular_spectrum", "triangle"]


@dataclass(frozen=True)
class Spectrum:
    """Singular values of A, and the singular vectors of its shorter side.

    Attributes
    ----------
    design : Design
    values : Tensor of shape (k,), float64
        Falling. Where A is wide and centred, that of the known null direction is left out.
    vectors : Tensor of shape (small, k), float64
        Right singular vectors where A is tall, else left ones.
    moments : Tensor of shape (k, t), float64
        The targets in the basis of the left singular vectors.
    resolution : float
        Singular values up to this times the greatest are rounding.
    """

    design: Design
    values: Tensor
    vectors: Tensor
    moments: Tensor
    resolution: float

    def rank(self, cut: float = 0.0) -> int:
        """How many singular values are above ``cut``, and above rounding, times the greatest."""
        least = max(cut, self.resolution)
        return int((self.values > least * self.values[:1]).sum())

    def solve(self, ridges: Tensor, cut: float = 0.0) -> Tensor:
        """argmin ‖A x − b‖² + ridge ‖x‖², (d, t), of least norm, for one ridge per target.

        Singular values that are not above ``cut`` times the greatest count as zero.
        """
        rank = self.rank(cut)
        values, moments = self.values[:rank, None], self.moments[:rank]
        # written so that nothing is squared: s / (s² + α)
        inside = moments / (values + ridges / values)
        if self.design.tall:
            return self.vectors[:, :rank] @ inside
        return self.design.adjoint(self.vectors[:, :rank] @ (inside / values))


class _Triangle:
    """The triangular factor of rows that come in blocks, the longest first.

    All blocks are factored in the same memory: fresh memory for each one would cost four times
    the block, and what the allocator keeps of it.

    Attributes
    ----------
    factor : Tensor of shape (at most k, k), float64
        R of all rows so far.
    """

    def __init__(self, factor: Tensor) -> None:
        self.factor = factor
        self._memory = factor.new_empty(0)

    def append(self, *parts: Tensor) -> None:
        """Take rows of k numbers, whose columns lie in ``parts``, side by side."""
        above, k = self.factor.shape
        n_rows = above + len(parts[0])
        if n_rows * k > len(self._memory):
            self._memory = self.factor.new_empty((len(parts[0]) + k) * k)
        # column-major, as LAPACK wants it, so that it works in place
        stacked = self._memory[: n_rows * k].view(k, n_rows).T
        stacked[:above] = self.factor
        torch.cat(parts, dim=1, out=stacked[above:])
        torch.geqrf(stacked, out=(stacked, self.factor.new_empty(min(n_rows, k))))
        self.factor = stacked[:k].triu()


def triangle(design: Design, target: Tensor) -> tuple[Tensor, Tensor]:
    """R and c of a tall A: R is upper triangular, and ‖R x − c‖² is ‖A x − b‖² less a constant."""
    d = design.shape[1]
    found = _Triangle(target.new_empty(0, d + target.shape[1]))
    for span, block in design.row_blocks(least=2 * d):
        found.append(block, target[span])
    return found.factor[:d, :d], found.factor[:d, d:]


def singular_spectrum(design: Design, target: Tensor) -> Spectrum:
    """By Householder factors: small singular values keep their digits."""
    resolution = max(design.shape) * torch.finfo(target.dtype).eps
    if design.tall:
        upper, moments = triangle(design, target)
        left, values, right = torch.linalg.svd(upper)
        return Spectrum(design, values, right.T, left.T @ moments, resolution)
    n = design.shape[0]
    found = _Triangle(target.new_empty(0, n))
    for block in design.column_blocks(least=2 * n):
        found.append(block)
    upper, null = found.factor, design.null_direction()
    if null is not None:
        upper = torch.cat([upper, filling(upper) * null[None]])
    _, values, right = torch.linalg.svd(upper, full_matrices=False)
    first = int(null is not None)
    values, vectors = values[first:n], right[first:n].T
    return Spectrum(design, values, vectors, vectors.T @ target, resolution)


def eigen_spectrum(design: Design, target: Tensor) -> Spectrum:
    """By the eigenvectors of `cross_products`: faster, to half as many digits of small values."""
    resolution = math.sqrt(max(design.shape) * torch.finfo(target.dtype).eps)
    squares, vectors = torch.linalg.eigh(cross_products(design))
    squares, vectors = squares.flip(0), vectors.flip(1)
    if design.tall:
        values = squares.clamp_min(0).sqrt()
        moments = vectors.T @ design.adjoint(target)
        moments /= values.clamp_min(torch.finfo(values.dtype).tiny)[:, None]
        return Spectrum(design, values, vectors, moments, resolution)
    first = int(design.centred)
    values, vectors = squares[first:].clamp_min(0).sqrt(), vectors[:, first:]
    return Spectrum(design, values, vectors, vectors.T @ target, resolution)
