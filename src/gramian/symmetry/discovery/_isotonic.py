"""Batched isotonic regression, differentiable: find the blocks first, then take their levels.

Where blocks begin is a table of flags: it has one shape whatever the numbers are, so `torch.func`
can map over it. Sums of squares on a CPU take the flags from `gramian.linalg`; anything else pools
whole runs of violators at once.

Sources: M. Blondel, O. Teboul, Q. Berthet, J. Djolonga, "Fast differentiable sorting and
ranking", ICML 2020, section 5; A. J. Kearsley, R. A. Tapia, M. W. Trosset, "An approach to
parallelizing isotonic regression", 1996, for pooling everywhere at once.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gramian.linalg.isotonic import block_means, falling_blocks
from gramian.symmetry.discovery._rowwise import RowWise

__all__ = ["fit_kl", "fit_l2"]

Level = Callable[[Tensor], Tensor]


def fit_l2(y: Tensor) -> Tensor:
    """The falling sequence nearest to each row: argmin Σ (v − y)² over v₁ ≥ v₂ ≥ …

    Parameters
    ----------
    y : Tensor of shape (rows, n)

    Returns
    -------
    v : Tensor of shape (rows, n)
        Block means of ``y``; gradients of every order flow through the means.
    """
    means: Tensor = _BlockMeans.apply(y, _StartsL2.apply(y))
    return means


def fit_kl(s: Tensor, w: Tensor) -> Tensor:
    """argmin Σ exp(s − v) + exp(w) v over v₁ ≥ v₂ ≥ …, for each row.

    Parameters
    ----------
    s, w : Tensor of shape (rows, n)

    Returns
    -------
    v : Tensor of shape (rows, n)
        log Σ exp s − log Σ exp w over each block; gradients of every order flow through both.
    """
    block = _StartsKL.apply(s, w).cumsum(1) - 1
    return (_logsumexp(s, block) - _logsumexp(w, block)).gather(1, block)


class _StartsL2(RowWise):
    """Whether an entry begins a block of the sum of squares."""

    @staticmethod
    def forward(y: Tensor) -> Tensor:
        finite = y.device.type == "cpu" and bool(y.isfinite().all())
        return falling_blocks(y) if finite else _starts_l2(y)


class _StartsKL(RowWise):
    """Whether an entry begins a block of the Kullback-Leibler form."""

    @staticmethod
    def forward(s: Tensor, w: Tensor) -> Tensor:
        return _starts(lambda block: _logsumexp(s, block) - _logsumexp(w, block), s)


class _BlockMeans(RowWise):
    """Every entry becomes the mean of its block: a projection, and so its own transpose."""

    linear = True

    @staticmethod
    def forward(values: Tensor, starts: Tensor) -> Tensor:
        if values.device.type == "cpu":
            return block_means(values, starts)
        block = starts.cumsum(1) - 1
        counts = _sums(torch.ones_like(values), block).clamp(min=1)
        return (_sums(values, block) / counts).gather(1, block)


def _starts_l2(y: Tensor) -> Tensor:
    """On any device, and beyond finite numbers."""
    ones = torch.ones_like(y)

    def levels(block: Tensor) -> Tensor:
        return _sums(y, block) / _sums(ones, block).clamp(min=1)

    return _starts(levels, y)


def _starts(levels: Level, table: Tensor) -> Tensor:
    """Pool until the levels of the blocks fall in every row of a table of this shape.

    Two neighbouring blocks out of order belong to one block of the solution, so a whole run of
    them is joined at once. Each pass costs O(rows · n); their number grows as log n for random
    input and is at most n.
    """
    starts = torch.ones(table.shape, dtype=torch.bool, device=table.device)
    while True:
        block = starts.cumsum(1) - 1
        heights = levels(block).gather(1, block)
        # between two entries of one block heights are equal, and nothing begins
        kept = starts.clone()
        kept[:, 1:] &= heights[:, 1:] <= heights[:, :-1]
        if torch.equal(kept, starts):
            return starts
        starts = kept


def _sums(values: Tensor, block: Tensor) -> Tensor:
    """Sums over blocks, (rows, n): block k of a row at place k, 0 where there is none."""
    return torch.zeros_like(values).scatter_add(1, block, values)


def _logsumexp(values: Tensor, block: Tensor) -> Tensor:
    """log Σ exp over blocks, (rows, n); 0 where there is none."""
    top = torch.full_like(values, -torch.inf)
    top = top.scatter_reduce(1, block, values.detach(), "amax")
    top = torch.where(top > -torch.inf, top, 0.0)
    total = _sums((values - top.gather(1, block)).exp(), block)
    return top + torch.where(total > 0, total, 1.0).log()
