"""One-sided bounds by the bias-corrected and accelerated bootstrap (BCa).

Source: B. Efron, "Better bootstrap confidence intervals", J. Am. Stat. Assoc. 82(397), 1987,
equations 2.3 and 6.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["BCa"]


def _normal_cdf(z: Tensor) -> Tensor:
    return torch.special.ndtr(z)


@dataclass(frozen=True)
class BCa:
    """The bootstrap distribution of a statistic, with its two corrections.

    Attributes
    ----------
    estimate : float
    resampled : Tensor of shape (b,), float64, ascending
    bias : float
        z₀: how far the estimate lies from the median of `resampled`, in normal units.
    acceleration : float
        How fast the standard error changes with the true value.
    """

    estimate: float
    resampled: Tensor
    bias: float
    acceleration: float

    @classmethod
    def of(cls, estimate: float, resampled: Tensor, leave_one_out: Tensor) -> BCa:
        """From the values of the bootstrap samples and of the jackknife."""
        ordered = resampled.sort().values
        steps = leave_one_out.mean() - leave_one_out
        size = float(steps.square().sum()) ** 1.5
        acceleration = float(steps.pow(3).sum()) / (6 * size) if size > 0 else 0.0
        made = cls(estimate, ordered, 0.0, acceleration)
        return cls(estimate, ordered, made._quantile_of(estimate), acceleration)

    @property
    def standard_error(self) -> float:
        """Standard deviation of the bootstrap values."""
        return float(self.resampled.std())

    def _quantile_of(self, value: float) -> float:
        """Normal quantile of the share of bootstrap values below ``value``, ties counted half."""
        below = (self.resampled < value).double().mean()
        equal = (self.resampled == value).double().mean()
        count = len(self.resampled)
        share = (below + equal / 2).clamp(0.5 / count, 1 - 0.5 / count)
        return float(torch.special.ndtri(share))

    def bound(self, level: float) -> float:
        """The value that lies above the true one with probability ``level``."""
        z = self.bias + float(torch.special.ndtri(torch.tensor(level, dtype=torch.float64)))
        stretched = self.bias + z / (1 - self.acceleration * z)
        share = _normal_cdf(torch.tensor(stretched, dtype=torch.float64))
        return float(torch.quantile(self.resampled, share))

    def pvalue_at_least(self, value: float) -> float:
        """One-sided p-value of "the true value is at least ``value``": `bound` inverted."""
        shift = self._quantile_of(value) - self.bias
        z = shift / (1 + self.acceleration * shift) - self.bias
        return float(_normal_cdf(torch.tensor(-z, dtype=torch.float64)))
