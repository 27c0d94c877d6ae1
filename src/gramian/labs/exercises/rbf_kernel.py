"""The exercise of rbf-kernel: exp(-||x - t||^2 / gamma)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Mistake,
    Property,
    Scalar,
    Tolerance,
    close,
    fails,
    like,
)
from gramian.labs.exercises._formulas import squared_distances


def rbf(X: np.ndarray, T: np.ndarray, gamma: float) -> np.ndarray:
    """The table (n, m) of exp(-||x_i - t_j||^2 / gamma) for rows of X (n, d) and T (m, d)."""
    squared = ((X[:, None, :] - T[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-squared / gamma)


def _points(draw: Draw) -> Iterator[Case]:
    own = draw.scalar("gamma")
    yield Case("one row each", X=draw.normal(1, 2), T=draw.normal(1, 2), gamma=own)
    yield Case("one column", X=draw.normal(2, 1), T=draw.normal(3, 1), gamma=own)
    rows = draw.grid(2, 3)
    yield Case("equal rows", X=np.vstack([rows, rows]), T=rows, gamma=draw.number(0.5, 3.5))
    yield Case("non-square", X=draw.normal(5, 3), T=draw.normal(4, 3), gamma=draw.number(0.5, 3.5))
    near = draw.normal(5, 3, scale=0.05) + 100.0
    yield Case("far from the origin, and near each other", X=near, T=near, gamma=own)
    yield Case("far apart", X=draw.normal(3, 2), T=100 + draw.normal(3, 2), gamma=own)


EXERCISE = Exercise(
    lab="rbf-kernel",
    title="A kernel from a distance",
    question="Is exp(-||x - t||^2 / gamma) a kernel, and which gamma is meant?",
    background="""\
A Gaussian kernel turns a squared distance into a similarity between 0 and 1:
$k(x, t) = e^{-\\|x - t\\|^2 / \\gamma}$. Here $\\gamma$ **divides**. Other texts multiply by it,
and others again write $2\\sigma^2$ for it: read the formula before you compare numbers.
""",
    arrays="numpy",
    scalars={"gamma": Scalar(2.0, low=0.5, high=3.5, step=0.1)},
    functions=(
        Function(
            solution=rbf,
            cases=_points,
            axes={"X": "nd", "T": "md"},
            returns=Array("nm"),
            properties=(
                Property(
                    "a point has similarity 1 to itself",
                    lambda f, X, T, gamma: close(np.diag(f(X, X, gamma)), np.ones(len(X)), 1e-2),
                    "What is the distance of a point to itself, and e to that power?",
                ),
                Property(
                    "no similarity is above 1 or below 0",
                    lambda f, X, T, gamma: bool(
                        ((f(X, T, gamma) >= 0) & (f(X, T, gamma) <= 1)).all()
                    ),
                    "Which sign has the exponent, for every pair?",
                ),
                Property(
                    "swapping X and T transposes the table",
                    lambda f, X, T, gamma: close(f(T, X, gamma), f(X, T, gamma).T),
                    "Rows of the table belong to X, columns to T.",
                ),
                Property(
                    "points twice as far apart need four times the gamma",
                    lambda f, X, T, gamma: close(
                        f(2 * X, 2 * T, 4 * gamma), f(X, T, gamma), Tolerance(1e-9, 1e-3)
                    ),
                    "Gamma has the unit of a squared length, and stands in one place only.",
                ),
            ),
            reference=lambda X, T, gamma: np.exp(-squared_distances(X, T) / gamma),
            tolerance=Tolerance(double=1e-9, single=1e-3),
            mistakes=(
                Mistake(
                    "distance without its square",
                    like(lambda X, T, gamma: np.exp(-np.sqrt(squared_distances(X, T)) / gamma)),
                    "The exponent holds the squared distance.",
                ),
                Mistake(
                    "gamma multiplies",
                    like(lambda X, T, gamma: np.exp(-gamma * squared_distances(X, T))),
                    "A larger gamma makes points more alike here. Does yours?",
                ),
                Mistake(
                    "two gamma squared",
                    like(lambda X, T, gamma: np.exp(-squared_distances(X, T) / (2 * gamma**2))),
                    "That is the form with a standard deviation. Here gamma itself divides.",
                ),
                Mistake(
                    "similarities above one",
                    fails(
                        "no similarity is above 1 or below 0", "a point has similarity 1 to itself"
                    ),
                    "A squared distance came out negative by rounding. Use differences, or cut at "
                    "zero.",
                ),
            ),
            example="rbf(np.array([[0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 1.0]]), gamma)",
        ),
    ),
)
