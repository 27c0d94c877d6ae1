"""Ridge: scikit-learn's answers from every solver, and the limits at no penalty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.linear_model
import torch
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

import gramian as gm
from gramian import MemoryBudgetError, Ridge
from gramian.linear import _ridge

DENSE_SOLVERS = ["auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga"]
METHOD = {"auto": "cholesky", "cholesky": "cholesky", "svd": "svd"}


def draw(n: int, d: int, t: int = 2, *, seed: int = 0, offset: float = 3.0) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + offset, rng.normal(size=(n, t)), rng.uniform(0.1, 2, n)


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("solver", DENSE_SOLVERS)
@pytest.mark.parametrize("shape", [(60, 5), (5, 60), (12, 12)], ids=str)
def test_every_solver_agrees_with_scikit_learn(
    shape: tuple[int, int], solver: str, intercept: bool
) -> None:
    X, y, w = draw(*shape)
    for alpha in (0.3, [0.1, 20.0], torch.tensor([4.0])):
        model = Ridge(alpha, fit_intercept=intercept, solver=solver, tol=1e-12).fit(X, y, w)
        reference = sklearn.linear_model.Ridge(
            np.asarray(alpha), fit_intercept=intercept, solver="svd"
        ).fit(X, y, w)
        np.testing.assert_allclose(model.coef_, reference.coef_, atol=1e-9)
        np.testing.assert_allclose(model.intercept_, reference.intercept_, atol=1e-8)
        np.testing.assert_allclose(model.predict(X), reference.predict(X), atol=1e-8)
        assert model.solver_ == ("cholesky" if solver == "auto" else solver)
        assert model.method_ == METHOD.get(solver, "lsmr")
        assert (model.n_iter_ is not None) == (solver in ("lsqr", "sag", "saga"))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("shape", [(60, 9), (9, 60)], ids=str)
def test_sparse_agrees_with_dense(shape: tuple[int, int], intercept: bool, weighted: bool) -> None:
    X, y, w = draw(*shape, offset=0.0)
    X[np.abs(X) < 1] = 0
    w = w if weighted else None
    dense = Ridge(0.5, fit_intercept=intercept).fit(X, y, w)
    for kind in (sparse.csr_matrix, sparse.csc_array, sparse.coo_array):
        model = Ridge(0.5, fit_intercept=intercept, tol=1e-12).fit(kind(X), y, w)
        np.testing.assert_allclose(model.coef_, dense.coef_, atol=1e-9)
        np.testing.assert_allclose(model.intercept_, dense.intercept_, atol=1e-9)
        assert (model.solver_, model.method_) == ("sparse_cg", "lsmr")


@pytest.mark.parametrize("shape", [(60, 9), (9, 60)], ids=str)
def test_sparse_by_normal_equations_is_exact_whatever_tol_says(shape: tuple[int, int]) -> None:
    X, y, w = draw(*shape, offset=0.0)
    X[np.abs(X) < 1] = 0
    dense = Ridge(0.5, fit_intercept=False).fit(X, y, w)
    settings: dict[str, Any] = {"fit_intercept": False, "solver": "cholesky", "tol": 0.5}
    model = Ridge(0.5, **settings).fit(sparse.csr_array(X), y, w)
    np.testing.assert_allclose(model.coef_, dense.coef_, atol=1e-12)
    assert (model.solver_, model.method_) == ("cholesky", "cholesky")
    doubled = sparse.csr_array(np.hstack([X, X]))
    least = Ridge(0.0, **settings).fit(doubled, y)
    expected = np.linalg.pinv(np.hstack([X, X])) @ y
    np.testing.assert_allclose(least.coef_, expected.T, atol=1e-8)
    assert least.method_ == ("svd" if shape[0] > shape[1] else "cholesky")


@pytest.mark.parametrize("solver", DENSE_SOLVERS)
@pytest.mark.parametrize("shape", [(60, 9), (9, 60)], ids=str)
def test_no_penalty_gives_the_solution_of_least_norm(shape: tuple[int, int], solver: str) -> None:
    X, y, _ = draw(*shape)
    X = np.hstack([X, X[:, :2], np.full((len(X), 1), 7.0)])
    model = Ridge(0.0, solver=solver, tol=1e-14).fit(X, y)
    centred = X - X.mean(0)
    centred[:, -1] = 0
    expected = np.linalg.pinv(centred, rcond=1e-10) @ (y - y.mean(0))
    np.testing.assert_allclose(model.coef_, expected.T, atol=1e-8)


def test_a_tiny_penalty_is_no_trouble() -> None:
    for shape in ((60, 9), (9, 60)):
        X, y, _ = draw(*shape)
        least = gm.LinearRegression().fit(X, y)
        model = Ridge(1e-16).fit(X, y)
        np.testing.assert_allclose(model.coef_, least.coef_, atol=1e-10)
        assert model.method_ == "cholesky"


def test_equations_too_ill_conditioned_go_to_svd() -> None:
    X = np.vander(np.linspace(0, 1, 60), 12)
    y = np.sqrt(np.linspace(0, 1, 60))
    model = Ridge(1e-14).fit(X, y)
    assert (model.solver_, model.method_) == ("svd", "svd")
    left, values, right = np.linalg.svd(X - X.mean(0), full_matrices=False)
    kept = values > 1e-12 * values[0]
    inside = values[kept] / (values[kept] ** 2 + 1e-14) * (left.T @ (y - y.mean()))[kept]
    fitted = (X - X.mean(0)) @ (right[kept].T @ inside) + y.mean()
    np.testing.assert_allclose(model.predict(X), fitted, atol=1e-8)


def test_a_weight_of_zero_removes_a_row_and_scales_go_with_alpha() -> None:
    for shape in ((30, 4), (30, 50)):
        X, y, w = draw(*shape)
        w[:10] = 0
        zeroed = Ridge(0.7).fit(X, y, w)
        np.testing.assert_allclose(zeroed.coef_, Ridge(0.7).fit(X[10:], y[10:], w[10:]).coef_)
        np.testing.assert_allclose(zeroed.coef_, Ridge(1.4).fit(X, y, 2 * w).coef_)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
@pytest.mark.parametrize("shape", [(60, 5), (5, 9)], ids=str)
def test_positive_agrees_with_scikit_learn(shape: tuple[int, int], kind: Any) -> None:
    X, y, w = draw(*shape)
    ours = Ridge(0.4, positive=True).fit(kind(X), y, w)
    theirs = sklearn.linear_model.Ridge(0.4, positive=True, tol=1e-12).fit(X, y, w)
    assert (ours.coef_ >= 0).all()
    assert (ours.solver_, ours.method_) == ("lbfgs", "nnls")
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-5)


def test_shapes_are_those_of_scikit_learn() -> None:
    X, y, _ = draw(20, 3)
    for targets in (y[:, 0], y[:, :1], y):
        for intercept in (False, True):
            ours = Ridge(fit_intercept=intercept).fit(X, targets)
            theirs = sklearn.linear_model.Ridge(fit_intercept=intercept).fit(X, targets)
            assert ours.coef_.shape == theirs.coef_.shape
            assert np.shape(ours.intercept_) == np.shape(theirs.intercept_)
            assert ours.predict(X).shape == theirs.predict(X).shape


def test_tensors_stay_where_they_are() -> None:
    X, y, w = draw(20, 3)
    arrays = Ridge(0.2).fit(X, y, w)
    for solver in ("auto", "svd", "lsqr"):
        model = Ridge(0.2, solver=solver, tol=1e-12).fit(*map(torch.from_numpy, (X, y, w)))
        assert isinstance(model.predict(torch.from_numpy(X)), torch.Tensor)
        np.testing.assert_allclose(model.coef_, arrays.coef_, atol=1e-10)
    numbers = Ridge(0.2).fit(X.astype(np.float32), y)
    assert numbers.coef_.dtype == numbers.predict(X.astype(np.float32)).dtype == np.float32
    assert isinstance(arrays.predict(torch.from_numpy(X)), torch.Tensor)


def test_the_budget_decides() -> None:
    X, y, _ = draw(700, 600, 1)
    with gm.config_context(memory="8MiB"):
        model = Ridge(1.0, tol=1e-12).fit(X, y)
        for solver in ("svd", "cholesky"):
            with pytest.raises(MemoryBudgetError, match=r"Ridge.fit: memory must be at least"):
                Ridge(solver=solver).fit(X, y)
    assert (model.solver_, model.method_) == ("sparse_cg", "lsmr")
    np.testing.assert_allclose(model.coef_, Ridge(1.0).fit(X, y).coef_, atol=1e-8)


def test_iterations_that_run_out_warn() -> None:
    X, y, _ = draw(60, 30)
    with pytest.warns(ConvergenceWarning, match="LSMR has not converged in 2 iterations"):
        model = Ridge(solver="lsqr", max_iter=2, tol=1e-12).fit(X, y)
    assert model.n_iter_.tolist() == [2, 2]
    with pytest.warns(ConvergenceWarning, match="lbfgs solver did not converge"):
        Ridge(positive=True, max_iter=1).fit(np.abs(X), np.abs(y))


X_GOOD, Y_GOOD = np.arange(12.0).reshape(6, 2) ** 2, np.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize(
    ("parameters", "kind", "message"),
    [
        ({"alpha": -1}, ValueError, r"alpha must be a finite number in \[0, inf\), got -1"),
        ({"alpha": [1, -2]}, ValueError, r"alpha must be a finite number in \[0, inf\), got -2"),
        ({"alpha": np.nan}, ValueError, "alpha must be a finite number"),
        ({"alpha": "1"}, TypeError, "alpha must be a finite number"),
        ({"alpha": [1, 2, 3]}, ValueError, ".*number of penalties do not correspond: 3 != 2"),
        ({"tol": -1}, ValueError, "tol must be a finite number"),
        ({"max_iter": 0}, ValueError, "max_iter must be an int in"),
        ({"solver": "qr"}, ValueError, "solver must be one of 'auto'"),
        ({"solver": "svd", "positive": True}, ValueError, ".*does not support positive fitting"),
        ({"solver": "lbfgs"}, ValueError, ".*only when positive=True"),
        ({"fit_intercept": 3}, ValueError, "fit_intercept must be one of True, False"),
    ],
)
def test_bad_parameters_are_refused(parameters: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=f"Ridge.fit: {message}"):
        Ridge(**parameters).fit(X_GOOD, Y_GOOD)


@pytest.mark.parametrize("solver", ["svd", "cholesky", "saga"])
def test_what_takes_no_sparse_table_says_so(solver: str) -> None:
    table = sparse.csr_array(X_GOOD)
    with pytest.raises(ValueError, match=f"solver='{solver}' does not support"):
        Ridge(solver=solver).fit(table, Y_GOOD)
    if solver == "svd":
        with pytest.raises(ValueError, match="does not support sparse data"):
            Ridge(solver=solver, fit_intercept=False).fit(table, Y_GOOD)
    else:
        model = Ridge(solver=solver, fit_intercept=False).fit(table, Y_GOOD)
        assert model.method_ == ("lsmr" if solver == "saga" else "cholesky")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    bad = X_GOOD.copy()
    bad[2, 1] = value
    for X, y in ((bad, Y_GOOD), (X_GOOD, bad), (torch.from_numpy(bad), Y_GOOD)):
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            Ridge().fit(X, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        Ridge().fit(X_GOOD, Y_GOOD[:3])


def test_the_table_of_solvers_is_whole() -> None:
    theirs = sklearn.linear_model.Ridge._parameter_constraints["solver"][0].options
    assert set(_ridge._SOLVERS) == set(theirs)
