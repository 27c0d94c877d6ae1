"""Ill-conditioned and hostile input: a right answer, or a warning that names the remedy."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import rbf_kernel

import gramian as gm

RNG = np.random.default_rng(0)
PLAIN = RNG.normal(size=(60, 3))
FAR = 1e5

HOSTILE: dict[str, tuple[np.ndarray, float]] = {
    # rows, and a bandwidth at which distinct rows are distinct
    "duplicates": (np.vstack([PLAIN[:20]] * 3), 0.5),
    "near duplicates": (np.vstack([PLAIN[:30], PLAIN[:30] + 1e-6]), 0.5),
    "constant features": (np.hstack([PLAIN, np.full((60, 2), 7.0)]), 0.5),
    "fewer rows than features": (RNG.normal(size=(12, 40)), 4.0),
    "offset": (PLAIN + FAR, 0.5),
    "offset and duplicates": (np.vstack([PLAIN[:30]] * 2) + FAR, 0.5),
    "all rows equal": (np.full((15, 2), 3.0), 1.0),
    "one row": (np.array([[1.0, 2.0]]), 1.0),
    "one outlier": (np.vstack([PLAIN[:40], [[1e6, -1e6, 1e6]]]), 0.5),
}

hostile = pytest.mark.parametrize("name", HOSTILE)
both_types = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def near(x: np.ndarray) -> np.ndarray:
    """The rows in float64 about their mean: what a translation may not change."""
    wide = x.astype(np.float64)
    return wide - wide.mean(0)


def table_of(x: np.ndarray, width: float) -> np.ndarray:
    """The Gaussian kernel by differences in float64, which no offset spoils."""
    gaps = x[:, None].astype(np.float64) - x[None].astype(np.float64)
    return np.exp(-np.square(gaps).sum(2) / (2 * width**2))


@pytest.mark.parametrize("solver", ["auto", "direct", "pcg", "sketch"])
@pytest.mark.parametrize("ridge", [1e-2, 1e-9, 0.0], ids=str)
@both_types
@hostile
def test_kernel_ridge_is_right_or_says_so(name: str, dtype: Any, ridge: float, solver: str) -> None:
    if solver == "sketch" and ridge == 0:
        return  # an impossible parameter there, which is an error
    rows, width = HOSTILE[name]
    x = rows.astype(dtype)
    y = np.sin(3 * near(x)[:, 0])  # equal rows have equal targets
    table = table_of(x, width)
    # least norm, where rounding is no direction: 1e-11 of the greatest singular value is none
    system = table + ridge * np.eye(len(x))
    truth = table @ np.linalg.lstsq(system, y, rcond=max(1e-11, ridge / 1e3))[0]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model = gm.KernelRidge(
            ridge, kernel="rbf", bandwidth=width, solver=solver, max_iter=60, random_state=0
        ).fit(x, y)
    fitted = model.predict(x)
    assert np.isfinite(fitted).all()
    told = [str(each.message) for each in said]
    assert all("Raise alpha or tol" in message for message in told), told
    if not told:
        tol = 1e-3 if dtype == np.float32 else 1e-5
        np.testing.assert_allclose(fitted, truth, atol=tol)
        assert model.residual_ <= 1e-5


@both_types
@hostile
def test_components_of_hostile_rows(name: str, dtype: Any) -> None:
    rows, width = HOSTILE[name]
    x = rows.astype(dtype)
    table = table_of(x, width)
    centred = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
    values, vectors = np.linalg.eigh(centred)
    k = min(3, len(x))
    model = gm.KernelPCA(k, kernel="rbf", bandwidth=width).fit(x)
    np.testing.assert_allclose(model.eigenvalues_, values[::-1][:k], atol=1e-5)
    # the table of projections does not depend on the signs, nor on a basis of equal values
    within = values > 1e-6
    if within.sum() <= k:
        expected = (vectors[:, within] * values[within]) @ vectors[:, within].T
        found = model.transform(x).astype(float)
        np.testing.assert_allclose(found @ found.T, expected, atol=1e-4)


@both_types
@hostile
def test_densities_of_hostile_rows(name: str, dtype: Any) -> None:
    rows, width = HOSTILE[name]
    x = rows.astype(dtype)
    d = x.shape[1]
    gaps = x[:, None].astype(np.float64) - x[None].astype(np.float64)
    logs = -np.square(gaps).sum(2) / (2 * width**2)
    norm = d * (np.log(width) + 0.5 * np.log(2 * np.pi)) + np.log(len(x))
    found = gm.KernelDensity(bandwidth=width).fit(x).score_samples(x)
    tol = 1e-5 if dtype == np.float32 else 1e-10
    np.testing.assert_allclose(found, logsumexp(logs, axis=1) - norm, rtol=tol, atol=tol)


@pytest.mark.parametrize("landmarks", ["uniform", "rpcholesky", "kmeans"])
@both_types
@hostile
def test_features_of_hostile_rows(name: str, dtype: Any, landmarks: str) -> None:
    rows, width = HOSTILE[name]
    x = rows.astype(dtype)
    if landmarks == "kmeans":
        x = (x.astype(float) - x.astype(float).mean(0)).astype(dtype)
    model = gm.Nystroem(
        "rbf", bandwidth=width, n_components=len(x), landmarks=landmarks, random_state=0
    )
    with warnings.catch_warnings():
        # k-means is right to say that it found fewer distinct rows
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = model.fit_transform(x).astype(float)
    tol = 2e-3 if dtype == np.float32 else 1e-4
    np.testing.assert_allclose(found @ found.T, table_of(x, width), atol=tol)


@hostile
def test_the_path_of_hostile_rows(name: str) -> None:
    x, width = HOSTILE[name]
    if len(x) == 1:
        return  # two rows are the least that can be left out
    y = np.sin(3 * near(x)[:, 0])
    model = gm.KernelRidgeCV([1e-3, 0.1, 10.0], kernel="rbf", bandwidths=[width, 2 * width])
    model.fit(x, y)
    i, kept = len(x) // 2, np.arange(len(x)) != len(x) // 2
    single = gm.KernelRidge(model.alpha_, kernel="rbf", bandwidth=model.bandwidth_)
    single.fit(x[kept], y[kept])
    np.testing.assert_allclose(model.loo_prediction_[i], single.predict(x[i : i + 1])[0], atol=1e-6)


def test_random_features_far_away_are_those_of_float64() -> None:
    x = (PLAIN + FAR).astype(np.float32)
    wide = gm.RBFSampler(gamma=0.5, n_components=4000, random_state=0)
    found = wide.fit_transform(x.astype(np.float64))
    np.testing.assert_allclose(found @ found.T, rbf_kernel(near(x), gamma=0.5), atol=0.1)
    narrow = gm.RBFSampler(gamma=0.5, n_components=4000, random_state=0).fit_transform(x)
    np.testing.assert_allclose(narrow @ narrow.T, rbf_kernel(near(x), gamma=0.5), atol=0.1)


@pytest.mark.parametrize("alpha", [0.0, 1e-9, 1.0], ids=str)
@both_types
@hostile
def test_linear_models_of_hostile_rows(name: str, dtype: Any, alpha: float) -> None:
    x = HOSTILE[name][0].astype(dtype)
    y = near(x)[:, 0] / max(1.0, float(np.abs(near(x)).max()))
    model = gm.Ridge(alpha).fit(x, y) if alpha else gm.LinearRegression().fit(x, y)
    left, values, right = np.linalg.svd(near(x), full_matrices=False)
    kept = values > 1e-10 * max(1.0, float(values.max()))
    inside = values[kept] / (values[kept] ** 2 + alpha) * (left.T @ (y - y.mean()))[kept]
    fitted = near(x) @ (right[kept].T @ inside) + y.mean()
    tol = 1e-4 if dtype == np.float32 else 1e-6
    intercept = float(np.asarray(model.intercept_))
    coefficients = np.asarray(model.coef_, dtype=float)
    # float32 coefficients times 1e5 keep fewer digits than the model: judged about the mean
    about = x.astype(float).mean(0) @ coefficients + intercept
    np.testing.assert_allclose(near(x) @ coefficients, fitted - y.mean(), atol=tol)
    np.testing.assert_allclose(about, y.mean(), atol=2e-2 if dtype == np.float32 else 1e-6)


def test_a_ridge_below_rounding_is_an_answer_or_a_warning() -> None:
    """The smooth kernel of many rows has eigenvalues far below what float32 can tell from zero."""
    x = torch.rand(600, 2, generator=torch.Generator().manual_seed(0))
    y = torch.sin(4 * x[:, 0]).double()
    for ridge in (1e-4, 1e-8, 1e-12):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            model = gm.KernelRidge(ridge, kernel="rbf", bandwidth=1.0).fit(x, y)
        warned = any("Raise alpha" in str(each.message) for each in said)
        assert model.residual_ <= 1e-5 or warned  # what rounding to float32 may leave
        assert (model.predict(x).double() - y).abs().max() < 3e-2
