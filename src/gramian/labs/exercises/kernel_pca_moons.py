"""The exercise of kernel-pca-moons: centring, components, and the projection of new rows."""

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
    any_of,
    close,
    like,
)
from gramian.labs.checking.fixtures.signs import settled
from gramian.labs.exercises import _kernel_pca as truth

ROUGH = Tolerance(double=1e-8, single=2e-3)
SIGNS = "signs.with_signs_settled"


def centre(K: np.ndarray) -> np.ndarray:
    """The table K (n, n) of a kernel, as if the mean of all features was taken off each of them.

    K is symmetric, and so is the result; all its rows sum to 0.
    """
    return K - K.mean(axis=0) - K.mean(axis=1, keepdims=True) + K.mean()


def kpca(X: np.ndarray, gamma: float, k: int) -> np.ndarray:
    """The first k components (n, k) of the rows of X (n, d), for exp(-gamma ||x - t||^2).

    Column j holds what the rows are along direction j of feature space: the eigenvector of the
    centred table with the j-th largest eigenvalue, times the root of this eigenvalue. The sign of
    a column is free.
    """
    squared = ((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2)
    values, vectors = np.linalg.eigh(centre(np.exp(-gamma * squared)))  # rising eigenvalues
    values, vectors = values[::-1][:k], vectors[:, ::-1][:, :k]
    return vectors * np.sqrt(np.maximum(values, 0))


def project(X: np.ndarray, new: np.ndarray, gamma: float, k: int) -> np.ndarray:
    """The rows of new (m, d) on the first k components of X (n, d), as (m, k).

    Each new row is treated alone: what is taken off are means of the training rows. The rows of X
    themselves would get what `kpca` gives them; the sign of a column is free.
    """

    def kernel(A: np.ndarray, B: np.ndarray) -> np.ndarray:
        return np.exp(-gamma * ((A[:, None, :] - B[None, :, :]) ** 2).sum(axis=2))

    K, N = kernel(X, X), kernel(new, X)
    centred = N - N.mean(axis=1, keepdims=True) - K.mean(axis=0) + K.mean()
    values, vectors = np.linalg.eigh(centre(K))
    values, vectors = values[::-1][:k], vectors[:, ::-1][:, :k]
    return centred @ vectors / np.sqrt(values)


def _tables(draw: Draw) -> Iterator[Case]:
    yield Case("one entry", K=np.abs(draw.normal(1, 1)))
    yield Case("two rows", K=np.array([[1.0, 0.5], [0.5, 4.0]]))
    yield Case("all alike", K=np.ones((3, 3)))
    yield Case("nothing alike", K=np.eye(3))
    rows = draw.grid(4, 2)
    yield Case("equal rows", K=np.tile(rows @ rows.T, (2, 2)))
    many = draw.normal(6, 3)
    yield Case("a Gaussian kernel", K=truth.kernel(many, many, 0.5))


def _data(draw: Draw) -> Iterator[Case]:
    def case(label: str, n: int, d: int, k: int) -> Case:
        gamma = draw.number(0.2, 0.8)
        return Case(label, X=truth.distinct(draw, n, d, gamma, k), gamma=gamma, k=k)

    yield case("two rows", 2, 2, 1)
    yield case("one column", 4, 1, 2)
    yield case("square", 3, 3, 1)
    yield case("more rows than columns", 8, 2, 2)
    yield case("more components", 9, 3, 3)
    own = draw.scalar("gamma")
    twice = np.repeat(truth.distinct(draw, 4, 2, own / 16, 2) / 4, 2, axis=0)
    yield Case("equal rows", X=twice, gamma=own, k=2)


def _alone_too(draw: Draw) -> Iterator[Case]:
    yield Case("one row", X=draw.normal(1, 2), gamma=draw.scalar("gamma"), k=1)
    yield from _data(draw)


def _new_rows(draw: Draw) -> Iterator[Case]:
    for case, m in zip(_data(draw), (1, 2, 3, 8, 4, 1), strict=True):
        X, gamma, k = case.arguments.values()
        new = draw.normal(m, X.shape[1])
        yield Case(case.label, X=X, new=new, gamma=gamma, k=k)
    yield Case("far away", X=X, new=90 + draw.normal(2, X.shape[1]), gamma=gamma, k=k)


EXERCISE = Exercise(
    lab="kernel-pca-moons",
    title="Components of a kernel",
    question="Does one kernel component separate what no linear one can?",
    background="""\
PCA finds the directions in which points spread most. Kernel PCA does so for **features**
$\\varphi(x)$ that nobody writes down: all it needs is the table $K$ of their inner products.

The features have a mean, and it must go first. Taking it off each feature changes the table to
$K - 1K - K1 + 1K1$, where all entries of the matrix $1$ are $1/n$: the means of the columns, the
means of the rows, and the mean of all, which was taken off twice. A picture hardly shows a mistake
here, the sums of the rows do.

If $v$ is an eigenvector of the centred table, of length 1 and with eigenvalue $\\lambda$, then
$\\sum_i v_i \\varphi(x_i) / \\sqrt{\\lambda}$ is a direction of length 1, and the points lie along
it at $\\sqrt{\\lambda}\\, v$. A new point is compared with the training points, centred by
**their** means, and summed with the same weights.
""",
    arrays="numpy",
    scalars={"gamma": Scalar(15.0, low=8.0, high=20.0, step=0.5)},
    functions=(
        Function(
            solution=centre,
            cases=_tables,
            axes={"K": "nn"},
            returns=Array("nn"),
            valid=lambda K: np.array_equal(K, K.T),
            properties=(
                Property(
                    "every row sums to 0",
                    lambda f, K: close(f(K).sum(axis=1), np.zeros(len(K))),
                    "Take two rows, and follow both means, and the one that went twice.",
                ),
                Property(
                    "the result is symmetric",
                    lambda f, K: close(f(K), f(K).T),
                    "Rows and columns are treated alike.",
                ),
                Property(
                    "adding a number to all entries changes nothing",
                    lambda f, K: close(f(K + 1.5), f(K)),
                    "What a mean takes off, it takes off everywhere.",
                ),
            ),
            reference=truth.centred,
            mistakes=(
                Mistake(
                    "one mean taken off twice",
                    like(lambda K: K - 2 * K.mean(axis=0) + K.mean()),
                    "The two means belong to different axes: the result would be symmetric.",
                ),
                Mistake(
                    "mean of all forgotten",
                    like(lambda K: K - K.mean(axis=0) - K.mean(axis=1, keepdims=True)),
                    "The mean of all entries has now been taken off twice.",
                ),
                Mistake(
                    "columns alone",
                    like(lambda K: K - K.mean(axis=0)),
                    "Both features of a pair lose the mean, not one of them.",
                ),
            ),
            example="centre(np.array([[1.0, 0.5], [0.5, 2.0]]))",
        ),
        Function(
            solution=kpca,
            cases=_alone_too,
            axes={"X": "nd"},
            returns=Array("nc"),
            through=SIGNS,
            valid=lambda X, gamma, k: len(X) > k and truth.well_apart(X, gamma, k),
            properties=(
                Property(
                    "there are k columns",
                    lambda f, X, gamma, k: f(X, gamma, k).shape == (len(X), k),
                    "One column for each component, one row for each point.",
                ),
                Property(
                    "every column sums to 0",
                    lambda f, X, gamma, k: close(f(X, gamma, k).sum(axis=0), np.zeros(k), 1e-3),
                    "What has to happen to the table before its eigenvectors?",
                ),
                Property(
                    "different columns are at right angles",
                    lambda f, X, gamma, k: close(
                        truth.inner(f(X, gamma, k)), np.zeros((k, k)), 1e-3
                    ),
                    "Eigenvectors are the columns of what eigh returns.",
                ),
                Property(
                    "no column is larger than the one before it",
                    lambda f, X, gamma, k: truth.falling(f(X, gamma, k)),
                    "In which order does eigh return eigenvalues?",
                ),
            ),
            reference=truth.components,
            tolerance=ROUGH,
            mistakes=(
                Mistake(
                    "rising eigenvalues",
                    any_of(
                        truth.first_of_rising,
                        like(lambda X, gamma, k: settled(truth.components(X, gamma, k)[:, ::-1])),
                    ),
                    "eigh returns the smallest eigenvalue first. Which ones are wanted?",
                ),
                Mistake(
                    "not scaled",
                    like(lambda X, gamma, k: truth.components(X, gamma, k, power=0.0)),
                    "Eigenvectors all have length one. How far apart are the points along each "
                    "direction?",
                ),
                Mistake(
                    "eigenvalue without its root",
                    like(lambda X, gamma, k: truth.components(X, gamma, k, power=1.0)),
                    "An eigenvalue has the unit of a squared length.",
                ),
                Mistake(
                    "table not centred",
                    like(lambda X, gamma, k: truth.components(X, gamma, k, centring=False)),
                    "The features still have their mean, and the first direction points to it.",
                ),
                Mistake(
                    "gamma divides",
                    like(lambda X, gamma, k: truth.components(X, 1 / gamma, k)),
                    "A larger gamma makes points less alike here. Does yours?",
                ),
            ),
            task="Use `centre`. `np.linalg.eigh` is for symmetric tables.",
            example="kpca(np.array([[0.0], [1.0], [3.0]]), 0.5, 2)",
        ),
        Function(
            solution=project,
            cases=_new_rows,
            axes={"X": "nd", "new": "md"},
            returns=Array("mc"),
            through=SIGNS,
            valid=lambda X, new, gamma, k: len(X) > k and truth.well_apart(X, gamma, k),
            properties=(
                Property(
                    "there are k columns",
                    lambda f, X, new, gamma, k: f(X, new, gamma, k).shape == (len(new), k),
                    "One column for each component, one row for each new point.",
                ),
                Property(
                    "a new row does not feel the others",
                    lambda f, X, new, gamma, k: close(
                        np.abs(f(X, new[:1], gamma, k)), np.abs(f(X, new, gamma, k)[:1]), ROUGH
                    ),
                    "Which means are taken off, and whose are they?",
                ),
                Property(
                    "the training rows get their own components",
                    lambda f, X, new, gamma, k: close(
                        f(X, X, gamma, k), truth.components(X, gamma, k), ROUGH
                    ),
                    "Multiply the centred table by an eigenvector. What has to go to get the root "
                    "of its eigenvalue?",
                ),
            ),
            reference=truth.projected,
            tolerance=ROUGH,
            mistakes=(
                Mistake(
                    "new rows centred by their own mean",
                    like(lambda **given: truth.projected(**given, centring="own")),
                    "A model must not change with the points that it is asked about: the means "
                    "are those of the training rows.",
                ),
                Mistake(
                    "new rows not centred",
                    like(lambda **given: truth.projected(**given, centring="none")),
                    "The directions go through the mean of the features. Where do your new rows "
                    "start?",
                ),
                Mistake(
                    "not scaled",
                    like(lambda **given: truth.projected(**given, power=0.0)),
                    "The sum of the features with the weights of an eigenvector is no direction of "
                    "length one.",
                ),
                Mistake(
                    "times the root in place of divided by it",
                    like(lambda **given: truth.projected(**given, power=0.5)),
                    "The table has brought an eigenvalue along already.",
                ),
            ),
            task="Use `centre` for the training rows.",
            example="project(np.array([[0.0], [1.0], [3.0]]), np.array([[2.0]]), 0.5, 2)",
        ),
    ),
)
