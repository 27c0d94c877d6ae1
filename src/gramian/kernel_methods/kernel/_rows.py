"""Parts of a checked table, and tables made of tensors, as the rows that kernels take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian._arrays import Form
from gramian._input import Rows

__all__ = ["by_blocks", "copied", "part_of", "rows_of"]


def rows_of(tensor: Tensor, *, numpy: bool = False) -> Rows:
    """A dense table."""
    form = Form(numpy=numpy)
    return Rows(form.give(tensor), tensor, form, tensor.dtype, tensor.device)


def part_of(rows: Rows, index: slice | Tensor) -> Rows:
    """Some of the rows, dense or sparse as they are; a view for a slice of dense ones."""
    if rows.tensor is not None:
        return rows_of(rows.tensor[index], numpy=rows.form.numpy)
    key = index if isinstance(index, slice) else index.cpu().numpy()
    return replace(rows, given=rows.given[key])


def by_blocks(rows: Rows, width: int, step: int, mapped: Callable[[Rows], Tensor]) -> Tensor:
    """``mapped`` of blocks of ``step`` rows, one under the other: (n, width), dtype of the rows."""
    found = torch.empty(len(rows), width, dtype=rows.dtype, device=rows.device)
    for start in range(0, len(rows), step):
        span = slice(start, min(len(rows), start + step))
        found[span] = mapped(part_of(rows, span)).to(found.dtype)
    return found


def copied(given: Any) -> Any:
    """A table of our own, of the same kind."""
    if isinstance(given, Tensor):
        return given.clone()
    return given.copy(order="K") if isinstance(given, np.ndarray) else given.copy()
