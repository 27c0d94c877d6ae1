"""Machines against scikit-learn's, a dense Newton method and themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel
from sklearn.svm import SVC, LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks
from tests.kernel_methods.classifiers.machines import NAMES, TIGHT, dense_squared_hinge

import gramian as gm


@pytest.mark.parametrize("C", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("kernel", ["rbf", "linear", "poly"])
def test_hinge_is_scikit_learns_svc(kernel: str, C: float, cloud: Any) -> None:
    X, y = cloud
    # where C is large, rounding leaves a relative gap of some 1e-11
    ours = gm.KernelSVC(C=C, kernel=kernel, loss="hinge", tol=1e-10, random_state=0).fit(X, y)
    theirs = SVC(C=C, kernel=kernel, tol=1e-11).fit(X, y)
    # scikit-learn rounds the entries of the kernel to float32
    np.testing.assert_allclose(
        ours.decision_function(X), theirs.decision_function(X), atol=4e-6 * max(1, C)
    )
    np.testing.assert_array_equal(ours.support_, np.sort(theirs.support_))


@pytest.mark.parametrize("C", [0.01, 1.0, 30.0])
def test_hinge_closes_the_duality_gap(C: float, cloud: Any) -> None:
    X, y = cloud
    model = gm.KernelSVC(C=C, gamma=0.3, loss="hinge", tol=1e-11, random_state=0).fit(X, y)
    signs, beta = 2.0 * y - 1, np.zeros(len(y))
    beta[model.support_] = model.dual_coef_[0]
    square = beta @ rbf_kernel(X, gamma=0.3) @ beta
    primal = square / 2 + C * np.maximum(0, 1 - signs * model.decision_function(X)).sum()
    dual = signs @ beta - square / 2
    assert ((signs * beta >= 0) & (signs * beta <= C)).all()
    assert abs(beta.sum()) <= 1e-10 * C
    assert abs(primal - dual) <= 1.1e-11 * primal


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("C", [0.05, 1.0, 100.0])
@pytest.mark.parametrize("kernel", ["rbf", "poly"])
def test_squared_hinge_is_a_dense_newton(
    kernel: str, C: float, fit_intercept: bool, cloud: Any
) -> None:
    X, y = cloud
    model = gm.KernelSVC(C=C, kernel=kernel, gamma=0.3, fit_intercept=fit_intercept, **TIGHT)
    found = model.fit(X, y).decision_function(X)
    K = pairwise_kernels(X, metric=kernel, filter_params=True, gamma=0.3, degree=3, coef0=0.0)
    expected = dense_squared_hinge(K, 2.0 * y - 1, np.full(len(y), C), intercept=fit_intercept)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("kernel", NAMES)
def test_every_kernel_by_name(kernel: str, cloud: Any) -> None:
    X, y = np.abs(cloud[0]), cloud[1]
    found = gm.KernelSVC(kernel=kernel, gamma=0.5, **TIGHT).fit(X, y).decision_function(X)
    K = pairwise_kernels(X, metric=kernel, filter_params=True, gamma=0.5, degree=3, coef0=0.0)
    expected = dense_squared_hinge(K, 2.0 * y - 1, np.ones(len(y)))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_linear_kernel_is_linear_svc(cloud: Any) -> None:
    X, y = cloud
    found = gm.KernelSVC(kernel="linear", fit_intercept=False, **TIGHT).fit(X, y)
    theirs = LinearSVC(fit_intercept=False, tol=1e-12, max_iter=100_000).fit(X, y)
    expected = theirs.decision_function(X)
    np.testing.assert_allclose(found.decision_function(X), expected, atol=1e-6)


def test_one_against_the_rest_is_each_problem_alone() -> None:
    X, y = load_iris(return_X_y=True)
    found = gm.KernelSVC(C=3.0, **TIGHT).fit(X, y)
    decisions = found.decision_function(X)
    assert decisions.shape == (150, 3)
    assert found.dual_coef_.shape == (3, len(found.support_))
    for c in range(3):
        alone = gm.KernelSVC(C=3.0, **TIGHT).fit(X, y == c).decision_function(X)
        np.testing.assert_allclose(decisions[:, c], alone, atol=1e-6)
    np.testing.assert_array_equal(found.predict(X), decisions.argmax(1))


# ------------------------------------------------------------------ weights


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
def test_integer_weight_is_repeated_rows(loss: str, cloud: Any) -> None:
    X, y = cloud
    times = np.random.default_rng(0).integers(0, 4, len(y))
    model = gm.KernelSVC(loss=loss, tol=1e-10, random_state=0)
    weighted = model.fit(X, y, times).decision_function(X)
    repeated = model.fit(X.repeat(times, 0), y.repeat(times)).decision_function(X)
    np.testing.assert_allclose(weighted, repeated, atol=2e-6)


def test_class_weights_multiply_those_of_the_rows(cloud: Any) -> None:
    X, y = cloud
    model = gm.KernelSVC(gamma=0.5, **TIGHT)
    expected = model.fit(X, y, np.where(y == 1, 5.0, 0.5)).decision_function(X)
    model.set_params(class_weight={0: 0.5, 1: 5.0})
    np.testing.assert_allclose(model.fit(X, y).decision_function(X), expected, atol=1e-7)
    balanced = gm.KernelSVC(gamma=0.5, class_weight="balanced", **TIGHT)
    uneven = np.r_[np.nonzero(y == 0)[0], np.nonzero(y == 1)[0][:20]]
    counts = np.bincount(y[uneven])
    by_hand = len(uneven) / (2 * counts[y[uneven]])
    np.testing.assert_allclose(
        balanced.fit(X[uneven], y[uneven]).decision_function(X),
        gm.KernelSVC(gamma=0.5, **TIGHT).fit(X[uneven], y[uneven], by_hand).decision_function(X),
        atol=1e-7,
    )


# ------------------------------------------------------------------ the border


def test_path_and_warm_start_are_fits_of_their_own(cloud: Any) -> None:
    X, y = cloud
    Cs = [10.0, 0.1, 1.0]
    for loss in ("squared_hinge", "hinge"):
        base = gm.KernelSVC(gamma=0.5, loss=loss, tol=1e-10, random_state=0)
        models = base.path(X, y, Cs)
        assert not hasattr(base, "dual_coef_")
        assert [model.C for model in models] == Cs
        for C, model in zip(Cs, models, strict=True):
            cold = gm.KernelSVC(C=C, gamma=0.5, loss=loss, tol=1e-10, random_state=0).fit(X, y)
            expected = cold.decision_function(X)
            np.testing.assert_allclose(model.decision_function(X), expected, atol=2e-5)
    warm = gm.KernelSVC(gamma=0.5, warm_start=True, tol=1e-12, random_state=0).fit(X, y)
    first = warm.n_iter_
    assert warm.fit(X, y).n_iter_ < first


def test_same_seed_same_machine(cloud: Any) -> None:
    X, y = cloud
    first, second = (gm.KernelSVC(random_state=4).fit(X, y).decision_function(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@parametrize_with_checks([gm.KernelSVC()])
def test_estimator_check(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.full
@parametrize_with_checks([gm.KernelSVC(loss="hinge")])
def test_estimator_check_with_the_hinge(estimator: Any, check: Any) -> None:
    check(estimator)
