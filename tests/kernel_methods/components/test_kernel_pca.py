"""KernelPCA: the centred dense decomposition, for every solver and every kind of array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.decomposition import KernelPCA as Theirs
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics.pairwise import pairwise_kernels

import gramian as gm
from gramian import KernelPCA

NAMES = ["linear", "poly", "rbf", "laplacian", "sigmoid", "cosine", "chi2", "additive_chi2"]


def table(n: int = 60, d: int = 5, dtype: Any = np.float64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.1, 1.0, size=(n, d)).astype(dtype)


def truth(K: np.ndarray, across: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues, embedding and projections of new rows, by explicit centring in float64."""
    one, new = np.full(K.shape, 1 / len(K)), np.full(across.shape, 1 / len(K))
    values, vectors = np.linalg.eigh(K - one @ K - K @ one + one @ K @ one)
    values, vectors = values[::-1][:k], vectors[:, ::-1][:, :k]
    signs = np.sign(vectors[np.abs(vectors).argmax(0), range(k)])
    vectors = vectors * signs
    centred = across - new @ K - across @ one + new @ K @ one
    return values, vectors * np.sqrt(values), centred @ vectors / np.sqrt(values)


@pytest.mark.parametrize("solver", ["dense", "arpack", "randomized"])
@pytest.mark.parametrize("kernel", NAMES)
def test_every_kernel_is_its_centred_matrix(kernel: str, solver: str) -> None:
    x, new = table(), table(7, seed=1)
    settings: dict[str, Any] = {"filter_params": True, "gamma": 0.7, "degree": 2, "coef0": 0.5}
    K = pairwise_kernels(x, metric=kernel, **settings)
    values, embedded, projected = truth(K, pairwise_kernels(new, x, metric=kernel, **settings), 3)
    model = KernelPCA(3, kernel=kernel, gamma=0.7, degree=2, coef0=0.5, eigen_solver=solver)
    np.testing.assert_allclose(model.fit_transform(x), embedded, atol=1e-8)
    np.testing.assert_allclose(model.eigenvalues_, values, rtol=1e-9)
    np.testing.assert_allclose(model.transform(new), projected, atol=1e-8)
    np.testing.assert_allclose(model.transform(x), embedded, atol=1e-8)
    assert model.solver_ == ("dense" if solver == "dense" else "lanczos")
    assert (model.residuals_ <= 1e-9 * values[0]).all()


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid", "cosine"])
def test_scikit_learns_numbers_and_its_inverse(kernel: str) -> None:
    x, new = table(), table(7, seed=1)
    settings: dict[str, Any] = {"kernel": kernel, "fit_inverse_transform": True, "alpha": 0.1}
    ours, theirs = KernelPCA(3, **settings).fit(x), Theirs(3, **settings).fit(x)
    assert ours.gamma_ == theirs.gamma_
    np.testing.assert_allclose(ours.eigenvectors_, theirs.eigenvectors_, atol=1e-8)
    np.testing.assert_allclose(ours.dual_coef_, theirs.dual_coef_, atol=1e-6)
    np.testing.assert_allclose(ours.X_transformed_fit_, theirs.X_transformed_fit_, atol=1e-8)
    there = theirs.transform(new)
    np.testing.assert_allclose(ours.transform(new), there, atol=1e-8)
    back = ours.inverse_transform(there)
    np.testing.assert_allclose(back, theirs.inverse_transform(there), atol=1e-6)


@given(n=st.integers(2, 25), d=st.integers(1, 4), seed=st.integers(0, 10**6))
def test_linear_is_principal_component_analysis(n: int, d: int, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(n, d))
    k = min(n - 1, d)
    ours, theirs = KernelPCA(k).fit(x), PCA(k).fit(x)
    np.testing.assert_allclose(ours.eigenvalues_ / (n - 1), theirs.explained_variance_, rtol=1e-8)
    shares = theirs.explained_variance_ratio_
    np.testing.assert_allclose(ours.explained_variance_ratio_, shares, rtol=1e-8)
    np.testing.assert_allclose(
        ours.fit_transform(x).T @ ours.transform(x), np.diag(ours.eigenvalues_), atol=1e-8
    )


