"""The exercise of one-neuron: a linear neuron, its gradients, and learning rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Group,
    Mistake,
    Number,
    Plain,
    Property,
    Scalar,
    any_of,
    close,
    fails,
    like,
    modifies,
)


def forward(w: torch.Tensor, b: float, x: torch.Tensor) -> torch.Tensor:
    """The output w.x + b of a neuron with weights w (d,) for one input x (d,)."""
    return (w * x).sum() + b


def loss(yhat: float, y: float) -> float:
    """The squared error of a prediction."""
    return (y - yhat) ** 2


def gradients(w: torch.Tensor, b: float, x: torch.Tensor, y: float) -> tuple:
    """The derivatives of the loss by w, as (d,), and by b, as a number."""
    slope = 2 * (forward(w, b, x) - y)
    return slope * x, slope


def train(w: torch.Tensor, b: float, x: torch.Tensor, y: float, mu: float, epochs: int) -> list:
    """The losses before each of so many steps of gradient descent at rate mu, as floats."""
    losses = []
    for _ in range(epochs):
        losses.append(loss(float(forward(w, b, x)), y))
        dw, db = gradients(w, b, x, y)
        w, b = w - mu * dw, b - mu * db
    return losses


def _neurons(draw: Draw) -> Iterator[tuple[str, dict[str, Any]]]:
    own = {name: draw.scalar(name) for name in ("w0", "w1", "b", "x0", "x1", "y")}
    yield "one feature", {"w": np.array([2.0]), "b": 1.0, "x": np.array([0.5]), "y": -1.0}
    yield (
        "your own numbers",
        {
            "w": np.array([own["w0"], own["w1"]]),
            "b": own["b"],
            "x": np.array([own["x0"], own["x1"]]),
            "y": own["y"],
        },
    )
    w, x = draw.normal(3), draw.normal(3)
    yield "three features", {"w": w, "b": draw.number(1, 2), "x": x, "y": draw.number(-3, -2)}


def _inputs(draw: Draw) -> Iterator[Case]:
    for label, given in _neurons(draw):
        yield Case(label, w=given["w"], b=given["b"], x=given["x"])


def _predictions(draw: Draw) -> Iterator[Case]:
    yield Case("no error", yhat=1.5, y=1.5)
    yield Case("too high", yhat=draw.number(1, 2), y=draw.number(-2, 0))
    yield Case("too low", yhat=draw.number(-2, 0), y=draw.number(1, 2))


def _points(draw: Draw) -> Iterator[Case]:
    for label, given in _neurons(draw):
        yield Case(label, **given)


def _trainings(draw: Draw) -> Iterator[Case]:
    for label, given in _neurons(draw):
        yield Case(f"{label}, no step", dtypes=("float64",), **given, mu=0.1, epochs=0)
        yield Case(f"{label}, one step", dtypes=("float64",), **given, mu=0.1, epochs=2)
        yield Case(f"{label}, slowly", dtypes=("float64",), **given, mu=0.01, epochs=20)


def _output(w: np.ndarray, b: float, x: np.ndarray) -> float:
    return float(w @ x) + b


def _slopes(w: np.ndarray, b: float, x: np.ndarray, y: float) -> tuple[np.ndarray, float]:
    slope = 2 * (_output(w, b, x) - y)
    return slope * x, slope


def _losses(
    *, sign: float = -1.0, kept: float = 0.0, bias: float = 1.0
) -> Callable[..., list[float]]:
    """Losses of gradient descent, or of what learners make of it: ``kept`` adds up gradients."""

    def trained(
        w: np.ndarray, b: float, x: np.ndarray, y: float, mu: float, epochs: int
    ) -> list[float]:
        losses, dw, db = [], np.zeros_like(w), 0.0
        for _ in range(epochs):
            losses.append((_output(w, b, x) - y) ** 2)
            new_dw, new_db = _slopes(w, b, x, y)
            dw, db = kept * dw + new_dw, kept * db + new_db
            w, b = w + sign * mu * dw, b + sign * mu * bias * db
        return losses

    return trained


def _keeps_graph(evidence: Any) -> bool:
    outcome = evidence.outcome(evidence.failing)
    return fails("every loss is a float, without the graph it came from")(evidence) and any(
        isinstance(item, np.ndarray) for item in getattr(outcome, "value", [])
    )


EXERCISE = Exercise(
    lab="one-neuron",
    title="One neuron",
    question="Which learning rates converge?",
    background="""\
