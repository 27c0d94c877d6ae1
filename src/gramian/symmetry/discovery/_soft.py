"""Sorting and ranking with gradients, on any device, without a compiler.

Sources: M. Blondel, O. Teboul, Q. Berthet, J. Djolonga, "Fast differentiable sorting and ranking",
ICML 2020, equations 5 and 6; S. Prillo, J. Eisenschlos, "SoftSort", ICML 2020, equation 3; T. Qin,
T.-Y. Liu, H. Li, "A general approximation framework for direct optimization of information
retrieval measures", Inf. Retr. 13, 2010, equation 12.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gramian._validation import _message, check_choice, check_real
from gramian.symmetry.discovery._isotonic import fit_kl, fit_l2
from gramian.symmetry.discovery._rowwise import RowWise

__all__ = ["soft_rank", "soft_sort"]

REGULARIZATIONS = ("l2", "kl", "pairwise")


def soft_sort(
    values: Tensor,
    *,
    strength: float = 1.0,
    regularization: str = "l2",
    descending: bool = False,
) -> Tensor:
    """Values in order, smoothed; the sum is kept by the L2 form.

    Parameters
    ----------
    values : Tensor of shape (..., n), floating, n ≥ 1
        Each vector along the last axis is sorted by itself.
    strength : float, default=1.0
        Of the smoothing, in the unit of `values`. Towards 0 the result is exactly sorted; for
        large strengths all entries approach one value.
    regularization : {"l2", "kl", "pairwise"}, default="l2"
        "l2" and "kl" project on the convex hull of all permutations of `values`, in the Euclidean
        and in the log-sum-exp sense; "pairwise" takes means of the values, weighted by a softmax
        of their distances to the sorted ones.
    descending : bool, default=False

    Returns
    -------
    ordered : Tensor of the shape, dtype and device of `values`

    Raises
    ------
    TypeError, ValueError
        If `values` is not floating or has no entry, or a parameter is out of range.

    Notes
    -----
    "l2" and "kl" take O(n log n) time and O(n) memory for each vector ("pairwise" O(n²) of both)
    and are projected in float64. Derivatives of every order, forward mode and `torch.func` pass
    through all three. They are exact: only the pooled blocks decide, and gradients are
    those of the block means. A large strength pools everything and gives each entry the same
    gradient, so rows can agree for the wrong reason: sweep it.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import soft_sort
    >>> soft_sort(torch.tensor([3.0, 1.0, 2.0]), strength=0.1)
    tensor([1., 2., 3.])
    >>> soft_sort(torch.tensor([3.0, 1.0, 2.0]), strength=100.0)
    tensor([1.9900, 2.0000, 2.0100])
    """
    caller = "soft_sort"
    rows = _as_rows(values, caller)
    _check(strength, regularization, caller)
    signed = -rows if descending else rows
    rising = signed.gather(1, _rising_order(signed))
    if regularization == "pairwise":
        distance = (rising[:, :, None] - signed[:, None, :]).abs()
        result = (torch.softmax(-distance / strength, 2) * signed[:, None, :]).sum(2)
    else:  # less the projection of the anchors on the permutations of the negated values
        anchors = _ranks(rows).flip(0) / strength
        if regularization == "l2":
            result = fit_l2(anchors + rising) - anchors
        else:
            result = fit_kl(anchors.expand_as(rising), -rising.double()) - anchors
    return (-result if descending else result).to(values.dtype).reshape(values.shape)


def soft_rank(values: Tensor, *, strength: float = 1.0, regularization: str = "l2") -> Tensor:
    """Ranks from 1 (the smallest value) to n, smoothed.

    Parameters
    ----------
    values : Tensor of shape (..., n), floating, n ≥ 1
        Each vector along the last axis is ranked by itself.
    strength : float, default=1.0
        Of the smoothing, in the unit of `values`. Towards 0 the ranks are exact, ties shared.
    regularization : {"l2", "kl", "pairwise"}, default="l2"
        "l2" and "kl" project ``values / strength`` on the convex hull of all permutations of
        1, …, n, "kl" through logarithms; "pairwise" sums a logistic function of all differences.

    Returns
    -------
    ranks : Tensor of the shape, dtype and device of `values`
        They sum to n (n + 1) / 2, up to rounding.

    Raises
    ------
    TypeError, ValueError
        As `soft_sort`.

    Notes
    -----
    As `soft_sort`. With "l2" and "kl" entries of one block share the slope 1 / strength against
    their mean; an entry that is a block by itself keeps its rank, with gradient 0.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import soft_rank
    >>> soft_rank(torch.tensor([3.0, 1.0, 2.5]), strength=0.1)
    tensor([3., 1., 2.])
    >>> soft_rank(torch.tensor([3.0, 1.0, 2.5]), strength=1.0)
    tensor([2.7500, 1.0000, 2.2500])
    """
    caller = "soft_rank"
    rows = _as_rows(values, caller)
    _check(strength, regularization, caller)
    if regularization == "pairwise":
        larger = torch.sigmoid((rows[:, :, None] - rows[:, None, :]) / strength)
        result = larger.sum(2) + 0.5  # an entry is worth ½ against itself
    else:
        order, ranks = _rising_order(rows), _ranks(rows)
        rising = rows.gather(1, order)
        if regularization == "l2":  # falling and rising sequences are each other's negatives
            result = (rising + fit_l2(strength * ranks - rising)) / strength
        else:
            falling = rising.double().flip(1) / strength
            fitted = fit_kl(falling, ranks.flip(0).log().expand_as(falling))
            result = (falling - fitted).exp().flip(1)
        result = result.to(values.dtype)
        result = torch.zeros_like(result).scatter(1, order, result)
    return result.to(values.dtype).reshape(values.shape)


def _ranks(rows: Tensor) -> Tensor:
    """1, …, n, float64."""
    return torch.arange(1, rows.shape[1] + 1, dtype=torch.float64, device=rows.device)


def _rising_order(rows: Tensor) -> Tensor:
    """Where the entries of each row stand, the smallest first."""
    order: Tensor = _RisingOrder.apply(rows)
    return order


class _RisingOrder(RowWise):
    """By numpy on a processor, which sorts rows several times faster."""

    @staticmethod
    def forward(rows: Tensor) -> Tensor:
        if rows.device.type == "cpu":
            return torch.from_numpy(_argsort(rows.detach().numpy()))
        return rows.argsort(1)


def _argsort(rows: np.ndarray) -> np.ndarray:
    """Places of the rising values of each row.

    Places of floats go in the lower halves of integers that rise as the floats do: NumPy sorts
    integers several times as fast as it sorts places.
    """
    if rows.dtype != np.float32 or np.isnan(rows).any():
        return np.argsort(rows, axis=1)
    bits = (rows + np.float32(0)).view(np.int32)  # no -0, which is below 0 in bits
    bits ^= (bits >> 31) & np.int32(2**31 - 1)  # more is less where the sign is set
    keys = bits.astype(np.int64) << 32
    keys |= np.arange(rows.shape[1])
    keys.sort(axis=1)
    keys &= 2**32 - 1
    return keys


def _as_rows(values: Tensor, caller: str) -> Tensor:
    """All vectors as rows, (rows, n), float32 or float64."""
    if not isinstance(values, Tensor) or not values.dtype.is_floating_point:
        kind = str(getattr(values, "dtype", type(values).__name__))
        raise TypeError(_message(caller, "values", "a floating tensor", kind))
    if values.ndim == 0 or values.numel() == 0:
        raise ValueError(_message(caller, "values", "non-empty vectors", tuple(values.shape)))
    wide = values if values.dtype in (torch.float32, torch.float64) else values.float()
    return wide.reshape(-1, values.shape[-1])


def _check(strength: float, regularization: str, caller: str) -> None:
    check_real(strength, "strength", caller, low=0, low_open=True)
    check_choice(regularization, "regularization", caller, REGULARIZATIONS)
