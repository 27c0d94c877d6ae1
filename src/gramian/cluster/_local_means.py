"""The local mean that mean shift follows, by the engine: any device, any number of features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor

from gramian import _config
from gramian.gram import Gram
from gramian.neighbors._blocks import bounded_blocks
from gramian.pairwise import Epanechnikov, Euclidean, Gaussian

__all__ = ["EpanechnikovMean", "FlatMean", "GaussianMean", "LocalMean"]

RIGHT_BYTES_PER_BUDGET = 8
"""A copy of some columns of the data may take the memory budget divided by this."""


class LocalMean(Protocol):
    """A kernel's weighted mean of the rows about a position."""

    def __call__(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """The means, (s, d), and the weight that each averages, (s,), 0 where there is none."""

    def strength(self, ends: Tensor, mass: Tensor) -> Tensor:
        """What ranks the ends of ways whose last means averaged ``mass``, (s,), float64."""


class FlatMean:
    """The mean of the rows within ``bandwidth``, each set of rows summed in one order.

    Differences from the set's first row are averaged: equal rows give that row exactly, far-off
    data loses no digits, and positions with the same neighbours move to the same bits.
    """

    def __init__(self, x: Tensor, weights: Tensor | None, bandwidth: float) -> None:
        self._x, self._weights, self._bandwidth = x, weights, bandwidth

    def __call__(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        means = positions.clone()
        table = Gram(positions, self._x, Euclidean())
        lengths = table.count(self._bandwidth)
        mass = lengths.double()
        if self._weights is not None:
            mass = table.count(self._bandwidth, weights=self._weights)
        for rows in bounded_blocks(lengths.cpu().numpy(), self._x.shape[1]):
            some = (mass[rows] > 0).nonzero()[:, 0] + rows.start
            if len(some):
                means[some] = self._means(positions[some])
        return means, mass

    def _means(self, positions: Tensor) -> Tensor:
        """Means about positions that all have rows with weight within the bandwidth."""
        indptr, indices, _ = Gram(positions, self._x, Euclidean()).neighbors(self._bandwidth)
        lengths = indptr.diff()
        first = indices[indptr[:-1]]
        w = None if self._weights is None else self._weights[indices]
        mass = lengths.double() if w is None else _segment_sum(w, lengths)
        means = torch.empty_like(positions)
        for feature in range(self._x.shape[1]):
            column = self._x[:, feature]
            origin = column[first].double()
            gaps = column[indices].double() - origin.repeat_interleave(lengths)
            total = _segment_sum(gaps if w is None else gaps.mul_(w), lengths)
            means[:, feature] = (origin + total / mass).to(means.dtype)
        return means

    def strength(self, ends: Tensor, mass: Tensor) -> Tensor:
        return mass


class EpanechnikovMean:
    """The mean of the rows within ``bandwidth``, a row at distance r counting 1 − r²/bandwidth²."""

    def __init__(self, x: Tensor, weights: Tensor | None, bandwidth: float) -> None:
        self._x = x
        self._kernel = Epanechnikov(bandwidth)
        self._weights = x.new_ones(len(x)) if weights is None else weights.to(x.dtype)
        # sums of differences from a row keep digits that sums of far-off rows would lose
        self._origin = x[0].clone()

    def __call__(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        table = Gram(positions, self._x, self._kernel)
        mass = (table @ self._weights).double()
        means = torch.empty_like(positions)
        for part in _columns_at_once(self._x):
            right = (self._x[:, part] - self._origin[part]) * self._weights[:, None]
            shift = (table @ right).double() / mass[:, None]
            means[:, part] = (shift + self._origin[part].double()).to(means.dtype)
        return means.where((mass > 0)[:, None], positions), mass

    def strength(self, ends: Tensor, mass: Tensor) -> Tensor:
        return self(ends)[1]


class GaussianMean:
    """The mean of all rows under a Gaussian kernel about the position."""

    def __init__(self, x: Tensor, weights: Tensor | None, bandwidth: float) -> None:
        self._x, self._weights = x, weights
        self._kernel = Gaussian(bandwidth)
        # sums of differences from a row keep digits that sums of far-off rows would lose
        self._origin = x[0].clone()

    def __call__(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        table = Gram(positions, self._x, self._kernel)
        means = torch.empty_like(positions)
        for part in _columns_at_once(self._x):
            right = self._x[:, part] - self._origin[part]
            if self._weights is not None:
                w = self._weights.to(right.dtype)[:, None]
                right = torch.cat([right * w, w], dim=1)
            found = table.weighted_mean(right).double()
            if self._weights is not None:
                found = found[:, :-1] / found[:, -1:]
            means[:, part] = (found + self._origin[part].double()).to(means.dtype)
        # the nearest row always counts, however far it is
        return means, torch.ones(len(means), dtype=torch.float64, device=means.device)

    def strength(self, ends: Tensor, mass: Tensor) -> Tensor:
        """The density at the ends, up to a factor."""
        table = Gram(ends, self._x, self._kernel)
        if self._weights is None:
            return table.sum().double()
        return (table @ self._weights.to(self._x.dtype)).double()


def _columns_at_once(x: Tensor) -> Iterator[slice]:
    """Columns of which a copy, and one column more, keep to their part of the budget."""
    n, d = x.shape
    memory = _config.current().memory // RIGHT_BYTES_PER_BUDGET
    step = max(1, memory // (n * x.element_size()) - 1)
    for start in range(0, d, step):
        yield slice(start, min(d, start + step))


def _segment_sum(values: Tensor, lengths: Tensor) -> Tensor:
    """Sums of consecutive runs of ``values``, one run after the other in order."""
    return torch.segment_reduce(values, "sum", lengths=lengths)
