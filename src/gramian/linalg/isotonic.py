"""Blocks of isotonic regression on the CPU, for every row of a table by itself.

In the compiled core where there is one: threads share out the rows, and a row costs one pass. Else
all rows go, one below the other, through scipy's pass over a single sequence.

Source: M. Ayer, H. D. Brunk, G. M. Ewing, W. T. Reid, E. Silverman, "An empirical distribution
function for sampling with incomplete information", 1955 (pool adjacent violators).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gramian import _core

__all__ = ["block_means", "falling_blocks"]

_ENTRIES_PER_WORKER = 2**19
"""Some milliseconds: before that a thread may have to wait for torch's own to fall asleep."""
_MOST_ROWS = 10_000
"""In one line: the last row then loses four of the sixteen digits that decide on its blocks."""


def falling_blocks(values: Tensor) -> Tensor:
    """Where the blocks of the nearest falling sequence begin.

    Parameters
    ----------
    values : Tensor of shape (rows, n), n ≥ 1
        On the CPU, finite.

    Returns
    -------
    begins : Tensor of shape (rows, n), bool
        True where a block begins. Each row v of block means is argmin Σ (v − values)² over
        v₁ ≥ v₂ ≥ …; neighbours of equal mean are one block.

    Examples
    --------
    >>> import torch
    >>> falling_blocks(torch.tensor([[3.0, 1.0, 2.0]])).tolist()
    [[True, True, False]]
    """
    wide = values.detach().double().contiguous()
    begins = torch.zeros(values.shape, dtype=torch.bool)
    if not values.numel():
        return begins
    if _core.native is not None:
        _core.native.blocks(wide, begins, _workers(values))
        return begins
    low, high = (float(bound) for bound in wide.aminmax())
    apart = 2 * (high - low) or 1.0
    at_once = _MOST_ROWS if math.isfinite(_MOST_ROWS * apart) else 1
    for first in range(0, len(wide), at_once):
        rows = slice(first, first + at_once)
        _mark_in_line(wide[rows], begins[rows], apart if at_once > 1 else 0.0)
    return begins


def block_means(values: Tensor, begins: Tensor) -> Tensor:
    """Every entry replaced by the mean of its block.

    Parameters
    ----------
    values : Tensor of shape (rows, n)
        On the CPU.
    begins : Tensor of shape (rows, n), bool
        As from `falling_blocks`.

    Returns
    -------
    means : Tensor of shape (rows, n), in the dtype of `values`

    Examples
    --------
    >>> import torch
    >>> begins = torch.tensor([[True, True, False]])
    >>> block_means(torch.tensor([[3.0, 1.0, 2.0]]), begins).tolist()
    [[3.0, 1.5, 1.5]]
    """
    wide = values.detach().double().contiguous()
    if not values.numel():
        return values.detach().clone()
    if _core.native is not None:
        means = torch.empty_like(wide)
        _core.native.block_means(wide, begins.contiguous(), means, _workers(values))
        return means.to(values.dtype)
    first = np.flatnonzero(begins.reshape(-1).numpy())
    sizes = np.diff(first, append=values.numel())
    found = np.add.reduceat(wide.reshape(-1).numpy(), first) / sizes
    return torch.from_numpy(np.repeat(found, sizes)).reshape(values.shape).to(values.dtype)


def _workers(values: Tensor) -> int:
    """Threads that are worth their start."""
    most = max(1, values.numel() // _ENTRIES_PER_WORKER)
    return min(torch.get_num_threads(), len(values), most)


def _mark_in_line(values: Tensor, begins: Tensor, apart: float) -> None:
    """Mark the blocks of all rows in one pass.

    Each row is moved below the one before it by `apart`, which is more than its values differ: no
    block then holds entries of two rows.
    """
    from scipy.optimize import isotonic_regression

    falling = values - apart * torch.arange(len(values), dtype=torch.float64)[:, None]
    found = isotonic_regression(falling.reshape(-1).numpy(), increasing=False).blocks
    begins.view(-1).numpy()[found[:-1]] = True
