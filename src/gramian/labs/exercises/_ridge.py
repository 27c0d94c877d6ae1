"""Ridge regression with a free intercept, as a function to write."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Function,
    Group,
    Mistake,
    Number,
    Property,
    Tolerance,
    any_of,
    close,
    like,
    raises,
)

__all__ = ["RIDGE"]

ROUGH = Tolerance(double=1e-8, single=1e-3)
Line = tuple[np.ndarray, float]


def _line(X: np.ndarray, y: np.ndarray, lam: float) -> Line:
    """Ridge weights and their free intercept, from the normal equations of centred columns."""
    centre, level = X.mean(axis=0), float(y.mean())
    A = X - centre
    w = np.linalg.solve(A.T @ A + lam * np.eye(X.shape[1]), A.T @ (y - level))
    return w, level - float(centre @ w)


def _penalised_line(X: np.ndarray, y: np.ndarray, lam: float) -> Line:
    """The same where lam pulls at the intercept too."""
    A = np.hstack([X, np.ones((len(X), 1))])
    w = np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1]), A.T @ y)
    return w[:-1], float(w[-1])


def ridge(X: np.ndarray, y: np.ndarray, lam: float) -> tuple:
    """Weights w (d,) and intercept b with the least ||y - X w - b||^2 + lam ||w||^2.

    X is (n, d), y is (n,), and lam > 0. The intercept is free: lam does not pull at it.
    """
    centre, level = X.mean(axis=0), y.mean()
    A = X - centre
    w = np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1], dtype=X.dtype), A.T @ (y - level))
    return w, level - centre @ w


def _lines(draw: Draw) -> Iterator[Case]:
    def case(label: str, X: np.ndarray) -> Case:
        return Case(label, X=X, y=20 + draw.normal(len(X), scale=3), lam=draw.number(0.3, 3))

    yield case("one row", draw.normal(1, 2))
    yield case("one column", 4 + draw.normal(3, 1))
    yield case("equal rows", np.repeat(draw.grid(1, 2), 3, axis=0))
    yield case("equal columns", np.repeat(draw.normal(4, 1), 2, axis=1))
    yield case("fewer rows than columns", draw.normal(2, 4))
    yield case("more rows than columns", 2 + draw.normal(8, 3))


RIDGE = Function(
    solution=ridge,
    cases=_lines,
    axes={"X": "nd", "y": "n"},
    returns=Group(w=Array("d"), b=Number()),
    properties=(
        Property(
            "adding a number to every target adds it to b and leaves w",
            lambda f, X, y, lam: (
                close(f(X, y + 1.5, lam)[0], f(X, y, lam)[0], ROUGH)
                and close(f(X, y + 1.5, lam)[1], f(X, y, lam)[1] + 1.5, 1e-3)
            ),
            "Which parameter says where zero is, and what may pull at it?",
        ),
        Property(
            "moving all rows by one vector leaves w",
            lambda f, X, y, lam: close(f(X + 1.5, y, lam)[0], f(X, y, lam)[0], ROUGH),
            "A slope does not depend on where the origin of X is.",
        ),
    ),
    reference=_line,
    tolerance=ROUGH,
    mistakes=(
        Mistake(
            "penalised intercept",
            like(_penalised_line),
            "The price is on w alone. A column of ones would make b one of the weights: "
            "take the means off first, and find b last.",
        ),
        Mistake(
            "lam missing",
            any_of(
                raises("LinAlgError"),
                like(lambda X, y, lam: _line(X, y, 1e-12)),
            ),
            "Without its price the table is singular where rows are few or columns equal. "
            "Where does lam stand?",
        ),
        Mistake(
            "no intercept",
            like(
                lambda X, y, lam: (
                    np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y),
                    0.0,
                )
            ),
            "That line goes through the origin.",
        ),
        Mistake(
            "lam counted once for each row",
            like(lambda X, y, lam: _line(X, y, lam * len(X))),
            "The squared errors are added up, not averaged: lam is weighed against a sum.",
        ),
        Mistake(
            "b is the mean of the targets",
            like(lambda X, y, lam: (_line(X, y, lam)[0], float(y.mean()))),
            "That is the height of the line above the mean of X, not above the origin.",
        ),
    ),
    example="ridge(np.array([[2.0], [4.0], [6.0]]), np.array([1.0, 2.0, 4.0]), 0.5)",
)
