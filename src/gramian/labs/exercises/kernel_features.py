"""The exercise of kernel-features: two kernels, and the features that they are products of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
    any_of,
    close,
    fails,
    like,
    only_on,
    raises,
)
from gramian.labs.exercises._gaussian_kernel import gaussian_table
from gramian.labs.exercises._kernel_features import products_like, quadratic, taylor


def quadratic_kernel(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The table (n, m) of (1 + x_i . t_j)^2 for rows of X (n, d) and T (m, d)."""
    return (1 + X @ T.T) ** 2


def quadratic_features(X: np.ndarray) -> np.ndarray:
    """Features (n, p) of the rows of X (n, d) whose inner products are the quadratic kernel.

    As few as will do for every X: 1, every entry, every square, and every product of two entries,
    each times what the kernel asks for. The order of the columns is free.
    """
    d = X.shape[1]
    i, j = np.triu_indices(d, k=1)
    root = np.sqrt(2).astype(X.dtype)
    return np.hstack([np.ones_like(X[:, :1]), root * X, X**2, root * X[:, i] * X[:, j]])


def gaussian_kernel(X: np.ndarray, T: np.ndarray, sigma: float) -> np.ndarray:
    """The table (n, m) of exp(-||x_i - t_j||^2 / (2 sigma^2)) for rows of X (n, d) and T (m, d)."""
    squared = ((X[:, None, :] - T[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-squared / (2 * sigma**2))


def gaussian_features(x: np.ndarray, sigma: float, m: int) -> np.ndarray:
    """The first m features (n, m) of numbers x (n,), in the float type of x.

    Column i = 0, ..., m - 1 holds exp(-x^2 / (2 sigma^2)) (x / sigma)^i / sqrt(i!). Powers and
    factorials may be too large for a float where the feature is not.
    """
    first = np.exp(-(x**2) / (2 * sigma**2))
    # each feature is the one before, times x / (sigma sqrt(i))
    ratios = x[:, None] / (sigma * np.sqrt(np.arange(1, m)))
    return np.cumprod(np.hstack([first[:, None], ratios]), axis=1).astype(x.dtype)


def _rows(draw: Draw) -> Iterator[Case]:
    yield Case("one entry", X=draw.normal(1, 1))
    yield Case("one row", X=draw.normal(1, 3))
    yield Case("square", X=draw.normal(2, 2))
    yield Case("zeros", X=np.zeros((2, 3)))
    yield Case("equal rows", X=np.repeat(draw.grid(1, 3), 2, axis=0))
    yield Case("more columns than rows", X=draw.normal(3, 5))
    yield Case("more rows than columns", X=draw.normal(7, 2))


def _pairs(draw: Draw) -> Iterator[Case]:
    yield Case("one entry each", X=draw.normal(1, 1), T=draw.normal(1, 1))
    yield Case("one row each", X=draw.normal(1, 3), T=draw.normal(1, 3))
    yield Case("at right angles", X=np.eye(2), T=np.eye(2)[::-1].copy())
    yield Case("square", X=draw.normal(3, 3), T=draw.normal(3, 3))
    yield Case("equal rows", X=draw.grid(2, 2), T=np.repeat(draw.grid(1, 2), 3, axis=0))
    yield Case("non-square", X=draw.normal(5, 3), T=draw.normal(4, 3))


def _numbers(draw: Draw) -> Iterator[Case]:
    sigma = draw.number(1.1, 3)
    yield Case("one feature", x=draw.normal(2), sigma=sigma, m=1)
    yield Case("one number", x=draw.normal(1), sigma=sigma, m=4)
    yield Case("at the origin", x=np.zeros(2), sigma=sigma, m=3)
    yield Case("both signs", x=np.array([-1.5, 1.5, -0.5]), sigma=sigma, m=6)
    yield Case("a wide kernel", x=draw.normal(4), sigma=10 * sigma, m=5)
    own = draw.scalar("sigma")
    far = own * draw.uniform(8, 10, 3)
    yield Case("far out, with many features", x=np.round(far, 2), sigma=own, m=320)


def _count(d: int) -> int:
    """How many quadratic features a row of d entries has."""
    return (d + 1) * (d + 2) // 2


def _series(f: Callable[..., np.ndarray], x: np.ndarray, sigma: float) -> np.ndarray:
    """Inner products of many features of numbers within two widths of 0."""
    features = f(np.clip(x, -2 * sigma, 2 * sigma), sigma, 40)
    return features @ features.T


EXERCISE = Exercise(
    lab="kernel-features",
    title="Kernels are inner products",
    question="Is the kernel the inner product of explicit features?",
    background="""\
A kernel $k(x, t)$ compares two points as if each was first sent to a longer vector of
**features**: $k(x, t) = \\varphi(x) \\cdot \\varphi(t)$. Methods that need only inner products can
then work with $k$ and never write $\\varphi$ down.

For $(1 + x \\cdot t)^2$ the features follow from multiplying out. In two dimensions
$(1 + x_1 t_1 + x_2 t_2)^2$ has nine terms, of which some are equal: a product that occurs twice
needs a factor in front, and a factor of the kernel is shared by $\\varphi(x)$ and $\\varphi(t)$.

The Gaussian kernel on the line is $e^{-x^2/2\\sigma^2}\\, e^{-t^2/2\\sigma^2}\\, e^{xt/\\sigma^2}$.
Its last factor is a series, $\\sum_i (xt/\\sigma^2)^i / i!$, and each term is a product of
something of $x$ and the same of $t$: infinitely many features. With the first $m$ of them the
kernel is right near the origin only. How far, is what the lab measures.
""",
    arrays="numpy",
    scalars={"sigma": Scalar(10.0, low=4.0, high=12.0, step=0.5)},
    functions=(
        Function(
            solution=quadratic_kernel,
            cases=_pairs,
            axes={"X": "nd", "T": "md"},
            returns=Array("nm"),
            properties=(
                Property(
                    "swapping X and T transposes the table",
                    lambda f, X, T: close(f(T, X), f(X, T).T),
                    "Rows of the table belong to X, columns to T.",
                ),
                Property(
                    "no entry is negative",
                    lambda f, X, T: bool((f(X, T) >= 0).all()),
                    "Which step comes last?",
                ),
                Property(
                    "every point is alike to the origin",
                    lambda f, X, T: close(f(X, 0 * T), np.ones((len(X), len(T)))),
                    "What is left of the formula when the inner product vanishes?",
                ),
            ),
            reference=lambda X, T: (1 + X @ T.T) ** 2,
            mistakes=(
                Mistake(
                    "no square",
                    like(lambda X, T: 1 + X @ T.T),
                    "That is linear in x. Where does the exponent stand?",
                ),
                Mistake(
                    "square before the sum",
                    like(lambda X, T: 1 + (X @ T.T) ** 2),
                    "The one is added first, and the sum is squared.",
                ),
                Mistake(
                    "entry by entry",
                    any_of(
                        like(lambda X, T: (1 + X * T) ** 2),
                        like(lambda X, T: (1 + X[:, None, :] * T[None, :, :]) ** 2),
                    ),
                    "Two rows have one inner product, a number: the axis of the entries goes.",
                ),
            ),
            example="quadratic_kernel(np.array([[1.0, 2.0]]), np.array([[3.0, 0.0], [0.0, 0.0]]))",
        ),
        Function(
            solution=quadratic_features,
            cases=_rows,
            axes={"X": "nd"},
            returns=Array("np"),
            properties=(
                Property(
                    "inner products of the features are the kernel",
                    lambda f, X: close(
                        f(X).astype(np.float64) @ f(X).T,
                        (1 + X.astype(np.float64) @ X.T) ** 2,
                        1e-4,
                    ),
                    "Multiply (1 + x . t)^2 out for two entries, and share every factor fairly.",
                ),
                Property(
                    "no feature is there twice: their number is (d + 1)(d + 2) over two",
                    lambda f, X: f(X).shape[1] == _count(X.shape[1]),
                    "Which columns of yours are equal for every X? One of them is enough.",
                ),
                Property(
                    "a row does not feel the others",
                    lambda f, X: close(f(X[:1]), f(X)[:1]),
                    "The features of a point are made of its own entries.",
                ),
            ),
            mistakes=(
                Mistake(
                    "root of two forgotten",
                    products_like(lambda X: quadratic(X, root=1.0)),
                    "Some terms occur twice in the square. Their factor is shared by two features.",
                ),
                Mistake(
                    "two in place of its root",
                    products_like(lambda X: quadratic(X, root=2.0)),
                    "The factor of a term is the product of what x gets and what t gets.",
                ),
                Mistake(
                    "ordered pairs twice",
                    any_of(
                        products_like(lambda X: quadratic(X, twice=True)),
                        fails("no feature is there twice: their number is (d + 1)(d + 2) over two"),
                    ),
                    "The product of two entries has no order: count every pair once.",
                ),
            ),
            task="Take $(1 + x \\cdot t)^2$ apart into products of something of $x$ and the same "
            "of $t$.",
            example="quadratic_features(np.array([[1.0, 2.0], [0.0, 3.0]]))",
        ),
        gaussian_table(
            gaussian_kernel,
            example="gaussian_kernel(np.array([[0.0]]), np.array([[0.0], [10.0]]), sigma)",
        ),
        Function(
            solution=gaussian_features,
            cases=_numbers,
            axes={"x": "n"},
            returns=Array("nm"),
            properties=(
                Property(
                    "there is a row for each number and a column for each feature",
                    lambda f, x, sigma, m: f(x, sigma, m).shape == (len(x), m),
                    "Count the columns: the first one has i = 0.",
                ),
                Property(
                    "a number does not feel the others",
                    lambda f, x, sigma, m: close(f(x[:1], sigma, m), f(x, sigma, m)[:1]),
                    "The features of a number are made of it alone.",
                ),
                Property(
                    "more features leave the first ones as they are",
                    lambda f, x, sigma, m: close(f(x, sigma, m + 3)[:, :m], f(x, sigma, m)),
                    "Feature i depends on x, sigma and i.",
                ),
                Property(
                    "inner products of many features are the Gaussian kernel near the origin",
                    lambda f, x, sigma, m: close(
                        _series(f, x, sigma),
                        _series(taylor, x, sigma),
                        1e-4,
                    ),
                    "Write the kernel as three factors. Which of them has the docstring?",
                ),
            ),
            reference=taylor,
            tolerance=Tolerance(double=1e-9, single=1e-3),
            mistakes=(
                Mistake(
                    "overflow",
                    any_of(fails("finite"), raises("OverflowError"), only_on("many features")),
                    "Powers and factorials leave the range of a float long before their quotient "
                    "does. What is the quotient of one feature and the one before it?",
                ),
                Mistake(
                    "factorial without its root",
                    like(lambda x, sigma, m: taylor(x, sigma, m, power=1.0)),
                    "A term of the series has one factorial, shared by x and t.",
                ),
                Mistake(
                    "no Gaussian factor",
                    like(
                        lambda x, sigma, m: (
                            taylor(x, sigma, m) * np.exp((x / sigma) ** 2 / 2)[:, None]
                        )
                    ),
                    "The series gives the third factor of the kernel. Where are the first two?",
                ),
                Mistake(
                    "begins with the first power",
                    like(lambda x, sigma, m: taylor(x, sigma, m + 1)[:, 1:]),
                    "At the origin the kernel is not zero: which feature is not zero there?",
                ),
            ),
            task="Two neighbouring features have a simple quotient.",
            example="gaussian_features(np.array([0.0, 5.0]), sigma, 4)",
        ),
    ),
)
