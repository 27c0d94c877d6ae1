"""RidgeCV: leave-one-out errors against models that were really fitted without the row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.linear_model
import torch
from scipy import sparse
from sklearn.metrics import make_scorer, mean_squared_error

import gramian as gm
from gramian import MemoryBudgetError, Ridge, RidgeCV

ALPHAS = [1e-3, 0.1, 2.0, 50.0]


def draw(n: int, d: int, t: int = 2, *, seed: int = 0) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) + 3
    return X, X @ rng.normal(size=(d, t)) + 3 * rng.normal(size=(n, t)), rng.uniform(0.1, 2, n)


def left_out(X: Any, y: Any, w: Any, alpha: float, intercept: bool) -> Any:
    """Predictions for each row from the others."""
    found = np.empty_like(y)
    for row in range(len(X)):
        rest = np.arange(len(X)) != row
        model = sklearn.linear_model.Ridge(alpha, fit_intercept=intercept, solver="svd")
        found[row] = model.fit(X[rest], y[rest], w[rest]).predict(X[row : row + 1])[0]
    return found


@pytest.mark.parametrize("mode", ["eigen", "svd"])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("shape", [(25, 4), (8, 20), (9, 9)], ids=str)
def test_errors_are_those_of_models_fitted_without_the_row(
    shape: tuple[int, int], intercept: bool, mode: str
) -> None:
    X, y, w = draw(*shape)
    w[2] = 0
    settings = {"fit_intercept": intercept, "gcv_mode": mode, "store_cv_results": True}
    said = RidgeCV(ALPHAS, scoring="neg_mean_squared_error", **settings).fit(X, y, w)
    squares = RidgeCV(ALPHAS, **settings).fit(X, y, w)
    for place, alpha in enumerate(ALPHAS):
        truth = left_out(X, y, w, alpha, intercept)
        np.testing.assert_allclose(said.cv_results_[:, :, place], truth, rtol=1e-6)
        expected = w[:, None] * (y - truth) ** 2
        np.testing.assert_allclose(squares.cv_results_[:, :, place], expected, rtol=1e-6)
    means = squares.cv_results_.mean((0, 1))
    assert squares.alpha_ == ALPHAS[means.argmin()]
    assert squares.best_score_ == pytest.approx(-means.min())
    refitted = Ridge(squares.alpha_, fit_intercept=intercept).fit(X, y, w)
    np.testing.assert_allclose(squares.coef_, refitted.coef_, atol=1e-9)
    np.testing.assert_allclose(squares.intercept_, refitted.intercept_, atol=1e-8)


@pytest.mark.parametrize("per_target", [False, True])
@pytest.mark.parametrize("scoring", [None, "r2", make_scorer(mean_squared_error)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(40, 5), (6, 20)], ids=str)
def test_it_agrees_with_scikit_learn(
    shape: tuple[int, int], weighted: bool, scoring: Any, per_target: bool
) -> None:
    X, y, w = draw(*shape)
    w = w if weighted else None
    settings = {"scoring": scoring, "alpha_per_target": per_target, "store_cv_results": True}
    theirs = sklearn.linear_model.RidgeCV(ALPHAS, **settings).fit(X, y, w)
    for table in (X, sparse.csr_array(X)):
        ours = RidgeCV(ALPHAS, **settings).fit(table, y, w)
        np.testing.assert_array_equal(ours.alpha_, theirs.alpha_)
        for name in ("best_score_", "coef_", "intercept_", "cv_results_"):
            np.testing.assert_allclose(
                getattr(ours, name), getattr(theirs, name), rtol=1e-6, atol=1e-9
            )


def test_folds_agree_with_scikit_learn_for_arrays_and_tensors() -> None:
    X, y, w = draw(40, 5)
    theirs = sklearn.linear_model.RidgeCV([0.0, *ALPHAS], cv=4).fit(X, y, sample_weight=w)
    for convert in (np.asarray, torch.from_numpy):
        ours = RidgeCV([0.0, *ALPHAS], cv=4).fit(*map(convert, (X, y, w)))
        assert ours.alpha_ == theirs.alpha_
        assert ours.best_score_ == pytest.approx(theirs.best_score_)
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-9)
        assert isinstance(ours.predict(convert(X)), type(convert(X)))


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y, w = draw(500, 6)
    whole = RidgeCV(ALPHAS, store_cv_results=True).fit(X, y, w)
    for module in ("gramian.linear._design", "gramian._input"):
        monkeypatch.setattr(f"{module}.BLOCK_ELEMENTS", 100)
    parts = RidgeCV(ALPHAS, store_cv_results=True).fit(X, y, w)
    np.testing.assert_allclose(parts.cv_results_, whole.cv_results_, rtol=1e-9)
    assert parts.best_score_ == pytest.approx(whole.best_score_, rel=1e-12)


def test_tiny_penalties_keep_their_digits_where_rows_are_few() -> None:
    X, y, _ = draw(10, 40, 1)
    model = RidgeCV([1e-16], store_cv_results=True, scoring="r2").fit(X, y)
    truth = np.empty(10)
    for row in range(10):
        rest = np.arange(10) != row
        fitted = gm.LinearRegression().fit(X[rest], y[rest, 0])
        truth[row] = fitted.predict(X[row : row + 1])[0]
    np.testing.assert_allclose(model.cv_results_[:, 0, 0], truth, rtol=1e-6)


def test_results_keep_array_type_and_dtype() -> None:
    X, y, _ = draw(30, 4)
    tensors = RidgeCV(ALPHAS, store_cv_results=True).fit(torch.from_numpy(X), y[:, 0])
    assert isinstance(tensors.cv_results_, torch.Tensor)
    assert tensors.cv_results_.shape == (30, len(ALPHAS))
    assert isinstance(tensors.alpha_, float)
    single = RidgeCV(ALPHAS, store_cv_results=True).fit(X.astype(np.float32), y)
    assert single.coef_.dtype == single.cv_results_.dtype == np.float32
    assert single.cv_results_.shape == (30, 2, len(ALPHAS))
    assert not hasattr(single.set_params(store_cv_results=False).fit(X, y), "cv_results_")


@pytest.mark.parametrize(
    ("parameters", "kind", "message"),
    [
        ({"alphas": [1.0, 0.0]}, ValueError, r"alphas\[1\] == 0.0, must be > 0.0"),
        ({"alphas": [1.0, -1.0], "cv": 3}, ValueError, r"alphas\[1\] == -1.0, must be >= 0.0"),
        ({"alphas": [1.0, np.inf]}, ValueError, r"alphas\[1\] == inf"),
        ({"alphas": ["1"]}, TypeError, "alphas must be an instance of float, not str"),
        ({"alphas": []}, ValueError, "alphas must have at least one number"),
        ({"gcv_mode": "qr"}, ValueError, "gcv_mode must be one of None, 'auto'"),
        ({"store_cv_results": True, "cv": 3}, ValueError, "cv!=None and store_cv_results=True"),
        ({"alpha_per_target": True, "cv": 3}, ValueError, "cv!=None and alpha_per_target=True"),
        ({"fit_intercept": 2}, ValueError, "fit_intercept must be one of True, False"),
    ],
)
def test_bad_parameters_are_refused(parameters: Any, kind: type, message: str) -> None:
    X, y, _ = draw(12, 2)
    with pytest.raises(kind, match=f"RidgeCV.fit: {message}"):
        RidgeCV(**parameters).fit(X, y)


def test_svd_of_a_sparse_table_warns() -> None:
    X, y, _ = draw(12, 2)
    with pytest.warns(FutureWarning, match="'svd' mode is not supported for sparse X"):
        model = RidgeCV(gcv_mode="svd").fit(sparse.csr_array(X), y)
    np.testing.assert_allclose(model.coef_, RidgeCV(gcv_mode="svd").fit(X, y).coef_, atol=1e-9)


def test_what_does_not_fit_or_go_through_is_refused() -> None:
    X, y, _ = draw(700, 600, 1)
    with (
        gm.config_context(memory="8MiB"),
        pytest.raises(MemoryBudgetError, match=r"RidgeCV.fit: memory must be at least"),
    ):
        RidgeCV().fit(X, y)
    with pytest.raises(ValueError, match=r"RidgeCV.fit: params must be empty, got"):
        RidgeCV().fit(X, y, groups=y)
