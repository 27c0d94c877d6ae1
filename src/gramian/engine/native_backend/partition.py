"""The passes of k-means in the compiled core."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import gramian._native as _native
from gramian.engine.call import Call
from gramian.engine.partition import Assigned, Kept, Partition
from gramian.engine.plan import Plan

__all__ = ["assign", "grid", "inertia", "keep", "measure", "potential", "refine"]

_PARTS = 16
"""Parts per worker in which bounds are tested: rows to search may lie together."""

_BALLS = 6
"""Radii between the nearest other column's and infinity, up to `_FEW` columns."""

_FEW = 256

_FEW_PRODUCTS = 2**21
"""That columns' distances may cost for any number of rows: half a millisecond."""


def grid(call: Call) -> tuple[int, int, int]:
    """Rows of a part, columns of a chunk, bytes of a worker."""
    features, m, is_double = call.x.shape[1], len(call.y), call.x.dtype == torch.float64
    if call.reduction == "potential":
        return _native.potential_plan(features, m, is_double)
    if call.reduction == "refine":
        return _native.refine_plan(features, m, is_double)
    return _native.assign_plan(features, m)


def keep(call: Partition, plan: Plan) -> Kept | None:
    """Room for rounded rows where searches go by them and the budget has as much left."""
    (n, d), m = call.x.shape, len(call.y)
    adjacent = call.x.dtype == torch.float32 and call.x.stride(1) == 1
    if not adjacent or not _native.rounding_pays(d, m):
        return None
    needed = _native.KeptRows.bytes(n, d)
    if plan.working_memory + needed > plan.budget:
        return None
    return Kept(_native.KeptRows(n, d), needed)


def assign(call: Partition, plan: Plan) -> Assigned | None:
    """The pass, or None if x is not finite."""
    n, (m, d) = len(call.x), call.y.shape
    assert call.row_weights is not None
    labels = call.previous
    if labels is None:
        # NumPy asks for large pages
        labels = torch.from_numpy(np.empty(n, np.int64))
    squared = torch.empty(n, dtype=torch.float64) if call.values else None
    upper, lower = (None, None) if call.bounds is None else call.bounds
    sums = _no_sums(m, d)
    x, y, held, weights = _views(call.x, call.y, labels, call.row_weights)
    is_first = call.previous is None
    kept = _rows_of(call)
    finite = _native.assign(
        x, y, y, held, is_first, squared, upper, lower, weights, sums, kept, plan.workers
    )
    if not finite:
        return None
    total, mass = _split(sums, m, d)
    moved = torch.from_numpy(sums[m * (d + 1) : -1] > 0)
    return Assigned(labels, squared, total, mass, int(sums[-1]), moved)


def refine(call: Partition, plan: Plan) -> Assigned | None:
    """Move the bounds, search where they overlap, sum where rows came or went."""
    n, (m, d) = len(call.x), call.y.shape
    labels, weights, wanted = call.previous, call.row_weights, call.wanted
    assert labels is not None
    assert weights is not None
    assert wanted is not None
    assert call.bounds is not None
    upper, lower = call.bounds
    overlapping = _native.loosen(labels, movement(call), upper, lower, plan.workers)
    if overlapping > call.most:
        return None
    moved = torch.zeros(m, dtype=torch.bool)
    changed = 0
    if overlapping:
        part = max(1024, n // (_PARTS * plan.workers))
        changed = _native.refine(
            call.x,
            call.y,
            labels,
            upper,
            lower,
            weights,
            moved,
            _rows_of(call),
            part,
            plan.workers,
        )
    sums = _no_sums(m, d)
    due = moved | wanted
    if due.any():
        _native.add_up(call.x, call.y, labels, due, None, weights, sums, plan.workers)
    return Assigned(labels, None, *_split(sums, m, d), changed, moved)


def movement(call: Partition) -> NDArray[np.float64]:
    """How far columns have moved, (m, 2 levels + 1), as ``native/movement.h`` has it.

    Columns are measured from one another unless that takes longer than to read all rows.
    """
    assert call.before is not None
    n, (m, d) = len(call.x), call.y.shape
    measured = m * m * d <= max(_FEW_PRODUCTS, n * d // 4)
    levels = 1 + measured * (1 + (_BALLS if m <= _FEW else 0))
    table = np.empty((m, 2 * levels + 1))
    _native.movement(call.before, call.y, table)
    return table


def measure(call: Partition, plan: Plan) -> Tensor:
    """Squared distances to the columns of the labels: the pass that sums, with none to sum."""
    m, d = call.y.shape
    assert call.row_weights is not None
    assert call.previous is not None
    squared = torch.empty(len(call.x), dtype=torch.float64)
    none = torch.zeros(m, dtype=torch.bool)
    sums = _no_sums(m, d)
    _native.add_up(
        call.x, call.y, call.previous, none, squared, call.row_weights, sums, plan.workers
    )
    return squared


def inertia(call: Partition, plan: Plan) -> float:
    """Σ wᵢ ‖xᵢ − the column of its label‖², part by part."""
    assert call.row_weights is not None
    assert call.previous is not None
    return _native.inertia(call.x, call.y, call.previous, call.row_weights, plan.workers)


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


def _views(*tensors: Tensor) -> tuple[NDArray[Any], ...]:
    """Tensors as NumPy shows them: the core takes those in a tenth of the time."""
    return tuple(tensor.numpy() for tensor in tensors)


def _rows_of(call: Partition) -> Any:
    return None if call.kept is None else call.kept.rows


def _no_sums(m: int, d: int) -> NDArray[np.float64]:
    """Zeros for the sums of a pass; torch would wake its threads for many."""
    return np.zeros(m * (d + 2) + 1)


def _split(sums: NDArray[np.float64], m: int, d: int) -> tuple[Tensor, Tensor]:
    """Sums (m, d) and mass (m,)."""
    return torch.from_numpy(sums[: m * d].reshape(m, d)), torch.from_numpy(sums[m * d :][:m])
