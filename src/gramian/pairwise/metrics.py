"""Distances. Entries are in the unit of the features (squared where the name says so)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.pairwise._base import Elementary
from gramian.pairwise._calculus import root, root_

__all__ = ["Chebyshev", "CosineDistance", "Euclidean", "Manhattan", "SquaredEuclidean"]


@dataclass(frozen=True, eq=False)
class SquaredEuclidean(Elementary):
    """Squared Euclidean distance Σ (x_f − y_f)²; zero exactly where rows are equal.

    Unit: that of the features, squared. scikit-learn's name: ``"sqeuclidean"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.SquaredEuclidean().forward(torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    tensor([[25.]])
    """

    form = "squared_euclidean"
    order = 1
    metric = True

    def form_at(self, entry: float) -> float:
        return entry


@dataclass(frozen=True, eq=False)
class Euclidean(Elementary):
    """Euclidean distance √Σ (x_f − y_f)². scikit-learn's names: ``"euclidean"``, ``"l2"``.

    The gradient at zero distance is the sub-gradient 0.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Euclidean().forward(torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    tensor([[5.]])
    """

    form = "squared_euclidean"
    order = 1
    metric = True

    def entry(self, t: Tensor) -> Tensor:
        return root(t)

    def entry_(self, t: Tensor) -> Tensor:
        return root_(t.clamp_min_(0))

    def form_at(self, entry: float) -> float:
        return math.copysign(entry * entry, entry)


@dataclass(frozen=True, eq=False)
class Manhattan(Elementary):
    """L1 distance Σ |x_f − y_f|. scikit-learn's names: ``"manhattan"``, ``"cityblock"``, ``"l1"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Manhattan().forward(torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    tensor([[7.]])
    """

    form = "manhattan"
    order = 1
    metric = True

    def form_at(self, entry: float) -> float:
        return entry


@dataclass(frozen=True, eq=False)
class Chebyshev(Elementary):
    """L∞ distance max |x_f − y_f|. scikit-learn's name: ``"chebyshev"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Chebyshev().forward(torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    tensor([[4.]])
    """

    form = "chebyshev"
    order = 1
    metric = True

    def form_at(self, entry: float) -> float:
        return entry


def unit_rows(x: Tensor, *, mark_zeros: bool) -> Tensor:
    """Rows divided by their length; a zero row stays zero.

    With ``mark_zeros`` a last column is added, 1 for zero rows and 0 otherwise, which puts a zero
    row at right angles to every other direction. Rows are scaled by their largest entry first, so
    that neither 10³⁰ nor 10⁻³⁰ overflows or vanishes when squared.
    """
    largest = x.detach().abs().amax(1, keepdim=True)
    zero = largest == 0
    scaled = x / largest.where(~zero, largest.new_ones(()))
    length = scaled.square().sum(1, keepdim=True).where(~zero, largest.new_ones(())).sqrt()
    unit = scaled / length
    return torch.cat([unit, zero.to(x.dtype)], dim=1) if mark_zeros else unit


@dataclass(frozen=True, eq=False)
class CosineDistance(Elementary):
    """1 − cos ∠(x, y), in [0, 2], computed as ½‖x/‖x‖ − y/‖y‖‖² so that d(x, x) = 0 exactly.

    A zero row has distance 1 to every other direction and 0 to another zero row.
    scikit-learn's name: ``"cosine"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.CosineDistance().forward(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]]))
    tensor([[1.]])
    """

    form = "squared_euclidean"
    order = 1
    metric = True
    embeds = True

    def embed(self, x: Tensor) -> Tensor:
        return unit_rows(x, mark_zeros=True)

    def entry(self, t: Tensor) -> Tensor:
        return t / 2

    def form_at(self, entry: float) -> float:
        return 2 * entry
