"""The exercise of teacher-student: a net that learns from a net."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import nn

from gramian.labs.checking import (
    Anything,
    Exercise,
    Function,
    Mistake,
    Number,
    Property,
    close,
    fails,
    like,
)
from gramian.labs.checking.comparing import same
from gramian.labs.exercises import _teacher_student as _own


def make_teacher(sizes: list, generator: torch.Generator) -> nn.Sequential:
    """Linear layers from sizes[0] to sizes[-1] numbers, with ReLU between them.

    All weights and biases are drawn from N(0, 1) by the generator. None takes gradients.
    """
    layers = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    teacher = nn.Sequential(*layers[:-1]).requires_grad_(False)
    for parameter in teacher.parameters():
        parameter.normal_(generator=generator)
    return teacher


def make_test_set(teacher: nn.Module, n: int, d: int, seed: int) -> tuple:
    """Inputs X (n, d) from U[0, 2], and y (n,): the teacher's answers, standardised.

    Drawn by a generator of its own with this seed. y has the mean 0 and the variance 1.
    """
    X = 2 * torch.rand(n, d, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        y = teacher(X)[:, 0]
    return X, (y - y.mean()) / y.std(correction=0)


def nmse(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean squared error of predictions y_hat (n,) over the variance of the targets y (n,).

    The variance is the mean squared distance from the mean.
    """
    return ((y_hat - y) ** 2).mean() / ((y - y.mean()) ** 2).mean()


