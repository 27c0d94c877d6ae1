"""The Gaussian kernel as a function to write: what holds for it, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Function,
    Mistake,
    Property,
    Tolerance,
    any_of,
    close,
    fails,
    like,
)
from gramian.labs.exercises._formulas import squared_distances

__all__ = ["gaussian", "gaussian_table"]


def gaussian(
    X: np.ndarray, T: np.ndarray, sigma: float, *, factor: float = 2.0, power: float = 2.0
) -> np.ndarray:
    """exp(-||x - t||^2 / (2 sigma^2)) for all pairs; other factors and powers are mistakes."""
    return np.exp(-squared_distances(X, T) / (factor * sigma**power))


def _without_square(X: np.ndarray, T: np.ndarray, sigma: float) -> np.ndarray:
    return np.exp(-np.sqrt(squared_distances(X, T)) / (2 * sigma**2))


def _pairs(draw: Draw) -> Iterator[Case]:
    def case(label: str, X: np.ndarray, T: np.ndarray) -> Case:
        return Case(label, X=X, T=T, sigma=draw.number(1.1, 3))

    yield case("one row each", draw.normal(1, 2), draw.normal(1, 2))
    yield case("one column", draw.normal(2, 1), draw.normal(3, 1))
    rows = draw.grid(2, 3)
    yield case("equal rows", np.vstack([rows, rows]), rows)
    yield case("non-square", draw.normal(5, 3), draw.normal(4, 3))
    yield case("far apart", draw.normal(2, 2), 90 + draw.normal(3, 2))


def gaussian_table(solution: Callable[..., np.ndarray], example: str) -> Function:
    """A function of X, T and sigma that returns the table of the kernel."""
    return Function(
        solution=solution,
        cases=_pairs,
        axes={"X": "nd", "T": "md"},
        returns=Array("nm"),
        properties=(
            Property(
                "a point has similarity 1 to itself",
                lambda f, X, T, sigma: close(np.diag(f(X, X, sigma)), np.ones(len(X)), 1e-2),
                "What is the distance of a point to itself, and e to that power?",
            ),
            Property(
                "swapping X and T transposes the table",
                lambda f, X, T, sigma: close(f(T, X, sigma), f(X, T, sigma).T),
                "Rows of the table belong to X, columns to T.",
            ),
            Property(
                "doubling all lengths and sigma changes nothing",
                lambda f, X, T, sigma: close(
                    f(2 * X, 2 * T, 2 * sigma), f(X, T, sigma), Tolerance(1e-9, 1e-3)
                ),
                "Sigma is a length: which power of it divides a squared distance?",
            ),
        ),
        reference=gaussian,
        tolerance=Tolerance(double=1e-9, single=1e-3),
        mistakes=(
            Mistake(
                "entry by entry",
                any_of(
                    fails("shape"),
                    like(lambda X, T, sigma: np.exp(-((X - T) ** 2) / (2 * sigma**2))),
                ),
                "Two points have one similarity, however many entries they have. Where are the "
                "squares added up?",
            ),
            Mistake(
                "the other convention of sigma",
                like(lambda X, T, sigma: gaussian(X, T, sigma, factor=1.0)),
                "Some texts divide by sigma squared, some by twice that. Which one is meant here?",
            ),
            Mistake(
                "sigma not squared",
                like(lambda X, T, sigma: gaussian(X, T, sigma, power=1.0)),
                "The exponent has no unit. Which power of sigma belongs there?",
            ),
            Mistake(
                "distance without its square",
                like(_without_square),
                "The exponent holds the squared distance.",
            ),
        ),
        example=example,
    )
