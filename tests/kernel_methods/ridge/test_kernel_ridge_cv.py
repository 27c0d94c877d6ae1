"""KernelRidgeCV against fits that leave rows out one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_absolute_error
from sklearn.metrics.pairwise import pairwise_kernels
from sklearn.model_selection import KFold

import gramian as gm
from gramian import KernelRidge, KernelRidgeCV
from gramian.errors import MemoryBudgetError

RNG = np.random.default_rng(0)
N = 32
X = RNG.random((N, 3))
Y = RNG.normal(size=(N, 2))
W = RNG.integers(1, 4, N) * 0.7
ALPHAS, WIDTHS = [0.05, 0.5, 3.0], [0.3, 1.0]


def one_by_one(weights: np.ndarray | None) -> list[tuple[np.ndarray, list[int]]]:
    """Weights without one copy of a row, or without the row, and which row it was."""
    mass = np.ones(N) if weights is None else weights
    return [(np.where(np.arange(N) == i, np.maximum(mass - 1, 0), mass), [i]) for i in range(N)]


def brute_force(fit_intercept: bool, splits: Any) -> list[list[np.ndarray]]:
    """Errors of the rows left out, for each pair of bandwidth and ridge and each split."""
    found = []
    for width in WIDTHS:
        for alpha in ALPHAS:
            errors = []
            for mass, test in splits:
                model = KernelRidge(
                    alpha, kernel="rbf", bandwidth=width, fit_intercept=fit_intercept, tol=1e-12
                )
                model.fit(X, Y, mass)
                errors.append(model.predict(X[test]) - Y[test])
            found.append(errors)
    return found


@pytest.mark.parametrize("method", ["eigen", "low-rank"])
@pytest.mark.parametrize("fit_intercept", [False, True])
@pytest.mark.parametrize("weights", [None, W], ids=["plain", "weighted"])
def test_leave_one_out_is_that_of_brute_force(
    weights: np.ndarray | None, fit_intercept: bool, method: str
) -> None:
    model = KernelRidgeCV(
        ALPHAS,
        kernel="rbf",
        bandwidths=WIDTHS,
        fit_intercept=fit_intercept,
        method=method,
        rank=N,
        random_state=0,
    ).fit(X, Y, weights)
    mass = np.ones(N) if weights is None else weights
    expected = [
        -(mass @ np.square(np.vstack(errors)).mean(1)) / mass.sum()
        for errors in brute_force(fit_intercept, one_by_one(weights))
    ]
    # a factor leaves out a thousandth of the least ridge
    tolerance = 1e-9 if method == "eigen" else 1e-3
    np.testing.assert_allclose(model.cv_results_["mean_test_score"], expected, rtol=tolerance)
    best = int(np.argmax(expected))
    assert model.alpha_ == ALPHAS[best % 3]
    assert model.bandwidth_ == WIDTHS[best // 3]
    assert model.best_score_ == model.cv_results_["mean_test_score"].max()
    assert model.path_method_ == method
    assert model.path_error_ <= 1e-3


def test_the_best_pair_is_fitted() -> None:
    model = KernelRidgeCV(ALPHAS, kernel="rbf", bandwidths=WIDTHS, fit_intercept=True).fit(X, Y, W)
    single = KernelRidge(
        model.alpha_, kernel="rbf", bandwidth=model.bandwidth_, fit_intercept=True
    ).fit(X, Y, W)
    np.testing.assert_allclose(model.predict(X), single.predict(X), atol=1e-10)
    np.testing.assert_allclose(model.intercept_, single.intercept_)
    assert model.residual_ <= 1e-8


@pytest.mark.parametrize("method", ["eigen", "low-rank"])
def test_folds_are_those_of_brute_force(method: str) -> None:
    model = KernelRidgeCV(
        ALPHAS,
        kernel="rbf",
        bandwidths=WIDTHS,
        fit_intercept=True,
        cv=3,
        method=method,
        rank=N,
        random_state=0,
    ).fit(X, Y)
    folds = [(np.isin(np.arange(N), train), test) for train, test in KFold(3).split(X)]
    expected = [
        -np.mean([np.square(part).mean() for part in errors]) for errors in brute_force(True, folds)
    ]
    tolerance = 1e-9 if method == "eigen" else 1e-3
    np.testing.assert_allclose(model.cv_results_["mean_test_score"], expected, rtol=tolerance)


@pytest.mark.parametrize("method", ["eigen", "low-rank"])
def test_generalised_cross_validation(method: str) -> None:
    model = KernelRidgeCV(ALPHAS, kernel="rbf", cv="gcv", method=method, rank=N, random_state=0)
    model.fit(X, Y)
    table = pairwise_kernels(X, metric="rbf")
    expected = []
    for alpha in ALPHAS:
        smoother = table @ np.linalg.inv(table + alpha * np.eye(N))
        rest = Y - smoother @ Y
        expected.append(-np.square(rest).mean() / (1 - np.trace(smoother) / N) ** 2)
    np.testing.assert_allclose(model.cv_results_["mean_test_score"], expected, rtol=1e-3)


def test_scorers_see_the_predictions_of_left_out_rows() -> None:
    model = KernelRidgeCV(
        ALPHAS, kernel="rbf", bandwidths=WIDTHS, scoring="neg_mean_absolute_error"
    ).fit(X, Y, W)
    expected = [
        -mean_absolute_error(np.zeros_like(Y), np.vstack(errors), sample_weight=W)
        for errors in brute_force(False, one_by_one(W))
    ]
    np.testing.assert_allclose(model.cv_results_["mean_test_score"], expected, rtol=1e-9)


@pytest.mark.parametrize("cv", [None, "gcv"])
@pytest.mark.parametrize("method", ["eigen", "low-rank"])
def test_integer_weights_are_repeated_rows(method: str, cv: str | None) -> None:
    times = np.arange(N) % 3
    options: dict[str, Any] = {"kernel": "rbf", "fit_intercept": True, "cv": cv, "method": method}
    weighted = KernelRidgeCV(ALPHAS, rank=N, random_state=0, **options).fit(X, Y, times)
    repeated = KernelRidgeCV(ALPHAS, rank=N, random_state=0, **options)
    repeated.fit(np.repeat(X, times, 0), np.repeat(Y, times, 0))
    np.testing.assert_allclose(
        weighted.cv_results_["mean_test_score"],
        repeated.cv_results_["mean_test_score"],
        rtol=1e-9 if method == "eigen" else 1e-3,
    )
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-6)


def test_predictions_of_left_out_rows_are_kept() -> None:
    zeros = np.where(np.arange(N) == 3, 0.0, 1.0)
    model = KernelRidgeCV(ALPHAS, kernel="rbf").fit(X, Y[:, 0], zeros)
    assert np.isnan(model.loo_prediction_[3])
    errors = np.square(model.loo_prediction_ - Y[:, 0])
    assert np.nansum(errors) / (N - 1) == pytest.approx(-model.best_score_)
    assert KernelRidgeCV(ALPHAS, cv="gcv").fit(X, Y).loo_prediction_ is None


def test_rows_of_weight_zero_are_as_good_as_absent() -> None:
    zeros = np.where(np.arange(N) % 4 == 0, 0.0, W)
    model = KernelRidgeCV(ALPHAS, kernel="rbf", fit_intercept=True).fit(X, Y, zeros)
    kept = zeros > 0
    fewer = KernelRidgeCV(ALPHAS, kernel="rbf", fit_intercept=True).fit(X[kept], Y[kept], W[kept])
    np.testing.assert_allclose(
        model.cv_results_["mean_test_score"], fewer.cv_results_["mean_test_score"], rtol=1e-10
    )
    np.testing.assert_allclose(model.predict(X), fewer.predict(X), atol=1e-7)


@pytest.mark.parametrize(
    "kernel",
    ["rbf", "laplacian", gm.Matern(nu=1.5), gm.Laplacian(norm="l2"), "chi2", gm.Periodic()],
    ids=str,
)
def test_shared_distances_change_no_score(kernel: Any) -> None:
    options: dict[str, Any] = {"alphas": ALPHAS, "kernel": kernel}
    shared = KernelRidgeCV(bandwidths=WIDTHS, **options).fit(X, Y)
    single = [KernelRidgeCV(bandwidths=width, **options).fit(X, Y) for width in WIDTHS]
    np.testing.assert_allclose(
        shared.cv_results_["mean_test_score"],
        np.concatenate([each.cv_results_["mean_test_score"] for each in single]),
        rtol=1e-9,
    )
    radial = kernel != "chi2" and not isinstance(kernel, gm.Periodic)
    assert shared.distance_passes_ == (1 if radial else len(WIDTHS))


def test_many_rows_go_by_landmarks_and_say_the_error() -> None:
    x = RNG.normal(size=(1200, 2))
    y = np.sin(x[:, 0])
    model = KernelRidgeCV(ALPHAS, kernel="rbf", random_state=0).fit(x, y)
    assert model.path_method_ == "low-rank"
    exact = KernelRidgeCV(ALPHAS, kernel="rbf", method="eigen").fit(x, y)
    assert 0 < model.path_error_ < 1e-3
    np.testing.assert_allclose(
        model.cv_results_["mean_test_score"], exact.cv_results_["mean_test_score"], rtol=1e-2
    )
    assert np.all(model.cv_results_["path_rank"] < 1200)
    assert model.distance_passes_ == 0


def test_an_indefinite_kernel_goes_by_eigenvectors() -> None:
    x = RNG.normal(size=(1100, 2))
    model = KernelRidgeCV([5000.0], kernel=gm.Sigmoid(1.0, -1.0), random_state=0)
    assert model.fit(x, x[:, 0]).path_method_ == "eigen"


def test_precomputed_callable_tensor_and_automatic_bandwidths() -> None:
    table = pairwise_kernels(X, metric="rbf")
    expected = KernelRidgeCV(ALPHAS, kernel="rbf", cv=3).fit(X, Y)
    for kernel, rows in (
        ("precomputed", table),
        (lambda a, b: np.exp(-((a - b) ** 2).sum() / 3), X),
    ):
        model = KernelRidgeCV(ALPHAS, kernel=kernel, cv=3).fit(rows, Y)
        np.testing.assert_allclose(
            model.cv_results_["mean_test_score"], expected.cv_results_["mean_test_score"]
        )
    tensor = KernelRidgeCV(ALPHAS, kernel="rbf", bandwidths="auto", random_state=0)
    tensor.fit(torch.tensor(X).float(), torch.tensor(Y[:, 0]))
    assert tensor.predict(torch.tensor(X).float()).dtype == torch.float32
    widths = np.unique(tensor.cv_results_["param_bandwidth"])
    np.testing.assert_allclose(widths[1:] / widths[:-1], 2.0)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"alphas": []}, ValueError, "alphas must have at least one number"),
        ({"alphas": [0.0]}, ValueError, "alphas must be a finite number in"),
        ({"bandwidths": [-1.0], "kernel": "rbf"}, ValueError, "bandwidths must be"),
        ({"bandwidths": "wide", "kernel": "rbf"}, ValueError, "bandwidths must be one of"),
        ({"bandwidths": [1.0]}, ValueError, "kernel must have a bandwidth"),
        ({"bandwidths": [1.0], "gamma": 1.0}, ValueError, "gamma must be None"),
        ({"method": "magic"}, ValueError, "method must be one of"),
        ({"solver": "magic"}, ValueError, "solver must be one of"),
        ({"fit_intercept": 2}, ValueError, "fit_intercept must be"),
        ({"max_iter": 0}, ValueError, "max_iter must be"),
        ({"rank": 0}, ValueError, "rank must be"),
        ({"cv": "loo"}, ValueError, "cv must be one of"),
        ({"cv": "gcv", "scoring": "r2"}, ValueError, "scoring must be None"),
    ],
    ids=str,
)
def test_impossible_parameters(
    parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        KernelRidgeCV(**parameters).fit(X, Y)


def test_equal_rows_have_no_automatic_bandwidth() -> None:
    with pytest.raises(ValueError, match="bandwidths must be given where all rows are equal"):
        KernelRidgeCV(kernel="rbf", bandwidths="auto").fit(np.ones((5, 2)), np.arange(5))


def test_eigenvectors_must_fit_the_memory() -> None:
    x = RNG.normal(size=(1000, 2))
    with gm.config_context(memory="8MiB"), pytest.raises(MemoryBudgetError, match="method='low-r"):
        KernelRidgeCV(kernel="rbf", method="eigen").fit(x, x[:, 0])
