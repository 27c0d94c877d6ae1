"""Kernels of the inner product x·y, with their finite feature maps where there is one."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import combinations_with_replacement

import torch
from torch import Tensor

from gramian._validation import check_int, check_real
from gramian.pairwise._base import Elementary, Parameter, positive
from gramian.pairwise.metrics import unit_rows

__all__ = ["CosineSimilarity", "Linear", "Polynomial", "Sigmoid"]


@dataclass(frozen=True, eq=False)
class Linear(Elementary):
    """x·y. Positive definite; its feature map is the identity. scikit-learn's name: ``"linear"``.

    Unit: that of the features, squared.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Linear().forward(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]]))
    tensor([[11.]])
    """

    form = "dot"
    order = 1
    positive_definite = True

    def feature_map(self, x: Tensor) -> Tensor:
        return x


@dataclass(frozen=True, eq=False)
class CosineSimilarity(Elementary):
    """cos ∠(x, y) = x·y / (‖x‖ ‖y‖); 0 for a zero row. Positive definite; feature map x/‖x‖.

    scikit-learn's name: ``"cosine"`` (of kernels).

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.CosineSimilarity().forward(torch.tensor([[3.0, 4.0]]), torch.tensor([[2.0, 0.0]]))
    tensor([[0.6000]])
    """

    form = "dot"
    order = 1
    positive_definite = True
    embeds = True

    def embed(self, x: Tensor) -> Tensor:
        return unit_rows(x, mark_zeros=False)

    def feature_map(self, x: Tensor) -> Tensor:
        return self.embed(x)


@dataclass(frozen=True, eq=False)
class Polynomial(Elementary):
    """(scale · x·y + offset)^degree.

    Parameters
    ----------
    degree : int, default=3
    offset : float, default=1.0
        scikit-learn's ``coef0``.
    scale : float or 0-d tensor, default=1.0
        scikit-learn's ``gamma``.

    Notes
    -----
    Positive definite for offset ≥ 0. `feature_map` has C(d + degree, degree) columns.
    scikit-learn's names: ``"poly"``, ``"polynomial"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> x = torch.tensor([[1.0, 2.0]])
    >>> gm.Polynomial(degree=2).forward(x, x)
    tensor([[36.]])
    >>> gm.Polynomial(degree=2).feature_map(x).square().sum()
    tensor(36.)
    """

    degree: int = 3
    offset: float = 1.0
    scale: Parameter = 1.0
    form = "dot"

    def __post_init__(self) -> None:
        check_int(self.degree, "degree", "Polynomial", low=1)
        check_real(self.offset, "offset", "Polynomial")
        object.__setattr__(self, "scale", positive(self.scale, "scale", "Polynomial"))

    @property
    def positive_definite(self) -> bool:  # type: ignore[override]  # a constant in the base
        return self.offset >= 0

    def entry(self, t: Tensor) -> Tensor:
        scale = self.scale.to(t) if isinstance(self.scale, Tensor) else self.scale
        return (t * scale + self.offset) ** self.degree

    def feature_map(self, x: Tensor) -> Tensor:
        """Explicit features φ with φ(x)·φ(y) equal to the kernel; needs offset ≥ 0."""
        if self.offset < 0:
            raise ValueError(
                f"Polynomial.feature_map: offset must be non-negative, got {self.offset}. "
                "A negative offset has no real feature map."
            )
        scale = self.scale if isinstance(self.scale, Tensor) else x.new_tensor(self.scale)
        constant = x.new_full((len(x), 1), math.sqrt(self.offset))
        base = torch.cat([constant, x * scale.to(x).sqrt()], dim=1)
        columns = []
        for chosen in combinations_with_replacement(range(base.shape[1]), self.degree):
            ways = math.factorial(self.degree)
            for repeats in Counter(chosen).values():
                ways //= math.factorial(repeats)
            columns.append(base[:, list(chosen)].prod(1) * math.sqrt(ways))
        return torch.stack(columns, dim=1)


@dataclass(frozen=True, eq=False)
class Sigmoid(Elementary):
    """tanh(scale · x·y + offset). Not positive definite. scikit-learn's name: ``"sigmoid"``.

    Parameters
    ----------
    scale : float or 0-d tensor, default=1.0
        scikit-learn's ``gamma``.
    offset : float, default=1.0
        scikit-learn's ``coef0``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Sigmoid(offset=0.0).forward(torch.tensor([[1.0]]), torch.tensor([[0.5]]))
    tensor([[0.4621]])
    """

    scale: Parameter = 1.0
    offset: float = 1.0
    form = "dot"
    order = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", positive(self.scale, "scale", "Sigmoid"))
        check_real(self.offset, "offset", "Sigmoid")

    def entry(self, t: Tensor) -> Tensor:
        scale = self.scale.to(t) if isinstance(self.scale, Tensor) else self.scale
        return (t * scale + self.offset).tanh()