def test_pair_functions_callables_and_precomputed_are_the_same_kernel() -> None:
    x, new = table(), table(7, seed=1)
    expected = KernelPCA(3, kernel="rbf", gamma=2.0).fit(x)

    def gaussian(a: np.ndarray, b: np.ndarray, rate: float) -> float:
        return float(np.exp(-rate * ((a - b) ** 2).sum()))

    for settings in (
        {"kernel": gm.Gaussian(0.5)},
        {"kernel": "rbf", "bandwidth": 0.5},
        {"kernel": "rbf", "bandwidth": [0.5] * 5},
        {"kernel": gaussian, "kernel_params": {"rate": 2.0}},
    ):
        model = KernelPCA(3, **settings).fit(x)
        np.testing.assert_allclose(model.transform(new), expected.transform(new), atol=1e-9)
    K, across = (pairwise_kernels(a, x, metric="rbf", gamma=2.0) for a in (x, new))
    model = KernelPCA(3, kernel="precomputed").fit(K)
    np.testing.assert_allclose(model.transform(across), expected.transform(new), atol=1e-9)
    assert KernelPCA(3, kernel="rbf", bandwidth=0.5).fit(x).gamma_ == 2.0


def test_kinds_of_arrays() -> None:
    x = table(dtype=np.float32)
    wide = KernelPCA(2, kernel="rbf", fit_inverse_transform=True).fit(x.astype(float))
    model = KernelPCA(2, kernel="rbf", fit_inverse_transform=True).fit(x)
    for name in ("eigenvalues_", "eigenvectors_", "dual_coef_", "X_transformed_fit_"):
        assert getattr(model, name).dtype == np.float32, name
    assert model.residuals_.dtype == np.float64
    np.testing.assert_allclose(model.transform(x), wide.transform(x.astype(float)), atol=1e-6)
    tensors = KernelPCA(2, kernel="rbf", fit_inverse_transform=True).fit(torch.from_numpy(x))
    found = tensors.transform(torch.from_numpy(x))
    assert isinstance(tensors.eigenvectors_, torch.Tensor)
    assert found.dtype == torch.float32
    np.testing.assert_array_equal(found.numpy(), model.transform(x))
    back = tensors.inverse_transform(found)
    np.testing.assert_allclose(back.numpy(), model.inverse_transform(found.numpy()), atol=1e-6)
    half = KernelPCA(2, kernel="rbf").fit(torch.from_numpy(x).bfloat16())
    assert half.eigenvectors_.dtype == torch.bfloat16
    for kernel in ("rbf", "linear"):
        dense = KernelPCA(2, kernel=kernel).fit(x.astype(float))
        held = KernelPCA(2, kernel=kernel).fit(sparse.csr_matrix(x.astype(float)))
        rows = sparse.csr_array(x.astype(float))
        np.testing.assert_allclose(held.transform(rows), dense.fit_transform(x), atol=1e-6)


def test_large_fits_are_certified_and_do_not_store_the_matrix() -> None:
    x = table(3000, 3, np.float32)
    with gm.config_context(memory="12MiB"):
        model = KernelPCA(4, kernel="rbf", gamma=2.0, random_state=0).fit(x)
        again = KernelPCA(4, kernel="rbf", gamma=2.0, random_state=1).fit_transform(x)
        moved = model.transform(x[:50])
    reference = Theirs(4, kernel="rbf", gamma=2.0).fit_transform(x.astype(float))
    assert model.solver_ == "lanczos"
    assert (model.residuals_ <= 1e-5 * model.eigenvalues_[0]).all()
    np.testing.assert_allclose(np.abs(again), np.abs(reference), atol=1e-4)
    np.testing.assert_allclose(moved, again[:50], atol=1e-4)


