"""KernelLogisticRegression: against scikit-learn on explicit features and dense Newton methods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris, load_wine, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import gramian as gm

TIGHT = {"tol": 1e-15, "random_state": 0}
EXACT = {"tol": 1e-12, "max_iter": 10_000, "solver": "newton-cholesky"}


@pytest.fixture(scope="module")
def cloud() -> tuple[np.ndarray, np.ndarray]:
    """Two classes that overlap, 140 rows, 3 features."""
    return make_classification(
        140, 3, n_informative=3, n_redundant=0, n_clusters_per_class=2, flip_y=0.1, random_state=5
    )


def dense_softmax(K: np.ndarray, codes: np.ndarray, C: float) -> np.ndarray:
    """Probabilities by Newton's method on all coefficients at once, with halved steps."""
    n, k = len(K), codes.max() + 1
    hot = np.eye(k)[codes]
    # unknowns: n coefficients and an intercept for each class
    design = np.c_[K, np.ones(n)]
    penalty = np.zeros((n + 1, n + 1))
    penalty[:n, :n] = K

    def probabilities(theta: np.ndarray) -> np.ndarray:
        z = design @ theta
        z = np.exp(z - z.max(1, keepdims=True))
        return z / z.sum(1, keepdims=True)

    def objective(theta: np.ndarray) -> float:
        log_p = np.log((probabilities(theta) * hot).sum(1))
        return 0.5 * np.sum(theta * (penalty @ theta)) - C * log_p.sum()

    theta = np.zeros((n + 1, k))
    for _ in range(50):
        p = probabilities(theta)
        slope = penalty @ theta + C * design.T @ (p - hot)
        curvature = np.zeros((k * (n + 1),) * 2)
        for a in range(k):
            for b in range(k):
                w = C * p[:, a] * ((a == b) - p[:, b])
                block = design.T @ (w[:, None] * design) + (a == b) * penalty
                curvature[a * (n + 1) : (a + 1) * (n + 1), b * (n + 1) : (b + 1) * (n + 1)] = block
        step = np.linalg.lstsq(curvature, slope.T.ravel(), rcond=1e-14)[0].reshape(k, -1).T
        size = 1.0
        while objective(theta - size * step) > objective(theta) and size > 1e-8:
            size /= 2
        theta = theta - size * step
        if np.abs(design @ step).max() < 1e-12:
            break
    return probabilities(theta)


# ------------------------------------------------------------------ agreement


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("kernel", [gm.Linear(), gm.Polynomial(2, 1.0, 0.5)], ids=repr)
def test_finite_features_give_scikit_learns_model(
    kernel: Any, C: float, fit_intercept: bool, cloud: Any
) -> None:
    X, y = cloud
    model = gm.KernelLogisticRegression(C=C, kernel=kernel, fit_intercept=fit_intercept, **TIGHT)
    found = model.fit(X, y).decision_function(X)
    features = kernel.feature_map(torch.from_numpy(X)).numpy()
    theirs = LogisticRegression(C=C, fit_intercept=fit_intercept, **EXACT).fit(features, y)
    np.testing.assert_allclose(found, theirs.decision_function(features), atol=1e-6)


def test_multinomial_is_scikit_learns_model() -> None:
    X, y = load_wine(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    model = gm.KernelLogisticRegression(kernel="linear", **TIGHT).fit(X, y)
    theirs = LogisticRegression(**EXACT).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(model.intercept_, theirs.intercept_, atol=1e-6)
    assert abs(model.intercept_.mean()) < 1e-12
    np.testing.assert_allclose(model.dual_coef_.sum(0), 0, atol=1e-10)


@pytest.mark.parametrize("C", [0.1, 10.0])
def test_multinomial_with_a_gaussian_kernel_is_a_dense_newton(C: float) -> None:
    X, y = load_iris(return_X_y=True)
    X, y = X[::4], y[::4]
    model = gm.KernelLogisticRegression(C=C, gamma=0.3, **TIGHT).fit(X, y)
    expected = dense_softmax(rbf_kernel(X, gamma=0.3), y, C)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-6)


def test_one_against_the_rest() -> None:
    X, y = load_iris(return_X_y=True)
    model = gm.KernelLogisticRegression(multi_class="ovr", **TIGHT).fit(X, y)
    alone = [
        gm.KernelLogisticRegression(**TIGHT).fit(X, y == c).predict_proba(X)[:, 1] for c in range(3)
    ]
    expected = np.stack(alone, 1)
    expected /= expected.sum(1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-7)


# ------------------------------------------------------------------ weights and the border


