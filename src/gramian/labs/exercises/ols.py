"""The exercise of ols: least squares with a bias, and the error that it leaves."""

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
    Mistake,
    Number,
    Property,
    Tolerance,
    any_of,
    close,
    like,
    only_on,
    raises,
)

ROUGH = Tolerance(double=1e-8, single=1e-3)
PERPENDICULAR = "what is left of y is perpendicular to every column, and to the ones"


def add_bias(X: torch.Tensor) -> torch.Tensor:
    """X (n, p) with a last column of ones, as (n, p + 1) in the float type of X."""
    return torch.cat([X, torch.ones_like(X[:, :1])], dim=1)


def ols(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The weights (p + 1,) of y (n,) on X (n, p) by least squares, that of the bias last.

    Where several weights leave the same error, because columns are collinear or rows too few, the
    shortest of them.
    """
    return torch.linalg.pinv(add_bias(X)) @ y


def mse(X: torch.Tensor, y: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """The mean squared error of weights w (p + 1,), one number.

    X is (n, p), and y is (n,) or a column (n, 1).
    """
    return ((y.reshape(-1) - add_bias(X) @ w) ** 2).mean()


def _tables(draw: Draw) -> Iterator[Case]:
    yield Case("one entry", X=draw.normal(1, 1))
    yield Case("one row", X=draw.normal(1, 3))
    yield Case("square", X=draw.normal(2, 2))
    yield Case("more rows than columns", X=draw.normal(4, 2))
    yield Case("ties", X=draw.grid(2, 3))


def _spread(draw: Draw, n: int, p: int) -> np.ndarray:
    """Columns far from collinear: rows lie along the axes, on both sides, moved a little."""
    axes = np.vstack([np.eye(p), -np.eye(p), 2 * np.eye(p)])
    return np.round(np.resize(axes, (n, p)) + draw.normal(n, p, scale=0.1), 2)


def _data(draw: Draw) -> Iterator[Case]:
    yield Case("one column", X=_spread(draw, 3, 1), y=draw.normal(3))
    yield Case("y does not depend on X", X=_spread(draw, 4, 1), y=np.full(4, 5.0))
    yield Case("square with the bias", X=_spread(draw, 3, 2), y=draw.normal(3))
    yield Case("far from the origin", X=5 + _spread(draw, 6, 2), y=20 + draw.normal(6))
    yield Case("more rows than columns", X=_spread(draw, 9, 3), y=draw.normal(9))
    row = np.array([[3.0, 1.0]])
    yield Case("one row: collinear columns", X=row, y=draw.normal(1))
    column = np.array([[1.0], [-1.0], [2.0], [0.0]])
    yield Case("equal, so collinear columns", X=np.hstack([column, column]), y=draw.normal(4))
    yield Case("a column collinear with the ones", X=np.full((3, 1), 2.0), y=draw.normal(3))


def _fits(draw: Draw) -> Iterator[Case]:
    def case(label: str, n: int, p: int, *column: int) -> Case:
        return Case(label, X=draw.normal(n, p), y=draw.normal(n, *column), w=draw.normal(p + 1))

    yield case("one row", 1, 2)
    yield case("one column", 3, 1)
    yield case("as many rows as weights", 3, 2)
    yield case("more rows than weights", 6, 2)
    yield case("y as a column", 4, 2, 1)
    yield Case("no error", X=np.eye(2), y=np.array([1.0, 2.0]), w=np.array([1.0, 2.0, 0.0]))


def _with_ones(X: np.ndarray) -> np.ndarray:
    return np.hstack([X, np.ones((len(X), 1))])


def _weights(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(_with_ones(X), y, rcond=1e-6)[0]


def _residual(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    return y.reshape(-1) - _with_ones(X) @ w


def _residual_is_perpendicular(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> bool:
    A = _with_ones(X.astype(np.float64))
    return close(A.T @ (y - A @ w), np.zeros(len(w)), Tolerance(1e-2, 1e-2))


EXERCISE = Exercise(
    lab="ols",
    title="Least squares, and what it leaves",
    question="What error should least squares leave?",
    background="""\
A linear model predicts $\\hat y = X w + b$. With a column of ones beside $X$ the bias $b$ is one
weight more, and every formula stays as it is.

The error $\\|y - X w\\|^2$ is least where its gradient vanishes: $X^\\top (y - X w) = 0$. What is
left of $y$ is then **perpendicular** to every column of $X$. If the columns are independent, that
is $w = (X^\\top X)^{-1} X^\\top y$. If they are not, the inverse does not exist, and there are many
solutions: the pseudo-inverse names the shortest. Even where the inverse exists, $X^\\top X$ has the
square of the condition of $X$, and digits are lost.

A small training error proves nothing: with as many weights as rows there is none at all.
""",
    arrays="torch",
    functions=(
        Function(
            solution=add_bias,
            cases=_tables,
            axes={"X": "np"},
            returns=Array("nq"),
            properties=(
                Property(
                    "there is one column more",
                    lambda f, X: f(X).shape == (X.shape[0], X.shape[1] + 1),
                    "Which axis grows: that of the rows or that of the columns?",
                ),
                Property(
                    "the first columns are those of X",
                    lambda f, X: np.array_equal(f(X)[:, :-1], X),
                    "The bias comes last.",
                ),
            ),
            reference=_with_ones,
            mistakes=(
                Mistake(
                    "ones in front",
                    like(lambda X: _with_ones(X)[:, np.r_[-1, 0 : X.shape[1]]]),
                    "The bias comes last.",
                ),
                Mistake(
                    "a row of ones",
                    like(lambda X: np.vstack([X, np.ones((1, X.shape[1]))])),
                    "A row is one more point. Which axis has the weights?",
                ),
                Mistake(
                    "ones added to the entries",
                    like(lambda X: X + 1),
                    "The bias is a column of its own; the data stay as they are.",
                ),
            ),
            example="add_bias(torch.tensor([[2.0, 3.0], [4.0, 5.0]]))",
        ),
        Function(
            solution=ols,
            cases=_data,
            axes={"X": "np", "y": "n"},
            returns=Array("q"),
            properties=(
                Property(
                    "there is a weight for each column, and one for the bias",
                    lambda f, X, y: f(X, y).shape == (X.shape[1] + 1,),
                    "How many columns has the table that you solve with?",
                ),
                Property(
                    PERPENDICULAR,
                    lambda f, X, y: _residual_is_perpendicular(X, y, f(X, y)),
                    "Set the gradient of the squared error to zero.",
                ),
                Property(
                    "doubling y doubles the weights",
                    lambda f, X, y: close(f(X, 2 * y), 2 * f(X, y), ROUGH),
                    "The weights are linear in y.",
                ),
            ),
            reference=_weights,
            tolerance=ROUGH,
            hint="Of all weights with the least error the shortest ones are meant.",
            mistakes=(
                Mistake(
                    "no bias column",
                    like(lambda X, y: np.linalg.lstsq(X, y, rcond=1e-6)[0]),
                    "Your model goes through the origin. What gives it a bias?",
                ),
                Mistake(
                    "inverse on collinear columns",
                    any_of(raises("LinAlgError", "_LinAlgError"), only_on("collinear")),
                    "Where columns depend on each other, the table has no inverse, or one that is "
                    "made of rounding. What does the docstring say of these inputs?",
                ),
                Mistake(
                    "y enters without X",
                    like(lambda X, y: np.linalg.pinv(_with_ones(X)).sum(axis=1) * y.mean()),
                    "Each target belongs to a row.",
                ),
            ),
            task="Use `add_bias`.",
            example="ols(torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([1.0, 3.0, 5.0]))",
        ),
        Function(
            solution=mse,
            cases=_fits,
            axes={"X": "np", "w": "q"},
            returns=Number(),
            valid=lambda X, y, w: len(X) == len(y) and len(w) == X.shape[1] + 1,
            properties=(
                Property(
                    "y as a column is the same as y",
                    lambda f, X, y, w: close(f(X, y.reshape(-1, 1), w), f(X, y.reshape(-1), w)),
                    "Subtract a vector from a column, and look at the shape.",
                ),
                Property(
                    "the order of the rows does not matter",
                    lambda f, X, y, w: close(f(X[::-1], y[::-1], w), f(X, y, w)),
                    "Each target meets the prediction of its own row.",
                ),
                Property(
                    "repeating all rows changes nothing",
                    lambda f, X, y, w: close(
                        f(np.concatenate([X, X]), np.concatenate([y, y]), w), f(X, y, w)
                    ),
                    "A mean does not grow with the number of rows.",
                ),
            ),
            reference=lambda X, y, w: float((_residual(X, y, w) ** 2).mean()),
            mistakes=(
                Mistake(
                    "y as a column against a vector of predictions",
                    like(lambda X, y, w: float(((y - _with_ones(X) @ w) ** 2).mean())),
                    "Broadcasting pairs every target with every prediction, and nothing raises. "
                    "Give both the same shape first.",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(lambda X, y, w: float((_residual(X, y, w) ** 2).sum())),
                    "That grows with the number of rows.",
                ),
                Mistake(
                    "root of the mean",
                    like(lambda X, y, w: float((_residual(X, y, w) ** 2).mean() ** 0.5)),
                    "The root has the unit of y; here the square is asked for.",
                ),
            ),
            task="Use `add_bias`. Compare the shapes before you subtract.",
            example="mse(torch.tensor([[0.0], [1.0]]), torch.tensor([1.0, 2.0]), "
            "torch.tensor([2.0, 1.0]))",
        ),
    ),
)
