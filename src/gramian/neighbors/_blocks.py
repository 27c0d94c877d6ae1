"""Blocks of rows whose neighbour lists fit in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gramian import _config

__all__ = ["bounded_blocks", "pair_limit", "row_limit"]

_BYTES_PER_PAIR = 256
_BYTES_PER_NUMBER = 64


def pair_limit() -> int:
    """How many pairs of neighbours may be held at once under the memory budget in force."""
    return min(2**20, max(2**12, _config.current().memory // _BYTES_PER_PAIR))


def row_limit(n_features: int) -> int:
    """How many rows of ``n_features`` numbers may be gathered at once."""
    return max(64, _config.current().memory // (_BYTES_PER_NUMBER * n_features))


def bounded_blocks(lengths: np.ndarray, n_features: int) -> Iterator[slice]:
    """Slices of consecutive rows whose lists, of the given lengths, stay below `pair_limit`.

    A row whose own list is longer makes a block of its own.
    """
    most_pairs, most_rows = pair_limit(), row_limit(n_features)
    ends = np.cumsum(lengths, dtype=np.int64)
    start, done = 0, 0
    while start < len(lengths):
        stop = int(np.searchsorted(ends, done + most_pairs, side="right"))
        stop = min(max(stop, start + 1), start + most_rows)
        yield slice(start, stop)
        start, done = stop, int(ends[stop - 1])
