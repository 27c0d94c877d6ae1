"""Batched isotonic regression, differentiable: find the blocks first, then take their levels.

Sums of squares on a processor take the blocks from scipy's one pass over all rows in a line;
anything else pools whole runs of violators at once.

Sources: M. Blondel, O. Teboul, Q. Berthet, J. Djolonga, "Fast differentiable sorting and
ranking", ICML 2020, section 5; A. J. Kearsley, R. A. Tapia, M. W. Trosset, "An approach to
parallelizing isotonic regression", 1996, for pooling everywhere at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["fit_kl", "fit_l2"]

Level = Callable[[Tensor, int], Tensor]

MOST_ROWS = 10_000
"""In one line: the last row then loses four of the sixteen digits that decide on its blocks."""


def fit_l2(y: Tensor) -> Tensor:
    """The falling sequence nearest to each row: argmin Σ (v − y)² over v₁ ≥ v₂ ≥ …

    Parameters
    ----------
    y : Tensor of shape (rows, n)

    Returns
    -------
    v : Tensor of shape (rows, n)
        Block means of ``y``; gradients flow through the means.
    """
    values = y.reshape(-1)
    low, high = (float(bound) for bound in y.detach().aminmax())
    if y.device.type == "cpu" and len(y) <= MOST_ROWS and math.isfinite(high - low):
        starts = _starts_in_line(y.detach(), apart=2 * (high - low) or 1.0)
        means: Tensor = _BlockMeans.apply(values, starts)
        return means.reshape(y.shape)

    def levels(block: Tensor, count: int) -> Tensor:
        sizes = torch.bincount(block, minlength=count)
        return _sums(values, block, count) / sizes

    return _fit(levels, y)


def _starts_in_line(y: Tensor, apart: float) -> np.ndarray:
    """Where the blocks of all rows begin in the flat table.

    Each row is moved below the one before it, by more than its values differ: no block then holds
    entries of two rows.
    """
    from scipy.optimize import isotonic_regression

    falling = y - apart * torch.arange(len(y), dtype=y.dtype)[:, None]
    found: np.ndarray = isotonic_regression(falling.reshape(-1).numpy(), increasing=False).blocks
    return found[:-1]


class _BlockMeans(torch.autograd.Function):
    """Every entry becomes the mean of its block: a projection, and so its own transpose."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, starts: np.ndarray) -> Tensor:
        ctx.starts = starts
        sizes = np.diff(starts, append=len(values))
        means = np.add.reduceat(values.detach().numpy(), starts) / sizes
        return torch.from_numpy(np.repeat(means, sizes))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        means: Tensor = _BlockMeans.apply(gradients[0], ctx.starts)
        return means, None


def fit_kl(s: Tensor, w: Tensor) -> Tensor:
    """argmin Σ exp(s − v) + exp(w) v over v₁ ≥ v₂ ≥ …, for each row.

    Parameters
    ----------
    s, w : Tensor of shape (rows, n)

    Returns
    -------
    v : Tensor of shape (rows, n)
        log Σ exp s − log Σ exp w over each block; gradients flow through both.
    """
    upper, lower = s.reshape(-1), w.reshape(-1)

    def levels(block: Tensor, count: int) -> Tensor:
        return _logsumexp(upper, block, count) - _logsumexp(lower, block, count)

    return _fit(levels, s)


def _fit(level: Level, table: Tensor) -> Tensor:
    """Pool until the levels of the blocks fall in every row of a table of this shape.

    Two neighbouring blocks out of order belong to one block of the solution, so a whole run of
    them is joined at once. Each pass costs O(rows · n); their number grows as log n for random
    input and is at most n.
    """
    rows, n = table.shape
    block = torch.arange(rows * n, device=table.device)
    owner = torch.arange(rows, device=table.device).repeat_interleave(n)  # row of each block
    with torch.no_grad():
        while True:
            heights = level(block, len(owner))
            starts = torch.ones_like(owner, dtype=torch.bool)
            starts[1:] = (heights[1:] <= heights[:-1]) | (owner[1:] != owner[:-1])
            if bool(starts.all()):
                break
            block, owner = (starts.cumsum(0) - 1)[block], owner[starts]
    return level(block, len(owner))[block].reshape(rows, n)


def _sums(values: Tensor, block: Tensor, count: int) -> Tensor:
    """Sums over blocks, (count,)."""
    return values.new_zeros(count).index_add(0, block, values)


def _logsumexp(values: Tensor, block: Tensor, count: int) -> Tensor:
    """log Σ exp over blocks, (count,)."""
    top = values.new_full((count,), -torch.inf)
    top = top.scatter_reduce(0, block, values.detach(), "amax")
    return top + _sums((values - top[block]).exp(), block, count).log()
