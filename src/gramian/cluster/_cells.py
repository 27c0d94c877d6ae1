"""Rows in the order of the cells of a grid, so that those near a place lie in a few runs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["MOST_FEATURES", "Cells"]

MOST_FEATURES = 3
"""Beyond that a ball meets most cells."""
ROWS_PER_CELL = 16
"""In the cell of a row, on average: fewer cost more cells, more are looked at in vain."""
MOST_DIVISIONS = 16
MOST_EXTENT = 2**20
"""Cells along a feature: three features still have 64-bit keys."""
PADDING = 16
"""Numbers that a vector may read behind the last row."""
SLACK = 2.0**-46
"""Of the largest coordinate: more than the roundings of a cell's edge."""


@dataclass(frozen=True)
class Cells:
    """Rows sorted by cell; the cells along the last feature follow one another.

    Attributes
    ----------
    order : Tensor of shape (n,), int64
        Row of the table that each sorted row is; rising within a cell.
    rows : Tensor of shape (d, n + `PADDING`), float64
        The sorted rows, feature by feature.
    low, extent : list of float, list of int
        Where the cells begin, and how many there are along each feature.
    sides : (float, float, float)
        Side of a cell, cells per unit, and more than any rounding of a place.
    keys, starts : Tensor of shape (c,) and (c + 1,), int64
        Numbers of the cells that have rows, rising, and where their rows begin.
    directory, shift : Tensor of int64, int
        The first of those cells with a number of at least ``i << shift``.
    """

    order: Tensor
    rows: Tensor
    low: list[float]
    extent: list[int]
    sides: tuple[float, float, float]
    keys: Tensor
    starts: Tensor
    directory: Tensor
    shift: int

    @classmethod
    def of(cls, x: Tensor, radius: float) -> Cells:
        """Cells for balls of a radius about places near the rows ``x`` (n, d), d ≤ 3, finite."""
        wide = x.double()
        low, high = wide.amin(0), wide.amax(0)
        span = float((high - low).max())
        least = span / (MOST_EXTENT - 2)
        side = max(radius, least)
        counts = torch.unique(_keys(wide, low, side)[0], return_counts=True)[1].double()
        crowd = float(counts.square().sum()) / len(x)
        parts = round((crowd / ROWS_PER_CELL) ** (1 / x.shape[1]))
        side = max(side / min(max(parts, 1), MOST_DIVISIONS), least)
        keys, extent = _keys(wide, low, side)
        order = keys.argsort(stable=True)
        keys, counts = torch.unique_consecutive(keys[order], return_counts=True)
        shift = max(0, math.prod(extent).bit_length() - len(keys).bit_length() - 2)
        places = torch.arange((math.prod(extent) >> shift) + 2) << shift
        rows = wide.new_zeros(x.shape[1], len(x) + PADDING)
        rows[:, : len(x)] = wide[order].T
        largest = float(torch.maximum(low.abs(), high.abs()).max())
        return cls(
            order,
            rows,
            low.tolist(),
            extent,
            (side, 1 / side, SLACK * (largest + side)),
            keys,
            torch.cat([counts.new_zeros(1), counts.cumsum(0)]),
            torch.searchsorted(keys, places),
            shift,
        )


def _keys(wide: Tensor, low: Tensor, side: float) -> tuple[Tensor, list[int]]:
    """Number of each row's cell, (n,), int64, and how many cells there are along each feature."""
    cells = ((wide - low) * (1 / side)).floor().long()
    extent = (cells.amax(0) + 1).tolist()
    keys = cells[:, 0]
    for feature in range(1, len(extent)):
        keys = keys * extent[feature] + cells[:, feature]
    return keys, extent