A linear neuron predicts $\\hat y = w \\cdot x + b$, with the loss $L = (y - \\hat y)^2$. Gradient
descent repeats $w \\leftarrow w - \\mu\\, \\partial L / \\partial w$ and
$b \\leftarrow b - \\mu\\, \\partial L / \\partial b$, both from the same $\\hat y$. For one
point each step multiplies the error by the same factor; the rate decides how large it is.
""",
    arrays="torch",
    scalars={
        "w0": Scalar(0.4, low=0.2, high=0.9, step=0.1),
        "w1": Scalar(0.1, low=0.1, high=0.8, step=0.1),
        "b": Scalar(1.0, low=0.5, high=1.5, step=0.1),
        "x0": Scalar(0.5, low=0.2, high=0.9, step=0.1),
        "x1": Scalar(0.4, low=0.2, high=0.9, step=0.1),
        "y": Scalar(-0.5, low=-0.9, high=-0.1, step=0.1),
    },
    functions=(
        Function(
            solution=forward,
            cases=_inputs,
            axes={"w": "d", "x": "d"},
            returns=Number(),
            properties=(
                Property(
                    "without weights the output is b",
                    lambda f, w, b, x: close(f(0 * w, b, x), b),
                    "What is left when every weight is zero?",
                ),
            ),
            reference=_output,
            mistakes=(
                Mistake(
                    "b forgotten",
                    like(lambda w, b, x: _output(w, 0.0, x)),
                    "The output does not move when b does.",
                ),
                Mistake(
                    "no sum over the features",
                    any_of(fails("shape"), like(lambda w, b, x: w * x + b)),
                    "A neuron has one output, however many features go in.",
                ),
            ),
            example="forward(torch.tensor([w0, w1]), b, torch.tensor([x0, x1]))",
        ),
        Function(
            solution=loss,
            cases=_predictions,
            returns=Number(),
            reference=lambda yhat, y: (y - yhat) ** 2,
            mistakes=(
                Mistake(
                    "no square",
                    any_of(like(lambda yhat, y: abs(y - yhat)), like(lambda yhat, y: y - yhat)),
                    "Which power of the error is the loss?",
                ),
                Mistake(
                    "one half too many",
                    like(lambda yhat, y: (y - yhat) ** 2 / 2),
                    "This loss has no factor in front.",
                ),
            ),
            example="loss(1.24, y)",
        ),
        Function(
            solution=gradients,
            cases=_points,
            axes={"w": "d", "x": "d"},
            returns=Group(dw=Array("d"), db=Number()),
            properties=(
                Property(
                    "the derivative by w is the one by b times x",
                    lambda f, w, b, x, y: close(f(w, b, x, y)[0], f(w, b, x, y)[1] * x, 1e-4),
                    "b is a weight whose input is always one.",
                ),
            ),
            reference=_slopes,
            mistakes=(
                Mistake(
                    "sign",
                    like(lambda w, b, x, y: tuple(-g for g in _slopes(w, b, x, y))),
                    "Does the loss grow where the derivative is positive?",
                ),
                Mistake(
                    "factor two forgotten",
                    like(lambda w, b, x, y: tuple(g / 2 for g in _slopes(w, b, x, y))),
                    "A square has an exponent that comes down.",
                ),
                Mistake(
                    "b forgotten",
                    like(lambda w, b, x, y: _slopes(w, 0.0, x, y)),
                    "The error is that of the whole neuron.",
                ),
            ),
            example="gradients(torch.tensor([w0, w1]), b, torch.tensor([x0, x1]), y)",
        ),
        Function(
            solution=train,
            cases=_trainings,
            axes={"w": "d", "x": "d"},
            returns=Plain("a list", list),
            properties=(
                Property(
                    "there is one loss for each epoch",
                    lambda f, w, b, x, y, mu, epochs: len(f(w, b, x, y, mu, epochs)) == epochs,
                    "The loss is noted once in every round, before the step.",
                ),
                Property(
                    "every loss is a float, without the graph it came from",
                    lambda f, w, b, x, y, mu, epochs: all(
                        isinstance(item, float) for item in f(w, b, x, y, mu, epochs)
                    ),
                    "float() takes the number out.",
                ),
            ),
            reference=_losses(),
            mistakes=(
                Mistake(
                    "loss stored as a graph",
                    _keeps_graph,
                    "A list of tensors keeps every graph alive. Take the number out.",
                ),
                Mistake(
                    "steps in place",
                    modifies("w"),
                    "The caller's weights change with every step. Make new ones.",
                ),
                Mistake(
                    "uphill",
                    like(_losses(sign=1.0)),
                    "The gradient points to where the loss grows.",
                ),
                Mistake(
                    "gradients accumulate",
                    like(_losses(kept=1.0)),
                    "Each step uses the gradient of this round alone. Is it set to zero before?",
                ),
                Mistake(
                    "b is never moved",
                    like(_losses(bias=0.0)),
                    "b learns too.",
                ),
            ),
            task="Use `forward`, `loss` and `gradients`.",
            example="train(torch.tensor([w0, w1]), b, torch.tensor([x0, x1]), y, 0.1, 5)",
        ),
    ),
)