def test_float32_goes_on_in_float64_where_it_must() -> None:
    """Eigenvalues of a wide Gaussian fall below float32's rounding after a few."""
    x = table(1600, 2, np.float32)
    model = KernelPCA(8, kernel="rbf", gamma=0.05, random_state=0).fit(x)
    exact = KernelPCA(8, kernel="rbf", gamma=0.05, random_state=0, eigen_solver="dense")
    exact.fit(x.astype(float))
    assert exact.eigenvalues_[7] < 1e-5 * exact.eigenvalues_[0]
    np.testing.assert_allclose(model.eigenvalues_, exact.eigenvalues_, rtol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [100, 1600])
def test_an_offset_does_not_show(n: int, dtype: Any) -> None:
    x = (np.random.default_rng(0).normal(size=(n, 3)) + 1e5).astype(dtype)
    near = x.astype(float) - 1e5
    for kernel in ("linear", "rbf"):
        far = KernelPCA(2, kernel=kernel).fit(x)
        close = KernelPCA(2, kernel=kernel).fit(near)
        np.testing.assert_allclose(far.eigenvalues_, close.eigenvalues_, rtol=1e-5)
        atol = 1e-4 if dtype == np.float32 else 1e-6
        np.testing.assert_allclose(far.transform(x), close.fit_transform(near), atol=atol)


def test_few_and_equal_rows() -> None:
    for x in (np.full((5, 3), 0.1), np.array([[1.0, 2.0]])):
        for kernel in ("linear", "rbf", "poly"):
            kept = KernelPCA(7, kernel=kernel).fit(x)
            assert kept.eigenvalues_.tolist() == [0.0] * len(x)
            assert kept.transform(x).tolist() == [[0.0] * len(x)] * len(x)
            assert KernelPCA(kernel=kernel).fit_transform(x).shape == (len(x), 0)
    twice = np.vstack([table(6, 4)] * 3)
    model = KernelPCA(kernel="rbf").fit(twice)
    assert model.eigenvalues_.shape == (5,)
    np.testing.assert_allclose(model.transform(twice[:6]), model.transform(twice[12:]))
    constant = table()
    constant[:, 1] = 3.0
    assert KernelPCA().fit(constant).eigenvalues_.shape == (4,)
    assert KernelPCA(5).fit(constant).eigenvalues_[4] == 0
    assert KernelPCA(5, remove_zero_eig=True).fit(constant).transform(constant).shape == (60, 4)


def test_a_fit_keeps_its_own_rows_unless_told_not_to() -> None:
    x = table()
    model, lent = KernelPCA(2, kernel="rbf").fit(x), KernelPCA(2, copy_X=False).fit(x)
    assert lent.X_fit_ is x
    before = model.transform(x)
    given = x.copy()
    x[:] = 9.0
    np.testing.assert_array_equal(model.transform(given), before)


def test_names_and_stale_attributes() -> None:
    model = KernelPCA(2, fit_inverse_transform=True).fit(table())
    assert list(model.get_feature_names_out()) == ["kernelpca0", "kernelpca1"]
    model.set_params(fit_inverse_transform=False).fit(table(20))
    with pytest.raises(NotFittedError, match="fit_inverse_transform must be True at the fit"):
        model.inverse_transform(table(3, 2))


def test_too_few_passes_are_a_warning_that_names_the_remedy() -> None:
    x = np.random.default_rng(0).normal(size=(400, 9))
    for settings in ({"eigen_solver": "arpack", "max_iter": 1}, {"iterated_power": 0}):
        solver = {"eigen_solver": "randomized", **settings}
        with pytest.warns(ConvergenceWarning, match="raise tol or max_iter"):
            model = KernelPCA(3, kernel="rbf", random_state=0, **solver).fit(x)
        assert model.residuals_.max() > 1e-9 * model.eigenvalues_[0]
    with pytest.warns(ConvergenceWarning, match="shift or scale X"):
        KernelPCA(2, kernel="poly", gamma=1.0).fit(table() + 1e5)


