"""Losses of linear classification as functions of the scores; their weights contain C."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

__all__ = ["Hinge", "Loss", "Margin", "Softmax", "SquaredHinge"]


class Loss(ABC):
    """A convex, differentiable loss of scores of shape (n, k).

    Attributes
    ----------
    curvature : float
        Of one row of weight one, about: it only sets units.
    n_outputs : int
        k.
    """

    curvature: float
    n_outputs: int

    @abstractmethod
    def values(self, scores: Tensor) -> Tensor:
        """Sum over the rows: (k,) for k problems side by side, (1,) for one of k columns."""


class Softmax(Loss):
    """Cross-entropy of class scores; two classes have one score, that of the second."""

    curvature = 0.25

    def __init__(self, codes: Tensor, n_classes: int, weights: Tensor) -> None:
        self.codes, self.weights = codes, weights
        self.n_outputs = 1 if n_classes == 2 else n_classes

    def values(self, scores: Tensor) -> Tensor:
        if self.n_outputs == 1:
            scores = torch.cat([torch.zeros_like(scores), scores], dim=1)
        each = nn.functional.cross_entropy(scores, self.codes, reduction="none")
        return (self.weights @ each)[None]


class Margin(Loss):
    """A loss of what margins y s lack to one, for signs y of shape (n, k)."""

    def __init__(self, signs: Tensor, weights: Tensor) -> None:
        self.signs, self.weights = signs, weights[:, None]
        self.n_outputs = signs.shape[1]

    def lack(self, scores: Tensor) -> Tensor:
        """1 − y s."""
        return 1 - self.signs * scores

    def slopes(self, scores: Tensor) -> Tensor:
        """The derivative by the scores, (n, k)."""
        return -self.signs * self.multipliers(scores)

    @abstractmethod
    def multipliers(self, scores: Tensor) -> Tensor:
        """The dual variables a, (n, k), at least zero, that go with scores."""

    @abstractmethod
    def bends(self, scores: Tensor) -> Tensor:
        """The second derivative by the scores, (n, k)."""

    @abstractmethod
    def true_values(self, scores: Tensor) -> Tensor:
        """The loss that is meant, (k,), where `values` is a smooth stand-in."""

    @abstractmethod
    def dual_values(self, multipliers: Tensor) -> Tensor:
        """The dual objective but for its norm, (k,)."""

    def advance(self, scores: Tensor) -> bool:
        """Come nearer to the loss that is meant; False if there is nothing to come nearer to."""
        return False


class SquaredHinge(Margin):
    """max(0, 1 − y s)²."""

    curvature = 2.0

    def values(self, scores: Tensor) -> Tensor:
        return (self.weights * self.lack(scores).clamp_min(0).square()).sum(0)

    true_values = values

    def multipliers(self, scores: Tensor) -> Tensor:
        return 2 * self.weights * self.lack(scores).clamp_min(0)

    def bends(self, scores: Tensor) -> Tensor:
        return torch.where(self.lack(scores) > 0, 2 * self.weights, 0.0)

    def dual_values(self, multipliers: Tensor) -> Tensor:
        parts = multipliers.square() / (4 * self.weights)
        return (multipliers - torch.where(self.weights > 0, parts, 0.0)).sum(0)


class Hinge(Margin):
    """max(0, 1 − y s), made smooth about multipliers `center` that follow the solution.

    The stand-in is max over 0 ≤ a ≤ w of a (1 − y s) − (a − center)² / (2 stiffness): that of the
    method of multipliers, exact where the multipliers have settled.
    """

    curvature = 1.0
    _STIFFER, _STIFFEST = 2.0, 1e8

    def __init__(self, signs: Tensor, weights: Tensor) -> None:
        super().__init__(signs, weights)
        self.center, self.stiffness = torch.zeros_like(signs), self.weights

    def values(self, scores: Tensor) -> Tensor:
        a = self.multipliers(scores.detach())
        # a is the best one: its own derivative does not count
        far = (a - self.center).square() / (2 * self.stiffness)
        return (a * self.lack(scores) - torch.where(self.weights > 0, far, 0.0)).sum(0)

    def multipliers(self, scores: Tensor) -> Tensor:
        return torch.minimum(self._free(scores).clamp_min(0), self.weights)

    def bends(self, scores: Tensor) -> Tensor:
        free = self._free(scores)
        return torch.where((free > 0) & (free < self.weights), self.stiffness, 0.0)

    def true_values(self, scores: Tensor) -> Tensor:
        return (self.weights * self.lack(scores).clamp_min(0)).sum(0)

    def dual_values(self, multipliers: Tensor) -> Tensor:
        return multipliers.sum(0)

    def advance(self, scores: Tensor) -> bool:
        self.center = self.multipliers(scores)
        # stiffer converges in fewer rounds, until rounding is all that is left
        self.stiffness = torch.minimum(
            self._STIFFER * self.stiffness, self._STIFFEST * self.weights
        )
        return True

    def _free(self, scores: Tensor) -> Tensor:
        """The best a without its bounds."""
        return self.center + self.stiffness * self.lack(scores)
