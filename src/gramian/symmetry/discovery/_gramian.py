"""A Gramian as the search sees it: its spread, its cells of like units, and its noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gramian._validation import _message

__all__ = ["Task", "as_gramian", "tasks_of"]

LEAST_TOLERANCE = 1e-5
"""Of the spread: what float32 arithmetic leaves between equal entries."""
MOST_NOISE = 0.1
"""Of the spread: with more noise too many random Gramians would pass."""
MOST_UNITS = 512
"""The search goes one call deeper for each unit."""
FEW_UNITS, MOST_NOISE_FEW = 4, 0.2
"""So few units have few entries to show a group with; their p-value sets the limit."""
SIGMAS = 6.0
"""Tolerance between two entries, in standard deviations of one."""
GAIN = 3.0
"""More orbits must lower the noise by this factor to be believed."""


def as_gramian(G: Any, caller: str) -> np.ndarray:
    """A symmetric finite matrix of 3 to `MOST_UNITS` rows, float64."""
    if not isinstance(G, torch.Tensor) and hasattr(G, "dense"):
        G = G.dense()
    table = G.detach().cpu().numpy() if isinstance(G, torch.Tensor) else np.asarray(G)
    if table.dtype.kind not in "iuf":
        raise TypeError(_message(caller, "G", "a matrix of real numbers", str(table.dtype)))
    square = table.ndim == 2 and table.shape[0] == table.shape[1]
    if not square or not 3 <= len(table) <= MOST_UNITS:
        constraint = f"square with 3 to {MOST_UNITS} rows"
        raise ValueError(_message(caller, "G", constraint, table.shape))
    table = table.astype(np.float64)
    if not np.isfinite(table).all():
        raise ValueError(_message(caller, "G", "finite", "NaN or infinity"))
    gap = float(np.abs(table - table.T).max())
    if gap > 1e-4 * np.abs(table).max():
        raise ValueError(_message(caller, "G", "symmetric", f"entries that differ by {gap:.3g}"))
    return (table + table.T) / 2


@dataclass(frozen=True)
class Task:
    """A Gramian and what its sorted rows say of it.

    Attributes
    ----------
    table : ndarray of shape (h, h)
    cells : ndarray of shape (m, h / m), int64
        Units with like sorted rows: the orbits, if there are any.
    spread : float
        Root mean square of what not every permutation leaves unchanged.
    noise : float
        Standard deviation of an entry off the diagonal, in units of the spread.
    tolerance : float
        Largest difference between entries that count as equal.
    """

    table: np.ndarray
    cells: np.ndarray
    spread: float
    noise: float
    tolerance: float


def tasks_of(table: np.ndarray, tol: float | None) -> Iterator[Task]:
    """What is worth a search: as few orbits as possible, then more where they fit far better.

    Units whose sorted rows agree must form one orbit. So a Gramian whose rows all agree is
    searched for groups of order h alone, as it should be.
    """
    h, size = len(table), _spread(table)
    if min(size, float(table.std())) <= 1e-9 * np.abs(table).max():
        return  # every permutation keeps it: equal rows, or orthonormal ones
    rows = _sorted_rows(table)
    last, most = np.inf, MOST_NOISE_FEW if h <= FEW_UNITS else MOST_NOISE
    for count in (m for m in range(1, h // 3 + 1) if h % m == 0):
        cells = _cells(rows, count)
        noise = _noise(rows, cells) / size
        least = max(noise, LEAST_TOLERANCE / SIGMAS)
        if least <= most and GAIN * least <= last:
            last = least
            tolerance = SIGMAS * least * size if tol is None else tol
            yield Task(table, cells, size, noise, tolerance)


def _spread(table: np.ndarray) -> float:
    """Root mean square of the table less its part a·1 + b·J, with J all ones.

    Up to four units, b is what a group matrix is most likely to show, so only a·1 is taken away.
    """
    h = len(table)
    rest = table.copy()
    if h > FEW_UNITS:
        rest -= (table.sum() - np.trace(table)) / (h * (h - 1))
    np.fill_diagonal(rest, table.diagonal() - np.trace(table) / h)
    return float(np.sqrt(np.square(rest).mean()))


def _sorted_rows(table: np.ndarray) -> np.ndarray:
    """The diagonal, then the rest of each row in order, (h, h).

    The diagonal of a noisy Gramian is noisier by √2; it is divided by that.
    """
    h = len(table)
    rest = np.sort(table[~np.eye(h, dtype=bool)].reshape(h, h - 1), axis=1)
    return np.column_stack([table.diagonal() / np.sqrt(2), rest])


def _cells(rows: np.ndarray, count: int) -> np.ndarray:
    """``count`` cells of equal size: a row and those nearest to it, again and again."""
    free = np.arange(len(rows))
    size, cells = len(rows) // count, []
    for _ in range(count):
        gaps = np.square(rows[free] - rows[free[0]]).sum(1)
        nearest = np.sort(np.argsort(gaps, kind="stable")[:size])
        cells.append(free[nearest])
        free = np.delete(free, nearest)
    return np.array(cells)


def _noise(rows: np.ndarray, cells: np.ndarray) -> float:
    """Root mean square deviation of sorted rows from the mean of their cell."""
    size = cells.shape[1]
    parts = rows[cells]  # [orbit, unit, place]
    return float(
        np.sqrt(np.square(parts - parts.mean(1, keepdims=True)).mean() * size / (size - 1))
    )
