"""log Σ_j w_j k(x_i, y_j) for every row of x, without a table and right in the far tail."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS
from gramian.gram import Gram
from gramian.kernel_methods.density._kernels import has_tails
from gramian.pairwise import PairFunction

__all__ = ["log_sums", "log_sums_of_others"]

_LEAF = 256
"""Rows whose table with each other is made explicit."""


def log_sums(x: Tensor, y: Tensor, kernel: PairFunction, weights: Tensor | None) -> Tensor:
    """log Σ_j w_j k(x_i, y_j), (n,).

    One pass of plain sums. Rows whose sum is so small that entries have underflowed are taken
    again from the kernel's logarithm; which rows those are depends on each row alone.

    Parameters
    ----------
    x : Tensor of shape (n, d)
    y : Tensor of shape (m, d)
    kernel : PairFunction
    weights : Tensor of shape (m,), dtype of y, positive, at most 1, or None for ones

    Returns
    -------
    Tensor of shape (n,)
        −∞ where every entry is exactly zero.
    """
    table = Gram(x, y, kernel)
    total = table.sum() if weights is None else table @ weights
    found = total.log()
    if has_tails(kernel):
        far = (total < torch.finfo(total.dtype).tiny ** 0.5).nonzero()[:, 0]
        for some in far.split(max(1, BLOCK_ELEMENTS // x.shape[1])) if len(far) else ():
            found[some] = _from_logarithms(x[some], y, kernel, weights)
    return found


def _from_logarithms(x: Tensor, y: Tensor, kernel: PairFunction, weights: Tensor | None) -> Tensor:
    total = Gram(x, y, kernel.log()).logsumexp()
    if weights is None:
        return total
    # the nearest row counts for its own weight at least, so that the mean does not vanish
    return total + Gram(x, y, kernel).weighted_mean(weights).log()


def log_sums_of_others(x: Tensor, kernel: PairFunction, weights: Tensor | None) -> Tensor:
    """log Σ_{j≠i} w_j k(x_i, x_j), (n,), float64.

    The rows are halved again and again and each half is summed against the other, so that every
    pair is met once and no row meets itself: taking a row's own share off the whole sum would
    leave nothing of the share of rows that stand alone.
    """
    n = len(x)
    found = torch.full((n,), -torch.inf, dtype=torch.float64, device=x.device)
    waiting = [slice(0, n)]
    while waiting:
        rows = waiting.pop()
        if rows.stop - rows.start <= _LEAF:
            met = _within(x[rows], kernel, None if weights is None else weights[rows])
            found[rows] = torch.logaddexp(found[rows], met)
            continue
        middle = (rows.start + rows.stop) // 2
        halves = slice(rows.start, middle), slice(middle, rows.stop)
        for here, there in (halves, halves[::-1]):
            w = None if weights is None else weights[there]
            met = log_sums(x[here], x[there], kernel, w).double()
            found[here] = torch.logaddexp(found[here], met)
        waiting += halves
    return found


def _within(x: Tensor, kernel: PairFunction, weights: Tensor | None) -> Tensor:
    """`log_sums_of_others` of few rows, from their explicit table."""
    table = Gram(x, kernel=kernel.log()).dense().double()
    if weights is not None:
        table += weights.double().log()
    return table.fill_diagonal_(-torch.inf).logsumexp(1)
