"""The exercise of fashion-mlp: a net with one hidden layer, by hand."""

from __future__ import annotations

from collections.abc import Iterator
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
    Mistake,
    Plain,
    Property,
    Tolerance,
    any_of,
    fails,
    like,
    modifies,
)
from gramian.labs.exercises import _mlp
from gramian.labs.exercises._starts import OWN_MEMORY, REPEATABLE, rows_differ, shapes_of


def relu(X: torch.Tensor) -> torch.Tensor:
    """Every entry of X, or 0 where it is negative; X stays as it is."""
    return X.clamp(min=0)


def forward(params: list, X: torch.Tensor) -> torch.Tensor:
    """Scores (n, k) for images X (n, height, width), by params [W1, b1, W2, b2].

    Each image is flattened to a row of d pixels. W1 (d, q) and b1 (q,) lead to q hidden units with
    ReLU, W2 (q, k) and b2 (k,) to the scores.
    """
    W1, b1, W2, b2 = params
    return relu(X.reshape(len(X), -1) @ W1 + b1) @ W2 + b2


def init(d: int, q: int, k: int, sigma: float, generator: torch.Generator) -> list:
    """[W1, b1, W2, b2] for `forward`: weights from N(0, sigma**2), biases zero.

    All weights come from the generator.
    """
    W1 = sigma * torch.randn(d, q, generator=generator)
    W2 = sigma * torch.randn(q, k, generator=generator)
    return [W1, torch.zeros(q), W2, torch.zeros(k)]


def train(params: list, X: torch.Tensor, y: torch.Tensor, rate: float, steps: int) -> list:
    """New [W1, b1, W2, b2] after so many steps of gradient descent, each on all images.

    The loss is the mean cross-entropy of the scores with labels y (n,). The arguments stay as they
    are.
    """
    params = [p.clone().requires_grad_() for p in params]
    for _ in range(steps):
        loss = torch.nn.functional.cross_entropy(forward(params, X), y)
        gradients = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, g in zip(params, gradients, strict=True):
                p -= rate * g
    return [p.detach() for p in params]


def _entries(draw: Draw) -> Iterator[Case]:
    yield Case("one entry", X=draw.normal(1, 1))
    yield Case("all negative", X=-draw.uniform(0.5, 2, 2, 2))
    yield Case("both signs", X=np.array([[1.5, -2.0], [-0.5, 3.0]]))
    yield Case("ties at zero", X=draw.grid(3, 4))
    yield Case("many entries", X=draw.normal(4, 5))


def _net(draw: Draw, d: int, q: int, k: int) -> list[np.ndarray]:
    return [draw.normal(d, q), draw.normal(q), draw.normal(q, k), draw.normal(k)]


def _images(draw: Draw, count: int, height: int, width: int, q: int, k: int) -> dict[str, Any]:
    """A net and images; no unit is near its kink, so that rounding decides nothing."""
    while True:
        params, X = _net(draw, height * width, q, k), draw.normal(count, height, width)
        if (np.abs(X.reshape(count, -1) @ params[0] + params[1]) > 0.02).all():
            return {"params": params, "X": X}


def _forwards(draw: Draw) -> Iterator[Case]:
    for label, *sizes in (
        ("one of each", 1, 1, 1, 1, 1),
        ("one image", 1, 2, 2, 3, 2),
        ("one hidden unit", 3, 2, 2, 1, 2),
        ("as many units as pixels", 2, 2, 2, 4, 4),
        ("several images", 5, 2, 3, 4, 3),
    ):
        yield Case(label, **_images(draw, *sizes))


def _starts(draw: Draw) -> Iterator[Case]:
    for d, q, k in ((1, 1, 1), (4, 3, 2), (2, 5, 3), (4, 4, 4), (60, 50, 40)):
        label = f"d = {d}, q = {q}, k = {k}"
        given: dict[str, Any] = {
            "d": d,
            "q": q,
            "k": k,
            "sigma": draw.number(0.1, 0.5),
            "seed": draw.seed(),
        }
        yield Case(label, dtypes=("float64",), **given)


def _trainings(draw: Draw) -> Iterator[Case]:
    for label, steps, *sizes in (
        ("no step", 0, 1, 2, 2, 2, 2),
        ("one step, one image", 1, 1, 2, 2, 2, 2),
        ("one step", 1, 4, 2, 2, 3, 3),
        ("three steps", 3, 4, 2, 2, 3, 3),
    ):
        y = draw.labels(sizes[0], sizes[-1])
        yield Case(label, **_images(draw, *sizes), y=y, rate=0.05, steps=steps)


