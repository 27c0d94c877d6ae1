"""Every kernel of the library in every kernel machine, against scikit-learn's dense classes.

scikit-learn is given the explicit matrix. It comes from scikit-learn's own kernels where it has
one, and from the formula written out in NumPy where it has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn.decomposition
import sklearn.kernel_approximation
import sklearn.kernel_ridge
from scipy.spatial.distance import cdist
from sklearn.gaussian_process import kernels as theirs
from sklearn.metrics.pairwise import pairwise_kernels

import gramian as gm

RNG = np.random.default_rng(0)
X = RNG.uniform(0.1, 1.0, size=(80, 4))
NEW = RNG.uniform(0.1, 1.0, size=(13, 4))
Y = RNG.normal(size=(80, 2))

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]


def named(metric: str, **settings: Any) -> Formula:
    """One of scikit-learn's kernels by its name."""
    return lambda a, b: pairwise_kernels(a, b, metric=metric, **settings)


def radial(profile: Callable[[np.ndarray], np.ndarray]) -> Formula:
    """A profile of the Euclidean distance."""
    return lambda a, b: profile(cdist(a, b))


WIDTHS = np.array([0.3, 0.5, 1.0, 2.0])

KERNELS: dict[str, tuple[gm.PairFunction, Formula]] = {
    "Gaussian": (gm.Gaussian(0.5), named("rbf", gamma=2.0)),
    "Gaussian, widths": (
        gm.Gaussian(WIDTHS),
        lambda a, b: pairwise_kernels(a / WIDTHS, b / WIDTHS, metric="rbf", gamma=0.5),
    ),
    "Laplacian": (gm.Laplacian(0.5), named("laplacian", gamma=2.0)),
    "Laplacian, l2": (gm.Laplacian(0.5, norm="l2"), theirs.Matern(0.5, nu=0.5)),
    "Matern 1/2": (gm.Matern(0.7, nu=0.5), theirs.Matern(0.7, nu=0.5)),
    "Matern 3/2": (gm.Matern(0.7, nu=1.5), theirs.Matern(0.7, nu=1.5)),
    "Matern 5/2": (gm.Matern(0.7, nu=2.5), theirs.Matern(0.7, nu=2.5)),
    "RationalQuadratic": (
        gm.RationalQuadratic(0.7, alpha=1.5),
        theirs.RationalQuadratic(0.7, alpha=1.5),
    ),
    "Chi2": (gm.Chi2(1.3), named("chi2", gamma=1 / 1.3)),
    "Exponential": (gm.Exponential(0.6), radial(lambda r: np.exp(-r / 0.6))),
    "Tophat": (gm.Tophat(0.6), radial(lambda r: (r < 0.6).astype(float))),
    "Epanechnikov": (gm.Epanechnikov(0.9), radial(lambda r: np.clip(1 - (r / 0.9) ** 2, 0, None))),
    "Triangular": (gm.Triangular(0.9), radial(lambda r: np.clip(1 - r / 0.9, 0, None))),
    "CosineWindow": (
        gm.CosineWindow(0.9),
        radial(lambda r: np.where(r < 0.9, np.cos(np.pi * r / 1.8), 0.0)),
    ),
    "Linear": (gm.Linear(), named("linear")),
    "Polynomial": (gm.Polynomial(3, offset=0.5, scale=0.7), named("poly", gamma=0.7, coef0=0.5)),
    "Sigmoid": (gm.Sigmoid(0.1, 0.2), named("sigmoid", gamma=0.1, coef0=0.2)),
    "CosineSimilarity": (gm.CosineSimilarity(), named("cosine")),
    "composition": (
        0.5 * gm.Gaussian(0.5) * gm.Linear() + 2.0 * gm.Matern(0.7, nu=1.5),
        lambda a, b: (
            0.5 * named("rbf", gamma=2.0)(a, b) * (a @ b.T) + 2.0 * theirs.Matern(0.7, nu=1.5)(a, b)
        ),
    ),
}
KERNELS["Periodic"] = (
    gm.Periodic(period=1.3, bandwidth=0.8),
    lambda a, b: np.exp(-2 * np.sin(np.pi * np.abs(a[:, None] - b[None]) / 1.3) ** 2 / 0.8**2).prod(
        2
    ),
)

