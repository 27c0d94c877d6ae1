"""Inputs and truths of the exercise of teacher-student."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

from gramian.labs.checking import Case, Draw, Fixture
from gramian.labs.checking.fixtures.networks import relu_net, stepped

__all__ = [
    "fills",
    "forward",
    "nets",
    "normal",
    "pairs",
    "sets",
    "shapes",
    "standardised",
    "steps",
    "sweeps",
    "trained",
]


def nets(draw: Draw) -> Iterator[Case]:
    for label, sizes in (
        ("one linear layer", [3, 1]),
        ("one hidden layer", [4, 5, 1]),
        ("wide layers", [60, 50, 40, 1]),
    ):
        X = draw.uniform(0, 2, 4, sizes[0])
        yield Case(label, dtypes=("float32",), sizes=sizes, seed=draw.seed(), X=X)


def _net(draw: Draw, *sizes: int) -> Fixture:
    parameters = [draw.normal(*shape) for shape in shapes(list(sizes))]
    return Fixture("networks.relu_net", parameters=parameters)


def sets(draw: Draw) -> Iterator[Case]:
    for n, d in ((400, 1), (300, 6)):
        teacher = _net(draw, d, 5, 1)
        yield Case(f"{d} inputs", teacher=teacher, n=n, d=d, seed=draw.seed())


def pairs(draw: Draw) -> Iterator[Case]:
    yield Case("two rows", y_hat=np.array([0.0, 1.0]), y=np.array([3.0, -1.0]))
    yield Case("right predictions", y_hat=np.array([1.5, 2.0]), y=np.array([1.5, 2.0]))
    yield Case("far from zero", y_hat=draw.normal(7) + 50, y=draw.normal(7) + 50)
    yield Case("many rows", y_hat=draw.normal(20), y=draw.normal(20, scale=3))


def steps(draw: Draw) -> Iterator[Case]:
    for label, count, d in (("one step", 1, 2), ("three steps", 3, 3)):
        yield Case(
            label,
            dtypes=("float32",),
            student=_net(draw, d, 4, 1),
            teacher=_net(draw, d, 3, 1),
            batches=[draw.uniform(0, 2, 5, d) for _ in range(count)],
        )


def sweeps(draw: Draw) -> Iterator[Case]:
    yield Case("one rate", rates=np.array([0.25]), errors=np.array([3.0]))
    rates = np.array([0.004, 0.02, 0.1, 0.5])
    yield Case("a valley", rates=rates, errors=np.array([2.0, 0.5, 1.0, 4.0]))
    yield Case("equal errors", rates=rates[::-1].copy(), errors=np.array([3.0, 1.0, 1.0, 2.0]))
    yield Case("a run diverged", rates=rates, errors=np.array([0.75, 0.5, 1.0, np.nan]))
    yield Case("the first diverged", rates=rates, errors=np.array([np.nan, 3.0, 2.0, 2.5]))
    yield Case("any errors", rates=rates, errors=draw.uniform(0.1, 3, 4))


def forward(parameters: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    """The answers of a net with ReLU between its layers."""
    for k in range(0, len(parameters), 2):
        X = X @ parameters[k].T + parameters[k + 1]
        if k < len(parameters) - 2:
            X = np.maximum(X, 0)
    return X


def shapes(sizes: list[int]) -> list[tuple[int, ...]]:
    """Of every weight and bias."""
    return [shape for n_in, n_out in pairwise(sizes) for shape in ((n_out, n_in), (n_out,))]


def fills(X: np.ndarray) -> bool:
    """Whether hundreds of numbers may be a draw from U[0, 2]."""
    return 0 <= X.min() < 0.2 and 1.8 < X.max() <= 2


def standardised(y: np.ndarray) -> np.ndarray:
    return (y - y.mean()) / y.std()


def normal(values: np.ndarray) -> bool:
    """Whether some numbers may be a draw from N(0, 1); five standard errors, for 40 at least."""
    n = values.size
    error = 5 / n**0.5
    return n < 40 or (abs(float(values.mean())) < error and abs(float(values.std()) - 1) < error)


def trained(
    *, accumulates: bool = False, broadcasts: bool = False
) -> Callable[..., dict[str, Any]]:
    """What steps lead to, right or with one mistake."""

    def step(student: nn.Module, teacher: nn.Module, optimizer: Any, X: torch.Tensor) -> float:
        y = teacher(X).detach()
        errors = student(X) - (y[:, 0] if broadcasts else y)
        loss = errors.square().mean()
        if not accumulates:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    def run(student: Fixture, teacher: Fixture, batches: list[np.ndarray]) -> dict[str, Any]:
        learns, teaches = (
            relu_net([torch.from_numpy(p) for p in net.options["parameters"]])
            for net in (student, teacher)
        )
        found = stepped(step, learns, teaches, [torch.from_numpy(X).float() for X in batches])
        arrays = {
            name: [p.detach().numpy() for p in found[name]] for name in ("student", "teacher")
        }
        return found | arrays

    return run
