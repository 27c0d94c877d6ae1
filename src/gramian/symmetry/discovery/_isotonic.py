"""Batched isotonic regression by pooling whole runs of violators at once, differentiable.

Sources: M. Blondel, O. Teboul, Q. Berthet, J. Djolonga, "Fast differentiable sorting and
ranking", ICML 2020, section 5; A. J. Kearsley, R. A. Tapia, M. W. Trosset, "An approach to
parallelizing isotonic regression", 1996, for pooling everywhere at once.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["fit_kl", "fit_l2"]

Level = Callable[[Tensor, int], Tensor]


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

    def means(block: Tensor, count: int) -> Tensor:
        sizes = torch.bincount(block, minlength=count)
        return _sums(values, block, count) / sizes

    return _fit(means, y)


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
