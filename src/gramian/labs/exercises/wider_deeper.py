"""The exercise of wider-deeper: nets of any depth, their start and their step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from gramian.labs.checking import (
    Anything,
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Group,
    Mistake,
    Plain,
    Property,
    fails,
    like,
)
from gramian.labs.exercises._starts import OWN_MEMORY, REPEATABLE, rows_differ, shapes_of


def init(sizes: list, a: float, generator: torch.Generator) -> list:
    """[W1, b1, W2, b2, ...] for layers of these sizes, every number drawn from U(-a, a).

    Sizes [2, 3, 1] are two inputs, three hidden units and one output. Layer i has a matrix
    (sizes[i], sizes[i - 1]), a row for each unit, and a vector (sizes[i],). All numbers come from
    the generator.
    """
    params = []
    for fan_in, fan_out in pairwise(sizes):
        for shape in ((fan_out, fan_in), (fan_out,)):
            params.append(2 * a * torch.rand(shape, generator=generator) - a)
    return params


def forward(params: list, X: torch.Tensor) -> torch.Tensor:
    """Outputs (n, k) for rows X (n, d): x W.T + b in each layer, and ReLU between layers."""
    for i in range(0, len(params), 2):
        if i > 0:
            X = X.clamp(min=0)
        X = X @ params[i].T + params[i + 1]
    return X


def update_all(params: list, gradients: list, rate: float) -> None:
    """One step of gradient descent on every tensor of params, in its own memory."""
    for p, g in zip(params, gradients, strict=True):
        p -= rate * g


def _sizes(draw: Draw) -> Iterator[Case]:
    for sizes in ([1, 1], [2, 2, 1], [2, 3, 1], [2, 3, 2, 1], [1, 4, 4, 2], [40, 50, 30]):
        label = "sizes " + " ".join(map(str, sizes))
        yield Case(label, dtypes=("float64",), sizes=sizes, a=draw.number(0.2, 2), seed=draw.seed())


def _net(draw: Draw, sizes: tuple[int, ...]) -> list[np.ndarray]:
    return [
        part
        for fan_in, fan_out in pairwise(sizes)
        for part in (draw.normal(fan_out, fan_in), draw.normal(fan_out))
    ]


def _inputs(draw: Draw) -> Iterator[Case]:
    for label, n, sizes in (
        ("one number", 1, (1, 1)),
        ("no hidden layer", 3, (2, 1)),
        ("one hidden layer", 2, (2, 3, 1)),
        ("two hidden layers", 4, (2, 3, 2, 1)),
        ("layers of one size", 3, (3, 3, 3)),
        ("several outputs", 5, (2, 4, 3)),
    ):
        yield Case(label, params=_net(draw, sizes), X=draw.normal(n, sizes[0]))


def _steps(draw: Draw) -> Iterator[Case]:
    for label, sizes in (
        ("one layer", (1, 1)),
        ("one hidden layer", (2, 3, 1)),
        ("two hidden layers", (2, 3, 2, 1)),
    ):
        params, gradients = _net(draw, sizes), _net(draw, sizes)
        yield Case(label, params=params, gradients=gradients, rate=draw.number(0.1, 0.5))


def _shapes(sizes: list[int]) -> list[tuple[int, ...]]:
    return [shape for m, n in pairwise(sizes) for shape in ((n, m), (n,))]


def _answer(params: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    for i in range(0, len(params), 2):
        X = (np.maximum(X, 0) if i else X) @ params[i].T + params[i + 1]
    return X


def _straight(params: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    for W, b in zip(params[::2], params[1::2], strict=True):
        X = X @ W.T + b
    return X


def _without_bias(params: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    return _answer([p * (k % 2 == 0) for k, p in enumerate(params)], X)


def _stepped(
    params: list[np.ndarray], gradients: list[np.ndarray], rate: float
) -> tuple[None, list[np.ndarray]]:
    return None, [p - rate * g for p, g in zip(params, gradients, strict=True)]


def _units_differ(found: dict[str, Any]) -> bool:
    """No two units of a layer have the same weights and bias."""
    parts = found["parameters"]
    layers = zip(parts[::2], parts[1::2], strict=True)
    return all(rows_differ(np.column_stack([W, b])) for W, b in layers)


def _fills(found: dict[str, Any], a: float) -> bool:
    """The first matrix reaches close to both ends, where it is large."""
    W = found["parameters"][0]
    return W.size < 1000 or bool(W.min() < -0.9 * a and W.max() > 0.9 * a)


SHAPES = "layer i has a matrix (sizes[i], sizes[i - 1]) and a vector (sizes[i],)"
INSIDE = "no number is larger in size than a"
UNITS = "no two units of a layer start alike"
FILLS = "the numbers of a large layer reach close to both ends"

EXERCISE = Exercise(
    lab="wider-deeper",
    title="Nets of any width and depth",
    question="Does width or depth help small nets?",
    background="""\
