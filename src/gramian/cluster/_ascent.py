"""Mean shift from many positions at once: each step moves them all, those at rest retire.

Source: D. Comaniciu, P. Meer, "Mean shift: a robust approach toward feature space analysis",
IEEE Trans. Pattern Analysis and Machine Intelligence 24(5), 2002.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from gramian import _config
from gramian.gram import Gram
from gramian.neighbors._blocks import bounded_blocks
from gramian.pairwise import Euclidean, Gaussian

__all__ = ["FlatMean", "GaussianMean", "LocalMean", "climb"]

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


class GaussianMean:
    """The mean of all rows under a Gaussian kernel about the position."""

    def __init__(self, x: Tensor, weights: Tensor | None, bandwidth: float) -> None:
        self._x, self._weights = x, weights
        self._kernel = Gaussian(bandwidth)
        # sums of differences from a row keep digits that sums of far-off rows would lose
        self._origin = x[0].clone()

    def __call__(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        n, d = self._x.shape
        table = Gram(positions, self._x, self._kernel)
        means = torch.empty_like(positions)
        memory = _config.current().memory // RIGHT_BYTES_PER_BUDGET
        step = max(1, memory // (n * self._x.element_size()) - 1)
        for start in range(0, d, step):
            part = slice(start, min(d, start + step))
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


def climb(
    start: Tensor,
    mean: LocalMean,
    *,
    threshold: float,
    max_iter: int,
    watch: Callable[[int, int], bool] | None = None,
) -> tuple[Tensor, Tensor, Tensor, int]:
    """Follow the local mean from every position until it moves by ``threshold`` or less.

    Positions that meet go on as one: their ways would be the same from there on.

    Parameters
    ----------
    start : Tensor of shape (s, d)
    mean : LocalMean
    threshold : float
    max_iter : int
        Further steps after the first.
    watch : callable, optional
        Told the iteration and how many positions still move; a true answer ends the climb.

    Returns
    -------
    ends : Tensor of shape (t, d)
        Where the ways end.
    mass : Tensor of shape (t,), float64
        The weight that the last mean of each way averaged.
    way : Tensor of shape (s,), int64
        The way that each start took; −1 where it came to nothing to average.
    n_iter : int
        The largest number of further steps.
    """
    now, place = torch.unique(start, dim=0, return_inverse=True)
    ends, masses = [now[:0]], [now.new_empty(0, dtype=torch.float64)]
    way = torch.full_like(place, -1)
    climbing = torch.arange(len(start), device=start.device)
    n_iter = n_ended = 0
    while True:
        new, mass = mean(now)
        moved = torch.linalg.vector_norm(new.double() - now.double(), dim=1)
        last = n_iter == max_iter or (watch is not None and watch(n_iter, len(now)))
        rests = (mass > 0) & ((moved <= threshold) | last)
        ends.append(new[rests])
        masses.append(mass[rests])
        number = rests.cumsum(0) - 1 + n_ended
        n_ended += int(rests.sum())
        here = rests[place]
        way[climbing[here]] = number[place[here]]
        goes = (mass > 0) & ~rests
        if not bool(goes.any()):
            return torch.cat(ends), torch.cat(masses), way, n_iter
        n_iter += 1
        now, merged = torch.unique(new[goes], dim=0, return_inverse=True)
        on = goes[place]
        climbing, place = climbing[on], merged[(goes.cumsum(0) - 1)[place[on]]]


def _segment_sum(values: Tensor, lengths: Tensor) -> Tensor:
    """Sums of consecutive runs of ``values``, one run after the other in order."""
    return torch.segment_reduce(values, "sum", lengths=lengths)
