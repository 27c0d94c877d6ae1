"""Random teachers, the students that learn from them, and what is compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from scipy.stats import ks_2samp
from torch import Tensor, nn

import gramian as gm
from gramian import train
from gramian.labs.experiments._chains import chain

__all__ = [
    "EQUAL",
    "TEST",
    "Fresh",
    "Standardised",
    "Student",
    "distance",
    "linear_nmse",
    "nmse",
    "parameters_of",
    "relu_net",
]

INPUTS, BATCH, TEST, VALIDATION = 100, 128, 60_000, 4_000
EQUAL = (75, 50, 10)


def relu_net(hidden: Sequence[int]) -> nn.Sequential:
    """Linear layers with ReLU between them, from 100 inputs to one output."""
    return chain([INPUTS, *hidden, 1])


class Standardised(nn.Module):
    """A net with random parameters whose answers have mean 0 and variance 1."""

    def __init__(self, rng: torch.Generator) -> None:
        super().__init__()
        self.net = relu_net(EQUAL).requires_grad_(False)
        for parameter in self.net.parameters():
            parameter.normal_(generator=rng)
        answers = self.net(inputs(TEST, rng))
        self.register_buffer("mean", answers.mean())
        self.register_buffer("scale", answers.std())

    def forward(self, X: Tensor) -> Tensor:
        standard: Tensor = (self.net(X) - self.mean) / self.scale
        return standard


class Student(train.Module):
    """A net that learns from one of several teachers: its targets are one column of y."""

    teacher: Tensor

    def __init__(self, net: nn.Module, teacher: Tensor, lr: float) -> None:
        super().__init__()
        self.net, self.lr = net, lr
        self.register_buffer("teacher", teacher)

    def loss(self, y_hat: Tensor, y: Tensor) -> Tensor:
        return nn.functional.mse_loss(y_hat, y @ self.teacher[:, None])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.net.parameters(), lr=self.lr, fused=True)


class Fresh(train.DataModule):
    """New inputs in every batch, with the answers of all teachers; the same for validation."""

    batch_size = VALIDATION

    def __init__(self, teachers: Sequence[nn.Module], steps: int, seed: int) -> None:
        super().__init__(random_state=seed)
        self.teachers, self.steps = teachers, steps
        self.validation = self.draw(VALIDATION)

    def draw(self, n: int) -> tuple[Tensor, Tensor]:
        """Inputs (n, 100) and answers (n, n_teachers)."""
        X = inputs(n, self.generator)
        return X, torch.cat([teacher(X) for teacher in self.teachers], 1)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        return (self.draw(BATCH) for _ in range(self.steps))

    def get_dataloader(self, train: bool) -> Any:
        return self if train else self.get_tensorloader(self.validation, train=False)


def inputs(n: int, rng: torch.Generator) -> Tensor:
    return 2 * torch.rand(n, INPUTS, generator=rng)


def nmse(model: nn.Module, X: Tensor, y: Tensor) -> float:
    return float((train.predict(model, X)[:, 0] - y).square().mean() / y.var(correction=0))


def linear_nmse(data: Fresh, X: Tensor, y: Tensor) -> list[float]:
    """The test error of a linear fit to each teacher's answers to as many inputs."""
    known, answers = data.draw(TEST)
    # float32 loses digits in so many rows
    model = gm.LinearRegression().fit(known.double(), answers.double())
    errors = model.predict(X.double()) - y
    found: list[float] = (errors.square().mean(0) / y.var(0, correction=0)).tolist()
    return found


def parameters_of(net: nn.Module) -> list[np.ndarray]:
    """The parameters of each layer."""
    layers = [layer for layer in net.modules() if isinstance(layer, nn.Linear)]
    return [nn.utils.parameters_to_vector(layer.parameters()).detach().numpy() for layer in layers]


def distance(net: nn.Module, teacher: nn.Module) -> float:
    """The Kolmogorov–Smirnov distance between all parameters of two nets."""
    ours, theirs = (np.concatenate(parameters_of(one)) for one in (net, teacher))
    return float(ks_2samp(ours, theirs, method="asymp").statistic)
