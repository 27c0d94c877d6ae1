"""The exercise of linear-regression: minibatch descent, from a prediction to the training."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Fixture,
    Function,
    Group,
    Mistake,
    Number,
    Property,
    any_of,
    close,
    fails,
    like,
    modifies,
)
from gramian.labs.exercises import _descent
from gramian.labs.exercises._evidence import says


def forward(X: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The predictions (n,) of weights w (d,) and bias b (1,) for rows X (n, d)."""
    return X @ w + b


def loss(yhat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Half of the mean of squared errors of predictions yhat (n,) for y (n,)."""
    return (yhat - y).square().mean() / 2


def sgd_step(params: list, rate: float) -> None:
    """Move every tensor of params in place by -rate times its .grad, and clear its .grad.

    The tensors are leaves that require gradients. Cleared means None, or zero everywhere.
    """
    with torch.no_grad():
        for param in params:
            param -= rate * param.grad
            param.grad = None


def train(
    X: torch.Tensor,
    y: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor,
    rate: float,
    batch_size: int,
    epochs: int,
    rng: torch.Generator,
) -> tuple:
    """New w (d,) and b (1,) after so many epochs of minibatch descent from the given ones.

    Every epoch takes each row of X (n, d) and y (n,) once, in an order drawn anew from rng, in
    batches of batch_size rows; the last batch may be smaller.
    """
    params = [w.clone().requires_grad_(), b.clone().requires_grad_()]
    for _ in range(epochs):
        for rows in torch.randperm(len(X), generator=rng).split(batch_size):
            loss(forward(X[rows], *params), y[rows]).backward()
            sgd_step(params, rate)
    return params[0].detach(), params[1].detach()


def _inputs(draw: Draw) -> Iterator[Case]:
    yield Case("one of each", X=np.array([[2.0]]), w=np.array([1.5]), b=np.array([0.5]))
    for label, n, d in (("one row", 1, 3), ("square", 3, 3), ("more rows", 5, 2)):
        yield Case(label, X=draw.normal(n, d), w=draw.normal(d), b=draw.uniform(1, 2, 1))


def _predictions(draw: Draw) -> Iterator[Case]:
    yield Case("one row", yhat=np.array([1.5]), y=np.array([-1.0]))
    yield Case("no error", yhat=np.array([1.0, 2.0]), y=np.array([1.0, 2.0]))
    yield Case("several rows", yhat=draw.normal(5), y=draw.normal(5))
    yield Case("ties", yhat=draw.grid(6), y=draw.grid(6))


def _slopes(draw: Draw) -> Iterator[Case]:
    one = np.array([1.0])
    yield Case("one step", w=one, b=one, dw=2 * one, db=one, rate=0.25, rounds=1)
    for rounds in (1, 2, 4):
        w, dw, b, db = draw.normal(3), draw.normal(3), draw.normal(1), draw.uniform(1, 2, 1)
        yield Case(f"{rounds} rounds", w=w, b=b, dw=dw, db=db, rate=0.1, rounds=rounds)


def _trainings(draw: Draw) -> Iterator[Case]:
    """All rows in one batch, or equal rows: the order decides nothing."""

    def case(label: str, X: np.ndarray, y: np.ndarray, batch_size: int, epochs: int) -> Case:
        return Case(
            label,
            X=X,
            y=y,
            w=draw.normal(X.shape[1]),
            b=draw.uniform(1, 2, 1),
            rate=0.1,
            batch_size=batch_size,
            epochs=epochs,
            rng=Fixture("descent.seeded", seed=draw.seed()),
        )

    yield case("one row", np.array([[1.0]]), np.array([2.0]), 1, 1)
    yield case("no epoch", draw.normal(3, 2), draw.normal(3), 2, 0)
    yield case("one batch", draw.normal(4, 2), draw.normal(4), 4, 3)
    yield case("a batch larger than the data", draw.normal(3, 2), draw.normal(3), 8, 2)
    equal = np.repeat(draw.normal(1, 2), 6, axis=0), np.repeat(draw.normal(1), 6)
    yield case("equal rows in even batches", *equal, 3, 2)
    yield case("equal rows, a smaller last batch", *equal, 4, 2)


EXERCISE = Exercise(
    lab="linear-regression",
    title="Linear regression by minibatches",
    question="Does SGD approach the truth at the predicted rate?",
    background="""\
The model $\\hat y = Xw + b$ has the loss $L = \\frac{1}{2n} \\sum_i (\\hat y_i - y_i)^2$. Its slope
by $w$ is the mean of the errors times the rows, that by $b$ the mean of the errors; the half
cancels the two of the square.

**Minibatches** estimate this slope from a few rows, again and again. It is a mean on purpose: then
the rate does not depend on how many rows are in a batch. With a sum, batches of 32 rows would take
steps 32 times as long. An **epoch** takes every row once, in a new order: rows often lie sorted,
and a batch of rows that are alike is a poor estimate.

`backward` *adds* to the gradients that are there. Whoever takes a step clears them afterwards, or
the next step still goes where the last one went.

For features $N(0, I)$ the expected slope at an error $e$ is $e$ itself: so the error shrinks by
$1 - \\text{rate}$ with every step. The lab measures that.
""",
    arrays="torch",
    functions=(
        Function(
            solution=forward,
            cases=_inputs,
            axes={"X": "nd", "w": "d", "b": "1"},
            returns=Array("n"),
            reference=lambda X, w, b: X @ w + b,
            mistakes=(
                Mistake(
                    "b forgotten",
                    like(lambda X, w, b: X @ w),
                    "A row of zeros gets a prediction too. Which?",
                ),
                Mistake(
                    "no sum over the features",
                    any_of(fails("shape"), like(lambda X, w, b: X * w + b)),
                    "One prediction for each row: which axis disappears?",
                ),
            ),
            example="forward(torch.tensor([[1.0, 2.0]]), torch.tensor([2.0, -3.4]), "
            "torch.tensor([4.2]))",
        ),
        Function(
            solution=loss,
            cases=_predictions,
            axes={"yhat": "n", "y": "n"},
            returns=Number(),
            reference=_descent.halved_loss,
            mistakes=(
                Mistake(
                    "one half forgotten",
                    like(lambda yhat, y: 2 * _descent.halved_loss(yhat, y)),
                    "What cancels the two that comes down from the square?",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(lambda yhat, y: len(y) * _descent.halved_loss(yhat, y)),
                    "If each row came twice, would the loss change?",
                ),
                Mistake(
                    "no square",
                    like(lambda yhat, y: float(np.abs(yhat - y).mean() / 2)),
                    "Which power of the error is it?",
                ),
            ),
            example="loss(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 0.0]))",
        ),
        Function(
            solution=sgd_step,
            cases=_slopes,
            axes={"w": "d", "b": "1", "dw": "d", "db": "1"},
            returns=Group(w=Array("d"), b=Array("1")),
            through="descent.stepped",
            reference=_descent.stepped,
            mistakes=(
                Mistake(
                    "update inside the graph",
                    says("leaf"),
                    "A step is no part of the model. Take it under `torch.no_grad()`.",
                ),
                Mistake(
                    "gradients not cleared",
                    like(_descent.accumulated),
                    "The next backward adds to what it finds. What should it find?",
                ),
                Mistake(
                    "new tensors in place of moved ones",
                    like(lambda **given: _descent.stepped(**{**given, "rounds": 0})),
                    "The caller keeps the old tensors. Move these, in place.",
                ),
                Mistake(
                    "uphill",
                    like(lambda **given: _descent.stepped(**{**given, "rate": -given["rate"]})),
                    "The gradient points to where the loss grows.",
                ),
            ),
            task="`params` is a list, such as `[w, b]`. It is tried on two tensors `w` and `b`, to "
            "whose `.grad` the values `dw` and `db` are added before each of so many `rounds`.",
        ),
        Function(
            solution=train,
            cases=_trainings,
            axes={"X": "nd", "y": "n", "w": "d", "b": "1"},
            returns=Group(w=Array("d"), b=Array("1")),
            valid=_descent.no_order,
            properties=(
                Property(
                    "an epoch over four rows takes each of them once",
                    lambda f, **given: all(
                        any(close(end, right, 1e-4) for right in _descent.reachable())
                        for end in _descent.ends(f, 2)
                    ),
                    "With batches of one row, count how often each row is taken.",
                ),
                Property(
                    "with another generator, four rows are taken in another order",
                    lambda f, **given: len(set(_descent.ends(f, 6))) > 1,
                    "`torch.randperm` draws an order, and takes a generator.",
                ),
            ),
            reference=_descent.trained,
            hint="Count the steps of one epoch, and take the first one by hand.",
            mistakes=(
                Mistake(
                    "steps in place",
                    modifies("w", "b"),
                    "The caller's weights change with every step. Begin with copies.",
                ),
                Mistake(
                    "no shuffle",
                    fails("with another generator, four rows are taken in another order"),
                    "Rows in the order of the file make batches that are alike. Draw an order.",
                ),
                Mistake(
                    "gradient not zeroed",
                    like(partial(_descent.trained, kept=1.0)),
                    "Each step uses the gradient of this batch alone. Is it cleared before?",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(partial(_descent.trained, summed=True)),
                    "The step grows with the number of rows in a batch. Which loss descends?",
                ),
                Mistake(
                    "one half forgotten",
                    like(lambda **given: _descent.trained(**{**given, "rate": 2 * given["rate"]})),
                    "Every step is too long by one factor. Which loss descends?",
                ),
                Mistake(
                    "b is never moved",
                    like(partial(_descent.trained, bias=0.0)),
                    "b learns too.",
                ),
                Mistake(
                    "smaller last batch left out",
                    any_of(
                        fails("an epoch over four rows takes each of them once"),
                        like(partial(_descent.trained, whole=True)),
                    ),
                    "Are all rows taken where their number is no multiple of the batch size?",
                ),
            ),
            task="Use `forward`, `loss` and `sgd_step`.",
            example="""\
train(
        torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([2.0, 4.0, 6.0]),
        torch.zeros(1), torch.zeros(1), 0.1, 2, 50, torch.Generator().manual_seed(0),
    )""",
        ),
    ),
)
