"""The exercise of kernel-regression: ridge, its kernel form, and the error left one out."""

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
    Tolerance,
    any_of,
    close,
    like,
    raises,
)
from gramian.labs.exercises import _kernel_ridge as truth
from gramian.labs.exercises._gaussian_kernel import gaussian, gaussian_table
from gramian.labs.exercises._ridge import RIDGE

ROUGH = Tolerance(double=1e-8, single=1e-3)


def gram(X: np.ndarray, T: np.ndarray, sigma: float) -> np.ndarray:
    """The table (n, m) of exp(-||x_i - t_j||^2 / (2 sigma^2)) for rows of X (n, d) and T (m, d)."""
    squared = ((X[:, None, :] - T[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-squared / (2 * sigma**2))


def krr_fit(X: np.ndarray, y: np.ndarray, sigma: float, lam: float) -> np.ndarray:
    """The coefficients alpha (n,) of kernel ridge regression: (K + lam I) alpha = y.

    K is the table of `gram` for the rows of X (n, d) among themselves, y is (n,), and lam > 0.
    """
    K = gram(X, X, sigma)
    return np.linalg.solve(K + lam * np.eye(len(X), dtype=X.dtype), y)


def krr_predict(X: np.ndarray, alpha: np.ndarray, new: np.ndarray, sigma: float) -> np.ndarray:
    """The predictions (m,) for the rows of new (m, d), from training rows X (n, d) and alpha (n,).

    A prediction is the sum of the coefficients, each times the kernel of new row and training row.
    """
    return gram(new, X, sigma) @ alpha


def loo(X: np.ndarray, y: np.ndarray, sigma: float, lam: float) -> float:
    """The mean squared error of n predictions, each from a fit without the row that it predicts.

    X is (n, d), y is (n,), n > 1. Each fit is that of `krr_fit` on the n - 1 other rows.
    """
    K = gram(X, X, sigma)
    H = np.linalg.solve(K + lam * np.eye(len(X), dtype=X.dtype), K).T  # fitted values are H y
    return (((y - H @ y) / (1 - np.diag(H))) ** 2).mean()


def _data(draw: Draw) -> Iterator[Case]:
    def case(label: str, X: np.ndarray) -> Case:
        y, sigma, lam = draw.normal(len(X)), draw.number(0.8, 2), draw.number(0.2, 0.8)
        return Case(label, X=X, y=y, sigma=sigma, lam=lam)

    yield case("two rows", draw.normal(2, 1))
    yield case("equal rows", np.repeat(draw.grid(1, 2), 2, axis=0))
    yield case("far apart", np.array([[0.0], [90.0], [180.0]]))
    yield case("one column", draw.normal(6, 1, scale=2))
    yield case("more rows than columns", draw.normal(9, 3))


def _fits(draw: Draw) -> Iterator[Case]:
    yield Case("one row", X=draw.normal(1, 2), y=draw.normal(1), sigma=1.5, lam=draw.number(0.2, 2))
    yield from _data(draw)


def _predictions(draw: Draw) -> Iterator[Case]:
    def case(label: str, X: np.ndarray, new: np.ndarray) -> Case:
        return Case(label, X=X, alpha=draw.normal(len(X)), new=new, sigma=draw.number(0.8, 2))

    yield case("one row each", draw.normal(1, 2), draw.normal(1, 2))
    yield case("as many new rows as old ones", draw.normal(3, 2), draw.normal(3, 2))
    yield case("equal rows", np.repeat(draw.grid(1, 2), 3, axis=0), draw.grid(2, 2))
    yield case("far away", draw.normal(3, 1), 90 + draw.normal(2, 1))
    yield case("more new rows than old ones", draw.normal(3, 2), draw.normal(5, 2))


def _own_term_dropped(X: np.ndarray, y: np.ndarray, sigma: float, lam: float) -> float:
    """One fit of all rows; only the sum leaves a row's own term out."""
    K = gaussian(X, X, sigma) - np.eye(len(X))
    return float(np.square(y - K @ truth.coefficients(X, y, sigma, lam)).mean())


def _far(new: np.ndarray) -> np.ndarray:
    """The same rows, where no training row has any weight."""
    return new + 1000.0


EXERCISE = Exercise(
    lab="kernel-regression",
    title="From a line to a curve",
    question="What do intercept, ridge and a kernel each change?",
    background="""\
**Ridge.** Least squares with a price $\\lambda \\|w\\|^2$ on the weights has one solution, however
few rows or however alike the columns are. The intercept only says where zero is, and carries no
price: for columns and targets whose means are taken off, it vanishes.

**Dual form.** Without an intercept, and for $\\lambda > 0$, the weights are $w = X^\\top \\alpha$
with $(X X^\\top + \\lambda I)\\, \\alpha = y$. Predictions then need inner products of rows alone.

**Kernel.** Put $k(x, t) = e^{-\\|x - t\\|^2 / 2\\sigma^2}$ in the place of every inner product, and
the line becomes a curve: $f(x) = \\sum_i \\alpha_i\\, k(x, x_i)$, where the coefficients solve
$(K + \\lambda I)\\, \\alpha = y$.

**Left one out.** A flexible model can fit anything, so it is judged on rows that it has not seen:
each row in turn is predicted by a fit to the others. The fitted values are linear in the targets,
$\\hat y = H y$. That saves the $n$ fits: the error of row $i$ without itself is
$(y_i - \\hat y_i) / (1 - H_{ii})$.
""",
    arrays="numpy",
    functions=(
        RIDGE,
        gaussian_table(gram, example="gram(np.array([[0.0]]), np.array([[0.0], [1.0]]), 1.0)"),
        Function(
            solution=krr_fit,
            cases=_fits,
            axes={"X": "nd", "y": "n"},
            returns=Array("n"),
            properties=(
                Property(
                    "doubling the targets doubles the coefficients",
                    lambda f, X, y, sigma, lam: close(
                        f(X, 2 * y, sigma, lam), 2 * f(X, y, sigma, lam), ROUGH
                    ),
                    "The targets enter once.",
                ),
                Property(
                    "a target is the fitted value plus lam times its own coefficient",
                    lambda f, X, y, sigma, lam: close(
                        gaussian(X, X, sigma) @ f(X, y, sigma, lam) + lam * f(X, y, sigma, lam),
                        y,
                        1e-3,
                    ),
                    "Write the linear system out for two rows. Where does lam stand?",
                ),
            ),
            reference=truth.coefficients,
            tolerance=ROUGH,
            mistakes=(
                Mistake(
                    "lam added to every entry",
                    like(lambda X, y, sigma, lam: np.linalg.solve(gaussian(X, X, sigma) + lam, y)),
                    "K + lam adds lam everywhere. Which entries does lam I have?",
                ),
                Mistake(
                    "inverse of a singular K",
                    any_of(
                        raises("LinAlgError"),
                        like(
                            lambda X, y, sigma, lam: (
                                np.linalg.pinv(gaussian(X, X, sigma), hermitian=True) @ y
                            )
                        ),
                    ),
                    "Equal rows make K singular. What keeps the system solvable?",
                ),
                Mistake(
                    "lam subtracted",
                    like(
                        lambda X, y, sigma, lam: np.linalg.solve(
                            gaussian(X, X, sigma) - lam * np.eye(len(X)), y
                        )
                    ),
                    "The price makes the system safer: it raises every eigenvalue.",
                ),
            ),
            task="Use `gram`.",
            example="krr_fit(np.array([[0.0], [1.0]]), np.array([1.0, -1.0]), 1.0, 0.1)",
        ),
        Function(
            solution=krr_predict,
            cases=_predictions,
            axes={"X": "nd", "alpha": "n", "new": "md"},
            returns=Array("m"),
            properties=(
                Property(
                    "a new row does not feel the others",
                    lambda f, X, alpha, new, sigma: close(
                        f(X, alpha, new[:1], sigma), f(X, alpha, new, sigma)[:1]
                    ),
                    "Each new row meets the training rows alone.",
                ),
                Property(
                    "doubling the coefficients doubles the predictions",
                    lambda f, X, alpha, new, sigma: close(
                        f(X, 2 * alpha, new, sigma), 2 * f(X, alpha, new, sigma)
                    ),
                    "A prediction is a sum, linear in the coefficients.",
                ),
                Property(
                    "far from all training rows the predictions return to 0",
                    lambda f, X, alpha, new, sigma: close(
                        f(X, alpha, _far(new), sigma), np.zeros(len(new))
                    ),
                    "What is the kernel of two points far apart?",
                ),
            ),
            reference=truth.predicted,
            tolerance=ROUGH,
            mistakes=(
                Mistake(
                    "kernel of training and new rows transposed",
                    like(
                        lambda X, alpha, new, sigma: gaussian(X, new, sigma) @ alpha,
                    ),
                    "Coefficients belong to the training rows. Which axis of your table has them? "
                    "Where both counts are equal, nothing raises.",
                ),
                Mistake(
                    "divided by the sum of the kernel",
                    like(
                        lambda X, alpha, new, sigma: (
                            truth.predicted(X, alpha, new, sigma)
                            / gaussian(new, X, sigma).sum(axis=1)
                        )
                    ),
                    "That is a weighted mean, another method. Here the coefficients already fit.",
                ),
                Mistake(
                    "coefficients left out",
                    like(lambda X, alpha, new, sigma: gaussian(new, X, sigma).sum(axis=1)),
                    "Every training row has its coefficient.",
                ),
            ),
            task="Use `gram`.",
            example="krr_predict(np.array([[0.0]]), np.array([2.0]), np.array([[0.5]]), 1.0)",
        ),
        Function(
            solution=loo,
            cases=_data,
            axes={"X": "nd", "y": "n"},
            returns=Number(),
            valid=lambda X, y, sigma, lam: len(X) > 1,
            properties=(
                Property(
                    "the order of the rows does not matter",
                    lambda f, X, y, sigma, lam: close(
                        f(X[::-1], y[::-1], sigma, lam), f(X, y, sigma, lam), 1e-3
                    ),
                    "Every row is left out once.",
                ),
                Property(
                    "doubling the targets makes the error four times as large",
                    lambda f, X, y, sigma, lam: close(
                        f(X, 2 * y, sigma, lam), 4 * f(X, y, sigma, lam), 1e-3
                    ),
                    "The mean of squares, without a root.",
                ),
            ),
            reference=truth.left_out,
            tolerance=ROUGH,
            hint="Leave the row out of the fit, of its targets too, and then predict it.",
            mistakes=(
                Mistake(
                    "training error",
                    like(truth.training_error),
                    "Each row has helped to predict itself. Which rows may the fit see?",
                ),
                Mistake(
                    "left out of the sum, not of the fit",
                    like(_own_term_dropped),
                    "The other coefficients still know the row. They come from a fit without it.",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(lambda X, y, sigma, lam: len(X) * truth.left_out(X, y, sigma, lam)),
                    "That grows with the number of rows.",
                ),
            ),
            task="Use `krr_fit` and `krr_predict` in a loop over the rows, or the matrix $H$.",
            example="loo(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 0.0]), 1.0, 0.1)",
        ),
    ),
)
