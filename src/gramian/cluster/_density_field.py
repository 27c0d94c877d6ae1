"""A sum of Gaussians over the plane as polynomials, one per square of a grid.

Source: L. Greengard, J. Strain, "The fast Gauss transform", SIAM J. Sci. Stat. Comput. 12(1),
1991, with Chebyshev polynomials in the place of Hermite's.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gramian import _core

__all__ = ["DensityField", "squares_of"]

DEGREES = 16
"""Polynomials per feature. On a square as wide as the bandwidth they leave 2 · 4⁻¹⁶ / √16!, which
is 10⁻¹⁶, of a Gaussian: less than its rounding."""
REACH = 9
"""Squares that lie farther apart do not feel each other: exp(−9² / 2) is 3·10⁻¹⁸."""
PLACES_PER_WORKER = 1024


def squares_of(x: Tensor, bandwidth: float) -> int:
    """How many squares as wide as the bandwidth cover the rows ``x`` (n, 2)."""
    span = x.amax(0).double() - x.amin(0).double()
    return math.prod(int(width / bandwidth) + 1 for width in span.tolist())


class DensityField:
    """Σ wᵢ exp(−‖p − xᵢ‖² / (2 bandwidth²)) and its gradient at any p among the rows.

    Parameters
    ----------
    x : Tensor of shape (n, 2)
    weights : Tensor of shape (n,), float64
    bandwidth : float

    Notes
    -----
    O(n) time and O(squares) to build, O(1) per place. Rows enter by the Chebyshev moments of their
    square, which the kernel takes to the coefficients of every square near it. Everything is added
    in one order: neither threads nor the other places change a bit.
    """

    def __init__(self, x: Tensor, weights: Tensor, bandwidth: float) -> None:
        wide = x.double()
        low = wide.amin(0)
        squares = ((wide - low) / bandwidth).floor().long()
        self._low, self._side = low.tolist(), bandwidth
        self._extent: list[int] = (squares.amax(0) + 1).tolist()
        keys = squares[:, 0] * self._extent[1] + squares[:, 1]
        order = keys.argsort(stable=True)
        sizes = torch.bincount(keys, minlength=math.prod(self._extent))
        self._tables = torch.zeros(*self._extent, DEGREES, DEGREES, dtype=torch.float64)
        _core.native.field_moments(
            self._low,
            self._side,
            self._extent,
            wide[order],
            weights[order],
            torch.cat([sizes.new_zeros(1), sizes.cumsum(0)]),
            self._tables,
            min(torch.get_num_threads(), self._extent[0]),
        )
        blocks = _kernel_blocks()
        for feature in (0, 1):
            self._tables = _through(self._tables, blocks, feature)

    def sums(self, places: Tensor) -> Tensor:
        """Value and bandwidth² × gradient at places (s, 2): (s, 3), float64; 0 off the squares."""
        sums = torch.empty(len(places), 3, dtype=torch.float64)
        workers = min(torch.get_num_threads(), 1 + len(places) // PLACES_PER_WORKER)
        _core.native.field_values(
            self._low,
            self._side,
            self._extent,
            places.double().contiguous(),
            self._tables,
            sums,
            workers,
        )
        # slopes are per half a side, and a side is a bandwidth
        sums[:, 1:] *= 2 * self._side
        return sums


def _through(tables: Tensor, blocks: Tensor, feature: int) -> Tensor:
    """Moments along a feature become coefficients: (squares, squares, degree, degree)."""
    moved = tables.movedim((feature, 2 + feature), (0, 1)).contiguous()
    extent = len(moved)
    result = torch.zeros_like(moved)
    # products and sums by element: a matrix product's order is up to threads
    for apart in range(-min(REACH, extent - 1), min(REACH, extent - 1) + 1):
        to = slice(max(0, apart), min(extent, extent + apart))
        source = moved[max(0, -apart) : min(extent, extent - apart)]
        for degree in range(DEGREES):
            factors = blocks[apart + REACH, :, degree].view(1, -1, 1, 1)
            result[to] += factors * source[:, degree, None]
    return result.movedim((0, 1), (feature, 2 + feature))


def _kernel_blocks() -> Tensor:
    """From moments to coefficients for squares −`REACH` … `REACH` apart: [apart, to, from]."""
    angles = math.pi * (torch.arange(DEGREES, dtype=torch.float64) + 0.5) / DEGREES
    degrees = torch.arange(DEGREES, dtype=torch.float64)
    # from values at the nodes to coefficients: the discrete cosine transform
    cosines = torch.cos(degrees[:, None] * angles) * (2 / DEGREES)
    cosines[0] /= 2
    nodes = torch.cos(angles) / 2
    apart = torch.arange(-REACH, REACH + 1, dtype=torch.float64)
    gaps = apart[:, None, None] + nodes[:, None] - nodes
    return cosines @ torch.exp(-gaps.square() / 2) @ cosines.T
