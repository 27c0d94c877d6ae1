"""Nystroem: scikit-learn's features, exact on its landmarks, stable where these repeat."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.kernel_approximation import Nystroem as Theirs
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel

import gramian as gm
from gramian import Nystroem
from gramian.linalg import NotPositiveError

NAMES = ["linear", "poly", "rbf", "laplacian", "sigmoid", "cosine", "chi2", "additive_chi2"]
WAYS = ["uniform", "rpcholesky", "kmeans"]


def table(n: int = 40, d: int = 12, dtype: Any = np.float64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.1, 1.0, size=(n, d)).astype(dtype)


@pytest.mark.parametrize("kernel", NAMES)
def test_numbers_are_scikit_learns(kernel: str) -> None:
    x, new = table(), table(7, seed=1)
    settings: dict[str, Any] = {"n_components": 9, "random_state": 5}
    if kernel == "poly":
        settings |= {"degree": 2, "coef0": 0.5, "gamma": 0.3}
    ours, theirs = Nystroem(kernel, **settings).fit(x), Theirs(kernel, **settings).fit(x)
    np.testing.assert_array_equal(ours.component_indices_, theirs.component_indices_)
    np.testing.assert_array_equal(ours.components_, theirs.components_)
    np.testing.assert_allclose(ours.normalization_, theirs.normalization_, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ours.transform(new), theirs.transform(new), atol=1e-8)


@pytest.mark.parametrize("landmarks", WAYS)
@pytest.mark.parametrize("kernel", ["rbf", "poly", "laplacian"])
def test_landmarks_have_their_exact_kernel(kernel: str, landmarks: str) -> None:
    x = table()
    model = Nystroem(kernel, n_components=9, landmarks=landmarks, random_state=0).fit(x)
    features = model.transform(model.components_)
    true = pairwise_kernels(model.components_, metric=kernel)
    np.testing.assert_allclose(features @ features.T, true, atol=1e-10)
    assert (model.component_indices_ is None) == (landmarks == "kmeans")
    if landmarks != "kmeans":
        np.testing.assert_array_equal(model.components_, x[model.component_indices_])


def test_pivots_explain_more_than_rows_drawn_blindly() -> None:
    """A large clump and a few rows apart, which uniform landmarks miss."""
    rng = np.random.default_rng(0)
    x = np.vstack([0.01 * rng.normal(size=(300, 2)), rng.normal(size=(12, 2)) * 20])
    error = {}
    for way in ("uniform", "rpcholesky"):
        left = 0.0
        for seed in range(5):
            model = Nystroem(bandwidth=1.0, n_components=15, landmarks=way, random_state=seed)
            left += len(x) - float((model.fit_transform(x) ** 2).sum())
        error[way] = left
    assert error["rpcholesky"] < 0.1 * error["uniform"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_duplicates_and_rank_deficient_landmarks_do_no_harm(dtype: Any) -> None:
    x = np.vstack([table(6, 3, dtype)] * 5)
    features = Nystroem("linear", n_components=30, random_state=0).fit_transform(x)
    np.testing.assert_allclose(features @ features.T, x @ x.T, atol=2e-6)
    assert np.abs(features).max() < 10
    model = Nystroem("linear", n_components=30, landmarks="rpcholesky", random_state=0).fit(x)
    assert model.rank_ == len(model.components_) == 3
    assert model.transform(x).shape == (30, 3)
    assert len(model.get_feature_names_out()) == 3
    few = Nystroem("rbf", n_components=20, landmarks="kmeans", random_state=0).fit_transform(x)
    np.testing.assert_allclose(few @ few.T, rbf_kernel(x), atol=1e-5)


def test_given_landmarks_and_other_kernels() -> None:
    x, points = table(), table(4, seed=2)
    model = Nystroem(gamma=0.5, landmarks=points).fit(x)
    assert model.transform(x).shape == (40, 4)
    np.testing.assert_array_equal(model.components_, points)
    for settings in ({"bandwidth": 1.0}, {"kernel": gm.Gaussian(1.0)}):
        other = Nystroem(landmarks=points, **settings).fit(x)
        np.testing.assert_allclose(other.transform(x), model.transform(x), atol=1e-12)
    named = Nystroem("rbf", kernel_params={"gamma": 0.5}, landmarks=points).fit(x)
    np.testing.assert_array_equal(named.transform(x), model.transform(x))


def test_precomputed_is_the_kernel_it_holds() -> None:
    x, new = table(), table(7, seed=1)
    for way in ("uniform", "rpcholesky"):
        settings: dict[str, Any] = {"n_components": 9, "landmarks": way, "random_state": 0}
        direct = Nystroem("rbf", gamma=0.5, **settings).fit(x)
        held = Nystroem("precomputed", **settings).fit(rbf_kernel(x, gamma=0.5))
        found = held.transform(rbf_kernel(new, x, gamma=0.5))
        np.testing.assert_array_equal(held.component_indices_, direct.component_indices_)
        np.testing.assert_allclose(found, direct.transform(new), atol=1e-9)


def test_kinds_of_arrays() -> None:
    x = table(dtype=np.float32)
    settings: dict[str, Any] = {"n_components": 9, "random_state": 0}
    for way in WAYS:
        model = Nystroem(landmarks=way, **settings).fit(x)
        features = model.transform(x)
        assert features.dtype == model.components_.dtype == np.float32
        given = Nystroem(landmarks=way, **settings).fit(torch.from_numpy(x))
        assert isinstance(given.components_, torch.Tensor)
        assert given.normalization_.dtype == torch.float64
        np.testing.assert_allclose(given.transform(torch.from_numpy(x)), features, atol=1e-6)
    dense = Nystroem(**settings).fit_transform(x.astype(float))
    held = Nystroem(**settings).fit_transform(sparse.csr_matrix(x.astype(float)))
    np.testing.assert_allclose(held, dense, atol=1e-9)


def test_blocks_do_not_show() -> None:
    x = np.random.default_rng(0).normal(size=(9000, 3))
    model = Nystroem(n_components=100, random_state=0).fit(x)
    one = np.concatenate([model.transform(row[None]) for row in x[::1500]])
    np.testing.assert_allclose(model.transform(x)[::1500], one, atol=1e-9)


def test_more_components_than_rows_is_a_warning() -> None:
    with pytest.warns(UserWarning, match="n_components must be at most the number of rows 40"):
        model = Nystroem(n_components=50, random_state=0).fit(table())
    assert model.transform(table()).shape == (40, 40)


def unlike(a: np.ndarray, b: np.ndarray) -> float:
    """No kernel: it depends on the order of its arguments."""
    return float(a[0] - 2 * b[0])


BAD: dict[str, tuple[dict[str, Any], Any, type[Exception], str]] = {
    "NaN": ({}, np.full((3, 2), np.nan), ValueError, "Input X contains NaN"),
    "n_components": ({"n_components": 0}, table(), ValueError, "n_components must be an int"),
    "landmarks": ({"landmarks": "best"}, table(), ValueError, "landmarks must be one of 'uniform'"),
    "width": ({"landmarks": np.ones((2, 3))}, table(), ValueError, "has 3 features"),
    "callable with gamma": (
        {"kernel": unlike, "gamma": 1},
        table(),
        ValueError,
        "Don't pass gamma",
    ),
    "both": ({"gamma": 1.0, "bandwidth": 1.0}, table(), ValueError, "Pass one of the two"),
    "not square": ({"kernel": "precomputed"}, table(), ValueError, "X must be square"),
    "centres of a matrix": (
        {"kernel": "precomputed", "landmarks": "kmeans", "n_components": 2},
        np.eye(5),
        ValueError,
        "landmarks must be 'uniform' or 'rpcholesky' for kernel='precomputed'",
    ),
    "asymmetric": (
        {"kernel": "precomputed", "n_components": 3},
        np.arange(9.0).reshape(3, 3),
        ValueError,
        "kernel must be symmetric",
    ),
    "overflow": (
        {"kernel": "poly", "degree": 9, "n_components": 3},
        1e40 * table(),
        ValueError,
        "finite",
    ),
    "indefinite": (
        {"kernel": "precomputed", "landmarks": "rpcholesky", "n_components": 2},
        np.diag([1.0, -1.0]),
        NotPositiveError,
        "must be positive semi-definite",
    ),
}


@pytest.mark.parametrize(("settings", "x", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input(settings: dict[str, Any], x: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        Nystroem(**{"n_components": 3, **settings}).fit(x)


def test_a_factor_that_does_not_fit_is_refused_before_any_work() -> None:
    with (
        gm.config_context(memory="8MiB"),
        pytest.raises(gm.MemoryBudgetError, match="landmarks='uniform'"),
    ):
        Nystroem(n_components=1000, landmarks="rpcholesky").fit(table(4000, 2))