A net is a list of matrices and vectors, $W_1, b_1, W_2, b_2, \\dots$ Written with loops over this
list, one program trains nets of every width and depth.

Units that start alike get equal gradients and stay alike for ever: a layer of them is one unit.
""",
    arrays="torch",
    imports="from itertools import pairwise\n\nimport torch",
    functions=(
        Function(
            solution=init,
            cases=_sizes,
            through="starts.drawn",
            returns=Anything(),
            properties=(
                Property(
                    SHAPES,
                    lambda f, sizes, a, seed: shapes_of(f(sizes, a, seed)) == _shapes(sizes),
                    "Print the shape of every tensor that you return.",
                ),
                Property(
                    INSIDE,
                    lambda f, sizes, a, seed: all(
                        (np.abs(p) <= a * (1 + 1e-6)).all() for p in f(sizes, a, seed)["parameters"]
                    ),
                    "Which law has no number outside an interval?",
                ),
                REPEATABLE,
                Property(
                    UNITS,
                    lambda f, sizes, a, seed: _units_differ(f(sizes, a, seed)),
                    "Every unit needs numbers of its own.",
                ),
                Property(
                    FILLS,
                    lambda f, sizes, a, seed: _fills(f(sizes, a, seed), a),
                    "rand gives numbers between 0 and 1. Where must they be moved?",
                ),
                OWN_MEMORY,
            ),
            mistakes=(
                Mistake(
                    "shared units",
                    fails(UNITS),
                    "All units of a layer start alike, so they stay alike. Draw for each unit.",
                ),
                Mistake(
                    "normal numbers",
                    fails(INSIDE),
                    "Normal numbers have no largest one. U(-a, a) has.",
                ),
                Mistake(
                    "numbers of one sign",
                    fails(FILLS),
                    "The lower end is -a, not 0.",
                ),
                Mistake(
                    "the generator is not used",
                    fails(REPEATABLE.statement),
                    "Two calls with equal generators differ, so some numbers come from elsewhere.",
                ),
            ),
            task="`torch.rand(shape, generator=generator)` draws from U(0, 1).",
            example="init([2, 3, 1], 0.2, torch.Generator().manual_seed(8))",
        ),
        Function(
            solution=forward,
            cases=_inputs,
            axes={"X": "nd"},
            valid=lambda params, X: X.shape[1] == params[0].shape[1],
            returns=Array("nk"),
            reference=_answer,
            mistakes=(
                Mistake(
                    "ReLU on the output",
                    like(lambda params, X: np.maximum(_answer(params, X), 0)),
                    "Labels are negative too. Can your output be?",
                ),
                Mistake(
                    "no bend between layers",
                    like(_straight),
                    "Without ReLU, many layers are one.",
                ),
                Mistake(
                    "biases forgotten",
                    like(_without_bias),
                    "What is the output where every input is zero?",
                ),
            ),
            example="forward([torch.ones(3, 2), torch.zeros(3)], torch.ones(1, 2))",
        ),
        Function(
            solution=update_all,
            cases=_steps,
            modifies=("params",),
            returns=Group(returned=Plain("nothing", type(None)), params=Plain("a list", list)),
            reference=_stepped,
            mistakes=(
                Mistake(
                    "a copy is written",
                    like(lambda params, gradients, rate: (None, params)),
                    "The caller's tensors stay as they were. p = p - ... gives the name p to a new "
                    "tensor, and .clone() and .data.clone() are copies.",
                ),
                Mistake(
                    "uphill",
                    like(lambda params, gradients, rate: _stepped(params, gradients, -rate)),
                    "The gradient points to where the loss grows.",
                ),
                Mistake(
                    "only the first layer",
                    like(
                        lambda params, gradients, rate: (
                            None,
                            _stepped(params[:2], gradients[:2], rate)[1] + params[2:],
                        )
                    ),
                    "Every layer learns.",
                ),
            ),
            example="update_all([torch.zeros(2)], [torch.ones(2)], 0.1)",
        ),
    ),
)
