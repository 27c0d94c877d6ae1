"""Small tables of named columns: what `HDBSCAN` found, to read, sort and plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

__all__ = ["CondensedTree", "SpanningTree"]

_SHOWN = 10
"""Rows of a table in its repr."""


class _Table:
    """Columns of one length, as attributes."""

    columns: ClassVar[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.to_numpy())

    def __repr__(self) -> str:
        rows = self.to_numpy()
        lines = ["".join(f"{name:>14}" for name in self.columns)]
        lines += ["".join(f"{value:>14.6g}" for value in row) for row in rows[:_SHOWN].tolist()]
        if len(rows) > _SHOWN:
            lines.append(f"{f'… {len(rows) - _SHOWN:,} more':>14}")
        return f"{type(self).__name__} of {len(rows):,} rows\n" + "\n".join(lines)

    def to_numpy(self) -> np.ndarray:
        """The table as a structured array, a field for each column."""
        values = [getattr(self, name) for name in self.columns]
        kinds = [(name, value.dtype) for name, value in zip(self.columns, values, strict=True)]
        table = np.empty(len(values[0]), kinds)
        for name, value in zip(self.columns, values, strict=True):
            table[name] = value
        return table


@dataclass(frozen=True, repr=False)
class CondensedTree(_Table):
    """The clusters of `HDBSCAN` and what leaves them, sorted by parent, λ and child.

    λ is 1 / distance. Numbers below n_samples are rows of X, others clusters; ``parent.min()`` is
    the root, which holds all rows.

    Attributes
    ----------
    parent : ndarray of shape (n_edges,), int64
    child : ndarray of shape (n_edges,), int64
    lambda_val : ndarray of shape (n_edges,), float64
        λ at which the child leaves the parent; infinite at distance 0.
    child_size : ndarray of shape (n_edges,), int64, or float64 with weights
        Rows of the child, or their weight.
    selected : ndarray of shape (n_clusters,), int64
        The clusters that were chosen, in the order of their labels; no column.
    """

    columns = ("parent", "child", "lambda_val", "child_size")
    parent: np.ndarray
    child: np.ndarray
    lambda_val: np.ndarray
    child_size: np.ndarray
    selected: np.ndarray


@dataclass(frozen=True, repr=False)
class SpanningTree(_Table):
    """A minimum spanning tree of mutual reachability, sorted by weight, left and right.

    Attributes
    ----------
    left, right : ndarray of shape (n_edges,), int64
        Rows of X, ``left < right``.
    weight : ndarray of shape (n_edges,), float64
        In the unit of the metric.
    """

    columns = ("left", "right", "weight")
    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray
