"""The passes of k-means: assign and sum, and the potential of a few points."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from gramian._sums import weighted_total
from gramian.engine.partition import Assigned, Partition, what_moved
from gramian.engine.plan import Plan
from gramian.engine.torch_backend import by_entry, search
from gramian.engine.torch_backend.frame import blocks
from gramian.engine.torch_backend.workers import for_each
from gramian.pairwise._base import Elementary

__all__ = ["assign", "inertia", "measure", "potential"]

_ELEMENTS = 2**15
_FEATURES = 16  # a cache line of float32


def assign(call: Partition, plan: Plan) -> Assigned:
    """Search, then sum: a slice of features has one owner, who takes the rows in order."""
    x, previous = call.x, call.previous
    assert call.row_weights is not None
    find = by_entry.search_by_entry if call.config.precision == "fast" else search.search
    nearest = replace(call, reduction="topk", values=False)
    labels = find(nearest, plan)[1][:, 0]
    squared = _squared(call, plan, labels) if call.values else None
    sums = torch.zeros(call.y.shape, dtype=torch.float64, device=x.device)
    mass = torch.zeros(len(call.y), 1, dtype=torch.float64, device=x.device)
    weights = call.row_weights

    def work(features: slice) -> None:
        columns = call.y[:, features].double()
        width = features.stop - features.start
        total = sums.new_zeros(len(sums), width)
        for rows in blocks(len(x), max(1, _ELEMENTS // width)):
            gaps = x[rows, features] - columns[labels[rows]]
            _add_by_label(total, labels[rows], gaps.mul_(weights[rows, None]))
        sums[:, features] = total

    for_each(work, blocks(x.shape[1], _FEATURES), plan.workers)
    for rows in blocks(len(x), _ELEMENTS):
        _add_by_label(mass, labels[rows], weights[rows, None])
    changed, moved = what_moved(labels, previous, weights, len(call.y))
    return Assigned(labels, squared, sums, mass[:, 0], changed, moved)


def measure(call: Partition, plan: Plan) -> Tensor:
    """Squared distances to the columns of the labels."""
    assert call.previous is not None
    return _squared(call, plan, call.previous)


def inertia(call: Partition, plan: Plan) -> float:
    """Σ wᵢ ‖xᵢ − the column of its label‖²."""
    assert call.row_weights is not None
    return weighted_total(call.row_weights, measure(call, plan))


def _squared(call: Partition, plan: Plan, labels: Tensor) -> Tensor:
    """Squared distances to the columns that the labels name, by brute force."""
    squared = torch.empty(len(call.x), dtype=torch.float64, device=call.x.device)
    kernel = call.kernel
    assert isinstance(kernel, Elementary)

    def work(rows: slice) -> None:
        here = torch.arange(rows.start, rows.stop, device=call.x.device)
        squared[rows] = search.exact_pairs(kernel, call.x, call.y, here, labels[rows])

    for_each(work, blocks(len(call.x), max(1, _ELEMENTS // call.x.shape[1])), plan.workers)
    return squared


def _add_by_label(total: Tensor, labels: Tensor, block: Tensor) -> None:
    """Add each row of ``block`` to the row of ``total`` that its label names, in row order."""
    if total.device.type == "cpu":
        total.index_add_(0, labels, block)
        return
    # index_add_ races on other devices; segments of sorted rows are summed one after the other
    grouped = labels.sort(stable=True)
    lengths = torch.bincount(grouped.values, minlength=len(total))
    total += torch.segment_reduce(block[grouped.indices], "sum", lengths=lengths, axis=0)


def potential(call: Partition, plan: Plan) -> tuple[Tensor, Tensor]:
    """Weighted sums, one part of the rows after the other, and the distances themselves."""
    x, points, weights, closest = call.x, call.y, call.row_weights, call.closest
    assert weights is not None
    assert closest is not None
    squared = torch.empty(len(points), len(x), dtype=x.dtype, device=x.device)

    def work(rows: slice) -> None:
        here = x[rows]
        for point, out in zip(points, squared[:, rows], strict=True):
            torch.sum(((here - point) * call.scale).square_(), 1, out=out)

    for_each(work, blocks(len(x), max(1, _ELEMENTS // x.shape[1])), plan.workers)
    total = torch.zeros(len(points), dtype=torch.float64, device=x.device)

    def add(rows: slice) -> None:
        left = torch.minimum(squared[:, rows], closest[rows]).double()
        total.add_((left * weights[rows]).sum(1))

    # one worker takes the parts in order: a sum split over threads has other bits
    for_each(add, blocks(len(x), _ELEMENTS), 1)
    return total, squared
