"""Core values: how far a row's list of neighbours goes until they weigh enough."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gramian.neighbors._blocks import bounded_blocks

__all__ = ["Lists", "core_from_lists", "core_values"]

Lists = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]
"""From row numbers and k to values and places of their k nearest, (rows, k) each, rising."""


def core_from_lists(
    values: np.ndarray, index: np.ndarray, min_samples: int, weights: np.ndarray | None
) -> np.ndarray:
    """The first value of each sorted list at which the rows so far weigh ``min_samples``, or NaN.

    A list of all rows is long enough, whatever rounding says of its weight.
    """
    if weights is None:
        return values[:, min_samples - 1].copy()
    enough = np.cumsum(weights[index], axis=1) >= min_samples
    if values.shape[1] == len(weights):
        enough[:, -1] = True
    place = enough.argmax(axis=1)
    core = np.take_along_axis(values, place[:, None], axis=1)[:, 0]
    return np.where(enough.any(axis=1), core, np.nan)


def core_values(
    values: np.ndarray,
    index: np.ndarray,
    min_samples: int,
    weights: np.ndarray | None,
    longer: Lists,
) -> np.ndarray:
    """Core values from lists; where one weighs too little, ``longer`` makes one twice as long.

    Longer lists are made a block of rows at a time, within the memory budget.
    """
    core = core_from_lists(values, index, min_samples, weights)
    if weights is None:
        return core
    k, short = values.shape[1], np.flatnonzero(np.isnan(core))
    while len(short):
        k = min(2 * k, len(weights))
        for block in bounded_blocks(np.full(len(short), k), 1):
            rows = short[block]
            core[rows] = core_from_lists(*longer(rows, k), min_samples, weights)
        short = short[np.isnan(core[short])]
    return core