every_kernel = pytest.mark.parametrize("name", KERNELS)


@pytest.mark.filterwarnings("ignore:Singular matrix in solving dual problem:UserWarning")
@pytest.mark.parametrize("solver", ["direct", "pcg"])
@every_kernel
def test_kernel_ridge(name: str, solver: str) -> None:
    kernel, formula = KERNELS[name]
    table = formula(X, X)
    # above every negative eigenvalue of the kernels that have some
    alpha = 0.3 + max(0.0, -2 * float(np.linalg.eigvalsh(table)[0]))
    expected = sklearn.kernel_ridge.KernelRidge(alpha=alpha, kernel="precomputed").fit(table, Y)
    model = gm.KernelRidge(alpha, kernel=kernel, solver=solver, random_state=0).fit(X, Y)
    assert model.solver_ == solver
    np.testing.assert_allclose(model.dual_coef_, expected.dual_coef_, atol=1e-6)
    np.testing.assert_allclose(model.predict(NEW), expected.predict(formula(NEW, X)), atol=1e-6)


@pytest.mark.parametrize("solver", ["dense", "randomized"])
@every_kernel
def test_kernel_pca(name: str, solver: str) -> None:
    kernel, formula = KERNELS[name]
    expected = sklearn.decomposition.KernelPCA(3, kernel="precomputed", eigen_solver="dense")
    expected.fit(formula(X, X))
    model = gm.KernelPCA(3, kernel=kernel, eigen_solver=solver, random_state=0).fit(X)
    np.testing.assert_allclose(model.eigenvalues_, expected.eigenvalues_, rtol=1e-6)
    there, here = expected.transform(formula(NEW, X)), model.transform(NEW)
    np.testing.assert_allclose(here, there * np.sign((here * there).sum(0)), atol=1e-6)


@every_kernel
def test_nystroem(name: str) -> None:
    kernel, formula = KERNELS[name]
    expected = sklearn.kernel_approximation.Nystroem(
        lambda a, b: formula(a[None], b[None])[0, 0], n_components=12, random_state=0
    ).fit(X)
    model = gm.Nystroem(kernel, n_components=12, random_state=0).fit(X)
    np.testing.assert_array_equal(model.component_indices_, expected.component_indices_)
    np.testing.assert_allclose(model.transform(NEW), expected.transform(NEW), atol=1e-6)


@every_kernel
def test_leave_one_out(name: str) -> None:
    kernel, formula = KERNELS[name]
    table = formula(X, X)
    alpha = 0.3 + max(0.0, -2 * float(np.linalg.eigvalsh(table)[0]))
    model = gm.KernelRidgeCV([alpha], kernel=kernel).fit(X, Y)
    for i in (0, 41, 79):
        kept = np.arange(80) != i
        single = sklearn.kernel_ridge.KernelRidge(alpha=alpha, kernel="precomputed")
        single.fit(table[np.ix_(kept, kept)], Y[kept])
        expected = single.predict(table[i, kept][None])[0]
        np.testing.assert_allclose(model.loo_prediction_[i], expected, atol=1e-6)


def test_no_kernel_is_left_out() -> None:
    """A new kernel of the library belongs into the table above."""
    metrics = (gm.SquaredEuclidean, gm.Euclidean, gm.Manhattan, gm.Chebyshev, gm.CosineDistance)
    known = {kernel for kernel in vars(gm.pairwise).values() if isinstance(kernel, type)}
    tried = {type(kernel) for kernel, _ in KERNELS.values()}
    assert known - set(metrics) - {gm.PairFunction} <= tried
