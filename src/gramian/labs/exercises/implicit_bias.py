"""The exercise of implicit-bias: which of many solutions descent finds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Evidence,
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


def least_norm(X: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of all w (d,) with the least ||Xw - b||, the one of least norm, for any X (n, d)."""
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    kept = s > s.max() * max(X.shape) * np.finfo(X.dtype).eps
    return Vt[kept].T @ ((U[:, kept].T @ b) / s[kept])


def gradient(X: np.ndarray, b: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The gradient (d,) of ||Xw - b||² at w (d,), for X (n, d) and b (n,)."""
    return 2 * X.T @ (X @ w - b)


def gd(X: np.ndarray, b: np.ndarray, w0: np.ndarray, steps: int, lr: float) -> np.ndarray:
    """w (d,) after so many steps of gradient descent on ||Xw - b||² from w0, at the rate lr."""
    w = w0
    for _ in range(steps):
        w = w - lr * gradient(X, b, w)
    return w


def _equations(draw: Draw, n: int, d: int) -> np.ndarray:
    """A matrix whose rows, or columns, are far from dependent: in float32 they are squared."""
    while True:
        X = draw.normal(n, d)
        if np.linalg.cond(X) < 10:
            return X


def _problems(draw: Draw) -> Iterator[Case]:
    yield Case("one equation, one unknown", X=np.array([[2.0]]), b=np.array([1.0]))
    yield Case("more unknowns", X=np.array([[1.0, 2.0]]), b=np.array([1.5]))
    for label, n, d in (("square", 3, 3), ("more equations", 5, 2), ("more unknowns", 3, 6)):
        yield Case(label, X=_equations(draw, n, d), b=draw.normal(n))
    X = _equations(draw, 2, 5)[[0, 1, 1]]
    yield Case("more unknowns, equal rows", X=X, b=draw.normal(3))


def _places(draw: Draw) -> Iterator[Case]:
    yield Case("one of each", X=np.array([[2.0]]), b=np.array([1.0]), w=np.array([3.0]))
    yield Case("at a solution", X=np.eye(2), b=np.array([1.0, 2.0]), w=np.array([1.0, 2.0]))
    for label, n, d in (("square", 3, 3), ("more equations", 4, 2), ("more unknowns", 2, 4)):
        yield Case(label, X=draw.normal(n, d), b=draw.normal(n), w=draw.normal(d))


def _descents(draw: Draw) -> Iterator[Case]:
    one, start = np.array([[1.0]]), np.array([3.0])
    yield Case("no step", X=one, b=one[0], w0=start, steps=0, lr=0.1)
    yield Case("one step", X=one, b=one[0], w0=start, steps=1, lr=0.1)
    for label, n, d, steps in (
        ("more equations", 4, 2, 3),
        ("more unknowns", 2, 4, 5),
        ("more unknowns, many steps", 2, 3, 200),
    ):
        X = _equations(draw, n, d)
        yield Case(label, X=X, b=draw.normal(n), w0=draw.normal(d), steps=steps, lr=0.02)
    X = _equations(draw, 2, 4)
    yield Case("from zero", X=X, b=draw.normal(2), w0=np.zeros(4), steps=4, lr=0.05)


def _shortest(X: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(X, b, rcond=1e-6)[0]


def _unseen(X: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The component of w that X maps to zero."""
    return w - _shortest(np.asarray(X, dtype=np.float64), X.astype(np.float64) @ w)


def _slope(X: np.ndarray, b: np.ndarray, w: np.ndarray) -> np.ndarray:
    return 2 * (X @ w - b) @ X


def _descended(
    X: np.ndarray,
    b: np.ndarray,
    w0: np.ndarray,
    steps: int,
    lr: float,
    *,
    kept: float = 1.0,
    sign: float = 1.0,
    more: int = 0,
) -> np.ndarray:
    """w after descent; ``kept`` is a wrong factor of w0, ``more`` are steps too many."""
    w = kept * w0
    for _ in range(steps + more):
        w = w - sign * lr * _slope(X, b, w)
    return w


def _nearly(evidence: Evidence) -> bool:
    """On every input a row-space vector that is shorter than the solution: a penalty's."""
    for case in evidence.cases:
        X, w = case.arguments["X"], getattr(evidence.outcome(case), "value", None)
        right = evidence.truth(case)
        if not isinstance(w, np.ndarray) or w.shape != right.shape:
            return False
        if not close(_unseen(X, w), 0 * right, 1e-3) or w @ right >= right @ right:
            return False
    return True


EXERCISE = Exercise(
    lab="implicit-bias",
    title="The bias of descent",
    question="Among infinitely many solutions, which one does the optimiser choose?",
    background="""\
$Xw = b$ with fewer equations than unknowns has many solutions: to each of them any $v$ with
$Xv = 0$ can be added, and nothing that is measured changes. Such $v$ make up the **null space** of
$X$. Everything else lies in the **row space**, in which vectors are $X^\\top u$; both are
perpendicular. So the shortest solution is the one without any part in the null space,
$w = X^\\top (X X^\\top)^{-1} b$ where the rows are independent.

For tall $X$ there is mostly no solution, and $(X^\\top X)^{-1} X^\\top b$ is what comes nearest.
Each formula inverts a matrix that is singular where the other one belongs. The pseudo-inverse
$X^+$, made of the singular values that are not zero, does both: $w = X^+ b$.

Descent on $\\lVert Xw - b \\rVert^2$ takes steps $X^\\top(\\dots)$, all of them in the row space.
What the start has in the null space stays as it is, for ever. From zero, therefore, descent ends
at the shortest solution, and nobody has asked for it: that is its bias. A penalty
$\\lambda \\lVert w \\rVert^2$ is something else. It comes near that solution for small $\\lambda$
and reaches it only in the limit.

When all works, compare `gd` from zero, after many steps, with `least_norm`.
""",
    arrays="numpy",
    functions=(
        Function(
            solution=least_norm,
            cases=_problems,
            axes={"X": "nd", "b": "n"},
            returns=Array("d", keeps_dtype=False),
            properties=(
                Property(
                    "no part of w is unseen by X",
                    lambda f, X, b: close(_unseen(X, f(X, b)), np.zeros(X.shape[1]), 1e-3),
                    "Adding to w what X maps to zero changes no equation, and makes w longer.",
                ),
            ),
            reference=_shortest,
            tolerance=Tolerance(double=1e-8, single=2e-3),
            hint="Try one equation with two unknowns, and draw its solutions.",
            mistakes=(
                Mistake(
                    "least squares formula",
                    only_on("more unknowns"),
                    "With fewer rows than columns the product of X transposed and X is singular.",
                ),
                Mistake(
                    "tall matrix",
                    only_on("more equations", "equal rows"),
                    "With more rows than columns, or with equal rows, the product of X and X "
                    "transposed is singular.",
                ),
                Mistake(
                    "penalty in place of the limit",
                    _nearly,
                    "The equations are nearly solved only. Take the limit of a penalty that "
                    "vanishes, or of steps without end.",
                ),
            ),
            task="`np.linalg` may help.",
            example="least_norm(np.array([[1.0, 2.0]]), np.array([1.0]))",
        ),
        Function(
            solution=gradient,
            cases=_places,
            axes={"X": "nd", "b": "n", "w": "d"},
            returns=Array("d"),
            reference=_slope,
            hint="Move one entry of w a little, and compare.",
            mistakes=(
                Mistake(
                    "missing transpose",
                    like(lambda X, b, w: 2 * X @ (X @ w - b)),
                    "There is one error for each row, and one derivative for each column.",
                ),
                Mistake(
                    "sign",
                    like(lambda X, b, w: -_slope(X, b, w)),
                    "Does the loss grow where the derivative is positive?",
                ),
                Mistake(
                    "factor two forgotten",
                    like(lambda X, b, w: _slope(X, b, w) / 2),
                    "A square has an exponent that comes down.",
                ),
                Mistake(
                    "mean in place of the sum",
                    like(lambda X, b, w: _slope(X, b, w) / len(b)),
                    "If each equation came twice, would this loss change?",
                ),
            ),
            example="gradient(np.array([[1.0, 2.0]]), np.array([1.0]), np.array([1.0, 1.0]))",
        ),
        Function(
            solution=gd,
            cases=_descents,
            axes={"X": "nd", "b": "n", "w0": "d"},
            returns=Array("d", keeps_dtype=False),
            properties=(
                Property(
                    "what X does not see of w0 stays",
                    lambda f, X, b, w0, steps, lr: close(
                        _unseen(X, f(X, b, w0, steps, lr)), _unseen(X, w0), 1e-3
                    ),
                    "Every step is made of rows of X. Is there anything else in yours?",
                ),
            ),
            reference=_descended,
            tolerance=Tolerance(double=1e-8, single=1e-3),
            hint="Take one step by hand.",
            mistakes=(
                Mistake(
                    "steps in place",
                    modifies("w0"),
                    "The caller's start moves along. Make a new array in every step.",
                ),
                Mistake(
                    "start forgotten",
                    like(partial(_descended, kept=0.0)),
                    "Where does it begin? The docstring names an argument for that.",
                ),
                Mistake(
                    "uphill",
                    like(partial(_descended, sign=-1.0)),
                    "The gradient points to where the loss grows.",
                ),
                Mistake(
                    "one step too many or too few",
                    any_of(like(partial(_descended, more=1)), like(partial(_descended, more=-1))),
                    "Without any step w0 comes back. Count the rounds of your loop.",
                ),
                Mistake(
                    "penalty on the weights",
                    fails("what X does not see of w0 stays"),
                    "Something pulls w also where no equation does. Only the loss may.",
                ),
            ),
            task="Use `gradient`.",
            example="gd(np.array([[1.0, 2.0]]), np.array([1.0]), np.zeros(2), 100, 0.1)",
        ),
    ),
)
