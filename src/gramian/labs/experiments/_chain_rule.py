"""Layered nets in float64 whose gradients are worked out in three ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Generator, Tensor

__all__ = ["LINEAR", "RELU", "SIGMOID", "Net", "errors", "random_net", "tensors"]

Unit = tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]
"""A function of one number, and its slope."""
STEP, NEAR, DECAY = 1e-4, 0.02, 0.1

LINEAR: Unit = (lambda z: 1.0 * z, torch.ones_like)
RELU: Unit = (torch.relu, lambda z: (z > 0).to(z))
SIGMOID: Unit = (torch.sigmoid, lambda z: torch.sigmoid(z) * (1 - torch.sigmoid(z)))


@dataclass(frozen=True)
class Net:
    """Layers a ← φ(W a + b): weights W, b, W, b, …, one unit φ per layer, and one example."""

    weights: list[Tensor]
    units: Sequence[Unit]
    x: Tensor
    y: Tensor
    decay: float = 0.0

    def loss(self, weights: Sequence[Tensor]) -> Tensor:
        """‖ŷ − y‖² + (λ/2) Σ‖W‖²."""
        a = self.x
        for W, b, (phi, _) in zip(weights[::2], weights[1::2], self.units, strict=True):
            a = phi(W @ a + b)
        penalty = sum(W.square().sum() for W in weights[::2])
        return (a - self.y).square().sum() + self.decay / 2 * penalty

    def forward(self) -> tuple[list[Tensor], list[Tensor]]:
        """Every z = W a + b, and every a, the input first."""
        zs, inputs = [], [self.x]
        for W, b, (phi, _) in zip(self.weights[::2], self.weights[1::2], self.units, strict=True):
            zs.append(W @ inputs[-1] + b)
            inputs.append(phi(zs[-1]))
        return zs, inputs

    def by_hand(self) -> list[Tensor]:
        """The chain rule, from the last layer to the first."""
        zs, inputs = self.forward()
        gradients: list[Tensor] = []
        back = 2 * (inputs[-1] - self.y)
        for layer in reversed(range(len(zs))):
            delta = back * self.units[layer][1](zs[layer])
            W = self.weights[2 * layer]
            gradients = [torch.outer(delta, inputs[layer]) + self.decay * W, delta, *gradients]
            back = W.T @ delta
        return gradients

    def automatic(self) -> list[Tensor]:
        leaves = [value.clone().requires_grad_() for value in self.weights]
        return list(torch.autograd.grad(self.loss(leaves), leaves))

    def differences(self) -> list[Tensor]:
        """Central differences of fourth order, one number at a time."""

        def slope(k: int, nudge: Tensor) -> Tensor:
            others = self.weights[:k], self.weights[k + 1 :]
            ends = [
                self.loss([*others[0], self.weights[k] + step * STEP * nudge, *others[1]])
                for step in (-2, -1, 1, 2)
            ]
            return (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * STEP)

        return [
            torch.stack(
                [slope(k, one.view_as(w)) for one in torch.eye(w.numel(), dtype=w.dtype)]
            ).view_as(w)
            for k, w in enumerate(self.weights)
        ]

    def distance(self, ours: list[Tensor], truth: list[Tensor]) -> float:
        """Largest difference of two gradients, relative to max(1, loss)."""
        worst = max(float((a - b).abs().max()) for a, b in zip(ours, truth, strict=True))
        return worst / max(1.0, float(self.loss(self.weights)))

    @property
    def smooth(self) -> bool:
        """Whether no rectifier is near its kink, so that differences can be taken."""
        pairs = zip(self.forward()[0], self.units, strict=True)
        return all(unit is not RELU or bool((z.abs() > NEAR).all()) for z, unit in pairs)


def tensors(*values: Any) -> list[Tensor]:
    return [torch.tensor(value, dtype=torch.float64) for value in values]


def errors(net: Net) -> tuple[float, float]:
    """Distance of gradients by hand from automatic ones, and from differences where possible."""
    ours = net.by_hand()
    truth = net.differences() if net.smooth else ours
    return net.distance(ours, net.automatic()), net.distance(ours, truth)


def random_net(rng: Generator, unit: Unit | None = None) -> Net:
    """Random sizes and units, or that unit; one in four begins at z = 0, one in four is dead."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=rng, dtype=torch.float64)

    def integer(low: int, high: int) -> int:
        return int(torch.randint(low, high, (), generator=rng))

    depth = integer(1, 4)
    sizes = [integer(2, 6) for _ in range(depth + 1)]
    units = [unit or (RELU, SIGMOID, LINEAR)[integer(0, 3)] for _ in range(depth)]
    weights = [w for d, q in pairwise(sizes) for w in (normal(q, d) / d**0.5, normal(q))]
    x, kind = normal(sizes[0]), integer(0, 4)
    if kind == 0:
        weights[1] = -(weights[0] @ x)
    if kind == 1:
        weights[1] = weights[1] - 20
    return Net(weights, units, x, normal(sizes[-1]), DECAY)
