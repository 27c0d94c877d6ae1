"""The exercise of norms-reductions: which axis disappears, and which norm is which."""

from __future__ import annotations

from collections.abc import Iterator

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
    close,
    fails,
    like,
)


def row_normalise(A: torch.Tensor) -> torch.Tensor:
    """A (n, d) with every row divided by its sum, so that rows sum to 1."""
    return A / A.sum(dim=1, keepdim=True)


def norms(v: torch.Tensor) -> tuple:
    """(||v||_1, ||v||_2, ||v||_inf) of a vector v (n,), also where squares overflow."""
    size = v.abs()
    largest = size.max()
    if largest == 0:
        return largest, largest, largest
    return size.sum(), largest * ((size / largest) ** 2).sum().sqrt(), largest


def rmse(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The root of the mean squared difference of a (n,) and b (n,)."""
    return ((a - b) ** 2).mean().sqrt()


def _tables(draw: Draw) -> Iterator[Case]:
    yield Case("one entry", A=draw.uniform(0.2, 2, 1, 1))
    yield Case("one row", A=draw.uniform(0.2, 2, 1, 3))
    yield Case("one column", A=draw.uniform(0.2, 2, 3, 1))
    yield Case("square", A=draw.uniform(0.2, 2, 2, 2))
    yield Case("more columns than rows", A=draw.uniform(0.2, 2, 2, 3))
    yield Case("equal rows", A=np.repeat(draw.uniform(0.2, 2, 1, 2), 3, axis=0))
    yield Case("more rows than columns", A=draw.uniform(0.2, 2, 5, 3))


def _vectors(draw: Draw) -> Iterator[Case]:
    yield Case("one entry", v=draw.normal(1))
    yield Case("all zeros", v=np.zeros(2))
    yield Case("two entries", v=draw.normal(2))
    yield Case("ties", v=draw.grid(4))
    yield Case("many entries", v=draw.normal(9))
    yield Case("entries whose squares overflow", dtypes=("float32",), v=1e30 * draw.normal(3))
    yield Case("entries whose squares overflow", dtypes=("float64",), v=1e200 * draw.normal(3))


def _couples(draw: Draw) -> Iterator[Case]:
    yield Case("one entry", a=draw.normal(1), b=draw.normal(1))
    yield Case("two entries", a=draw.normal(2), b=draw.normal(2))
    yield Case("ties", a=draw.grid(4), b=draw.grid(4))
    yield Case("many entries", a=draw.normal(9), b=draw.normal(9))


def _axis_kept_by_chance(A: np.ndarray) -> np.ndarray:
    return A / A.sum(axis=1)


def _all_norms(v: np.ndarray) -> tuple[float, float, float]:
    largest = float(np.abs(v).max())
    scaled = v / largest if largest else v
    return float(np.abs(v).sum()), largest * float(np.linalg.norm(scaled)), largest


def _squared_norm(v: np.ndarray) -> tuple[float, float, float]:
    return float(np.abs(v).sum()), float((v**2).sum()), float(np.abs(v).max())


def _mean_norms(v: np.ndarray) -> tuple[float, float, float]:
    one, two, largest = _all_norms(v)
    return one / len(v), two / np.sqrt(len(v)), largest


def _rmse(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(((a - b) ** 2).mean()))


def _falling(found: tuple) -> bool:
    one, two, largest = (float(x) for x in found)
    return one >= two * (1 - 1e-5) and two >= largest * (1 - 1e-5)


EXERCISE = Exercise(
    lab="norms-reductions",
    title="Reductions and norms",
    question="Which axis disappears, and which norm is which?",
    background="""\
A reduction along an axis removes it. Where the result must meet the array again, the axis has to
stay, with size 1: that is what `keepdim=True` is for.

$\\|v\\|_1 = \\sum_i |v_i|$, $\\|v\\|_2 = \\sqrt{\\sum_i v_i^2}$ and
$\\|v\\|_\\infty = \\max_i |v_i|$. A mean squared error is not a norm: it is $\\|v\\|_2^2 / n$.
""",
    arrays="torch",
    functions=(
        Function(
            solution=row_normalise,
            cases=_tables,
            axes={"A": "nd"},
            returns=Array("nd"),
            valid=lambda A: bool((A > 0).all()),
            properties=(
                Property(
                    "every row of the result sums to 1",
                    lambda f, A: close(f(A).sum(axis=1), np.ones(len(A)), 1e-4),
                    "Which axis does the sum run along, and does every row meet its own sum?",
                ),
                Property(
                    "scaling the table changes nothing",
                    lambda f, A: close(f(2 * A), f(A)),
                    "Only shares of a row may remain.",
                ),
            ),
            reference=lambda A: np.stack([row / row.sum() for row in A]),
            mistakes=(
                Mistake(
                    "keepdim forgotten",
                    like(_axis_kept_by_chance),
                    "The sums have lost an axis, and broadcasting lines them up with the columns. "
                    "A square table hides it.",
                ),
                Mistake(
                    "wrong axis",
                    like(lambda A: A / A.sum(axis=0, keepdims=True)),
                    "Now the columns sum to one. Which axis must disappear in the sum?",
                ),
                Mistake(
                    "mean in place of the sum",
                    like(lambda A: A / A.mean(axis=1, keepdims=True)),
                    "Dividing by the mean leaves rows that sum to the number of columns.",
                ),
            ),
            example="row_normalise(torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]))",
        ),
        Function(
            solution=norms,
            cases=_vectors,
            axes={"v": "n"},
            returns=Group(one=Number(), two=Number(), inf=Number()),
            properties=(
                Property(
                    "no norm is below the next: one, two, infinity",
                    lambda f, v: _falling(f(v)),
                    "Compare the three definitions on a vector with one entry that is not zero.",
                ),
                Property(
                    "doubling the vector doubles its norms",
                    lambda f, v: close(np.array(f(2 * v)), 2 * np.array(f(v)), 1e-4),
                    "A norm has the unit of the entries.",
                ),
            ),
            reference=_all_norms,
            mistakes=(
                Mistake(
                    "squared norm",
                    like(_squared_norm, enough=2),
                    "A sum of squares has the wrong unit. Which step is missing?",
                ),
                Mistake(
                    "mean in place of the sum",
                    like(_mean_norms, enough=2),
                    "A norm adds up. Dividing by the number of entries makes an average of it.",
                ),
                Mistake(
                    "overflow",
                    fails("finite"),
                    "Squares overflow long before the norm does. Divide by the largest size first, "
                    "and mind the vector of zeros.",
                ),
            ),
            task="Scale before you square. A vector of zeros has norms of zero.",
            example="norms(torch.tensor([3.0, -4.0]))",
        ),
        Function(
            solution=rmse,
            cases=_couples,
            axes={"a": "n", "b": "n"},
            returns=Number(),
            properties=(
                Property(
                    "equal vectors have no error",
                    lambda f, a, b: close(f(a, a), 0.0),
                    "Start from the differences.",
                ),
                Property(
                    "the order of the two vectors does not matter",
                    lambda f, a, b: close(f(a, b), f(b, a)),
                    "A difference and its negative have equal squares.",
                ),
                Property(
                    "doubling all differences doubles the error",
                    lambda f, a, b: close(f(2 * a, 2 * b), 2 * f(a, b)),
                    "The error has the unit of the entries.",
                ),
                Property(
                    "repeating all entries changes nothing",
                    lambda f, a, b: close(f(np.tile(a, 2), np.tile(b, 2)), f(a, b)),
                    "An average does not grow with the number of entries.",
                ),
            ),
            reference=_rmse,
            mistakes=(
                Mistake(
                    "no root",
                    like(lambda a, b: _rmse(a, b) ** 2),
                    "That is the mean squared error: its unit is a square.",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(lambda a, b: _rmse(a, b) * np.sqrt(len(a))),
                    "That is a norm: it grows with the number of entries.",
                ),
                Mistake(
                    "mean absolute error",
                    like(lambda a, b: float(np.abs(a - b).mean())),
                    "The root of a square is a size again. When is the mean taken?",
                ),
            ),
            example="rmse(torch.tensor([1.0, 2.0]), torch.tensor([4.0, 6.0]))",
        ),
    ),
)