@pytest.mark.parametrize("n_classes", [2, 3])
def test_integer_weight_is_repeated_rows(n_classes: int) -> None:
    X, y = load_iris(return_X_y=True)
    X, y = X[y < n_classes], y[y < n_classes]
    times = np.random.default_rng(0).integers(0, 4, len(y))
    model = gm.KernelLogisticRegression(class_weight="balanced", **TIGHT)
    weighted = model.fit(X, y, times).predict_proba(X)
    repeated = model.fit(X.repeat(times, 0), y.repeat(times)).predict_proba(X)
    np.testing.assert_allclose(weighted, repeated, atol=1e-7)


def test_probabilities_are_those_of_the_labels(cloud: Any) -> None:
    X, y = cloud
    names = np.array(["low", "top"])[y]
    model = gm.KernelLogisticRegression(**TIGHT).fit(X, names)
    p = model.predict_proba(X)
    np.testing.assert_allclose(p.sum(1), 1)
    np.testing.assert_allclose(p[:, 1], 1 / (1 + np.exp(-model.decision_function(X))))
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), p)
    np.testing.assert_array_equal(model.predict(X), model.classes_[p.argmax(1)])
    # with an intercept that is not penalised, the mean probability is the share of the class
    np.testing.assert_allclose(p[:, 1].mean(), y.mean(), atol=1e-9)
    np.testing.assert_array_equal(model.support_, np.arange(len(X)))


def test_tensors_and_float32(cloud: Any) -> None:
    X, y = cloud
    expected = gm.KernelLogisticRegression(**TIGHT).fit(X, y).predict_proba(X)
    tensor = torch.from_numpy(X)
    found = gm.KernelLogisticRegression(**TIGHT).fit(tensor, torch.from_numpy(y))
    assert isinstance(found.predict_proba(tensor), torch.Tensor)
    np.testing.assert_allclose(found.predict_proba(tensor).numpy(), expected, atol=1e-9)
    narrow = gm.KernelLogisticRegression(random_state=0, tol=1e-10).fit(X.astype(np.float32), y)
    found32 = narrow.predict_proba(X.astype(np.float32))
    assert found32.dtype == np.float32
    np.testing.assert_allclose(found32, expected, atol=1e-5)


def test_path_is_fits_of_their_own(cloud: Any) -> None:
    X, y = cloud
    Cs = [1.0, 0.01, 100.0]
    models = gm.KernelLogisticRegression(**TIGHT).path(X, y, Cs)
    for C, model in zip(Cs, models, strict=True):
        cold = gm.KernelLogisticRegression(C=C, **TIGHT).fit(X, y)
        np.testing.assert_allclose(model.predict_proba(X), cold.predict_proba(X), atol=1e-6)
        assert model.C == C


# ------------------------------------------------------------------ hostile input


def test_separable_data_and_a_huge_penalty() -> None:
    X = np.r_[np.zeros((10, 1)), np.ones((10, 1))]
    y = np.arange(20) >= 10
    model = gm.KernelLogisticRegression(C=1e5, random_state=0).fit(X, y)
    assert model.score(X, y) == 1.0
    assert model.predict_proba(X)[:, 1].round(3).tolist() == [0.0] * 10 + [1.0] * 10


def test_duplicates_with_opposite_labels() -> None:
    X = np.repeat(np.arange(6.0)[:, None], 4, 0)
    model = gm.KernelLogisticRegression(C=1e4, random_state=0).fit(X, np.tile([0, 1], 12))
    np.testing.assert_allclose(model.predict_proba(X), 0.5, atol=1e-5)


def test_far_off_and_constant_features(cloud: Any) -> None:
    X, y = cloud
    model = gm.KernelLogisticRegression(gamma=0.5, random_state=0, tol=1e-12)
    expected = model.fit(X, y).predict_proba(X)
    moved = np.c_[X + 1e5, np.full(len(X), 7.0)]
    np.testing.assert_allclose(model.fit(moved, y).predict_proba(moved), expected, atol=1e-5)


def test_impossible_parameters(cloud: Any) -> None:
    X, y = cloud
    with pytest.raises(ValueError, match="multi_class must be one of 'multinomial', 'ovr'"):
        gm.KernelLogisticRegression(multi_class="auto").fit(X, y)
    with pytest.raises(ValueError, match=r"KernelLogisticRegression.fit: y must have at least two"):
        gm.KernelLogisticRegression().fit(X, np.zeros(len(y)))
    with pytest.warns(ConvergenceWarning, match="got .* after"):
        gm.KernelLogisticRegression(C=100, tol=1e-15, max_iter=1, random_state=0).fit(X, y)


@parametrize_with_checks([gm.KernelLogisticRegression()])
def test_estimator_check(estimator: Any, check: Any) -> None:
    check(estimator)
