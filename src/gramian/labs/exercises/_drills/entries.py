"""Drills that go entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Function,
    Mistake,
    Number,
    Plain,
    any_of,
    fails,
    like,
)
from gramian.labs.exercises._drills.cases import matrices, matrix_pairs, vector_pairs, vectors

__all__ = ["ENTRIES"]


def squares(X: torch.Tensor) -> torch.Tensor:
    """The square of every entry of X (n, m)."""
    return X**2


def quotients(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Every entry of a (n,) divided by that of b (n,)."""
    return a / b


def scaled_and_moved(X: torch.Tensor, factor: float, step: float) -> torch.Tensor:
    """Every entry of X (n, m) times factor, and then plus step."""
    return factor * X + step


def exponentials(v: torch.Tensor) -> torch.Tensor:
    """e to the power of every entry of v (n,)."""
    return torch.exp(v)


def equal_places(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """For every place of X (n, m) and Y (n, m), whether both entries are equal."""
    return X == Y


def count_larger(a: torch.Tensor, b: torch.Tensor) -> int:
    """At how many places the entry of a (n,) is larger than that of b (n,), as a Python int."""
    return int((a > b).sum())


def total(X: torch.Tensor) -> torch.Tensor:
    """The sum of all entries of X (n, m): one number."""
    return X.sum()


def _moved(draw: Draw) -> Iterator[Case]:
    for case in matrices(draw):
        factor, step = draw.number(1.5, 3), draw.number(0.5, 1)
        yield Case(case.label, X=case.arguments["X"], factor=factor, step=step)


_drill = partial(Function, group="entries")

ENTRIES = (
    _drill(
        solution=squares,
        cases=matrices,
        axes={"X": "nm"},
        returns=Array("nm"),
        reference=lambda X: X**2,
        mistakes=(
            Mistake(
                "@ in place of ∗",
                like(lambda X: X @ X),
                "x @ x sums over an axis. Entries are to stay by themselves.",
            ),
            Mistake(
                "doubled",
                like(lambda X: 2 * X),
                "Twice a number is its square only now and then.",
            ),
        ),
        example="squares(torch.tensor([[2.0, 3.0], [5.0, 6.0]]))",
    ),
    _drill(
        solution=quotients,
        cases=vector_pairs,
        axes={"a": "n", "b": "n"},
        returns=Array("n"),
        valid=lambda a, b: bool((b != 0).all()),
        reference=lambda a, b: a / b,
        mistakes=(
            Mistake(
                "whole quotients",
                like(lambda a, b: a // b),
                "Two strokes drop what stands behind the point.",
            ),
            Mistake(
                "the other way round",
                like(lambda a, b: b / a),
                "Which of the two is divided?",
            ),
        ),
        example="quotients(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 2.0]))",
    ),
    _drill(
        solution=scaled_and_moved,
        cases=_moved,
        axes={"X": "nm"},
        returns=Array("nm"),
        reference=lambda X, factor, step: factor * X + step,
        mistakes=(
            Mistake(
                "moved before it is scaled",
                like(lambda X, factor, step: factor * (X + step)),
                "The step is not multiplied.",
            ),
        ),
        example="scaled_and_moved(torch.zeros(2, 2), 3.0, 1.0)",
    ),
    _drill(
        solution=exponentials,
        cases=vectors,
        axes={"v": "n"},
        returns=Array("n"),
        reference=lambda v: np.exp(v),
        mistakes=(
            Mistake(
                "powers of two",
                like(lambda v: 2.0**v),
                "The base is e.",
            ),
        ),
        example="exponentials(torch.arange(3.0))",
    ),
    _drill(
        solution=equal_places,
        cases=matrix_pairs,
        axes={"X": "nm", "Y": "nm"},
        returns=Array("nm", "boolean"),
        reference=lambda X, Y: X == Y,
        mistakes=(
            Mistake(
                "one truth value for all",
                any_of(fails("type"), fails("shape")),
                "Every place has a truth value of its own.",
            ),
        ),
        example="equal_places(torch.zeros(2, 2), torch.eye(2))",
    ),
    _drill(
        solution=count_larger,
        cases=vector_pairs,
        axes={"a": "n", "b": "n"},
        returns=Plain("a Python int", int),
        reference=lambda a, b: int((a > b).sum()),
        mistakes=(
            Mistake(
                "ties are counted",
                like(lambda a, b: int((a >= b).sum())),
                "Is a number larger than itself?",
            ),
            Mistake(
                "a tensor in place of a number",
                fails("type"),
                "A tensor with one entry is not yet a Python number.",
            ),
        ),
        example="count_larger(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 2.0]))",
    ),
    _drill(
        solution=total,
        cases=matrices,
        axes={"X": "nm"},
        returns=Number(),
        reference=lambda X: X.sum(),
        mistakes=(
            Mistake(
                "a sum for each column",
                any_of(fails("shape"), like(lambda X: X.sum(0))),
                "No axis is left over.",
            ),
            Mistake(
                "the mean",
                like(lambda X: X.mean()),
                "Repeat the matrix below itself: what should happen to the sum?",
            ),
        ),
        example="total(torch.arange(6.0).reshape(2, 3))",
    ),
)
