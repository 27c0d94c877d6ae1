"""Entries within a radius, exactly as float64 brute force tells inside from outside."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gramian.engine import exact
from gramian.engine.call import Call
from gramian.engine.plan import Plan
from gramian.engine.torch_backend.filters import Filter, filter_for
from gramian.engine.torch_backend.frame import blocks, embedded, finite
from gramian.engine.torch_backend.search import exact_pairs
from gramian.engine.torch_backend.workers import for_each
from gramian.pairwise._base import Elementary

__all__ = ["Inside", "count", "nearness", "neighbors"]

Inside = Callable[[Tensor, int, slice], Tensor]


def nearness(call: Call) -> Inside:
    """A function from a block of rows of x and a slice of y to the mask of entries ≤ radius."""
    kernel = call.kernel
    assert isinstance(kernel, Elementary)
    edge = kernel.form_at(call.radius)
    assert edge is not None
    centre_on = call.y if call.centre_on is None else call.centre_on
    fast = filter_for(kernel, call.y, centre_on, call.names[1], call.reduction)
    # the margin covers the rounding of the edge itself and of a square root taken by the entry
    margin = abs(edge) * 1e-14 * fast.unit
    sure, possible = edge * fast.unit - margin, edge * fast.unit + margin

    def decide(filter_: Filter, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        lower, upper = filter_.bounds(filter_.place(x), filter_.place(y))
        inside = upper.double() <= sure if upper.dtype == torch.float64 else upper <= _down(sure)
        outside = lower > (possible if lower.dtype == torch.float64 else _up(possible))
        return inside, ~(inside | outside)

    def inside(x: Tensor, first: int, columns: slice) -> Tensor:
        y = call.y[columns]
        found, open_ = decide(fast, x, y)
        crowded = open_.sum(1) > 64
        if fast.dtype != torch.float64 and bool(crowded.any()):
            rows = crowded.nonzero()[:, 0]
            found[rows], open_[rows] = decide(fast.widened(), x[rows], y)
        if int(open_.sum()) * 4 > open_.numel():
            a, b = embedded(kernel, x.double()), embedded(kernel, y.double())
            return kernel.entry(exact.form_table(kernel.form, a, b)) <= call.radius
        i, j = open_.nonzero(as_tuple=True)
        if len(i):
            found[i, j] = kernel.entry(exact_pairs(kernel, x, y, i, j)) <= call.radius
        return found

    return inside


def _down(number: float) -> float:
    """The largest float32 that is not above ``number``."""
    near = torch.tensor(number, dtype=torch.float64).float()
    if float(near) > number:
        near = torch.nextafter(near, torch.tensor(-torch.inf))
    return float(near)


def _up(number: float) -> float:
    """The smallest float32 that is not below ``number``."""
    return -_down(-number)


def count(call: Call, plan: Plan, inside: Inside) -> Tensor:
    """Entries within the radius per row, (n,) int64, or the float64 sums of their weights."""
    kind = torch.int64 if call.weights is None else torch.float64
    counts = torch.zeros(len(call.x), dtype=kind, device=call.x.device)

    def work(rows: slice) -> None:
        x = finite(call.x[rows], rows.start, call.names[0], call.reduction)
        for columns in blocks(len(call.y), plan.tile[1]):
            mask = inside(x, rows.start, columns)
            if call.weights is None:
                counts[rows] += mask.sum(1)
            else:
                # a masked sum, not a product: one row's order of additions never varies
                weighted = torch.where(mask, call.weights[columns].double(), 0.0)
                counts[rows] += weighted.sum(1)

    for_each(work, blocks(len(call.x), plan.tile[0]), plan.workers)
    return counts


def neighbors(
    call: Call, plan: Plan, inside: Inside, value_of: Callable[[Tensor, Tensor, Tensor], Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """A compressed sparse row matrix: count, allocate exactly, fill.

    ``value_of(rows of x, i, columns)`` gives the entries of pairs.
    """
    indptr = torch.zeros(len(call.x) + 1, dtype=torch.int64, device=call.x.device)
    indptr[1:] = count(call, plan, inside).cumsum(0)
    total = int(indptr[-1])
    indices = torch.empty(total, dtype=torch.int64, device=call.x.device)
    values = torch.empty(total, dtype=call.x.dtype, device=call.x.device)

    def work(rows: slice) -> None:
        x = call.x[rows]
        filled = indptr[rows].clone()
        for columns in blocks(len(call.y), plan.tile[1]):
            mask = inside(x, rows.start, columns)
            i, j = mask.nonzero(as_tuple=True)
            if not len(i):
                continue
            counts = mask.sum(1)
            rank = torch.arange(len(i), device=i.device) - (counts.cumsum(0) - counts)[i]
            place = filled[i] + rank
            indices[place] = j + columns.start
            values[place] = value_of(x, i, j + columns.start).to(values.dtype)
            filled += counts

    for_each(work, blocks(len(call.x), plan.tile[0]), plan.workers)
    return indptr, indices, values
