"""Small tables of named columns: what `HDBSCAN` found, to read, sort and plot."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

__all__ = ["CondensedTree", "SpanningTree"]

_SHOWN = 10
"""Rows of a table in its repr."""


class _Table:
    """Equally long columns, the fields of a dataclass."""

    def __len__(self) -> int:
        return len(self.to_numpy())

    def __repr__(self) -> str:
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]  # a dataclass
        rows = self.to_numpy()
        lines = ["".join(f"{name:>14}" for name in names)]
        lines += ["".join(f"{value:>14.6g}" for value in row) for row in rows[:_SHOWN].tolist()]
        if len(rows) > _SHOWN:
            lines.append(f"{f'… {len(rows) - _SHOWN:,} more':>14}")
        return f"{type(self).__name__} of {len(rows):,} rows\n" + "\n".join(lines)

    def to_numpy(self) -> np.ndarray:
        """The table as a structured array, a field for each column."""
        columns = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # a dataclass
        first = next(iter(columns.values()))
        table = np.empty(len(first), [(name, value.dtype) for name, value in columns.items()])
        for name, value in columns.items():
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
    """

    parent: np.ndarray
    child: np.ndarray
    lambda_val: np.ndarray
    child_size: np.ndarray


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

    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray
