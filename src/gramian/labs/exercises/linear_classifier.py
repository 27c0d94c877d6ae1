"""The exercise of linear-classifier: a line, its hinge loss, and a step that lowers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
    Scalar,
    any_of,
    close,
    fails,
    like,
    raises,
)
from gramian.labs.checking.evidence import Returned
from gramian.labs.exercises._hinge import HINGE, HINGE_STEP

Line = tuple[np.ndarray, float]


def classify(w: np.ndarray, b: float, X: np.ndarray) -> np.ndarray:
    """The class of every row of X (n, d), 1 or -1, as integers (n,).

    It is the sign of w . x + b; on the boundary itself the class is -1.
    """
    return np.where(X @ w + b > 0, 1, -1)


def boundary(w: np.ndarray, b: float) -> np.ndarray:
    """Two different points of the line w . x + b = 0 in the plane, as the rows of an array (2, 2).

    At least one of the two weights is not 0.
    """
    foot = -b * w / (w @ w)
    return np.stack([foot, foot + np.array([-w[1], w[0]])])


def _rows(draw: Draw) -> Iterator[Case]:
    own = np.array([draw.scalar("w0"), draw.scalar("w1")])
    yield _clear(draw, 1, 2)
    yield Case("on the boundary", w=own, b=0.0, X=np.array([[0.0, 0.0], [1.0, 1.0], [-1.0, -1.0]]))
    yield Case("one column", w=np.array([2.0]), b=draw.number(0.2, 1), X=draw.grid(4, 1))
    yield Case("ties", w=np.array([1.0, -1.0]), b=1.0, X=draw.grid(6, 2))
    yield Case("no weights", w=np.zeros(2), b=0.0, X=draw.normal(2, 2))
    yield _clear(draw, 5, 3)


def _clear(draw: Draw, n: int, d: int) -> Case:
    """Rows that rounding leaves on their side."""
    while True:
        w, b, X = draw.normal(d), draw.number(-1, 1), draw.normal(n, d)
        if (np.abs(X @ w + b) > 1e-3).all():
            return Case("one row" if n == 1 else "non-square", w=w, b=b, X=X)


def _lines(draw: Draw) -> Iterator[Case]:
    own = np.array([draw.scalar("w0"), draw.scalar("w1")])
    yield Case("through the origin", w=own, b=0.0)
    yield Case("anywhere", w=draw.normal(2) + 3, b=draw.number(0.5, 3))
    yield Case("across", w=np.array([0.0, 2.0]), b=draw.number(-3, -0.5))
    yield Case("upright", w=np.array([draw.number(0.5, 2), 0.0]), b=draw.number(0.5, 3))
    yield Case("upright through the origin", w=np.array([1.0, 0.0]), b=0.0)


def _sides(w: np.ndarray, b: float, X: np.ndarray) -> np.ndarray:
    return np.array([1 if float(w @ x) + b > 0 else -1 for x in X])


def _lies_on(w: np.ndarray, b: float, points: np.ndarray) -> bool:
    """Whether w . x + b vanishes at both points, on the scale of its terms."""
    terms = np.column_stack([points.astype(np.float64) * w, [b, b]])
    return bool((np.abs(terms.sum(axis=1)) <= 1e-4 * (1 + np.abs(terms).sum(axis=1))).all())


def _on_another(line: Callable[[np.ndarray, float], Line]) -> Callable[[Evidence], bool]:
    """All points that are finite lie on this line, which is not always the right one."""

    def detect(evidence: Evidence) -> bool:
        tells = False
        for case in evidence.cases:
            outcome = evidence.outcome(case)
            if not isinstance(outcome, Returned) or np.shape(outcome.value) != (2, 2):
                continue
            points = outcome.value
            if not np.isfinite(points).all():
                continue
            w, b = case.arguments.values()
            if not _lies_on(*line(w, b), points):
                return False
            tells |= not _lies_on(w, b, points)
        return tells

    return detect


def _along_w(evidence: Evidence) -> bool:
    """The points of every line differ by a multiple of w."""
    for case in evidence.cases:
        outcome = evidence.outcome(case)
        if not isinstance(outcome, Returned) or np.shape(outcome.value) != (2, 2):
            return False
        step = outcome.value[1] - outcome.value[0]
        w = case.arguments["w"]
        if abs(step[0] * w[1] - step[1] * w[0]) > 1e-3 * np.linalg.norm(step):
            return False
    return True


EXERCISE = Exercise(
    lab="linear-classifier",
    title="A line between two classes",
    question="What does hinge loss find, and when can no line help?",
    background="""\
