"""Kernels with a bandwidth.

Bandwidths are in the unit of the features. Where there is one per feature, the features are divided
by it first and the formula is used with h = 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.pairwise._base import Elementary, Parameter, positive

__all__ = ["Banded"]


@dataclass(frozen=True, eq=False)
class Banded(Elementary):
    """A kernel with a bandwidth, one for all features or one per feature."""

    bandwidth: Parameter = 1.0
    order = -1
    positive_definite = True

    def __post_init__(self) -> None:
        caller = type(self).__name__
        checked = positive(self.bandwidth, "bandwidth", caller, per_feature=True)
        object.__setattr__(self, "bandwidth", checked)

    @property
    def per_feature(self) -> bool:
        return isinstance(self.bandwidth, Tensor) and self.bandwidth.ndim == 1

    @property
    def embeds(self) -> bool:  # type: ignore[override]  # a constant in the base
        return self.per_feature

    def embed(self, x: Tensor) -> Tensor:
        if not isinstance(self.bandwidth, Tensor) or self.bandwidth.ndim == 0:
            return x
        if len(self.bandwidth) != x.shape[1]:
            raise ValueError(
                f"{type(self).__name__}: bandwidth must be one number or one per feature "
                f"({x.shape[1]}), got {len(self.bandwidth)} numbers."
            )
        return x / self.bandwidth.to(x)

    def inverse(self, power: int) -> float:
        """1/h to a power, or 1 where the features are divided by their bandwidths."""
        return 1.0 if self.per_feature else math.prod([1.0 / float(self.bandwidth)] * power)

    def factor(self, t: Tensor, power: int) -> float:
        """1/h to a power, kept where a multiple of it and zero is still zero in the dtype of t."""
        return min(self.inverse(power), torch.finfo(t.dtype).max / 4)

    def scaled(self, t: Tensor, power: int = 1) -> Tensor:
        """The form's value divided by the bandwidth to a power."""
        if self.per_feature:
            return t
        if isinstance(self.bandwidth, Tensor):
            h = self.bandwidth.to(t)
            return t / h if power == 1 else t / h / h
        return t * self.factor(t, power)
