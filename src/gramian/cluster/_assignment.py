"""The engine's passes of k-means over checked rows, dense or sparse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS, Rows
from gramian._sums import ordered_sum
from gramian.engine import partition
from gramian.engine.partition import Assigned
from gramian.gram import Gram

__all__ = ["assign", "blocks", "inertia", "mean_variance", "measure", "nearest", "pieces"]


def blocks(rows: Rows) -> Iterator[tuple[slice, Rows]]:
    """Rows by the half million, where a number for each of them would take too much memory."""
    for start in range(0, len(rows), BLOCK_ELEMENTS):
        span = slice(start, min(len(rows), start + BLOCK_ELEMENTS))
        tensor = None if rows.tensor is None else rows.tensor[span]
        yield span, replace(rows, given=rows.given[span], tensor=tensor)


def pieces(rows: Rows, kind: torch.dtype) -> Iterator[tuple[slice, Tensor]]:
    """The rows as dense tensors of a dtype: all at once where they are that, else in blocks."""
    if rows.tensor is not None and rows.dtype == kind:
        yield slice(0, len(rows)), rows.tensor
        return
    for span in rows.spans():
        yield span, rows.take(span).to(kind)


def nearest(rows: Rows, centers: Tensor) -> Tensor:
    """Index of the nearest centre of each row, (n,), int64."""
    kind = torch.promote_types(rows.dtype, centers.dtype)
    centers = centers.to(kind)
    labels = torch.empty(len(rows), dtype=torch.int64, device=rows.device)
    for span, block in pieces(rows, kind):
        labels[span] = Gram(block, centers).argmin(dim=1)
    return labels


def assign(
    rows: Rows,
    centers: Tensor,
    weights: Tensor,
    *,
    previous: Tensor | None = None,
    values: bool = False,
) -> Assigned:
    """`gramian.engine.partition.assign` for rows of any kind; ``previous`` may be overwritten."""
    kind = torch.promote_types(rows.dtype, centers.dtype)
    centers = centers.to(kind)
    found = [
        partition.assign(
            block,
            centers,
            weights[span],
            previous=None if previous is None else previous[span],
            values=values,
        )
        for span, block in pieces(rows, kind)
    ]
    if len(found) == 1:
        return found[0]
    return Assigned(
        torch.cat([part.labels for part in found]),
        torch.cat([part.squared for part in found if part.squared is not None]) if values else None,
        ordered_sum(torch.stack([part.sums for part in found])),
        ordered_sum(torch.stack([part.mass for part in found])),
        sum(part.changed for part in found),
        torch.stack([part.moved for part in found]).any(0),
    )


def measure(rows: Rows, centers: Tensor, labels: Tensor) -> Tensor:
    """`gramian.engine.partition.measure` for rows of any kind, (n,)."""
    kind = torch.promote_types(rows.dtype, centers.dtype)
    centers = centers.to(kind)
    found = [partition.measure(block, centers, labels[span]) for span, block in pieces(rows, kind)]
    return found[0] if len(found) == 1 else torch.cat(found)


def mean_variance(rows: Rows) -> float:
    """The (population) variance of the features, averaged over them.

    From Σ ‖xᵢ − p‖² − n ‖mean − p‖² with p the first row: being a row, it is not so far out that
    the difference would lose more than log₁₀ n of sixteen digits.
    """
    n, d = rows.shape
    once = torch.ones((), dtype=torch.float64, device=rows.device)
    first, total = rows.take(slice(0, 1)), 0.0
    gap = torch.zeros(d, dtype=torch.float64, device=rows.device)
    for _, part in blocks(rows):
        found = assign(part, first, once.expand(len(part)), values=True)
        assert found.squared is not None
        gap += found.sums[0] / n
        total += float(ordered_sum(found.squared)) / n
    return max(0.0, total - float(gap.square().sum())) / d


def inertia(rows: Rows, centers: Tensor, labels: Tensor, weights: Tensor) -> float:
    """Σ wᵢ ‖xᵢ − the centre of its label‖²."""
    kind = torch.promote_types(rows.dtype, centers.dtype)
    centers = centers.to(kind)
    return sum(
        partition.inertia(block, centers, labels[span][where], weights[span][where])
        for span, part in blocks(rows)
        for where, block in pieces(part, kind)
    )