A linear classifier computes $\\hat y = w \\cdot x + b$ and looks at its sign. All points with
$\\hat y = 0$ form the **boundary**: in the plane a line, to which $w$ is perpendicular. It may
stand upright, and then it is no function of $x_0$.

The **hinge loss** of a sample of class $C = \\pm 1$ is $\\max(0, 1 - C \\hat y)$. It asks for more
than the right side: $C \\hat y$ shall be at least 1. A sample beyond this margin costs nothing and
moves nothing. Elsewhere the slope by $w$ is $-C x$, and by $b$ it is $-C$.

The hinge alone ends with the first line that it likes. A price $\\frac{\\lambda}{2} \\|w\\|^2$ on
top makes $w$ shrink until samples touch the margin: that is what widens it.
""",
    arrays="numpy",
    scalars={
        "w0": Scalar(1.0, low=0.5, high=2.5, step=0.1),
        "w1": Scalar(3.0, low=0.5, high=3.4, step=0.1),
        "mu": Scalar(0.1, low=0.05, high=0.5, step=0.05),
    },
    functions=(
        Function(
            solution=classify,
            cases=_rows,
            axes={"w": "d", "X": "nd"},
            returns=Array("n", "integer"),
            properties=(
                Property(
                    "every class is 1 or -1",
                    lambda f, w, b, X: bool(np.isin(f(w, b, X), (-1, 1)).all()),
                    "Two classes, and neither of them is zero.",
                ),
                Property(
                    "doubling w and b changes no class",
                    lambda f, w, b, X: np.array_equal(f(2 * w, 2 * b, X), f(w, b, X)),
                    "Only the sign matters.",
                ),
            ),
            reference=_sides,
            mistakes=(
                Mistake(
                    "labels 0 and 1",
                    like(lambda w, b, X: (X @ w + b > 0).astype(int)),
                    "The hinge multiplies by the class, so the classes need opposite signs.",
                ),
                Mistake(
                    "a class of its own on the boundary",
                    like(lambda w, b, X: np.sign(X @ w + b).astype(int)),
                    "np.sign has three answers. Which class has a point on the boundary?",
                ),
                Mistake(
                    "the boundary counts as positive",
                    like(lambda w, b, X: np.where(X @ w + b >= 0, 1, -1)),
                    "Read again what the class is on the boundary itself.",
                ),
                Mistake(
                    "b forgotten",
                    like(lambda w, b, X: np.where(X @ w > 0, 1, -1)),
                    "Your boundary always goes through the origin.",
                ),
            ),
            example="classify(np.array([w0, w1]), 0.0, np.array([[1.0, 0.5], [0.1, -0.3]]))",
        ),
        Function(
            solution=boundary,
            cases=_lines,
            axes={"w": "e"},
            returns=Array("22"),
            valid=lambda w, b: len(w) == 2 and bool(np.abs(w).max() > 0.1),
            properties=(
                Property(
                    "both points are finite",
                    lambda f, w, b: bool(np.isfinite(f(w, b)).all()),
                    "For which weights does your formula divide by zero?",
                ),
                Property(
                    "both points lie on the line",
                    lambda f, w, b: _lies_on(w, b, f(w, b)),
                    "Put your points into w . x + b.",
                ),
                Property(
                    "the two points are different",
                    lambda f, w, b: not close(f(w, b)[0], f(w, b)[1], 1e-4),
                    "One point does not fix a line. Where does it go from there?",
                ),
            ),
            mistakes=(
                Mistake(
                    "weights exchanged",
                    _on_another(lambda w, b: (w[::-1], b)),
                    "Which weight belongs to which coordinate? Put your points into w . x + b.",
                ),
                Mistake(
                    "division by the second weight",
                    any_of(fails("both points are finite"), raises("ZeroDivisionError")),
                    "An upright line has a second weight of zero. Find a point without dividing by "
                    "it: from the origin, w leads straight to the line.",
                ),
                Mistake(
                    "b forgotten",
                    _on_another(lambda w, b: (w, 0.0)),
                    "Your line always goes through the origin.",
                ),
                Mistake(
                    "along w in place of across",
                    _along_w,
                    "w is perpendicular to the line. Which direction lies in it?",
                ),
            ),
            example="boundary(np.array([w0, w1]), 1.0)",
        ),
        HINGE,
        HINGE_STEP,
    ),
)
