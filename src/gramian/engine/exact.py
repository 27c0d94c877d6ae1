"""Float64 brute force: what exact mode promises to return.

A form's value is summed in feature order in float64, one rounding per multiplication and one per
addition. Everything here keeps that order, on tables and on lists of pairs alike, so both give the
same bits wherever they are computed.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gramian.pairwise import Euclidean
from gramian.pairwise._base import Elementary, PairFunction
from gramian.pairwise.composition import Composite, Log

__all__ = ["entries", "finished", "form_pairs", "form_table", "reach"]


def _accumulate(form: str, total: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """``total`` after one more feature with the values ``a`` and ``b``."""
    if form == "dot":
        return total.add_(a * b)
    gap = a - b
    if form == "squared_euclidean":
        return total.add_(gap.mul_(gap))
    if form == "manhattan":
        return total.add_(gap.abs_())
    if form == "chebyshev":
        return torch.maximum(total, gap.abs_(), out=total)
    both = a + b
    return total.add_(gap.mul_(gap).div_(both.where(both > 0, both.new_ones(()))))


def form_table(form: str, x: Tensor, y: Tensor) -> Tensor:
    """The form's values for every row of ``x`` against every row of ``y``.

    ``x`` (n, d) and ``y`` (m, d) are float64; the result is (n, m), float64.
    """
    total = torch.zeros(len(x), len(y), dtype=torch.float64, device=x.device)
    columns = y.T.contiguous()
    for feature, values in enumerate(x.T.contiguous()):
        total = _accumulate(form, total, values[:, None], columns[feature][None])
    return total


def form_pairs(form: str, x: Tensor, y: Tensor) -> Tensor:
    """The form's values for matching rows of ``x`` and ``y``, both (p, d), float64."""
    total = torch.zeros(len(x), dtype=torch.float64, device=x.device)
    columns = y.T
    for feature, values in enumerate(x.T):
        total = _accumulate(form, total, values, columns[feature])
    return total


def reach(metric: Elementary, radius: float) -> float:
    """The largest value of the form whose entry does not exceed ``radius``, which is finite."""
    if not isinstance(metric, Euclidean):
        return radius
    if radius < 0:
        return -1.0
    square = radius * radius
    while math.sqrt(square) > radius:
        square = math.nextafter(square, 0.0)
    while math.sqrt(math.nextafter(square, math.inf)) <= radius:
        square = math.nextafter(square, math.inf)
    return square


def finished(kernel: Elementary, values: Tensor) -> Tensor:
    """The kernel's entries at float64 values of its form, in the shape of ``values``.

    Vectorised exponentials and their scalar tails differ in the last bit. Padding to whole vectors
    keeps every number in the vectorised part, so its bits do not depend on its place.
    """
    flat = values.reshape(-1)
    padding = flat.new_zeros(-len(flat) % 64)
    return kernel.entry(torch.cat([flat, padding]))[: len(flat)].reshape(values.shape)


def entries(kernel: PairFunction, x: Tensor, y: Tensor) -> Tensor:
    """Entries of the whole block in float64, by brute force."""
    if isinstance(kernel, Elementary):
        return kernel.entry(form_table(kernel.form, kernel.embed(x), kernel.embed(y)))
    if isinstance(kernel, Composite) and not isinstance(kernel, Log):
        return kernel.combine([entries(part, x, y) for part in kernel.parts])
    return kernel.forward(x, y)
