"""Balls of rows around pivots: what the triangle inequality spares a search of many features.

A column within t of a row that lies r from a pivot is at most r + t from that pivot. Where rows
come in clusters, the rows of a ball need to look at few columns; a tree over the features would
find no such bound once there are many of them.

Source: K. Fukunaga, P. M. Narendra, "A branch and bound algorithm for computing k-nearest
neighbors", IEEE Transactions on Computers C-24, 1975, rules 1 and 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from gramian.neighbors._blocks import pair_limit

__all__ = ["Distances", "Split", "distances_in_blocks", "lists_by_balls", "split"]

Distances = Callable[[np.ndarray], np.ndarray]
"""From row numbers to their distances from all n rows, (len(rows), n), float64."""

Search = Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray]]
"""From rows, columns and k to values and places, among the columns, of each row's k nearest."""

_MARGIN = 1e-6
"""Of the greatest distance from a pivot: far more than distances in float64 err."""

_TRIAL, _LEAST_SETTLED = 1 / 8, 1 / 4
"""Of the rows: tried before it is decided, and to be settled among those for balls to pay."""


class Split(NamedTuple):
    """Rows that find all they look for among ``columns``, which rise, and the rows that may not."""

    near: np.ndarray
    columns: np.ndarray
    far: np.ndarray


def split(rows: np.ndarray, bound: np.ndarray, distance: np.ndarray) -> Split:
    """Share rows out so that the fewest pairs are left to look at.

    Parameters
    ----------
    rows : ndarray of shape (r,), int64
    bound : ndarray of shape (r,), float64
        How far from the pivot the columns may lie that a row looks for.
    distance : ndarray of shape (m,), float64
        Of every column from the pivot, infinite for those nobody looks for.

    Notes
    -----
    O(m log m + r log r) time.
    """
    order = np.argsort(bound, kind="stable")
    rising = np.sort(distance)
    finite = np.searchsorted(rising, np.inf)
    slack = _MARGIN * rising[finite - 1] if finite else 0.0
    bound = bound[order] + slack
    columns = np.searchsorted(rising[:finite], bound, side="right")
    taken = np.arange(len(rows) + 1)
    pairs = taken * np.append(0, columns) + (len(rows) - taken) * finite
    n_near = int(pairs.argmin())
    reach = bound[n_near - 1] if n_near else -np.inf
    near = np.sort(rows[order[:n_near]])
    return Split(near, np.flatnonzero(distance <= reach), np.sort(rows[order[n_near:]]))


def distances_in_blocks(
    pivots: np.ndarray, n_columns: int, distances: Distances
) -> Iterator[np.ndarray]:
    """The distances from each pivot in turn, few pivots at a time in memory."""
    step = max(1, pair_limit() // n_columns)
    for start in range(0, len(pivots), step):
        yield from distances(pivots[start : start + step])


def lists_by_balls(
    n: int, k: int, search: Search, distances: Distances
) -> tuple[np.ndarray, np.ndarray]:
    """Values and places of each row's k nearest rows, the same as ``search`` among all finds.

    Notes
    -----
    About half √n pivots stand at even steps among the rows; any would do, so none are drawn. With a
    row r from its pivot, and the pivot's k nearest rows within t, the row's own k nearest lie
    within r + t of it. Where rows do not come in clusters an eighth of the balls shows it, and
    all rows are searched at once.

    O(n^1.5 d) time for the balls; O(n d s) to O(n² d) for the searches, s the size of a cluster.
    """
    pivots = np.linspace(0, n - 1, round(np.sqrt(n) / 2), dtype=np.int64)
    nearest, home = search(np.arange(n), pivots, 1)
    members = np.argsort(home[:, 0], kind="stable")
    ends = np.cumsum(np.bincount(home[:, 0], minlength=len(pivots)))
    values = np.empty((n, k), dtype=nearest.dtype)
    index = np.empty((n, k), dtype=np.int64)
    settled, n_settled, n_tried = np.zeros(n, dtype=bool), 0, 0
    for start, stop, distance in zip(
        np.append(0, ends), ends, distances_in_blocks(pivots, n, distances), strict=False
    ):
        rows = members[start:stop]
        kth = np.partition(distance, k - 1)[k - 1]
        near, columns, _ = split(rows, 2.0 * distance[rows] + kth, distance)
        n_tried += len(rows)
        n_settled += len(near)
        if len(near):
            values[near], place = search(near, columns, k)
            index[near] = columns[place]
            settled[near] = True
        if n_tried > _TRIAL * n and n_settled < _LEAST_SETTLED * n_tried:
            break
    far = np.flatnonzero(~settled)
    if len(far):
        values[far], index[far] = search(far, np.arange(n), k)
    return values, index
