"""The exercise of fashion-softmax: a linear classifier, from its scores to a step of training."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
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
    Property,
    Tolerance,
    close,
    fails,
    like,
    modifies,
    only_on,
)
from gramian.labs.exercises import _softmax
from gramian.labs.exercises._classification import ACCURACY, accuracy


def softmax(S: torch.Tensor) -> torch.Tensor:
    """exp(s_j) / (sum of exp(s_l) over the classes l) in every row of S (n, k), of any size."""
    e = torch.exp(S - S.max(dim=1, keepdim=True).values)
    return e / e.sum(dim=1, keepdim=True)


def cross_entropy(S: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean over rows of -log(softmax(S)) at the class y (n,), for scores S (n, k) of any size.

    y holds whole numbers from 0 on. The log is taken by hand, so that no probability is too small.
    """
    shifted = S - S.max(dim=1, keepdim=True).values
    at_y = shifted.gather(1, y[:, None])[:, 0]
    return (torch.log(torch.exp(shifted).sum(dim=1)) - at_y).mean()


def train_step(
    W: torch.Tensor,
    b: torch.Tensor,
    X: torch.Tensor,
    y: torch.Tensor,
    X_test: torch.Tensor,
    y_test: torch.Tensor,
    rate: float,
) -> tuple:
    """New W (d, k) and b (k,) after one step of gradient descent, and their accuracy on the test.

    Scores are X W + b. The step goes down the cross-entropy of the rows X (n, d) with classes
    y (n,); the accuracy afterwards is that of the rows X_test (m, d) with classes y_test (m,).
    """
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    dW, db = torch.autograd.grad(cross_entropy(X @ W + b, y), (W, b))
    W, b = (W - rate * dW).detach(), (b - rate * db).detach()
    return W, b, accuracy(X_test @ W + b, y_test)


def _tables(draw: Draw) -> Iterator[Case]:
    yield Case("one score", S=np.array([[2.0]]))
    yield Case("one row", S=np.array([[0.0, 1.0]]))
    yield Case("square", S=draw.normal(3, 3))
    yield Case("more classes than rows", S=draw.normal(2, 4))
    yield Case("ties", S=draw.grid(5, 3))
    yield Case("huge scores", S=np.array([[1000.0, 999.0], [0.0, 2.0]]))
    yield Case("huge negative scores", S=np.array([[-1000.0, -1001.0, -1003.0]]))


def _scores(draw: Draw) -> Iterator[Case]:
    for case in _tables(draw):
        S = case.arguments["S"]
        yield Case(case.label, S=S, y=draw.labels(*S.shape))
    S = np.array([[1000.0, 0.0], [0.0, 2.0]])
    yield Case("huge scores, far from the class", S=S, y=np.array([1, 1]))


def _steps(draw: Draw) -> Iterator[Case]:
    def case(label: str, n: int, m: int, d: int, k: int) -> Case:
        return Case(
            label,
            W=draw.normal(d, k),
            b=draw.normal(k),
            X=draw.normal(n, d),
            y=draw.labels(n, k),
            X_test=draw.normal(m, d),
            y_test=draw.labels(m, k),
            rate=draw.number(0.5, 1.5),
        )

    yield case("one row of each", 1, 1, 1, 2)
    yield case("as many test rows", 3, 3, 2, 2)
    yield case("more classes than rows", 2, 5, 3, 4)
    yield case("more rows", 8, 30, 2, 3)


def _classes_exist(W: np.ndarray, y: np.ndarray, y_test: np.ndarray, **others: Any) -> bool:
    return bool((y < W.shape[1]).all() and (y_test < W.shape[1]).all())


def _summed(**given: Any) -> tuple[Any, ...]:
    return _softmax.stepped(**{**given, "rate": len(given["y"]) * given["rate"]})


def _uphill(**given: Any) -> tuple[Any, ...]:
    return _softmax.stepped(**{**given, "rate": -given["rate"]})