INDEFINITE = np.diag([3.0, 1.0, -2.0, -3.0, 0.5, 0.5])
ASYMMETRIC = np.triu(np.ones((4, 4))) @ np.diag([1.0, 2.0, 3.0, 4.0])
BAD: dict[str, tuple[dict[str, Any], Any, type[Exception], str]] = {
    "NaN": ({}, np.full((3, 2), np.nan), ValueError, "Input X contains NaN"),
    "n_components": ({"n_components": 0}, table(), ValueError, r"an int in \[1, inf\), got 0"),
    "kind": ({"n_components": 1.5}, table(), TypeError, "n_components must be an int"),
    "kernel": ({"kernel": "round"}, table(), ValueError, "kernel must be one of 'rbf'"),
    "gamma": ({"gamma": -1.0}, table(), ValueError, r"gamma must be a finite number in \[0"),
    "both": ({"kernel": "rbf", "gamma": 1.0, "bandwidth": 1.0}, table(), ValueError, "Pass one of"),
    "alpha": ({"alpha": -1.0}, table(), ValueError, "alpha must be a finite number"),
    "tol": ({"tol": -1.0}, table(), ValueError, "tol must be a finite number"),
    "solver": ({"eigen_solver": "qr"}, table(), ValueError, "eigen_solver must be one of 'auto'"),
    "max_iter": ({"max_iter": 0}, table(), ValueError, "max_iter must be an int"),
    "power": ({"iterated_power": -1}, table(), ValueError, "iterated_power must be an int"),
    "flag": ({"copy_X": "yes"}, table(), ValueError, "copy_X must be one of True, False"),
    "chi2": ({"kernel": "chi2"}, -table(), ValueError, "must be non-negative|negative values"),
    "overflow": ({"kernel": "poly", "degree": 9}, 1e40 * table(), ValueError, "finite entries"),
    "indefinite": (
        {"kernel": "precomputed", "n_components": 6},
        INDEFINITE,
        ValueError,
        "There are significant negative eigenvalues: lower n_components",
    ),
    "asymmetric": ({"kernel": "precomputed"}, ASYMMETRIC, ValueError, r"Pass \(X \+ X.T\) / 2"),
    "not square": ({"kernel": "precomputed"}, table(), ValueError, "X must be square"),
    "no rows to come back to": (
        {"kernel": "precomputed", "fit_inverse_transform": True},
        np.eye(3),
        ValueError,
        "Cannot fit_inverse_transform with a precomputed kernel",
    ),
    "sparse inverse": (
        {"fit_inverse_transform": True},
        sparse.csr_matrix(np.eye(3)),
        ValueError,
        "fit_inverse_transform must be False for a sparse X",
    ),
    "inverse of several widths": (
        {"kernel": "rbf", "fit_inverse_transform": True, "bandwidth": [1.0] * 5},
        table(),
        ValueError,
        "bandwidth must be one number",
    ),
    "inverse of nothing": (
        {"fit_inverse_transform": True},
        np.ones((3, 2)),
        ValueError,
        "two rows that differ",
    ),
}


@pytest.mark.parametrize(("settings", "x", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input(settings: dict[str, Any], x: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        KernelPCA(**settings).fit(x)


def test_an_indefinite_kernel_gives_its_positive_components() -> None:
    model = KernelPCA(2, kernel="precomputed").fit(INDEFINITE)
    theirs = Theirs(2, kernel="precomputed", eigen_solver="dense").fit(INDEFINITE)
    np.testing.assert_allclose(model.eigenvalues_, theirs.eigenvalues_, atol=1e-12)


def test_whatever_is_added_to_rows_and_columns_is_taken_off() -> None:
    x = table()
    K, steps = x @ x.T, np.arange(60.0)
    model = KernelPCA(2, kernel="precomputed").fit(K + steps + 3 * steps[:, None])
    np.testing.assert_allclose(model.eigenvalues_, KernelPCA(2).fit(x).eigenvalues_, rtol=1e-9)


def test_all_components_of_many_rows_say_what_they_take() -> None:
    with (
        gm.config_context(memory="8MiB"),
        pytest.raises(gm.MemoryBudgetError, match="n_components must be an int for 700 rows"),
    ):
        KernelPCA(kernel="rbf").fit(table(700))
