"""Explicit pieces: rows, columns, blocks, the diagonal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from gramian._arrays import as_index, finite, positions
from gramian._validation import _message
from gramian.engine.autograd import differentiable
from gramian.gram._table import Table

__all__ = ["Pieces"]


class Pieces(Table):
    """Parts of the matrix that are computed and returned, and the matrix of fewer rows."""

    def rows(self, i: Any) -> Any:
        """The rows ``i`` as an explicit (len(i), m) block."""
        index = as_index(i, self.shape[0], "i", "Gram.rows", self.device)
        return self._give(self._piece(index, None))

    def columns(self, j: Any) -> Any:
        """The columns ``j`` as an explicit (n, len(j)) block."""
        index = as_index(j, self.shape[1], "j", "Gram.columns", self.device)
        return self._give(self._piece(None, index))

    def block(self, i: Any, j: Any, *, out: Any = None) -> Any:
        """The entries at rows ``i`` and columns ``j``, (len(i), len(j)).

        They go into ``out``, a tensor or array of that shape, where one is given.
        """
        row_index = as_index(i, self.shape[0], "i", "Gram.block", self.device)
        column_index = as_index(j, self.shape[1], "j", "Gram.block", self.device)
        return self._into(out, row_index, column_index, "Gram.block")

    def dense(self, *, out: Any = None) -> Any:
        """The whole matrix, n × m numbers of memory.

        They go into ``out``, a tensor or array of that shape, where one is given: memory that has
        been used before takes half the time of fresh memory.
        """
        return self._into(out, None, None, "Gram.dense")

    def take(self, i: Any) -> Self:
        """The matrix of the rows ``i``, still lazy; it holds a copy of those rows of x."""
        index = as_index(i, self.shape[0], "i", "Gram.take", self.device)
        known = self._rows_in_y()
        taken = None if known is None else known[index]
        x, names = self._x[index], (self._names[0], self._names[1])
        return self._of(x, self._y, self.kernel, self._form, names, taken)

    def double(self) -> Self:
        """The same matrix, with entries and results in float64; holds x and y in float64."""
        return self._in(torch.float64, self._form)

    def diagonal(self) -> Any:
        """The entries (i, i), (min(n, m),)."""
        return self._give(self._diagonal().to(self.dtype))

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, tuple) or len(key) != 2:
            raise IndexError(f"Gram: index must be a pair G[i, j], got {key!r}.")
        numbers = [not isinstance(part, slice) and np.ndim(part) == 0 for part in key]
        found = self._piece(
            as_index(key[0], self.shape[0], "i", "Gram.__getitem__", self.device),
            as_index(key[1], self.shape[1], "j", "Gram.__getitem__", self.device),
        )
        found = found[0] if numbers[0] else found
        return self._give(found[..., 0] if numbers[1] else found)

    def trace(self) -> Any:
        """Sum of the diagonal; the matrix must be square."""
        if self.shape[0] != self.shape[1]:
            raise ValueError(f"Gram.trace: the matrix must be square, got {self.shape}.")
        return self._give(self._diagonal().sum().to(self.dtype))

    def frobenius_norm(self) -> Any:
        """√Σ G_ij²."""
        square = self._with(self.kernel * self.kernel)
        total = differentiable(square._call("product", wide=True)).sum()
        return self._give(total.sqrt().to(self.dtype))

    def _into(self, out: Any, i: Tensor | None, j: Tensor | None, caller: str) -> Any:
        """A piece in the caller's memory, or in its own."""
        if out is None:
            return self._give(self._piece(i, j))
        rows, columns = (
            self.shape[axis] if part is None else len(part) for axis, part in enumerate((i, j))
        )
        if self._carries_gradients():
            found = "tensors that require gradients"
            remedy = "Leave out away, or compute under torch.no_grad()."
            raise ValueError(
                _message(caller, "x, y and kernel", "constant with out", found, remedy)
            )
        self._piece(i, j, _target(out, (rows, columns), self._x, caller))
        return out

    def _piece(self, i: Tensor | None, j: Tensor | None, out: Tensor | None = None) -> Tensor:
        x = self._x if i is None else self._x[i]
        y = self._y if j is None else self._y[j]
        row_of = self._rows_in_y()
        if row_of is not None:
            row_of = row_of if i is None else row_of[i]
            if j is not None:
                row_of = positions(row_of, j, len(self._y))
        # the columns keep the centre of all of y, so that a piece has the bits of the whole
        call = self._call("block", row_of=row_of, centre_on=self._y)
        return differentiable(replace(call, x=x, y=y, out=out))

    def _diagonal(self) -> Tensor:
        """The entries (i, i) in float64, from blocks of rows."""
        n, size = min(self.shape), max(1, 2**16 // self._x.shape[1])
        parts = []
        for start in range(0, n, size):
            rows = slice(start, min(n, start + size))
            x = finite(self._x[rows], start, self._names[0], "Gram.diagonal")
            y = finite(self._y[rows], start, self._names[1], "Gram.diagonal")
            parts.append(self.kernel.paired(x.double().contiguous(), y.double().contiguous()))
        return torch.cat(parts)


def _target(out: Any, shape: tuple[int, int], like: Tensor, caller: str) -> Tensor:
    """The caller's memory as a tensor that entries can be written into."""
    writeable = isinstance(out, np.ndarray) and out.flags.writeable and min(out.strides) >= 0
    if not (writeable or isinstance(out, Tensor)):
        kind = type(out).__name__
        raise TypeError(_message(caller, "out", "a tensor or a writeable array", kind))
    target = torch.from_numpy(out) if isinstance(out, np.ndarray) else out
    wanted = (shape, like.dtype, like.device)
    found = (tuple(target.shape), target.dtype, target.device)
    if found != wanted or target.stride(1) != 1:
        raise ValueError(
            f"{caller}: out must be of shape {shape}, {like.dtype}, on {like.device}, its rows "
            f"without gaps, got {found[0]}, {found[1]}, on {found[2]}, strides {target.stride()}. "
            "Make it with torch.empty."
        )
    return target
