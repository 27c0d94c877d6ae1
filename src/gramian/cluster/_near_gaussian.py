"""Gaussian means of many rows from those near a position, wherever that is enough."""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor

from gramian._sums import ordered_sum
from gramian.cluster._cell_means import CellWindow
from gramian.cluster._density_field import DensityField, squares_of
from gramian.cluster._local_means import GaussianMean

__all__ = ["NearGaussianMean", "near_sums"]

FEW_ROWS = 2**13
"""All of so few are met in no time."""
MOST_SQUARES = 2**13
"""More take seconds to fill."""
REACH = 7.75
"""Bandwidths that rows are looked for: exp(−REACH² / 2) is 10⁻¹³."""
LEAST_BALLS = 8
"""Of that reach, in the box of all rows: else a position might as well look at every row."""
ERROR = 1e-11
"""Of a sum of differences, per bandwidth and unit of all weight; ten times what tests find."""
TOLERANCE = 1e-4
"""Bandwidths by which a mean may be off: a tenth of what a position at rest may move by."""


class NearSums(Protocol):
    """Weight about positions, and weighted differences from them, with an error below `ERROR`."""

    def sums(self, positions: Tensor) -> Tensor:
        """(s, 1 + d), float64."""


def near_sums(x: Tensor, weights: Tensor | None, bandwidth: float) -> NearSums | None:
    """The sums that suit the rows ``x`` (n, d), d ≤ 3, or None where all rows should be met."""
    n, d = x.shape
    if n < FEW_ROWS:
        return None
    if d == 2 and squares_of(x, bandwidth) <= MOST_SQUARES:
        masses = x.new_ones(n, dtype=torch.float64) if weights is None else weights.double()
        return DensityField(x, masses, bandwidth)
    spans = (x.amax(0).double() - x.amin(0).double()) / (2 * REACH * bandwidth)
    if math.prod(max(span, 1.0) for span in spans.tolist()) < LEAST_BALLS:
        return None
    return CellWindow(x, weights, bandwidth, REACH)


class NearGaussianMean:
    """The mean under a Gaussian, off by `TOLERANCE` bandwidths at most.

    Where the sums near a position are too small for that, beside what their error may be, all rows
    are met.
    """

    def __init__(self, x: Tensor, weights: Tensor | None, bandwidth: float, near: NearSums) -> None:
        self._far, self._near, self._bandwidth = (
            GaussianMean(x, weights, bandwidth),
            near,
            bandwidth,
        )
        self._total = float(len(x) if weights is None else ordered_sum(weights))

    def __call__(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        sums = self._near.sums(positions)
        mass = sums[:, 0]
        shift = sums[:, 1:] / mass[:, None]
        means = (positions.double() + shift).to(positions.dtype)
        steps = 1 + torch.linalg.vector_norm(shift, dim=1) / self._bandwidth
        doubtful = ~(self._total * ERROR * steps <= TOLERANCE * mass)
        if bool(doubtful.any()):
            means[doubtful] = self._far(positions[doubtful])[0]
        return means, torch.ones_like(mass)

    def strength(self, ends: Tensor, mass: Tensor) -> Tensor:
        density = self._near.sums(ends)[:, 0]
        doubtful = ~(self._total * ERROR <= TOLERANCE * density)
        if bool(doubtful.any()):
            density[doubtful] = self._far.strength(ends[doubtful], mass[doubtful])
        return density
