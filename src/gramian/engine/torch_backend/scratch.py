"""Tables that a worker uses again and again, because fresh ones cost more than filling them.

A fresh half-megabyte tile is a page fault per 4 KiB when the allocator has given the last one back;
that takes longer than an exponential of every entry.
"""

from __future__ import annotations

import threading

import torch
from torch import Tensor

__all__ = ["Scratch"]


class Scratch(threading.local):
    """Named tables, one set per thread; a table is good until its name is asked for again."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, torch.dtype, torch.device], Tensor] = {}

    def __call__(
        self, name: str, rows: int, columns: int, dtype: torch.dtype, device: torch.device
    ) -> Tensor:
        """An uninitialised (rows, columns) table."""
        key, size = (name, dtype, device), rows * columns
        flat = self.held.get(key)
        if flat is None or len(flat) < size:
            flat = self.held[key] = torch.empty(size, dtype=dtype, device=device)
        return flat[:size].view(rows, columns)
