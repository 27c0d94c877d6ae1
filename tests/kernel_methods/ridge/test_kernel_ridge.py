"""KernelRidge against scikit-learn, brute force and its own certificate."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import sklearn.kernel_ridge
import torch
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import pairwise_kernels

import gramian as gm
from gramian import KernelRidge
from gramian.errors import MemoryBudgetError

RNG = np.random.default_rng(0)
X = RNG.random((90, 4))
Y = RNG.normal(size=(90, 2))
W = RNG.random(90)
Z = RNG.random((11, 4))


def overlap(a: np.ndarray, b: np.ndarray, power: float = 1.0) -> float:
    return float(np.minimum(a, b).sum() ** power)


KERNELS: dict[str, dict[str, Any]] = {
    "linear": {"kernel": "linear"},
    "rbf": {"kernel": "rbf"},
    "rbf gamma": {"kernel": "rbf", "gamma": 0.7},
    "rbf gamma 0": {"kernel": "rbf", "gamma": 0.0},
    "laplacian": {"kernel": "laplacian", "gamma": 0.7},
    "chi2": {"kernel": "chi2", "gamma": 0.7},
    "poly": {"kernel": "poly", "degree": 2, "coef0": 0.5},
    "poly 2.5": {"kernel": "poly", "degree": 2.5},
    "polynomial": {"kernel": "polynomial"},
    "sigmoid": {"kernel": "sigmoid", "gamma": 0.1, "alpha": 2.0},
    "cosine": {"kernel": "cosine"},
    "additive_chi2": {"kernel": "additive_chi2", "alpha": 70.0},
    "callable": {"kernel": overlap, "kernel_params": {"power": 0.5}},
}


def theirs(**parameters: Any) -> sklearn.kernel_ridge.KernelRidge:
    return sklearn.kernel_ridge.KernelRidge(**{"alpha": 0.3, **parameters})


@pytest.mark.filterwarnings("ignore:Singular matrix in solving dual problem:UserWarning")
@pytest.mark.parametrize("weights", [None, W], ids=["plain", "weighted"])
@pytest.mark.parametrize("name", KERNELS)
def test_agrees_with_scikit_learn(name: str, weights: np.ndarray | None) -> None:
    expected = theirs(**KERNELS[name]).fit(X, Y, weights)
    model = KernelRidge(**{"alpha": 0.3, **KERNELS[name]}).fit(X, Y, weights)
    scale = np.abs(expected.dual_coef_).max()
    np.testing.assert_allclose(model.dual_coef_, expected.dual_coef_, rtol=0, atol=1e-6 * scale)
    np.testing.assert_allclose(model.predict(Z), expected.predict(Z), rtol=0, atol=1e-6)
    assert model.residual_ <= 1e-8
    assert model.solver_ == "direct"


@pytest.mark.parametrize("solver", ["direct", "pcg", "sketch"])
def test_every_solver_finds_the_same_model(solver: str) -> None:
    expected = theirs(kernel="rbf", alpha=1e-2).fit(X, Y)
    model = KernelRidge(
        1e-2, kernel="rbf", solver=solver, tol=1e-9, max_iter=3000, random_state=0
    ).fit(X, Y)
    np.testing.assert_allclose(model.predict(Z), expected.predict(Z), atol=1e-6)
    assert model.solver_ == solver
    inside = pairwise_kernels(X, metric="rbf") @ model.dual_coef_ + 1e-2 * model.dual_coef_
    residual = (np.linalg.norm(inside - Y, axis=0) / np.linalg.norm(Y, axis=0)).max()
    assert residual == pytest.approx(model.residual_, rel=0.05, abs=1e-13)
    assert model.passes_ > 0


def test_nystroem_uses_landmarks_only() -> None:
    model = KernelRidge(1e-3, kernel="rbf", solver="nystroem", rank=40, random_state=0)
    model.fit(X, X[:, 0] * X[:, 1])
    assert np.count_nonzero(model.dual_coef_) == model.rank_ == 40
    np.testing.assert_allclose(model.predict(Z), Z[:, 0] * Z[:, 1], atol=0.02)


@pytest.mark.parametrize("weights", [None, W], ids=["plain", "weighted"])
@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_the_intercept_is_not_penalised(kernel: str, weights: np.ndarray | None) -> None:
    shifted = Y + np.array([50.0, -1e4])
    model = KernelRidge(0.5, kernel=kernel, fit_intercept=True).fit(X, shifted, weights)
    mass = np.ones(90) if weights is None else weights
    # the bordered system: (K + α W⁻¹) c + b 1 = y, 1ᵀ c = 0
    matrix = np.zeros((91, 91))
    matrix[:90, :90] = pairwise_kernels(X, metric=kernel) + np.diag(0.5 / mass)
    matrix[90, :90] = matrix[:90, 90] = 1
    solved = np.linalg.solve(matrix, np.vstack([shifted, [0, 0]]))
    np.testing.assert_allclose(model.intercept_, solved[90], rtol=1e-8)
    np.testing.assert_allclose(model.dual_coef_, solved[:90], atol=1e-5)


def test_a_linear_kernel_with_intercept_is_ridge() -> None:
    model = KernelRidge(0.5, fit_intercept=True).fit(X + 100, Y[:, 0], W)
    ridge = gm.Ridge(0.5).fit(X + 100, Y[:, 0], W)
    np.testing.assert_allclose(model.predict(Z + 100), ridge.predict(Z + 100), atol=1e-6)


def test_integer_weights_are_repeated_rows() -> None:
    times = np.arange(90) % 3
    options: dict[str, Any] = {"kernel": "rbf", "alpha": 0.1, "fit_intercept": True}
    weighted = KernelRidge(**options).fit(X, Y, times)
    repeated = KernelRidge(**options).fit(np.repeat(X, times, 0), np.repeat(Y, times, 0))
    np.testing.assert_allclose(weighted.predict(Z), repeated.predict(Z), atol=1e-7)
    assert not weighted.dual_coef_[times == 0].any()


def test_an_alpha_for_each_target() -> None:
    alphas = [0.1, 10.0]
    model = KernelRidge(alphas, kernel="rbf").fit(X, Y)
    np.testing.assert_allclose(
        model.predict(Z), theirs(alpha=alphas, kernel="rbf").fit(X, Y).predict(Z)
    )


def test_bandwidth_is_gamma_in_the_unit_of_the_features() -> None:
    by_gamma = KernelRidge(0.1, kernel="rbf", gamma=2.0).fit(X, Y)
    for bandwidth in (0.5, [0.5] * 4, np.float64(0.5)):
        model = KernelRidge(0.1, kernel="rbf", bandwidth=bandwidth).fit(X, Y)
        np.testing.assert_allclose(model.predict(Z), by_gamma.predict(Z), atol=1e-7)
    widths = np.array([0.3, 1.0, 2.0, 0.5])
    model = KernelRidge(0.1, kernel="laplacian", bandwidth=widths).fit(X, Y)
    scaled = KernelRidge(0.1, kernel="laplacian", gamma=1.0).fit(X / widths, Y)
    np.testing.assert_allclose(model.predict(Z), scaled.predict(Z / widths), atol=1e-7)


def test_pair_functions_and_their_compositions() -> None:
    kernel = gm.Gaussian(0.5) + 0.3 * gm.Linear()
    table = pairwise_kernels(X, gamma=2.0, metric="rbf") + 0.3 * X @ X.T
    model = KernelRidge(0.1, kernel=kernel).fit(X, Y)
    solved = np.linalg.solve(table + 0.1 * np.eye(90), Y)
    np.testing.assert_allclose(model.dual_coef_, solved, atol=1e-6)
    dense = KernelRidge(0.1, kernel=kernel).fit(sparse.csr_matrix(X), Y)
    np.testing.assert_allclose(dense.predict(sparse.csr_matrix(Z)), model.predict(Z), atol=1e-6)


@pytest.mark.parametrize("kernel", ["linear", "rbf", "laplacian", "cosine"])
def test_sparse_rows(kernel: str) -> None:
    holes = np.where(X > 0.5, X, 0.0)
    model = KernelRidge(0.1, kernel=kernel).fit(sparse.csc_matrix(holes), Y)
    expected = theirs(alpha=0.1, kernel=kernel).fit(sparse.csr_matrix(holes), Y)
    found = model.predict(sparse.csr_matrix(Z))
    np.testing.assert_allclose(found, expected.predict(sparse.csr_matrix(Z)), atol=1e-6)


def test_a_precomputed_matrix_is_left_as_it_is() -> None:
    table = pairwise_kernels(X, metric="rbf")
    before = table.copy()
    model = KernelRidge(0.1, kernel="precomputed", fit_intercept=True).fit(table, Y, W)
    rbf = KernelRidge(0.1, kernel="rbf", fit_intercept=True).fit(X, Y, W)
    found = model.predict(pairwise_kernels(Z, X, metric="rbf"))
    np.testing.assert_allclose(found, rbf.predict(Z), atol=1e-7)
    np.testing.assert_array_equal(table, before)


def test_tensors_and_float32_come_back() -> None:
    model = KernelRidge(0.1, kernel="rbf").fit(torch.tensor(X).float(), torch.tensor(Y))
    found = model.predict(torch.tensor(Z).float())
    assert isinstance(model.dual_coef_, torch.Tensor)
    assert model.dual_coef_.dtype == found.dtype == torch.float32
    wide = KernelRidge(0.1, kernel="rbf").fit(X, Y).predict(Z)
    np.testing.assert_allclose(found.numpy(), wide, atol=1e-4)
    assert KernelRidge().fit(X.astype(np.float32), Y).predict(Z.astype(np.float32)).dtype == "f4"


def test_a_given_tolerance_outlasts_rounding() -> None:
    narrow = X.astype(np.float32)
    assert KernelRidge(0.1, kernel="rbf").fit(narrow, Y).residual_ <= 1e-5
    exact = KernelRidge(0.1, kernel="rbf", tol=1e-9).fit(narrow, Y)
    assert exact.dual_coef_.dtype == np.float64
    assert exact.residual_ <= 1e-9


# ---------------------------------------------------------------------- hostile input


def test_a_far_offset_changes_nothing() -> None:
    model = KernelRidge(1e-2, kernel="rbf").fit(X, Y)
    far = KernelRidge(1e-2, kernel="rbf").fit(X + 1e5, Y)
    np.testing.assert_allclose(far.predict(Z + 1e5), model.predict(Z), atol=1e-6)


def test_equal_rows_without_a_ridge_give_the_least_squares_fit() -> None:
    doubled, targets = np.vstack([X[:20], X[:20]]), np.vstack([Y[:20], Y[:20]])
    model = KernelRidge(0, kernel="rbf", bandwidth=0.2).fit(doubled, targets)
    np.testing.assert_allclose(model.predict(X[:20]), Y[:20], atol=1e-6)
    np.testing.assert_allclose(model.dual_coef_[:20], model.dual_coef_[20:], atol=1e-6)


def test_what_has_no_solution_warns_and_names_the_remedy() -> None:
    doubled = np.vstack([X[:20], X[:20]])
    with pytest.warns(
        ConvergenceWarning, match=r"KernelRidge\.fit: residual_ .* Raise alpha or tol"
    ):
        KernelRidge(0, kernel="rbf").fit(doubled, Y[:40])


def test_a_ridge_too_small_for_float32_is_solved_or_said() -> None:
    narrow = X.astype(np.float32)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model = KernelRidge(1e-9, kernel="rbf", bandwidth=2.0).fit(narrow, Y)
    assert model.residual_ <= 1e-6 or any("Raise alpha" in str(each.message) for each in said)
    # rounded to float32, such coefficients would say nothing
    assert model.dual_coef_.dtype == np.float64
    assert model.predict(narrow).dtype == np.float32


def test_constant_features_and_fewer_rows_than_features() -> None:
    wide = RNG.normal(size=(12, 40))
    wide[:, 5] = 3.0
    expected = theirs(kernel="rbf").fit(wide, Y[:12])
    model = KernelRidge(0.3, kernel="rbf").fit(wide, Y[:12])
    np.testing.assert_allclose(model.predict(wide), expected.predict(wide), atol=1e-7)
    flat = KernelRidge(0.3, kernel="rbf", fit_intercept=True).fit(np.ones((5, 2)), [1, 2, 3, 4, 5])
    np.testing.assert_allclose(flat.predict(np.ones((1, 2))), 3.0)


def test_a_memory_budget_is_kept_before_any_work() -> None:
    with (
        gm.config_context(memory="8MiB"),
        pytest.raises(MemoryBudgetError, match=r"KernelRidge\.fit"),
    ):
        KernelRidge(kernel="rbf", solver="direct").fit(RNG.normal(size=(2000, 2)), np.ones(2000))


def test_the_callback_sees_steps_and_may_stop() -> None:
    seen = []

    def stop(state: Any) -> bool:
        seen.append(state)
        return len(seen) == 3

    model = KernelRidge(
        1e-6, kernel="rbf", solver="pcg", rank=2, tol=1e-12, callback=stop, random_state=0
    ).fit(X, Y)
    assert [state.iteration for state in seen] == [1, 2, 3]
    assert model.n_iter_ == 3
    assert model.residual_ > 1e-12


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"alpha": -1.0}, ValueError, "alpha must be a finite number in"),
        ({"alpha": [1.0, 2.0, 3.0]}, ValueError, "one for each of the 2 targets, got 3"),
        ({"kernel": "wrong"}, ValueError, "kernel must be one of"),
        ({"kernel": "rbf", "gamma": -1.0}, ValueError, "gamma must be"),
        ({"kernel": "rbf", "gamma": 1.0, "bandwidth": 1.0}, ValueError, "gamma must be None"),
        ({"kernel": "rbf", "bandwidth": [1.0]}, ValueError, "one for each of the 4 features"),
        ({"kernel": "rbf", "bandwidth": -1.0}, ValueError, "bandwidth must be"),
        ({"kernel": "poly", "bandwidth": 1.0}, ValueError, "bandwidth must be None"),
        ({"kernel": "precomputed", "bandwidth": 1.0}, ValueError, "must have a bandwidth"),
        ({"kernel": gm.Linear(), "bandwidth": 1.0}, ValueError, "must have a bandwidth"),
        ({"kernel_params": 3}, TypeError, "kernel_params must be a dict"),
        ({"degree": -1}, ValueError, "degree must be"),
        ({"coef0": np.inf}, ValueError, "coef0 must be"),
        ({"solver": "magic"}, ValueError, "solver must be one of"),
        ({"fit_intercept": "no"}, ValueError, "fit_intercept must be"),
        ({"tol": 0.0}, ValueError, "tol must be"),
        ({"max_iter": 0}, ValueError, "max_iter must be"),
        ({"rank": 0}, ValueError, "rank must be"),
    ],
    ids=str,
)
def test_impossible_parameters(
    parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        KernelRidge(**parameters).fit(X, Y)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (None, "y must be targets, got None"),
        (torch.tensor([1j] * 90), "y must be real"),
        (torch.full((90,), torch.nan), "y must be finite"),
        (np.ones((90, 2, 2)), "y must have shape|Found array with dim 3"),
        (np.ones(89), "inconsistent numbers of samples"),
    ],
    ids=["none", "complex", "nan", "3d", "short"],
)
def test_impossible_targets(targets: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        KernelRidge().fit(X, targets)


def test_a_failed_fit_leaves_the_model_as_it_was() -> None:
    model = KernelRidge().fit(X, Y)
    before = vars(model).copy()
    with pytest.raises(ValueError, match="inconsistent"):
        model.fit(X[:, :2], Y[:5])
    assert vars(model) == before
