"""Losses of classification as functions of the decision values, with what Newton's method needs.

A loss sees z = f + b of shape (n, k): k problems side by side, or k classes of one problem. Weights
contain C, and every loss is the sum over rows of weight times loss.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

__all__ = ["Diagonal", "Logistic", "Loss", "ProximalHinge", "Root", "SquaredHinge"]


class Root(Protocol):
    """A square root of the second derivative W = S Sᵀ of a loss, row by row."""

    @property
    def weights(self) -> Tensor:
        """√ of a diagonal that stands for W, (n, k); a row of zeros is a row without curvature."""

    def take(self, rows: Tensor) -> Root:
        """S of some rows."""

    def only(self, problems: Tensor) -> Root:
        """S with zeros for the other problems; ``problems`` is a mask."""

    def times(self, v: Tensor) -> Tensor:
        """S v."""

    def adjoint(self, v: Tensor) -> Tensor:
        """Sᵀ v."""

    def project(self, v: Tensor) -> Tensor:
        """The part of v that S does not send to zero."""


class Loss(Protocol):
    """A convex, differentiable loss; ``coupled`` says that the k columns are one problem."""

    coupled: bool

    def value(self, z: Tensor) -> Tensor:
        """The loss of each problem, (k,), or (1,) where they are one."""

    def gradient(self, z: Tensor) -> Tensor:
        """The derivative by z, (n, k)."""

    def root(self, z: Tensor) -> Root:
        """A root of the second derivative at z."""

    def intercept(self, f: Tensor, b: Tensor) -> Tensor:
        """argmin over b of the loss at f + b, (k,), found from a first guess."""


@dataclass(frozen=True)
class Diagonal:
    """The root of a loss that looks at each decision value for itself."""

    weights: Tensor

    def take(self, rows: Tensor) -> Diagonal:
        return Diagonal(self.weights[rows])

    def only(self, problems: Tensor) -> Diagonal:
        return Diagonal(self.weights * problems)

    def times(self, v: Tensor) -> Tensor:
        return self.weights * v

    adjoint = times

    def project(self, v: Tensor) -> Tensor:
        return v


@dataclass(frozen=True)
class _Margin(ABC):
    """A loss of the margins m = y z, for signs y of ±1 and weights, both (n, k)."""

    signs: Tensor
    weights: Tensor
    coupled = False

    @abstractmethod
    def gradient(self, z: Tensor) -> Tensor:
        """The derivative by z, (n, k), which never falls."""

    @abstractmethod
    def root(self, z: Tensor) -> Diagonal:
        """The root of the second derivative at z."""

    def intercept(self, f: Tensor, b: Tensor) -> Tensor:
        """The zero of the rising function Σ gradient(f + b), by Newton inside a bracket."""
        slope = self.gradient(f + b).sum(0)
        low, high = _bracket(self, f, b, slope)
        enough = 1e-15 * self.weights.sum(0)
        for _ in range(100):
            curvature = self.root(f + b).weights.square().sum(0)
            step = b - slope / curvature
            inside = (step > low) & (step < high) & (curvature > 0)
            # a Newton step, or half of the bracket where it leads nowhere
            b = torch.where(slope.abs() <= enough, b, torch.where(inside, step, (low + high) / 2))
            slope = self.gradient(f + b).sum(0)
            low, high = torch.where(slope < 0, b, low), torch.where(slope > 0, b, high)
            narrow = high - low <= 4e-16 * (low.abs() + high.abs())
            if bool(((slope.abs() <= enough) | narrow).all()):
                break
        return b


def _bracket(loss: _Margin, f: Tensor, b: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
    """Intercepts below and above the best one, from steps that double."""
    low, high, step = b.clone(), b.clone(), 1.0
    while step < 1e300:
        low = torch.where(slope > 0, b - step, low)
        high = torch.where(slope < 0, b + step, high)
        below = (slope > 0) & (loss.gradient(f + low).sum(0) > 0)
        above = (slope < 0) & (loss.gradient(f + high).sum(0) < 0)
        if not bool((below | above).any()):
            break
        step *= 4
    return low, high


class SquaredHinge(_Margin):
    """max(0, 1 − m)²."""

    def value(self, z: Tensor) -> Tensor:
        return (self.weights * (1 - self.signs * z).clamp_min(0).square()).sum(0)

    def gradient(self, z: Tensor) -> Tensor:
        return -2 * self.weights * self.signs * (1 - self.signs * z).clamp_min(0)

    def root(self, z: Tensor) -> Diagonal:
        return Diagonal(torch.where(self.signs * z < 1, (2 * self.weights).sqrt(), 0.0))


class Logistic(_Margin):
    """log(1 + exp(−m))."""

    def value(self, z: Tensor) -> Tensor:
        return (self.weights * torch.logaddexp(torch.zeros_like(z), -self.signs * z)).sum(0)

    def gradient(self, z: Tensor) -> Tensor:
        return -self.weights * self.signs * torch.sigmoid(-self.signs * z)

    def root(self, z: Tensor) -> Diagonal:
        return Diagonal((self.weights * torch.sigmoid(z) * torch.sigmoid(-z)).sqrt())


@dataclass(frozen=True)
class ProximalHinge(_Margin):
    """max over 0 ≤ a ≤ w of a (1 − m) − (a − c)² / (2 σ): the hinge, made smooth about ``center``.

    Attributes
    ----------
    center : Tensor of shape (n, k)
        c: dual variables of an iterate before.
    sigma : float
        The curvature; the loss is within w² / (2 σ) of w max(0, 1 − m).
    """

    center: Tensor
    sigma: float

    def dual(self, z: Tensor) -> Tensor:
        """The a that attains the maximum, (n, k)."""
        return torch.clamp(self._free(z), torch.zeros_like(self.weights), self.weights)

    def value(self, z: Tensor) -> Tensor:
        a = self.dual(z)
        each = a * (1 - self.signs * z) - (a - self.center).square() / (2 * self.sigma)
        return each.sum(0)

    def gradient(self, z: Tensor) -> Tensor:
        return -self.signs * self.dual(z)

    def root(self, z: Tensor) -> Diagonal:
        a = self._free(z)
        return Diagonal(((a > 0) & (a < self.weights)).to(a) * math.sqrt(self.sigma))

    def _free(self, z: Tensor) -> Tensor:
        return self.center + self.sigma * (1 - self.signs * z)