def train_step(
    student: nn.Module, teacher: nn.Module, optimizer: torch.optim.Optimizer, X: torch.Tensor
) -> float:
    """One step of the optimiser on the mean squared error between both nets' answers to X (n, d).

    Gives the error before the step as a float. The teacher's parameters get no gradients.
    """
    with torch.no_grad():
        y = teacher(X)
    loss = ((student(X) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def best_rate(rates: torch.Tensor, errors: torch.Tensor) -> float:
    """The entry of rates (r,) that has the least entry of errors (r,); of equal ones the first.

    An error of NaN is a run that diverged. It is never the best.
    """
    return float(rates[errors.nan_to_num(nan=torch.inf).argmin()])


_NO_GRADIENTS = "the teacher's parameters have no gradients afterwards"
_SAME = "asked again with the same seed, it is the same set"
_FIXED = "no parameter of the teacher takes gradients"
_NORMAL = "weights look like draws from N(0, 1), and so do biases"
_SCALED = "y has the mean 0 and the variance 1"

EXERCISE = Exercise(
    lab="teacher-student",
    title="A net that learns from a net",
    question="What do too small, equal and too large students learn?",
    background="""\
A teacher is a net with fixed random parameters. A student sees fresh inputs in every batch, and the
teacher's answers to them. Its error on a fixed test set is

$$\\mathrm{NMSE} = \\frac{\\operatorname{mean} (\\hat y - y)^2}{\\operatorname{var} y},$$

which is 1 for a student that always answers the mean. The answers of a teacher with $N(0, 1)$
parameters are in the hundreds, so they are standardised before anything learns from them.
""",
    arrays="torch",
    imports="from itertools import pairwise\n\nimport torch\nfrom torch import nn",
    functions=(
        Function(
            solution=make_teacher,
            cases=_own.nets,
            returns=Anything(),
            through="networks.made",
            properties=(
                Property(
                    "there is a weight and a bias of the right shape for every layer",
                    lambda f, sizes, seed, X: (
                        [p.shape for p in f(sizes, seed, X)["parameters"]] == _own.shapes(sizes)
                    ),
                    "Every two neighbours among the sizes make a layer.",
                ),
                Property(
                    "there is a ReLU between the layers, and none behind the last",
                    lambda f, sizes, seed, X: close(
                        f(sizes, seed, X)["answers"],
                        _own.forward(f(sizes, seed, X)["parameters"], X),
                        1e-4,
                    ),
                    "A ReLU behind the last layer takes every negative answer away.",
                ),
                Property(
                    _FIXED, lambda f, **case: not f(*case.values())["trainable"], "Who learns?"
                ),
                Property(
                    "equal generators make equal teachers",
                    lambda f, **case: f(*case.values())["same again"],
                    "Everything is drawn by the generator that is given.",
                ),
                Property(
                    _NORMAL,
                    lambda f, **case: all(map(_own.normal, f(*case.values())["parameters"])),
                    "How far do the numbers of a wide layer spread?",
                ),
            ),
            mistakes=(
                Mistake(
                    "a teacher that takes gradients",
                    fails(_FIXED),
                    "Only the student learns. Which switch turns gradients off?",
                ),
                Mistake(
                    "the usual first weights",
                    fails(_NORMAL),
                    "Layers start with small numbers of their own. Draw all of them anew.",
                ),
            ),
            example="make_teacher([3, 4, 1], torch.Generator().manual_seed(0))",
        ),
        Function(
            solution=make_test_set,
            cases=_own.sets,
            returns=Anything(),
            through="networks.drawn_twice",
            properties=(
                Property(
                    "there are n rows of d inputs, and n answers without a further axis",
                    lambda f, teacher, n, d, seed: (
                        [p.shape for p in f(teacher, n, d, seed)["first"]] == [(n, d), (n,)]
                    ),
                    "Print both shapes. The teacher answers with a column.",
                ),
                Property(
                    "the entries of X fill the interval from 0 to 2",
                    lambda f, **case: _own.fills(f(*case.values())["first"][0]),
                    "How far does torch.rand reach, and how far should X?",
                ),
                Property(
                    _SAME,
                    lambda f, **case: same(f(*case.values())["first"], f(*case.values())["second"]),
                    "Which generator is drawn from?",
                ),
                Property(
                    "up to a shift and a factor, y holds the teacher's answers",
                    lambda f, **case: close(
                        _own.standardised(f(*case.values())["first"][1]),
                        _own.standardised(f(*case.values())["answers"][:, 0]),
                        1e-3,
                    ),
                    "y belongs to the rows of X, in their order.",
                ),
                Property(
                    _SCALED,
                    lambda f, **case: close(
                        _own.standardised(f(*case.values())["first"][1]),
                        f(*case.values())["first"][1],
                        1e-2,
                    ),
                    "What is subtracted, and by what is divided?",
                ),
            ),
            mistakes=(
                Mistake(
                    "the test set is redrawn",
                    fails(_SAME),
                    "Every call draws another set, and errors on different sets do not compare.",
                ),
                Mistake(
                    "raw targets",
                    fails(_SCALED),
                    "The teacher's answers are large and far from zero. Standardise them.",
                ),
            ),
            example="make_test_set(nn.Linear(3, 1), 5, 3, 0)",
        ),
        Function(
            solution=nmse,
            cases=_own.pairs,
            axes={"y_hat": "n", "y": "n"},
            returns=Number(),
            valid=lambda y_hat, y: len(set(y.tolist())) > 1,
            properties=(
                Property(
                    "the mean of y as the only prediction has the error 1",
                    lambda f, y_hat, y: close(f(np.full_like(y, y.mean()), y), 1.0, 1e-3),
                    "What is the error of somebody who knows the mean alone?",
                ),
            ),
            reference=lambda y_hat, y: ((y_hat - y) ** 2).mean() / y.var(),
            mistakes=(
                Mistake(
                    "not divided",
                    like(lambda y_hat, y: ((y_hat - y) ** 2).mean()),
                    "The error is compared with how far the targets spread.",
                ),
                Mistake(
                    "divided by the mean square",
                    like(lambda y_hat, y: ((y_hat - y) ** 2).mean() / (y**2).mean()),
                    "Where the targets are far from zero, their squares are no spread.",
                ),
            ),
            example="nmse(torch.tensor([0.0, 1.0]), torch.tensor([3.0, -1.0]))",
        ),
        Function(
            solution=train_step,
            cases=_own.steps,
            returns=Anything(),
            through="networks.stepped",
            properties=(
                Property(
                    "every error is a float, without the graph it came from",
                    lambda f, **case: all(
                        isinstance(loss, float) for loss in f(*case.values())["losses"]
                    ),
                    "A tensor keeps its whole graph alive. float() takes the number out.",
                ),
                Property(
                    _NO_GRADIENTS,
                    lambda f, **case: not f(*case.values())["teacher has gradients"],
                    "Which part of the computation should leave no graph?",
                ),
            ),
            reference=_own.trained(),
            mistakes=(
                Mistake(
                    "the teacher receives gradients",
                    fails(_NO_GRADIENTS),
                    "The teacher's answers are data. Compute them without gradients.",
                ),
                Mistake(
                    "gradients accumulate",
                    like(_own.trained(accumulates=True)),
                    "Each step uses the gradient of this batch alone. Is it set to zero before?",
                ),
                Mistake(
                    "all answers with all",
                    like(_own.trained(broadcasts=True)),
                    "A column minus a row is a table. Compare the two shapes.",
                ),
            ),
            task="Both nets answer with a column (n, 1).",
        ),
        Function(
            solution=best_rate,
            cases=_own.sweeps,
            axes={"rates": "r", "errors": "r"},
            returns=Number(),
            valid=lambda rates, errors: bool(np.isfinite(errors).any()),
            reference=lambda rates, errors: float(rates[np.nanargmin(errors)]),
            mistakes=(
                Mistake(
                    "the default rate",
                    like(lambda rates, errors: 1e-3),
                    "A rate that suits one net may be wrong for another. Look at the errors.",
                ),
                Mistake(
                    "a diverged run wins",
                    like(lambda rates, errors: float(rates[np.argmin(errors)])),
                    "NaN is no small error. Which entries may be compared?",
                ),
            ),
            example="best_rate(torch.tensor([0.1, 1.0]), torch.tensor([0.5, torch.nan]))",
        ),
    ),
)