EXERCISE = Exercise(
    lab="fashion-softmax",
    title="Softmax regression",
    question="How far does a linear classifier go?",
    background="""\
A linear classifier gives every class a **score**, $s = x^\\top W + b$, and answers the class with
the largest one. **Softmax** turns scores into shares, $p_j = e^{s_j} / \\sum_l e^{s_l}$: positive
numbers of sum 1, in the order of the scores. The **cross-entropy** $-\\log p_y$ is small where the
share of the true class $y$ is near 1; its mean over rows is the loss.

A number added to all scores of a row changes no share. So take away the largest score first:
$e^{1000}$ overflows and $e^{0}$ does not. A share of $e^{-1000}$ is zero for a float, and the log
of zero is infinite; but

$$-\\log p_y = \\log \\sum_l e^{s_l} - s_y$$

needs no share at all. Its slope by $s$ is $p$, minus one at the place of $y$: what the scores
claim, minus what is true.

Softmax of shares is still a row of shares, only flatter. Nothing breaks where it is taken twice:
the net just learns more slowly, and nobody notices.

The test rows say how well the classifier does on what it has never seen. They can say so once: no
step may depend on them.
""",
    arrays="torch",
    functions=(
        Function(
            solution=softmax,
            cases=_tables,
            axes={"S": "nk"},
            returns=Array("nk"),
            properties=(
                Property(
                    "every row has the sum one",
                    lambda f, S: close(f(S).sum(axis=1), np.ones(len(S)), 1e-4),
                    "Which axis are the classes of one row?",
                ),
                Property(
                    "a number added to all scores changes nothing",
                    lambda f, S: close(f(S + 4), f(S)),
                    "A factor common to all terms cancels.",
                ),
            ),
            reference=_softmax.softmax,
            mistakes=(
                Mistake(
                    "overflow",
                    fails("finite"),
                    "exp of a large score is infinite. What may be taken away from all scores?",
                ),
                Mistake(
                    "wrong axis",
                    like(partial(_softmax.softmax, axis=0)),
                    "The shares of one row add up, not those of one class.",
                ),
                Mistake(
                    "one sum for all rows",
                    like(partial(_softmax.softmax, axis=None)),
                    "Every row has a sum of its own. Keep its axis.",
                ),
            ),
            example="softmax(torch.tensor([[0.0, 1.0], [1000.0, 1000.0]]))",
        ),
        Function(
            solution=cross_entropy,
            cases=_scores,
            axes={"S": "nk", "y": "n"},
            returns=Number(),
            valid=lambda S, y: bool((y < S.shape[1]).all()),
            properties=(
                Property(
                    "a number added to all scores changes nothing",
                    lambda f, S, y: close(f(S + 4, y), f(S, y), 1e-4),
                    "Both parts of the formula grow by what is added.",
                ),
                Property(
                    "taking all rows twice changes nothing",
                    lambda f, S, y: close(f(np.tile(S, (2, 1)), np.tile(y, 2)), f(S, y), 1e-4),
                    "A mean over rows does not grow with their number.",
                ),
            ),
            reference=_softmax.cross_entropy,
            hint="Work one row out by hand: the log of the sum, minus the score of the class.",
            mistakes=(
                Mistake(
                    "log of zero",
                    fails("finite"),
                    "A share too small for a float is zero, and its log is lost. Take the log of "
                    "the quotient by hand.",
                ),
                Mistake(
                    "a floor under the share",
                    only_on("huge"),
                    "Something added inside the log hides how wrong a score is. Take the log by "
                    "hand instead.",
                ),
                Mistake(
                    "softmax twice",
                    like(lambda S, y: _softmax.cross_entropy(_softmax.softmax(S), y)),
                    "Scores go in, not shares. Which function takes softmax already?",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(lambda S, y: len(y) * _softmax.cross_entropy(S, y)),
                    "If each row came twice, would the loss change?",
                ),
                Mistake(
                    "sign",
                    like(lambda S, y: -_softmax.cross_entropy(S, y)),
                    "The log of a share is negative. A loss is not.",
                ),
                Mistake(
                    "wrong axis",
                    like(partial(_softmax.cross_entropy, axis=0)),
                    "The sum runs over the classes of one row.",
                ),
            ),
            example="cross_entropy(torch.tensor([[0.0, 1.0], [99.0, 0.0]]), torch.tensor([1, 1]))",
        ),
        ACCURACY,
        Function(
            solution=train_step,
            cases=_steps,
            axes={"W": "dk", "b": "k", "X": "nd", "y": "n", "X_test": "md", "y_test": "m"},
            returns=Group(W=Array("dk"), b=Array("k"), accuracy=Number()),
            valid=_classes_exist,
            properties=(
                Property(
                    "the weights do not depend on the test rows",
                    lambda f, W, b, X, y, X_test, y_test, rate: close(
                        f(W, b, X, y, X_test, y_test, rate)[0],
                        f(W, b, X, y, 1 - X_test, y_test[::-1].copy(), rate)[0],
                    ),
                    "The test judges. It teaches nothing.",
                ),
            ),
            reference=_softmax.stepped,
            tolerance=Tolerance(double=1e-9, single=1e-3),
            hint="Compare each gradient with a difference of losses.",
            mistakes=(
                Mistake(
                    "steps in place",
                    modifies("W", "b"),
                    "The caller's weights change. Make new ones.",
                ),
                Mistake(
                    "test data in training",
                    fails("the weights do not depend on the test rows"),
                    "Rows that have been trained on say nothing about unseen ones.",
                ),
                Mistake(
                    "softmax twice",
                    like(partial(_softmax.stepped, twice=True)),
                    "`cross_entropy` wants scores. What do you give it?",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(_summed),
                    "The step grows with the number of rows. Which loss is it that descends?",
                ),
                Mistake(
                    "uphill",
                    like(_uphill),
                    "The gradient points to where the loss grows.",
                ),
                Mistake(
                    "judged before the step",
                    like(partial(_softmax.stepped, early=True)),
                    "Whose accuracy is it, that of the old weights or that of the new ones?",
                ),
            ),
            task="Use `cross_entropy` and `accuracy`.",
            example="""\
train_step(
        torch.zeros(1, 2), torch.zeros(2), torch.tensor([[1.0], [-1.0]]), torch.tensor([1, 0]),
        torch.tensor([[2.0], [-3.0]]), torch.tensor([1, 0]), 0.1,
    )""",
        ),
    ),
)
