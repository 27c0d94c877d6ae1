"""Local means from cells, in the compiled core: for few features on the CPU."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian import _core
from gramian.cluster._cells import MOST_FEATURES, Cells
from gramian.engine import exact
from gramian.pairwise import Euclidean

__all__ = ["CellFlatMean", "CellWindow", "cells_fit", "exact_parts"]

_FLAT, _EPANECHNIKOV, _GAUSSIAN = range(3)
WIDEST = 2.0**300
"""Beyond it, and below its inverse, squares overflow or vanish."""
LIGHTEST = 2.0**-40
"""Of the greatest weight: below it two parts do not hold a weight."""
POSITIONS_PER_WORKER = 256


def cells_fit(x: Tensor, weights: Tensor | None, bandwidth: float) -> bool:
    """Whether the core can take local means of these rows."""
    if (
        not _core.serves(x)
        or x.shape[1] > MOST_FEATURES
        or x.dtype not in (torch.float32, torch.float64)
    ):
        return False
    if not 1 / WIDEST < bandwidth < WIDEST or float(x.abs().max()) > WIDEST:
        return False
    if weights is None:
        return True
    some = weights[weights > 0]
    return float(some.min()) >= LIGHTEST * float(some.max())


class CellFlatMean:
    """The mean of the rows within ``bandwidth``.

    Numbers are cut into parts whose sums are exact in float64, so that a sum does not depend on
    its order: cells that lie within the bandwidth count by their totals, and positions with the
    same neighbours move to the same bits.
    """

    def __init__(self, x: Tensor, weights: Tensor | None, bandwidth: float) -> None:
        x, weights = _with_weight(x, weights)
        self._bandwidth, self._dtype = bandwidth, x.dtype
        self._cells = cells = Cells.of(x, bandwidth)
        self._origin = (x.amin(0).double() + x.amax(0).double()) / 2
        w = None if weights is None else weights[cells.order].double()
        once = torch.ones(len(x), dtype=torch.float64)
        columns = [once] if w is None else [*exact_parts(w)]
        self._n_masses = len(columns)
        for feature, start in enumerate(self._origin):
            gap = cells.rows[feature, : len(x)] - start
            columns += exact_parts(gap if w is None else gap * w)
        self._totals = torch.zeros(len(columns), cells.rows.shape[1], dtype=torch.float64)
        for column, total in zip(columns, self._totals, strict=True):
            torch.cumsum(column, 0, out=total[1 : len(x) + 1])

    def __call__(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        sums = _ball_sums(
            self._cells, _Window(_FLAT, self._bandwidth, 0.0), self._totals, positions
        )
        mass = sums[:, : self._n_masses].sum(1)
        # parts are divided one by one: of equal rows, each gives that part of the row again
        parts = (sums[:, self._n_masses :] / mass[:, None]).view(len(sums), -1, 2)
        means = (self._origin + parts.sum(2)).to(self._dtype)
        return means.where((mass > 0)[:, None], positions), mass

    def strength(self, ends: Tensor, mass: Tensor) -> Tensor:
        return mass


class CellWindow:
    """Means weighted by a window that falls with the distance and ends at a radius.

    Parameters
    ----------
    x, weights : Tensor of shape (n, d) and (n,) or None
    bandwidth : float
    reach : float, optional
        None takes the Epanechnikov window, 1 − d² / bandwidth². A number takes the Gaussian one of
        that bandwidth, cut off at ``reach`` bandwidths.
    """

    def __init__(
        self, x: Tensor, weights: Tensor | None, bandwidth: float, reach: float | None = None
    ) -> None:
        x, weights = _with_weight(x, weights)
        self._dtype = x.dtype
        if reach is None:
            self._window = _Window(_EPANECHNIKOV, bandwidth, 1 / bandwidth**2)
        else:
            rate = -1 / (2 * math.log(2) * bandwidth**2)
            self._window = _Window(_GAUSSIAN, reach * bandwidth, rate)
        self._cells = Cells.of(x, self._window.radius)
        self._weights = torch.zeros(1, self._cells.rows.shape[1], dtype=torch.float64)
        self._weights[0, : len(x)] = 1.0 if weights is None else weights[self._cells.order]

    def sums(self, positions: Tensor) -> Tensor:
        """Weight about each position, and the weighted differences from it: (s, 1 + d)."""
        return _ball_sums(self._cells, self._window, self._weights, positions)

    def __call__(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        sums = self.sums(positions)
        mass = sums[:, 0]
        means = (positions.double() + sums[:, 1:] / mass[:, None]).to(self._dtype)
        return means.where((mass > 0)[:, None], positions), mass

    def strength(self, ends: Tensor, mass: Tensor) -> Tensor:
        return self(ends)[1]


@dataclass(frozen=True)
class _Window:
    """What a row within ``radius`` counts; ``rate`` is that of the squared distance."""

    kind: int
    radius: float
    rate: float


def _ball_sums(cells: Cells, window: _Window, values: Tensor, positions: Tensor) -> Tensor:
    """Sums over the rows about each position, (s, columns), float64."""
    d = positions.shape[1]
    columns = len(values) if window.kind == _FLAT else 1 + d
    sums = torch.empty(len(positions), columns, dtype=torch.float64)
    most = 1 + len(positions) // POSITIONS_PER_WORKER
    _core.native.balls(
        cells.rows,
        cells.low,
        cells.extent,
        cells.sides,
        cells.keys,
        cells.starts,
        cells.directory,
        cells.shift,
        window.kind,
        window.radius,
        exact.reach(Euclidean(), window.radius),
        window.rate,
        values,
        positions.double().contiguous(),
        sums,
        min(torch.get_num_threads(), most),
    )
    return sums


def _with_weight(x: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """The rows that have weight, and their weights."""
    if weights is None:
        return x, None
    some = weights > 0
    return x[some], weights[some]


def exact_parts(values: Tensor) -> tuple[Tensor, Tensor]:
    """Two parts of each number, such that no sum of any of them rounds.

    They are whole multiples of a power of two so large that n times the largest is below 2⁵²
    multiples; what the second part leaves is below 2⁻⁵² / n of what the first part rounds.

    Source: J. Demmel, H. D. Nguyen, "Fast reproducible floating-point summation", ARITH 21, 2013.
    """
    first = _whole_multiples(values)
    return first, _whole_multiples(values - first)


def _whole_multiples(values: Tensor) -> Tensor:
    """Each number rounded to a multiple of a power of two such that all sums are exact."""
    largest = float(values.abs().max())
    if largest == 0.0:
        return values
    bits = math.frexp(largest)[1] + len(values).bit_length()
    # adding 1.5 2^52 multiples leaves no room for a fraction of one
    shift = math.ldexp(1.5, bits)
    return (values + shift) - shift
