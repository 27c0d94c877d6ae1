"""The exercise of normal-density: a density, and the loss that follows from it."""

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
    Number,
    Property,
    Scalar,
    Tolerance,
    close,
    fails,
    like,
)


def normal(x: np.ndarray, mu: float, sigma: float) -> np.ndarray:
    """The normal density of mean mu and standard deviation sigma at every entry of x (n,)."""
    height = 1 / (sigma * np.sqrt(2 * np.pi))
    return height * np.exp(-(((x - mu) / sigma) ** 2) / 2)


def nll(y: np.ndarray, yhat: np.ndarray, sigma: float) -> float:
    """Minus the log of the density of y (n,), drawn around yhat (n,) with deviation sigma.

    Draws are independent, so logs add up. Also where the density is too small for a float.
    """
    squares = ((y - yhat) / sigma) ** 2
    return float((squares / 2 + np.log(sigma) + np.log(2 * np.pi) / 2).sum())


def _places(draw: Draw) -> Iterator[Case]:
    own = draw.scalar("sigma")
    yield Case("one place", x=draw.normal(1), mu=0.0, sigma=1.0)
    yield Case("at the mean", x=np.array([2.0]), mu=2.0, sigma=own)
    yield Case("a narrow density", x=draw.normal(3), mu=draw.number(-1, 1), sigma=0.5)
    yield Case("a wide density", x=draw.normal(5, scale=3), mu=draw.number(-2, 2), sigma=own)
    yield Case("ties", x=draw.grid(6), mu=1.0, sigma=own)


def _predictions(draw: Draw) -> Iterator[Case]:
    own = draw.scalar("sigma")
    yield Case("one draw", y=draw.normal(1), yhat=draw.normal(1), sigma=1.0)
    yield Case("no error", y=np.array([1.0, 2.0]), yhat=np.array([1.0, 2.0]), sigma=own)
    yield Case("several draws", y=draw.normal(4), yhat=draw.normal(4), sigma=own)
    yield Case("ties", y=draw.grid(6), yhat=draw.grid(6), sigma=draw.number(0.4, 0.9))
    yield Case("far off", y=100 + draw.normal(3), yhat=draw.normal(3), sigma=0.5)


def _density(x: np.ndarray, mu: float, sigma: float) -> np.ndarray:
    return np.exp(-0.5 * (x - mu) ** 2 / sigma**2) / np.sqrt(2 * np.pi * sigma**2)


def _cost(y: np.ndarray, yhat: np.ndarray, sigma: float) -> float:
    squared = float(((y - yhat) ** 2).sum())
    return squared / (2 * sigma**2) + len(y) * float(np.log(sigma * np.sqrt(2 * np.pi)))


EXERCISE = Exercise(
    lab="normal-density",
    title="The normal density",
    question="Why does squared loss follow from Gaussian noise?",
    background="""\
The normal density with mean $\\mu$ and standard deviation $\\sigma$ is
$p(x) = \\frac{1}{\\sigma \\sqrt{2 \\pi}} e^{-(x - \\mu)^2 / (2 \\sigma^2)}$.

If data are a prediction plus such noise, the likelihood of independent data is a product of
densities. Its negative log is a sum, and up to constants that sum is the squared loss: the
prediction that makes the data most likely has the least squared error.
""",
    arrays="numpy",
    scalars={"sigma": Scalar(2.0, low=1.2, high=3.0, step=0.1)},
    functions=(
        Function(
            solution=normal,
            cases=_places,
            axes={"x": "n"},
            returns=Array("n", keeps_dtype=False),
            properties=(
                Property(
                    "places as far below the mean as above have equal densities",
                    lambda f, x, mu, sigma: close(f(2 * mu - x, mu, sigma), f(x, mu, sigma), 1e-4),
                    "Only the square of the distance from the mean may matter.",
                ),
                Property(
                    "the density encloses an area of one",
                    lambda f, x, mu, sigma: close(
                        f(_grid(mu, sigma), mu, sigma).sum() * sigma / 50, 1.0, 1e-4
                    ),
                    "Which factor in front does it take, and which exponent?",
                ),
            ),
            reference=_density,
            hint="Compare every factor with the formula.",
            mistakes=(
                Mistake(
                    "sigma in place of its square",
                    like(
                        lambda x, mu, sigma: (
                            np.exp(-0.5 * (x - mu) ** 2 / sigma) / (sigma * np.sqrt(2 * np.pi))
                        )
                    ),
                    "The exponent has no unit: a square must be divided by a square.",
                ),
                Mistake(
                    "no sigma in front",
                    like(lambda x, mu, sigma: sigma * _density(x, mu, sigma)),
                    "A wider density is lower. Does yours get lower?",
                ),
                Mistake(
                    "one half missing",
                    like(
                        lambda x, mu, sigma: (
                            np.exp(-(((x - mu) / sigma) ** 2)) / (sigma * np.sqrt(2 * np.pi))
                        )
                    ),
                    "The exponent has a half.",
                ),
            ),
            example="normal(np.array([-1.0, 0.0, 1.0]), 0.0, sigma)",
        ),
        Function(
            solution=nll,
            cases=_predictions,
            axes={"y": "n", "yhat": "n"},
            returns=Number(),
            properties=(
                Property(
                    "the order of y and yhat does not matter",
                    lambda f, y, yhat, sigma: close(f(y, yhat, sigma), f(yhat, y, sigma), 1e-4),
                    "Only squares of differences may matter.",
                ),
                Property(
                    "repeating all data doubles it",
                    lambda f, y, yhat, sigma: close(
                        f(np.tile(y, 2), np.tile(yhat, 2), sigma), 2 * f(y, yhat, sigma), 1e-4
                    ),
                    "Logs of independent draws add up.",
                ),
            ),
            reference=_cost,
            tolerance=Tolerance(double=1e-9, single=1e-4),
            hint="Take the log of the density by hand, factor by factor.",
            mistakes=(
                Mistake(
                    "log of a density of zero",
                    fails("finite"),
                    "Far from the mean the density is too small for a float, and its log is lost. "
                    "Take the log by hand.",
                ),
                Mistake(
                    "mean in place of the sum",
                    like(lambda y, yhat, sigma: _cost(y, yhat, sigma) / len(y)),
                    "The log of a product is a sum, and grows with the data.",
                ),
                Mistake(
                    "one half missing",
                    like(lambda y, yhat, sigma: _cost(np.sqrt(2) * y, np.sqrt(2) * yhat, sigma)),
                    "The exponent has a half.",
                ),
                Mistake(
                    "no sigma in front",
                    like(lambda y, yhat, sigma: _cost(y, yhat, sigma) - len(y) * np.log(sigma)),
                    "The height of the density depends on sigma too.",
                ),
            ),
            example="nll(np.array([1.0, 2.0]), np.array([1.5, 1.5]), sigma)",
        ),
    ),
)


def _grid(mu: float, sigma: float) -> np.ndarray:
    """Places from eight deviations below the mean to as many above, fifty in each."""
    return mu + sigma * np.arange(-400, 401) / 50
