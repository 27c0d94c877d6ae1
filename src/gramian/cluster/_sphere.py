"""Spherical k-means: rows and centres of length 1.

There ‖x − c‖² = 2 (1 − cos ∠(x, c)), so Lloyd's iteration on such rows, with its means brought back
to the sphere, maximises the sum of cosines (I. Dhillon, D. Modha, "Concept decompositions for large
sparse text data using clustering", Machine Learning 42, 2001).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sklearn.preprocessing import normalize
from torch import Tensor

from gramian._input import Rows
from gramian.cluster._chunks import ChunkTable
from gramian.pairwise.metrics import unit_rows

__all__ = ["on_sphere", "unit"]


def unit(rows: Rows) -> Rows:
    """A copy of the rows with length 1, chunk by chunk where they come so; zeros stay."""
    if rows.tensor is None:
        lazy = isinstance(rows.given, ChunkTable)
        given: Any = rows.given.mapped(normalize) if lazy else normalize(rows.given, copy=True)
        return replace(rows, given=given)
    table = unit_rows(rows.tensor, mark_zeros=False)
    return replace(rows, given=table, tensor=table)


def on_sphere(centers: Tensor, old: Tensor) -> Tensor:
    """Centres with length 1; those that have not moved, or have no direction, are the old ones."""
    moved = (centers != old).any(1, keepdim=True) & (centers != 0).any(1, keepdim=True)
    return unit_rows(centers, mark_zeros=False).where(moved, old)
