"""One small exercise, and a way to let any text be checked on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Mistake,
    Number,
    Property,
    close,
    fails,
    like,
    modifies,
)
from gramian.labs.checking.grading import Grade, Order, grade
from gramian.labs.checking.process import Limits


def row_sums(A: np.ndarray) -> np.ndarray:
    """The sum of every row of A (n, d), as (n,)."""
    return A.sum(axis=1)


def total(A: np.ndarray) -> float:
    """The sum of all entries of A (n, d)."""
    return float(A.sum())


def _tables(draw: Draw) -> Iterator[Case]:
    yield Case("one row", A=draw.normal(1, 3))
    yield Case("non-square", A=draw.normal(6, 4))


TINY = Exercise(
    lab="tiny",
    title="Sums",
    question="Which axis disappears?",
    background="Sums.",
    arrays="numpy",
    functions=(
        Function(
            solution=row_sums,
            cases=_tables,
            axes={"A": "nd"},
            returns=Array("n"),
            properties=(
                Property(
                    "twice the table has twice the sums",
                    lambda f, A: close(f(2 * A) / 2, f(A)),
                    "A sum is linear.",
                ),
            ),
            reference=lambda A: A.sum(axis=1),
            hint="Add up by hand.",
            mistakes=(
                Mistake("changes A", modifies("A"), "Leave the table alone."),
                Mistake("wrong axis", like(lambda A: A.sum(axis=0)), "Which axis?"),
                Mistake("too large", fails("memory"), "Use less."),
            ),
        ),
        Function(
            solution=total,
            cases=_tables,
            returns=Number(),
            axes={"A": "nd"},
            reference=lambda A: A.sum(),
        ),
    ),
)

IMPATIENT = Limits(function=3.0, file=10.0)

Checked = Callable[..., Grade]


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """``checked(text, name="a.py")``: the grade of a submission to the small exercise."""

    def check(
        text: str,
        *,
        name: str = "a.py",
        only: str | None = None,
        seed: int = 1,
        impatient: bool = False,
    ) -> Grade:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        limits = IMPATIENT if impatient else Limits()
        return grade(Order(TINY, seed, only=only, limits=limits), path)

    return check
