"""Weighted edges between rows, in one total order: by weight, smaller index, larger index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Edges", "joined", "least_of_each", "ordered"]


class Edges(NamedTuple):
    """Edges between rows.

    Attributes
    ----------
    left, right : ndarray of shape (m,), int64
        The smaller and the larger row.
    weight : ndarray of shape (m,), float64
    """

    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray

    def take(self, index: np.ndarray | slice) -> Edges:
        """The edges at ``index``, or where it is true."""
        return Edges(self.left[index], self.right[index], self.weight[index])


def ordered(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> Edges:
    """The edges between ``a[i]`` and ``b[i]``, sorted."""
    left, right = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((right, left, weight))
    return Edges(left[order], right[order], weight[order])


def joined(parts: Sequence[Edges]) -> Edges:
    """All edges of ``parts``, sorted."""
    left, right, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    return ordered(left, right, weight)


def least_of_each(edges: Edges, part: np.ndarray) -> np.ndarray:
    """For each part of the rows the place of its first edge; ``len(edges.weight)`` for none.

    ``part[i]`` is the number, below n, of row i's part; ``edges`` are sorted and lead from part to
    part.
    """
    count = len(edges.weight)
    backwards = np.arange(count)[::-1]
    first = np.full((2, len(part)), count)
    for side, rows in enumerate((edges.left, edges.right)):
        # of several values for one place the last stays, which is the first edge
        first[side, part[rows[::-1]]] = backwards
    return first.min(0)
