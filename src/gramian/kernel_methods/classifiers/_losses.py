"""Losses of classification as functions of the decision values, with what Newton's method needs.

A loss sees z = f + b of shape (n, k): k problems side by side, or k classes of one problem. Weights
contain C, and every loss is the sum over rows of weight times loss.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

__all__ = ["Diagonal", "Logistic", "Loss", "ProximalHinge", "Root", "Softmax", "SquaredHinge"]


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
class _SoftmaxRoot:
    """diag(c q) (I − q qᵀ) for q = √p: its square is c² (diag(p) − p pᵀ)."""

    q: Tensor
    scale: Tensor

    @property
    def weights(self) -> Tensor:
        return self.scale * self.q

    def take(self, rows: Tensor) -> _SoftmaxRoot:
        return _SoftmaxRoot(self.q[rows], self.scale[rows])

    def only(self, problems: Tensor) -> _SoftmaxRoot:
        return _SoftmaxRoot(self.q, self.scale * problems)

    def times(self, v: Tensor) -> Tensor:
        return self.weights * self.project(v)

    def adjoint(self, v: Tensor) -> Tensor:
        return self.project(self.weights * v)

    def project(self, v: Tensor) -> Tensor:
        return v - self.q * (self.q * v).sum(1, keepdim=True)


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
    """max over 0 ≤ a ≤ 1 of a (1 − m) − (a − c)² / (2 σ): the hinge, made smooth about ``center``.

    Attributes
    ----------
    center : Tensor of shape (n, k)
        c: dual variables of an iterate before, as parts of the weights.
    sigma : float
        The curvature; the loss is within 1 / (2 σ) of max(0, 1 − m).
    """

    center: Tensor
    sigma: float

    def share(self, z: Tensor) -> Tensor:
        """The a that attains the maximum, (n, k)."""
        return (self.center + self.sigma * (1 - self.signs * z)).clamp(0, 1)

    def value(self, z: Tensor) -> Tensor:
        a = self.share(z)
        inside = a * (1 - self.signs * z) - (a - self.center).square() / (2 * self.sigma)
        return (self.weights * inside).sum(0)

    def gradient(self, z: Tensor) -> Tensor:
        return -self.weights * self.signs * self.share(z)

    def root(self, z: Tensor) -> Diagonal:
        a = self.center + self.sigma * (1 - self.signs * z)
        return Diagonal(torch.where((a > 0) & (a < 1), (self.sigma * self.weights).sqrt(), 0.0))


@dataclass(frozen=True)
class Softmax:
    """log Σ_c exp(z_c) − z_y, the multinomial cross-entropy, for one-hot labels (n, k)."""

    one_hot: Tensor
    weights: Tensor
    coupled = True

    def value(self, z: Tensor) -> Tensor:
        each = torch.logsumexp(z, 1) - (self.one_hot * z).sum(1)
        return (self.weights[:, 0] * each).sum()[None]

    def gradient(self, z: Tensor) -> Tensor:
        return self.weights * (torch.softmax(z, 1) - self.one_hot)

    def root(self, z: Tensor) -> _SoftmaxRoot:
        return _SoftmaxRoot(torch.softmax(z, 1).sqrt(), self.weights.sqrt())

    def intercept(self, f: Tensor, b: Tensor) -> Tensor:
        """Newton with halved steps on the k intercepts; their mean is zero."""
        value = self.value(f + b)
        for _ in range(100):
            p = torch.softmax(f + b, 1)
            slope = (self.weights * (p - self.one_hot)).sum(0)
            if float(slope.abs().max()) <= 1e-14 * float(self.weights.sum()):
                break
            weighted = self.weights * p
            curvature = weighted.sum(0).diag() - weighted.T @ p
            # constants are free: any curvature along them gives the step of mean zero
            curvature += curvature.diagonal().mean() / len(b)
            step, size = torch.linalg.solve(curvature, slope), 1.0
            tried = self.value(f + b - step)
            while not bool(tried <= value) and size > 1e-8:
                size /= 2
                tried = self.value(f + b - size * step)
            if not bool(tried < value) and size < 1:
                break
            b, value = b - size * step, tried
        return b - b.mean()
