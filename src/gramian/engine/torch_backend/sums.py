"""Sums over columns: products, log-sum-exp, weighted means, and explicit blocks.

Within a tile of columns a sum is a float32 chain of at most 480 terms; tiles are added in float64,
in the order of the columns.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.engine.call import Call
from gramian.engine.plan import Plan
from gramian.engine.torch_backend.entries import Entries
from gramian.engine.torch_backend.frame import blocks, finite
from gramian.engine.torch_backend.workers import for_each

__all__ = ["block", "logsumexp", "padded_right", "product", "weighted_mean"]


def padded_right(n_right: int) -> int:
    """Right-hand sides computed at once.

    MKL's product with 5 or 9 columns gives a row other bits at another place in the tile; with 1
    column and with multiples of 8 it does not.
    """
    return 1 if n_right == 1 else -(-n_right // 8) * 8


class _Right:
    """Tiles of right-hand sides, padded with zero rows and columns."""

    def __init__(self, weights: Tensor, dtype: torch.dtype, tile_columns: int) -> None:
        self.weights, self.dtype, self.height = weights, dtype, tile_columns
        self.width = padded_right(weights.shape[1])

    def __getitem__(self, columns: slice) -> Tensor:
        part = self.weights[columns]
        tile = torch.zeros(self.height, self.width, dtype=self.dtype, device=part.device)
        tile[: len(part), : part.shape[1]] = part
        return tile


def product(call: Call, plan: Plan) -> Tensor:
    """(n, r) for right-hand sides, or the row sums (n,)."""
    entries = Entries(call, plan.tile)
    right = None if call.weights is None else _Right(call.weights, entries.dtype, plan.tile[1])
    shape = (len(call.x),) if right is None else (len(call.x), call.n_right)
    dtype = call.compute_dtype if call.wide else call.x.dtype
    result = torch.empty(shape, dtype=dtype, device=call.x.device)

    def work(rows: slice) -> None:
        x = finite(call.x[rows], rows.start, call.names[0], call.reduction)
        total: Tensor | float = 0.0
        for columns in blocks(len(call.y), plan.tile[1]):
            table = entries(x, rows.start, columns)
            valid = columns.stop - columns.start
            if right is None:
                total = total + table[:, :valid].sum(1).double()
            else:
                table[:, valid:] = 0
                total = total + (table @ right[columns]).double()
        assert isinstance(total, Tensor)
        kept = total[: len(x)] if right is None else total[: len(x), : call.n_right]
        result[rows] = kept.to(result.dtype)

    for_each(work, blocks(len(call.x), plan.tile[0]), plan.workers)
    return result


class _Shifted:
    """Running Σ exp(entry − highest so far) w_j per row; nothing overflows."""

    def __init__(self) -> None:
        self.highest: Tensor | None = None
        self.sums: list[Tensor] = []

    def add(self, logs: Tensor, right: Tensor | None) -> None:
        """Take in a tile of logarithms (n, valid), and right-hand sides (valid, r)."""
        top = logs.amax(1)
        if self.highest is not None:
            top = torch.maximum(top, self.highest)
        # infinite rows keep the shift 0, which makes their weights exp(±inf), not NaN
        shift = top.where(top.isfinite(), top.new_zeros(()))
        weights = (logs - shift[:, None]).exp_()
        found = [weights.sum(1, keepdim=True).double()]
        if right is not None:
            found.append((weights @ right).double())
        if self.highest is not None:
            scale = (self.highest - shift).exp().double()[:, None]
            found = [old * scale + new for old, new in zip(self.sums, found, strict=True)]
        self.highest, self.sums = top, found


def logsumexp(call: Call, plan: Plan) -> Tensor:
    """log Σ_j exp(entry), (n,)."""
    entries = Entries(call, plan.tile)
    result = torch.empty(len(call.x), dtype=call.x.dtype, device=call.x.device)

    def work(rows: slice) -> None:
        x = finite(call.x[rows], rows.start, call.names[0], call.reduction)
        running = _Shifted()
        for columns in blocks(len(call.y), plan.tile[1]):
            table = entries(x, rows.start, columns)
            running.add(table[:, : columns.stop - columns.start], None)
        assert running.highest is not None
        total = running.sums[0][:, 0].log() + running.highest.double()
        result[rows] = total[: len(x)].to(result.dtype)

    for_each(work, blocks(len(call.x), plan.tile[0]), plan.workers)
    return result


def weighted_mean(call: Call, plan: Plan) -> Tensor:
    """Σ_j entry_ij w_j / Σ_j entry_ij from the logarithms of the entries, (n, r)."""
    assert call.weights is not None
    entries = Entries(call, plan.tile)
    right = _Right(call.weights, entries.dtype, plan.tile[1])
    result = torch.empty(len(call.x), call.n_right, dtype=call.x.dtype, device=call.x.device)

    def work(rows: slice) -> None:
        x = finite(call.x[rows], rows.start, call.names[0], call.reduction)
        running = _Shifted()
        for columns in blocks(len(call.y), plan.tile[1]):
            logs = entries(x, rows.start, columns, log=True)
            logs[:, columns.stop - columns.start :] = -torch.inf
            running.add(logs, right[columns])
        below, above = running.sums
        result[rows] = (above / below)[: len(x), : call.n_right].to(result.dtype)

    for_each(work, blocks(len(call.x), plan.tile[0]), plan.workers)
    return result


def block(call: Call, plan: Plan) -> Tensor:
    """The entries themselves, (n, m)."""
    entries = Entries(call, plan.tile)
    result = call.room()

    def work(rows: slice) -> None:
        x = finite(call.x[rows], rows.start, call.names[0], call.reduction)
        for columns in blocks(len(call.y), plan.tile[1]):
            table = entries(x, rows.start, columns)
            result[rows, columns] = table[: len(x), : columns.stop - columns.start].to(result.dtype)

    for_each(work, blocks(len(call.x), plan.tile[0]), plan.workers)
    return result
