"""LinearRegression: scikit-learn's answers, the pseudo-inverse's where the rank is short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn.linear_model
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

import gramian as gm
from gramian import LinearRegression
from gramian.linalg import lstsq
from gramian.linear import _direct, _linear_regression

SHAPES = [(60, 5), (5, 60), (20, 20), (21, 20), (2, 1), (1, 3)]


def draw(n: int, d: int, t: int = 2, *, seed: int = 0, offset: float = 3.0) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + offset, rng.normal(size=(n, t)), rng.uniform(0.1, 2, n)


def truth(X: Any, y: Any, w: Any = None, *, intercept: bool = True) -> tuple[Any, Any]:
    """Coefficients (t, d) and intercepts by the pseudo-inverse of the centred, weighted table."""
    w = np.ones(len(X)) if w is None else w
    X, y = X.astype(np.float64), y.astype(np.float64)
    mean = w @ X / w.sum() if intercept else np.zeros(X.shape[1])
    mean = np.where(np.ptp(X, axis=0) == 0, X[0], mean) if intercept else mean
    level = w @ y / w.sum() if intercept else np.zeros(y.shape[1:])
    root = np.sqrt(w)[:, None]
    coefficients = np.linalg.pinv(root * (X - mean), rcond=1e-9) @ (root * (y - level))
    return coefficients.T, level - mean @ coefficients


# ---------------------------------------------------------------------- the answer


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_agrees_with_scikit_learn(
    shape: tuple[int, int], intercept: bool, weighted: bool
) -> None:
    X, y, w = draw(*shape)
    w = w if weighted else None
    ours = LinearRegression(fit_intercept=intercept).fit(X, y, w)
    theirs = sklearn.linear_model.LinearRegression(fit_intercept=intercept).fit(X, y, w)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.singular_, theirs.singular_, rtol=1e-9, atol=1e-9)
    assert ours.rank_ == theirs.rank_
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9, atol=1e-9)
    if len(X) > 1:
        assert ours.score(X, y) == pytest.approx(theirs.score(X, y))


def awkward(name: str) -> tuple[Any, Any, Any]:
    """Tables of short rank, or hard to keep digits on."""
    rng = np.random.default_rng(1)
    X, y, w = draw(40, 6)
    if name == "duplicated columns":
        X = np.hstack([X, X[:, :3]])
    elif name == "constant columns":
        X = np.hstack([X, np.full((40, 2), 7.0), np.zeros((40, 1))])
    elif name == "more features than rows":
        X = rng.normal(size=(40, 70))
    elif name == "duplicated rows, more features":
        X = np.repeat(rng.normal(size=(20, 50)), 2, axis=0)
    elif name == "weights with zeros":
        w[5:] = 0
    elif name == "weights with zeros, more features":
        X = rng.normal(size=(40, 70))
        w[::3] = 0
    elif name == "offset 1e5":
        X = X + 1e5
    elif name == "scales from 1e-4 to 1e4":
        X = X * np.logspace(-4, 4, 6)
    elif name == "nearly collinear":
        X[:, 1] = X[:, 0] + 1e-4 * X[:, 1]
    elif name == "all zero":
        X = np.zeros_like(X)
    else:
        assert name == "one feature constant"
        X = np.ones((40, 1))
    return X, y, w


AWKWARD = [
    "duplicated columns",
    "constant columns",
    "more features than rows",
    "duplicated rows, more features",
    "weights with zeros",
    "weights with zeros, more features",
    "offset 1e5",
    "scales from 1e-4 to 1e4",
    "nearly collinear",
    "all zero",
    "one feature constant",
]


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("name", AWKWARD)
def test_the_solution_of_least_norm(name: str, intercept: bool) -> None:
    X, y, w = awkward(name)
    expected, level = truth(X, y, w, intercept=intercept)
    # an offset of 1e5 without intercept is ill-conditioned beyond the default tolerance
    model = LinearRegression(fit_intercept=intercept, tol=1e-10).fit(X, y, w)
    size = np.abs(expected).max() + 1e-300
    np.testing.assert_allclose(model.coef_ / size, expected / size, atol=1e-6)
    np.testing.assert_allclose(model.predict(X), X @ expected.T + level, atol=1e-6)
    centred = X - w @ X / w.sum() if intercept and np.ptp(X) else X - X.min() * intercept
    assert model.rank_ == np.linalg.matrix_rank(np.sqrt(w)[:, None] * centred, rtol=1e-9)
    tensors = LinearRegression(fit_intercept=intercept, tol=1e-10).fit(
        torch.from_numpy(X), torch.from_numpy(y), torch.from_numpy(w)
    )
    np.testing.assert_array_equal(tensors.coef_.numpy(), model.coef_)


@given(
    st.integers(1, 12), st.integers(1, 12), st.integers(1, 12), st.booleans(), st.integers(0, 99)
)
def test_any_shape_and_rank(n: int, d: int, rank: int, intercept: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    # whole numbers make ranks plain
    X = (rng.integers(-3, 4, (n, rank)) @ rng.integers(-3, 4, (rank, d))).astype(float)
    y = rng.normal(size=(n, 1))
    expected, _ = truth(X, y, intercept=intercept)
    model = LinearRegression(fit_intercept=intercept).fit(X, y)
    np.testing.assert_allclose(model.coef_, expected, atol=1e-7 * max(1, np.abs(expected).max()))


def test_both_dense_ways_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    for shape in SHAPES:
        X, y, w = draw(*shape)
        fast = LinearRegression().fit(X, y, w)
        with monkeypatch.context() as patch:
            patch.setattr(_linear_regression._direct, "factor", lambda matrix: None)
            slow = LinearRegression().fit(X, y, w)
        np.testing.assert_allclose(fast.coef_, slow.coef_, atol=1e-10)
        np.testing.assert_allclose(fast.singular_, slow.singular_, atol=1e-10)
        assert fast.rank_ == slow.rank_


def test_ill_conditioned_normal_equations_are_refused() -> None:
    columns = torch.linspace(0, 1, 50, dtype=torch.float64)[:, None] ** torch.arange(9)
    assert _direct.factor(columns.T @ columns) is None
    assert _direct.factor(torch.zeros(2, 2, dtype=torch.float64)) is None
    assert _direct.factor(torch.full((2, 2), torch.inf, dtype=torch.float64)) is None
    assert _direct.factor(torch.eye(3, dtype=torch.float64)) is not None


def test_refinement_keeps_the_digits_of_an_orthogonal_factorisation() -> None:
    rng = np.random.default_rng(0)
    left, _ = np.linalg.qr(rng.normal(size=(500, 8)))
    right, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    X = left @ np.diag(np.logspace(0, -4.5, 8)) @ right.T
    weights = rng.normal(size=8)
    # no residual, so that the error of an orthogonal method is condition × roundoff
    model = LinearRegression(fit_intercept=False).fit(X, X @ weights)
    products = torch.from_numpy(X.T @ X)
    assert _direct.factor(products) is not None
    plain = torch.linalg.solve(products, torch.from_numpy(X.T @ (X @ weights))).numpy()
    ours, theirs = (np.abs(found - weights).max() for found in (model.coef_, plain))
    assert ours < 1e-10 < theirs


def test_lstsq_of_linalg_gives_the_same() -> None:
    X, y, _ = draw(30, 50)
    expected, rank, values = lstsq(torch.from_numpy(X), torch.from_numpy(y))
    model = LinearRegression(fit_intercept=False).fit(X, y)
    np.testing.assert_allclose(model.coef_, expected.T, atol=1e-10)
    np.testing.assert_allclose(model.singular_, values, rtol=1e-10)
    assert model.rank_ == rank


def test_many_blocks_are_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y, w = draw(997, 7)
    wide, side, heavy = draw(7, 997)
    whole = [LinearRegression().fit(*case).coef_ for case in ((X, y, w), (wide, side, heavy))]
    for module in ("gramian.linear._design", "gramian._input"):
        monkeypatch.setattr(f"{module}.BLOCK_ELEMENTS", 350)
    parts = [LinearRegression().fit(*case).coef_ for case in ((X, y, w), (wide, side, heavy))]
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_an_integer_weight_is_worth_as_many_rows() -> None:
    X, y, _ = draw(30, 4)
    w = np.arange(30) % 4
    weighted = LinearRegression().fit(X, y, w)
    repeated = LinearRegression().fit(np.repeat(X, w, axis=0), np.repeat(y, w, axis=0))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-12)
    np.testing.assert_allclose(weighted.intercept_, repeated.intercept_, atol=1e-12)


# ---------------------------------------------------------------------- sparse, large, positive


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("shape", [(80, 9), (9, 80)], ids=str)
def test_sparse_goes_through_lsmr_and_stays_sparse(
    shape: tuple[int, int], intercept: bool, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y, w = draw(*shape, offset=0.0)
    X[np.abs(X) < 1] = 0
    w = w if weighted else None
    model = LinearRegression(fit_intercept=intercept, tol=1e-14)
    expected, level = truth(X, y, w, intercept=intercept)
    table = sparse.csr_array(X)
    monkeypatch.setattr(sparse.csr_array, "toarray", None)
    model.fit(table, y, w)
    np.testing.assert_allclose(model.coef_, expected, atol=1e-8)
    np.testing.assert_allclose(model.predict(table), X @ expected.T + level, atol=1e-8)
    assert not hasattr(model, "rank_")


def test_beyond_the_budget_lsmr_takes_over() -> None:
    X, y, _ = draw(700, 600)
    with gm.config_context(memory="8MiB"):
        model = LinearRegression(tol=1e-12).fit(X, y)
    assert not hasattr(model, "singular_")
    expected, _ = truth(X, y)
    np.testing.assert_allclose(model.coef_, expected, atol=1e-7)


def test_stale_attributes_go() -> None:
    X, y, _ = draw(30, 4)
    model = LinearRegression().fit(X, y)
    assert hasattr(model, "rank_")
    assert not hasattr(model.fit(sparse.csr_array(X), y), "rank_")


def test_lsmr_that_stops_early_warns() -> None:
    X = sparse.csr_array(np.vander(np.linspace(0, 1, 40), 30))
    y = np.linspace(0, 1, 40) ** 0.5
    from gramian.linear import _iterative

    design_most = 2
    problem = _linear_regression.pose(LinearRegression(), X, y, None, fit_intercept=True)
    ridges = problem.target.new_zeros(1)
    with pytest.warns(ConvergenceWarning, match="LSMR has not converged in 2 iterations"):
        _iterative.solve(problem.design, problem.target, ridges, 1e-12, design_most, "caller")


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("shape", [(60, 5), (5, 8)], ids=str)
def test_positive_agrees_with_scikit_learn(shape: tuple[int, int], intercept: bool) -> None:
    X, y, w = draw(*shape)
    ours = LinearRegression(positive=True, fit_intercept=intercept).fit(X, y, w)
    theirs = sklearn.linear_model.LinearRegression(positive=True, fit_intercept=intercept)
    theirs.fit(X, y, w)
    assert (ours.coef_ >= 0).all()
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-8)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-8)


# ---------------------------------------------------------------------- arrays in, arrays out


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensors_stay_tensors_of_their_dtype(dtype: torch.dtype) -> None:
    X, y, _ = draw(50, 3)
    table = torch.from_numpy(X).to(dtype)
    model = LinearRegression().fit(table, torch.from_numpy(y[:, 0]))
    for found in (model.coef_, model.intercept_, model.singular_, model.predict(table)):
        assert isinstance(found, torch.Tensor)
        assert found.dtype == dtype
    assert model.coef_.shape == (3,)
    assert model.intercept_.shape == ()
    assert -1 < model.score(table, torch.from_numpy(y[:, 0])) <= 1
    expected, _ = truth(table.double().numpy(), y[:, :1])
    error = np.abs(model.coef_.double().numpy() - expected[0]).max()
    assert error <= 2 * torch.finfo(dtype).eps * np.abs(expected).max() + 1e-14


def test_float32_is_kept_and_computed_in_float64() -> None:
    X, y, _ = draw(200, 4, offset=1e3)
    X, y = X.astype(np.float32), y.astype(np.float32)
    model = LinearRegression().fit(X, y)
    assert {model.coef_.dtype, model.intercept_.dtype, model.predict(X).dtype} == {X.dtype}
    expected, _ = truth(X, y)
    np.testing.assert_allclose(model.coef_, expected, rtol=1e-6, atol=1e-8)


def test_frames_keep_their_names() -> None:
    X, y, _ = draw(20, 2)
    for frame in (pd.DataFrame(X, columns=["a", "b"]), pl.DataFrame(X, schema=["a", "b"])):
        model = LinearRegression().fit(frame, pd.Series(y[:, 0]))
        assert list(model.feature_names_in_) == ["a", "b"]
        np.testing.assert_allclose(
            model.predict(frame), LinearRegression().fit(X, y[:, 0]).predict(X)
        )


def test_a_memory_map_is_read_and_never_written(tmp_path: Path) -> None:
    X, y, w = draw(300, 5)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    model = LinearRegression().fit(mapped, y, w)
    np.testing.assert_array_equal(model.coef_, LinearRegression().fit(X, y, w).coef_)
    np.testing.assert_array_equal(model.predict(mapped), model.predict(X))


def test_inputs_are_not_modified() -> None:
    arrays = draw(30, 4)
    copies = [array.copy() for array in arrays]
    LinearRegression(copy_X=False).fit(*arrays)
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


# ---------------------------------------------------------------------- refusals

X_GOOD, Y_GOOD = np.arange(12.0).reshape(6, 2) ** 2, np.arange(6.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.where(X_GOOD == 4, np.nan, X_GOOD), Y_GOOD), "X contains NaN"),
        ((np.where(X_GOOD == 4, np.inf, X_GOOD), Y_GOOD), "X contains infinity"),
        ((X_GOOD, np.where(Y_GOOD == 4, np.nan, Y_GOOD)), "y contains NaN"),
        ((X_GOOD, torch.tensor(Y_GOOD) * 1j), "LinearRegression.fit: y must be real"),
        ((X_GOOD, torch.tensor(Y_GOOD) / 0), "LinearRegression.fit: y must be finite"),
        ((X_GOOD, Y_GOOD[:5]), "inconsistent numbers of samples"),
        ((X_GOOD, torch.tensor(Y_GOOD[:5])), "inconsistent numbers of samples"),
        ((X_GOOD, torch.zeros(6, 1, 1)), "y must have shape"),
        ((X_GOOD, None), "requires y to be passed, but the target y is None"),
        ((X_GOOD, Y_GOOD, -Y_GOOD), "sample_weight must be non-negative"),
        ((X_GOOD, Y_GOOD, 0 * Y_GOOD), "at least one non-zero"),
        ((X_GOOD, Y_GOOD, Y_GOOD[:5]), "sample_weight.shape"),
        ((X_GOOD[:, 0], Y_GOOD), "Expected 2D array"),
    ],
)
def test_bad_arrays_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LinearRegression().fit(*arguments)


@pytest.mark.parametrize(
    ("parameters", "kind", "message"),
    [
        ({"tol": -1.0}, ValueError, r"tol must be a finite number in \[0, inf\), got -1.0"),
        ({"fit_intercept": "yes"}, ValueError, "fit_intercept must be one of True, False"),
        ({"positive": None}, ValueError, "positive must be one of True, False"),
        ({"n_jobs": 1.5}, TypeError, "n_jobs must be an int"),
    ],
)
def test_bad_parameters_are_refused(parameters: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=f"LinearRegression.fit: {message}"):
        LinearRegression(**parameters).fit(X_GOOD, Y_GOOD)


def test_a_failed_fit_leaves_the_estimator_as_it_was() -> None:
    model = LinearRegression().fit(X_GOOD, Y_GOOD)
    before = dict(vars(model))
    with pytest.raises(ValueError, match="inconsistent"):
        model.fit(X_GOOD[:, :1], Y_GOOD[:4])
    assert vars(model) == before
