"""Networks trained on orbits in the plane, and what their weights say of the data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import torch
from torch import Tensor, nn

from gramian import symmetry, train
from gramian.labs.experiments._small_nets import Repeated
from gramian.symmetry import GroupAnalysis

__all__ = ["ACCEPTED", "CIRCULANT", "Case", "Reading", "circles", "preserved", "train_nets"]

UNITS, ORBITS, THRESHOLDS = 12, 5, 4
RATE, STRENGTH = 0.02, 10.0
NEAR = 0.05
"""A moved point must lie this near to a point of the set, relative to its radius."""
ACCEPTED, CIRCULANT = 0.95, 0.999
"""Share of points that must be kept; circulance that passes for a cyclic group."""


def circles(order: int, radii: Sequence[float], rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """An orbit of turns on a circle of each radius, at a random angle, labelled by the circle."""
    turns = symmetry.Cyclic(order).plane()
    angles = 2 * math.pi * torch.rand(len(radii), generator=rng)
    starts = torch.stack([angles.cos(), angles.sin()], 1) * torch.tensor(radii)[:, None]
    points = torch.cat([turns.orbit(start) for start in starts]).float()
    return points, torch.arange(len(radii)).repeat_interleave(order)


@dataclass(frozen=True)
class Case:
    """What a net is trained on.

    Attributes
    ----------
    points : Tensor of shape (n, 2)
    labels : Tensor of shape (n,), int64
    strength : float
        Of the penalty.
    pooled : bool
        Whether the readout sees the units together.
    """

    points: Tensor
    labels: Tensor
    strength: float = STRENGTH
    pooled: bool = True


class OrbitLearner(train.Module):
    """A net that tells orbits apart, penalised where the rows of its Gramian differ."""

    strength: Tensor

    def __init__(self, case: Case, lr: float, seed: int) -> None:
        super().__init__()
        thresholds = THRESHOLDS if case.pooled else None
        self.net = symmetry.OrbitNet(2, UNITS, ORBITS, n_thresholds=thresholds, random_state=seed)
        self.lr = lr
        self.penalty = symmetry.SymmetryRegularizer(random_state=0)
        self.register_buffer("strength", torch.tensor(case.strength))

    def loss(self, scores: Tensor, labels: Tensor) -> Tensor:
        fit = nn.functional.cross_entropy(scores, labels)
        penalty: Tensor = self.penalty(self.net.weight)
        return fit + self.strength * penalty

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.net.parameters(), lr=self.lr)


def train_nets(case: Case, steps: int, seeds: Sequence[int]) -> list[Tensor]:
    """The weights (12, 2) of a net for each seed."""
    falling = partial(
        torch.optim.lr_scheduler.LambdaLR,
        lr_lambda=lambda step: min(1.0, 3 * (1 - step / steps)),
    )
    sweep = train.fit_many(
        partial(OrbitLearner, case),
        Repeated(case.points, case.labels, steps),
        lrs=[RATE],
        seeds=seeds,
        max_epochs=1,
        schedule=train.Schedule(falling, "step"),
    )
    return [model.net.weight.detach() for model in sweep.models]


def preserved(move: Tensor, points: Tensor, labels: Tensor) -> float:
    """The share of points that a map sends near to a point with the same label."""
    gaps = torch.cdist(points @ move.T, points)
    nearest = gaps.argmin(1)
    near = gaps.amin(1) < NEAR * points.norm(dim=1)
    return float((near & (labels[nearest] == labels)).float().mean())


@dataclass(frozen=True)
class Reading:
    """What the weights of one net show.

    Attributes
    ----------
    weight : Tensor of shape (12, 2)
    points, labels : Tensor
        Held out, made like the data that the net has seen.
    """

    weight: Tensor
    points: Tensor
    labels: Tensor

    @cached_property
    def order(self) -> Tensor:
        """The units by angle."""
        return torch.atan2(self.weight[:, 1], self.weight[:, 0]).argsort()

    @cached_property
    def gramian(self) -> Tensor:
        return self.weight @ self.weight.T

    def pooled(self, x: Tensor) -> Tensor:
        """Two sums over the units, of their responses to inputs and of the squares."""
        responses = (x @ self.weight.T).relu()
        return torch.stack([responses.sum(1), responses.square().sum(1)], 1)

    @cached_property
    def group(self) -> GroupAnalysis | None:
        return symmetry.identify_group(self.gramian, random_state=0)

    @property
    def named(self) -> bool:
        """Whether training converged to the cyclic group of all units."""
        known = self.group is not None and self.group.name == f"C{UNITS}"
        return known and self.circulance >= CIRCULANT

    @cached_property
    def circulance(self) -> float:
        """Of the Gramian with the units by angle."""
        return symmetry.circulance(self.gramian[self.order][:, self.order])

    @cached_property
    def generator(self) -> Tensor:
        """The map of the plane that takes each unit to the next by angle, by least squares."""
        after = torch.empty_like(self.order)
        after[self.order] = self.order.roll(-1)
        maps = symmetry.input_maps(after[None], self.weight)
        return maps.matrices[0].float()

    @cached_property
    def kept(self) -> float:
        """The share of held-out points that the generator keeps."""
        return preserved(self.generator, self.points, self.labels)
