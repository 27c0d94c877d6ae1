"""The kernels of density estimation: profiles of r = ‖x − y‖ / h, not normalised.

All but `Exponential` vanish where r ≥ 1, as scikit-learn's ``KernelDensity`` has it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from gramian.pairwise._banded import Banded
from gramian.pairwise._calculus import root

__all__ = ["CosineWindow", "Epanechnikov", "Exponential", "Tophat", "Triangular"]


@dataclass(frozen=True, eq=False)
class _Window(Banded):
    """A profile of the squared scaled distance u = r²."""

    form = "squared_euclidean"
    positive_definite = False

    def profile(self, u: Tensor) -> Tensor:
        raise TypeError(f"{type(self).__name__}.profile: must be defined by the subclass.")

    def entry(self, t: Tensor) -> Tensor:
        return self.profile(self.scaled(t, 2))


@dataclass(frozen=True, eq=False)
class Tophat(_Window):
    """1 where r < 1, else 0. Not positive definite. scikit-learn's name: ``"tophat"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Tophat(1.0).forward(torch.tensor([[0.0]]), torch.tensor([[0.5], [1.0]]))
    tensor([[1., 0.]])
    """

    def profile(self, u: Tensor) -> Tensor:
        return (u < 1).to(u.dtype)


@dataclass(frozen=True, eq=False)
class Epanechnikov(_Window):
    """1 − r² where r < 1, else 0. Not positive definite. scikit-learn: ``"epanechnikov"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Epanechnikov(2.0).forward(torch.tensor([[0.0]]), torch.tensor([[1.0], [2.0]]))
    tensor([[0.7500, 0.0000]])
    """

    def profile(self, u: Tensor) -> Tensor:
        return (1 - u).clamp_min(0)

    def slope(self) -> float:
        return self.inverse(2)


@dataclass(frozen=True, eq=False)
class Exponential(_Window):
    """exp(−r). Positive definite. scikit-learn's name: ``"exponential"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Exponential(1.0).forward(torch.tensor([[0.0]]), torch.tensor([[1.0]]))
    tensor([[0.3679]])
    """

    positive_definite = True

    def profile(self, u: Tensor) -> Tensor:
        return (-root(u)).exp()

    def log_entry(self, t: Tensor) -> Tensor:
        return -root(self.scaled(t, 2))


@dataclass(frozen=True, eq=False)
class Triangular(_Window):
    """1 − r where r < 1, else 0. scikit-learn's name: ``"linear"``.

    Positive definite for one feature only, so it counts as not positive definite.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Triangular(2.0).forward(torch.tensor([[0.0]]), torch.tensor([[1.0], [3.0]]))
    tensor([[0.5000, 0.0000]])
    """

    def profile(self, u: Tensor) -> Tensor:
        return (1 - root(u)).clamp_min(0)


@dataclass(frozen=True, eq=False)
class CosineWindow(_Window):
    """cos(πr/2) where r < 1, else 0. Not positive definite. scikit-learn's name: ``"cosine"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.CosineWindow(3.0).forward(torch.tensor([[0.0]]), torch.tensor([[2.0], [4.0]]))
    tensor([[0.5000, 0.0000]])
    """

    def profile(self, u: Tensor) -> Tensor:
        inside = u < 1
        return (root(u.where(inside, u.new_zeros(()))) * (math.pi / 2)).cos() * inside

    def slope(self) -> float:
        return math.pi**2 / 8 * self.inverse(2)
