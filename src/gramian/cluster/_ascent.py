"""Mean shift from many positions at once: each step moves them all, those at rest retire.

Source: D. Comaniciu, P. Meer, "Mean shift: a robust approach toward feature space analysis",
IEEE Trans. Pattern Analysis and Machine Intelligence 24(5), 2002.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from gramian.cluster._local_means import LocalMean

__all__ = ["AscentState", "Watch", "climb"]

MOST_SORTED_FEATURES = 8
"""Up to here, to sort feature by feature takes less time than to compare rows."""

Watch = Callable[[int, int, Callable[[], Tensor]], bool]
"""Told the iteration, how many positions move and where all are; a true answer ends the climb."""


@dataclass(frozen=True)
class AscentState:
    """What a callback of `MeanShift` is told after each iteration.

    Attributes
    ----------
    iteration : int
        From 0.
    n_moving : int
        Positions that still climbed in it; of those that met, some count once.
    positions : ndarray or Tensor of shape (n_seeds, n_features)
        Where the way of each seed has come to, in the order of the seeds. Made when it is asked
        for, during the call only: collect it to see the climb, as `MeanShift` shows.
    """

    iteration: int
    n_moving: int
    _positions: Callable[[], Any] = field(repr=False, compare=False)

    @property
    def positions(self) -> Any:
        return self._positions()


def climb(
    start: Tensor,
    mean: LocalMean,
    *,
    threshold: float,
    max_iter: int,
    watch: Watch | None = None,
) -> tuple[Tensor, Tensor, Tensor, int]:
    """Follow the local mean from every position until it moves by ``threshold`` or less.

    Positions that meet may go on as one: their ways are the same from there on. They are compared
    after 0, 1, 2, 4, 8 … steps.

    Parameters
    ----------
    start : Tensor of shape (s, d)
    mean : LocalMean
    threshold : float
    max_iter : int
        Further steps after the first.
    watch : callable, optional
        As `Watch`.

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
    now, place = _distinct(start)
    ends, masses = [now[:0]], [now.new_empty(0, dtype=torch.float64)]
    way = torch.full_like(place, -1)
    climbing = torch.arange(len(start), device=start.device)
    n_iter = n_ended = 0
    while True:
        new, mass = mean(now)
        last = n_iter == max_iter

        if watch is not None:
            reached = partial(_positions, start, ends, way, climbing, new, place)
            last = watch(n_iter, len(now), reached) or last
        moved = torch.linalg.vector_norm(new.double() - now.double(), dim=1)
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
        now, on = new[goes], goes[place]
        climbing, place = climbing[on], (goes.cumsum(0) - 1)[place[on]]
        if n_iter & (n_iter - 1) == 0:
            now, met = _distinct(now)
            place = met[place]


def _positions(
    start: Tensor, ends: list[Tensor], way: Tensor, climbing: Tensor, new: Tensor, place: Tensor
) -> Tensor:
    """Where every seed has come to; the start of one that came to nothing."""
    there, rested = start.clone(), way >= 0
    there[rested] = torch.cat(ends)[way[rested]]
    there[climbing] = new[place]
    return there


def _distinct(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Each row once, in rising order, and where each of ``rows`` is among them."""
    if rows.shape[1] > MOST_SORTED_FEATURES:
        return torch.unique(rows, dim=0, return_inverse=True)
    order = torch.arange(len(rows), device=rows.device)
    for column in reversed(rows.unbind(1)):
        order = order[column[order].argsort(stable=True)]
    ordered = rows[order]
    first = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
    first[1:] = (ordered[1:] != ordered[:-1]).any(1)
    place = torch.empty_like(order)
    place[order] = first.cumsum(0) - 1
    return ordered[first], place
