"""Nets of a few units that labs train from many starts, and XOR."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gramian import train
from gramian.labs.experiments._chains import chain

__all__ = [
    "CORNERS",
    "LABELS",
    "Repeated",
    "learner",
    "net_of",
    "solves_xor",
    "squared_error",
    "uniform_net",
]

CORNERS = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
LABELS = torch.tensor([[1.0], [-1.0], [1.0], [-1.0]])
RATE = 0.1
SOLVED = 1e-3
"""Loss below which XOR counts as learnt."""


class Repeated(train.DataModule):
    """The same batch of all points, so many times an epoch."""

    def __init__(self, X: Tensor, y: Tensor, times: int) -> None:
        super().__init__()
        self.batches = [(X, y)] * times

    def get_dataloader(self, train: bool) -> Any:
        return self.batches if train else None


def squared_error(outputs: Tensor, y: Tensor) -> Tensor:
    return (outputs - y).square().mean()


def learner(net: nn.Module, lr: float = RATE, loss: Any = squared_error) -> train.Learner:
    """The net with plain gradient descent."""
    return train.Learner(net, loss=loss, optimizer=lambda weights: train.SGD(weights, lr))


def net_of(weights: Any, activation: Callable[[], nn.Module]) -> nn.Sequential:
    """A net with two hidden units and the given weights."""
    net = nn.Sequential(nn.Linear(2, 2), activation(), nn.Linear(2, 1))
    with torch.no_grad():
        for own, value in zip(net.parameters(), weights, strict=True):
            own.copy_(torch.as_tensor(value))
    return net


def uniform_net(
    sizes: Sequence[int],
    seed: int,
    activation: Callable[[], nn.Module] = nn.ReLU,
    bound: float = 0.2,
) -> nn.Sequential:
    """Linear layers drawn from U(−bound, bound): unit by unit, its weights and then its bias."""
    rng = torch.Generator().manual_seed(seed)

    def drawn(inputs: int, outputs: int) -> nn.Module:
        linear = nn.utils.skip_init(nn.Linear, inputs, outputs)
        with torch.no_grad():
            for unit in zip(linear.weight, linear.bias, strict=True):
                for own in unit:
                    own.uniform_(-bound, bound, generator=rng)
        return linear

    return chain(sizes, drawn, activation)


def solves_xor(
    sizes: Sequence[int],
    activation: Callable[[], nn.Module],
    seeds: Sequence[int],
    *,
    epochs: int,
    steps: int,
) -> np.ndarray:
    """Whether each start, one for each seed, learns XOR in so many epochs of so many steps."""
    sweep = train.fit_many(
        partial(_random_learner, sizes, activation),
        Repeated(CORNERS, LABELS, steps),
        lrs=[RATE],
        seeds=seeds,
        max_epochs=epochs,
    )
    return np.array([run.steps["train_loss"][-1] < SOLVED for run in sweep])


def _random_learner(
    sizes: Sequence[int], activation: Callable[[], nn.Module], lr: float, seed: int
) -> train.Learner:
    return learner(uniform_net(sizes, seed, activation), lr)
