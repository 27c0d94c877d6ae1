"""Searches decided on entries: compositions, kernels without an order, and the fast mode.

In exact mode entries are float64 brute force. Ties go to the smallest column in both.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.engine.call import Call
from gramian.engine.plan import Plan
from gramian.engine.torch_backend.ball import Inside
from gramian.engine.torch_backend.entries import Entries
from gramian.engine.torch_backend.frame import blocks, finite
from gramian.engine.torch_backend.workers import for_each

__all__ = ["entries_of", "nearness_by_entry", "search_by_entry"]


def entries_of(call: Call, tile: tuple[int, int]) -> Entries:
    """Tiles in float64 in exact mode, in the data's arithmetic in fast mode."""
    return Entries(call, tile, None if call.config.precision == "fast" else torch.float64)


def search_by_entry(call: Call, plan: Plan) -> tuple[Tensor, Tensor]:
    """The k smallest or largest entries per row: values (n, k) and columns (n, k)."""
    entries, k = entries_of(call, plan.tile), call.k
    sign = -1 if call.largest else 1
    values = torch.empty(len(call.x), k, dtype=call.x.dtype, device=call.x.device)
    indices = torch.empty(len(call.x), k, dtype=torch.int64, device=call.x.device)

    def work(rows: slice) -> None:
        x = finite(call.x[rows], rows.start, call.names[0], call.reduction)
        best = torch.empty(len(x), 0, dtype=entries.dtype, device=x.device)
        place = torch.empty(len(x), 0, dtype=torch.int64, device=x.device)
        for columns in blocks(len(call.y), plan.tile[1]):
            table = entries(x, rows.start, columns)[: len(x), : columns.stop - columns.start] * sign
            order = table.sort(dim=1, stable=True)
            found = torch.cat([best, order.values[:, :k]], dim=1)
            where = torch.cat([place, order.indices[:, :k] + columns.start], dim=1)
            order = found.sort(dim=1, stable=True)
            best, place = order.values[:, :k], where.gather(1, order.indices[:, :k])
        values[rows], indices[rows] = (best * sign).to(values.dtype), place

    for_each(work, blocks(len(call.x), plan.tile[0]), plan.workers)
    return values, indices


def nearness_by_entry(call: Call, tile: tuple[int, int]) -> Inside:
    """The mask of entries ≤ radius of a block of rows of x, its first row, and a slice of y."""
    entries = entries_of(call, tile)

    def inside(x: Tensor, first: int, columns: slice) -> Tensor:
        masks = [
            entries(x[rows], first + rows.start, columns)[: rows.stop - rows.start] <= call.radius
            for rows in blocks(len(x), tile[0])
        ]
        return torch.cat(masks)[:, : columns.stop - columns.start]

    return inside
