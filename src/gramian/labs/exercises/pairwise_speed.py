"""The exercise of pairwise-speed: a table of squared distances, three ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Mistake,
    Property,
    Tolerance,
    any_of,
    close,
    fails,
    like,
    modifies,
    only_on,
)
from gramian.labs.exercises._formulas import squared_distances


def sqdist_loops(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The table (n, m) of ||x_i - t_j||^2 for rows of X (n, d) and T (m, d), by two loops."""
    D = np.empty((len(X), len(T)), dtype=X.dtype)
    for i in range(len(X)):
        for j in range(len(T)):
            D[i, j] = ((X[i] - T[j]) ** 2).sum()
    return D


def sqdist_broadcast(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The same table without a loop, from the differences of all pairs."""
    return ((X[:, None, :] - T[None, :, :]) ** 2).sum(axis=2)


def sqdist_expanded(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The same table from ||x||^2 + ||t||^2 - 2 x.t, never negative, with nothing of n m d entries.

    Subtract the mean of T from both first: distances stay, and fewer digits cancel.
    """
    centre = T.mean(axis=0)
    X, T = X - centre, T - centre
    D = (X**2).sum(axis=1)[:, None] + (T**2).sum(axis=1)[None, :] - 2 * X @ T.T
    return np.maximum(D, 0)


def _pairs(draw: Draw) -> Iterator[Case]:
    yield Case("one row each", X=draw.normal(1, 2), T=draw.normal(1, 2))
    yield Case("one column", X=draw.normal(2, 1), T=draw.normal(3, 1))
    yield Case("as many rows in X as in T", X=draw.normal(3, 2), T=draw.normal(3, 2))
    yield Case("a row of X against many", X=draw.normal(1, 3), T=draw.normal(4, 3))
    rows = draw.grid(2, 3)
    yield Case("equal rows", X=np.vstack([rows, rows]), T=rows)
    yield Case("ties", X=draw.grid(4, 2), T=draw.grid(5, 2))
    yield Case("as many columns as rows", X=draw.normal(4, 4), T=draw.normal(4, 4))
    yield Case("non-square", X=draw.normal(7, 3), T=draw.normal(5, 3))


def _large_pairs(draw: Draw) -> Iterator[Case]:
    yield from _pairs(draw)
    near = draw.normal(6, 3, scale=0.05) + 1000.0
    yield Case("far from the origin, and near each other", X=near, T=near)
    yield Case(
        "many entries", dtypes=("float64",), X=draw.normal(600, 1000), T=draw.normal(600, 1000)
    )


NON_NEGATIVE = Property(
    "no squared distance is negative",
    lambda f, X, T: bool((f(X, T) >= 0).all()),
    "Rounding can push a difference of large numbers below zero. What is the least it may be?",
)
SWAP = Property(
    "swapping X and T transposes the table",
    lambda f, X, T: close(f(T, X), f(X, T).T),
    "Rows of the table belong to X, columns to T.",
)
SHIFT = Property(
    "moving all points by one vector changes nothing",
    lambda f, X, T: close(f(X + 0.5, T + 0.5), f(X, T), Tolerance(1e-9, 1e-3)),
    "Only differences of rows may matter.",
)
SCALING = Property(
    "points twice as far apart have squared distances four times as large",
    lambda f, X, T: close(f(2 * X, 2 * T), 4 * f(X, T), Tolerance(1e-9, 1e-3)),
    "Which power of a length is a squared distance?",
)

ROOT = Mistake(
    "square root",
    like(lambda X, T: np.sqrt(squared_distances(X, T))),
    "The table holds squared distances: the root is one step too many.",
)
WRONG_AXIS = Mistake(
    "wrong axis",
    like(lambda X, T: ((X[:, None, :] - T[None, :, :]) ** 2).sum(axis=1)),
    "Sum over the axis of the columns of X. Name the three axes of the differences, in order.",
)
ROW_WISE = Mistake(
    "row by row in place of all pairs",
    like(lambda X, T: ((X - T) ** 2).sum(axis=1)),
    "X - T pairs equal row numbers, and fails when X and T have different lengths. Give each of "
    "them an axis of its own.",
)
IN_PLACE = Mistake(
    "centres the arguments in place",
    modifies("X", "T"),
    "X -= c writes into the caller's array; X = X - c makes a new one.",
)
TOO_LARGE = Mistake(
    "an array of n m d entries",
    fails("memory"),
    "The differences of all pairs have n m d entries. Which array has only n m?",
)
NEGATIVE = Mistake(
    "negative distances",
    any_of(fails(NON_NEGATIVE.statement), only_on("far from the origin")),
    "Far from the origin the three terms are large and nearly cancel. Centre first, and let "
    "nothing below zero pass.",
)


def _table(solution: Callable[..., np.ndarray], *mistakes: Mistake, **more: Any) -> Function:
    """A function that must return the table, with what all three ways share."""
    return Function(
        solution=solution,
        axes={"X": "nd", "T": "md"},
        returns=Array("nm"),
        properties=(NON_NEGATIVE, SWAP, SHIFT, SCALING),
        reference=squared_distances,
        mistakes=mistakes,
        **more,
    )


EXERCISE = Exercise(
    lab="pairwise-speed",
    title="Squared distances, three ways",
    question="What do loops, broadcasting and the expanded product cost in time, memory and "
    "digits?",
    background="""\
Clustering, kernels and nearest neighbours all start from one table: the squared distances
$d_{ij} = \\|x_i - t_j\\|^2$ between $n$ rows of `X` and $m$ rows of `T`.

Two loops are slow, because Python runs $n m$ times. Broadcasting pairs all rows in one
expression, but holds all $n m d$ differences at once. Since
$\\|x - t\\|^2 = \\|x\\|^2 + \\|t\\|^2 - 2\\,x \\cdot t$, one matrix product does it in $n m$
entries. Its price is digits: large numbers cancel.
""",
    arrays="numpy",
    functions=(
        _table(
            sqdist_loops,
            ROOT,
            cases=_pairs,
            example="sqdist_loops(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [1.0, 0.0]]))",
        ),
        _table(
            sqdist_broadcast,
            ROOT,
            ROW_WISE,
            WRONG_AXIS,
            cases=_pairs,
            task="`X[:, None, :]` has shape $(n, 1, d)$. Which shape must `T` get?",
            example="sqdist_broadcast(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [1.0, 0.0]]))",
        ),
        _table(
            sqdist_expanded,
            IN_PLACE,
            ROOT,
            TOO_LARGE,
            NEGATIVE,
            cases=_large_pairs,
            tolerance=Tolerance(double=1e-9, single=1e-3),
            task="Far from the origin the three terms are large, and their sum is small.",
            example="sqdist_expanded(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [1.0, 0.0]]))",
        ),
    ),
)
