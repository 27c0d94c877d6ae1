"""The passes of k-means in the compiled core."""

from __future__ import annotations

import torch
from torch import Tensor

import gramian._native as _native
from gramian.engine.call import Call
from gramian.engine.partition import Assigned, Partition
from gramian.engine.plan import Plan

__all__ = ["assign", "grid", "potential"]


def grid(call: Call) -> tuple[int, int, int]:
    """Rows of a part, columns of a chunk, bytes of a worker."""
    features = call.x.shape[1]
    if call.reduction == "assign":
        return _native.assign_plan(features, len(call.y))
    return _native.potential_plan(features, len(call.y), call.x.dtype == torch.float64)


def assign(call: Partition, plan: Plan) -> Assigned | None:
    """The pass, or None if x is not finite."""
    n, (m, d) = len(call.x), call.y.shape
    assert call.row_weights is not None
    labels = call.previous
    if labels is None:
        labels = torch.full((n,), -1, dtype=torch.int64)
    squared = torch.empty(n, dtype=torch.float64) if call.values else None
    sums = torch.zeros(m * (d + 1) + 1, dtype=torch.float64)
    finite = _native.assign(
        call.x,
        call.y,
        call.y,
        labels,
        squared,
        call.row_weights,
        sums,
        plan.workers,
    )
    if not finite:
        return None
    return Assigned(labels, squared, sums[: m * d].view(m, d), sums[m * d : -1], int(sums[-1]))


def potential(call: Partition, plan: Plan) -> tuple[Tensor, Tensor]:
    assert call.row_weights is not None
    assert call.closest is not None
    squared = call.x.new_empty(len(call.y), len(call.x))
    total = torch.zeros(len(call.y), dtype=torch.float64)
    _native.potential(
        call.x,
        call.y,
        call.scale,
        call.row_weights,
        call.closest,
        squared,
        total,
        plan.workers,
    )
    return total, squared
