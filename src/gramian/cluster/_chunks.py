"""Tables that a function hands out one after the other, as the rows of one table.

A pass over the rows is one call of the function: what is asked for in order is read in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data
from torch import Tensor

from gramian._arrays import Form
from gramian._input import Rows

__all__ = ["ChunkTable", "take_chunks"]

Source = Callable[[], Iterable[Any]]


class _Reader:
    """Where the function's current iterator stands."""

    def __init__(self, source: Source, dtype: Any, caller: str) -> None:
        self._source, self.dtype, self._caller = source, dtype, caller
        self._chunks: Iterator[Any] = iter(())
        self._chunk: NDArray[Any] | None = None
        self._start = 0

    def read(self, start: int, stop: int) -> Iterator[NDArray[Any]]:
        """The rows from ``start`` to ``stop``, in pieces."""
        if start == stop:
            return
        if self._chunk is None or start < self._start:
            self._chunks, self._start = iter(self._source()), 0
            self._chunk = self._next()
        while start < stop:
            chunk = self._chunk
            end = self._start + len(chunk)
            if start < end:
                yield chunk[start - self._start : stop - self._start]
                start = min(stop, end)
            if start < stop:
                self._start = end
                self._chunk = self._next()

    def _next(self) -> NDArray[Any]:
        chunk = next(self._chunks, None)
        if chunk is None:
            raise ValueError(
                f"{self._caller}: X must give the same tables whenever it is called, got fewer "
                "rows than in the first pass. Return a new iterator from each call."
            )
        return np.asarray(_plain(chunk), dtype=self.dtype)


class ChunkTable:
    """Rows of the chunks: a lazy table that slices, and becomes an array a block at a time."""

    def __init__(
        self,
        reader: _Reader,
        rows: range,
        n_features: int,
        change: Callable[[NDArray[Any]], NDArray[Any]] | None = None,
    ) -> None:
        self._reader, self._rows, self._change = reader, rows, change
        self.shape = (len(rows), n_features)

    def __getitem__(self, key: slice | NDArray[np.int64]) -> ChunkTable | _Picked:
        if isinstance(key, slice):
            return ChunkTable(self._reader, self._rows[key], self.shape[1], self._change)
        return _Picked(self, key)

    def mapped(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> ChunkTable:
        """The same rows, each block changed on its way."""
        return ChunkTable(self._reader, self._rows, self.shape[1], change)

    def toarray(self) -> NDArray[Any]:
        """All of it."""
        nothing = np.empty((0, self.shape[1]), self._reader.dtype)
        found = [nothing, *self._reader.read(self._rows.start, self._rows.stop)]
        rows = np.concatenate(found)
        return rows if self._change is None or not len(rows) else self._change(rows)


class _Picked:
    """Some rows of a table, by number and in that order."""

    def __init__(self, table: ChunkTable, index: NDArray[np.int64]) -> None:
        self._table, self._index = table, index

    def toarray(self) -> NDArray[Any]:
        """Read from the first of them to the last, whatever order they are wanted in."""
        order = np.argsort(self._index, kind="stable")
        found = [self._table[i : i + 1].toarray() for i in self._index[order].tolist()]
        nothing = self._table[:0].toarray()
        return np.concatenate([nothing, *found])[np.argsort(order)]


def take_chunks(estimator: BaseEstimator, source: Source) -> Rows:
    """Read and check all tables of ``source`` once, as scikit-learn checks one; keep none."""
    n, double = 0, False
    for chunk in source():
        checked = validate_data(
            estimator, _plain(chunk), reset=n == 0, dtype=[np.float64, np.float32]
        )
        n += len(checked)
        double |= checked.dtype != np.float32
    if n == 0:
        name = type(estimator).__name__
        raise ValueError(f"{name}.fit: X must give at least one row, got an iterator without any.")
    kind = torch.float64 if double else torch.float32
    reader = _Reader(
        source, np.float64 if double else np.float32, f"{type(estimator).__name__}.fit"
    )
    table = ChunkTable(reader, range(n), estimator.n_features_in_)
    return Rows(table, None, Form(numpy=True), kind, torch.device("cpu"))


def _plain(chunk: Any) -> Any:
    """A tensor as the array that it is; anything else as it is."""
    return chunk.detach().cpu().numpy() if isinstance(chunk, Tensor) else chunk