def _weights(found: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    W1, _, W2, _ = found["parameters"]
    return W1, W2


def _spread(found: dict[str, Any], sigma: float) -> bool:
    """Where there are many weights, their deviation is about sigma."""
    return all(W.size < 1000 or 0.9 < W.std() / sigma < 1.1 for W in _weights(found))


def _own_weights(found: dict[str, Any]) -> bool:
    """No two units are alike, and the layers are no copies of each other."""
    W1, W2 = _weights(found)
    m, n = min(len(W1), len(W2)), min(W1.shape[1], W2.shape[1])
    return rows_differ(W1.T) and rows_differ(W2.T) and not np.array_equal(W1[:m, :n], W2[:m, :n])


SHAPES = "the shapes are (d, q), (q,), (q, k) and (k,)"
ZERO = "the biases are zero"
OWN = "every unit has weights of its own"
SPREAD = "the standard deviation of many weights is close to sigma"

EXERCISE = Exercise(
    lab="fashion-mlp",
    title="A net with one hidden layer",
    question="Does a hidden layer help, does a second, and what does batch size cost?",
    background="""\
Scores $o = \\mathrm{relu}(x W_1 + b_1) W_2 + b_2$. Without the ReLU, two layers are one: a product
of matrices is a matrix. With ReLU on the output, no score could be negative.
""",
    arrays="torch",
    functions=(
        Function(
            solution=relu,
            cases=_entries,
            axes={"X": "nm"},
            returns=Array("nm"),
            reference=lambda X: np.maximum(X, 0),
            mistakes=(
                Mistake(
                    "in place",
                    modifies("X"),
                    "X belongs to the caller. Writing into X[X < 0], or a name that ends with an "
                    "underscore, changes it.",
                ),
                Mistake(
                    "the size in place of the positive part",
                    like(lambda X: np.abs(X)),
                    "Negative entries become zero, not positive.",
                ),
                Mistake(
                    "one number for all",
                    fails("shape"),
                    "Compare every entry with zero; do not look for the largest one.",
                ),
            ),
            example="relu(torch.tensor([[-1.0, 2.0]]))",
        ),
        Function(
            solution=forward,
            cases=_forwards,
            axes={"X": "nhw"},
            valid=lambda params, X: X[0].size == len(params[0]),
            returns=Array("nk"),
            reference=_mlp.scores,
            mistakes=(
                Mistake(
                    "no bend",
                    like(lambda params, X: _mlp.scores(params, X, bend=False)),
                    "Nothing happens between the two products, so they are one.",
                ),
                Mistake(
                    "ReLU on the output",
                    like(lambda params, X: _mlp.scores(params, X, bent_output=True)),
                    "Scores may be negative.",
                ),
            ),
            task="Use `relu`.",
        ),
        Function(
            solution=init,
            cases=_starts,
            through="starts.drawn",
            returns=Anything(),
            properties=(
                Property(
                    SHAPES,
                    lambda f, d, q, k, sigma, seed: (
                        shapes_of(f(d, q, k, sigma, seed)) == [(d, q), (q,), (q, k), (k,)]
                    ),
                    "Print the shape of every tensor that you return.",
                ),
                Property(
                    ZERO,
                    lambda f, d, q, k, sigma, seed: (
                        not any(b.any() for b in f(d, q, k, sigma, seed)["parameters"][1::2])
                    ),
                    "Only weights are drawn.",
                ),
                OWN_MEMORY,
                REPEATABLE,
                Property(
                    OWN,
                    lambda f, d, q, k, sigma, seed: _own_weights(f(d, q, k, sigma, seed)),
                    "Draw a number for every entry of both matrices.",
                ),
                Property(
                    SPREAD,
                    lambda f, d, q, k, sigma, seed: _spread(f(d, q, k, sigma, seed), sigma),
                    "randn has the deviation one. What happens to it when all is multiplied?",
                ),
            ),
            mistakes=(
                Mistake(
                    "the same weights twice",
                    any_of(fails(OWN_MEMORY.statement), fails(OWN)),
                    "One object under two names learns as one, and units that start alike stay "
                    "alike. Draw for each layer.",
                ),
                Mistake(
                    "all zero",
                    fails(REPEATABLE.statement),
                    "Another generator must give other weights. Which of them come out of it?",
                ),
                Mistake(
                    "the variance in place of the deviation",
                    fails(SPREAD),
                    "sigma is the standard deviation; its square is the variance.",
                ),
            ),
            task="`torch.randn(shape, generator=generator)` draws from N(0, 1).",
            example="init(4, 3, 2, 0.01, torch.Generator().manual_seed(0))",
        ),
        Function(
            solution=train,
            cases=_trainings,
            axes={"X": "nhw", "y": "n"},
            valid=lambda params, X, y, rate, steps: X[0].size == len(params[0]),
            returns=Plain("a list", list),
            reference=_mlp.trained,
            tolerance=Tolerance(1e-9, 1e-3),
            mistakes=(
                Mistake(
                    "steps in place",
                    modifies("params"),
                    "The caller's tensors change with every step. Work on copies.",
                ),
                Mistake(
                    "uphill",
                    like(
                        lambda params, X, y, rate, steps: _mlp.trained(params, X, y, -rate, steps)
                    ),
                    "The gradient points to where the loss grows.",
                ),
                Mistake(
                    "gradients accumulate",
                    like(lambda **given: _mlp.trained(**given, kept=1.0)),
                    "Each step uses the gradient of this round alone. Is it set to zero before?",
                ),
                Mistake(
                    "only the last layer learns",
                    like(lambda **given: _mlp.trained(**given, layers=1)),
                    "The loss depends on the first layer too.",
                ),
            ),
            task="Use `forward`. `torch.nn.functional.cross_entropy(scores, y)` is the loss.",
        ),
    ),
)
