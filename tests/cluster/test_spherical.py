"""KMeans with metric="cosine": directions, by the same passes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.preprocessing import normalize

from gramian import KMeans
from gramian.cluster import _passes


def directions(n: int = 600, d: int = 5, k: int = 4, seed: int = 0) -> np.ndarray:
    """Rows of very different lengths about k directions."""
    rng = np.random.default_rng(seed)
    about = rng.normal(size=(k, d))
    rows = normalize(about)[rng.integers(k, size=n)] + 0.15 * rng.normal(size=(n, d))
    return rows * np.exp(2 * rng.normal(size=(n, 1)))


def spherical(X: np.ndarray, first: np.ndarray, iterations: int = 50) -> tuple[Any, Any]:
    """The plain loop."""
    unit, centers = normalize(X), normalize(first)
    for _ in range(iterations):
        labels = (unit @ centers.T).argmax(1)
        centers = normalize(np.stack([unit[labels == j].sum(0) for j in range(len(first))]))
    return labels, centers


def one_of_each(X: np.ndarray) -> np.ndarray:
    """A row about each direction, so that no cluster runs empty."""
    return X[KMeans(4, random_state=0, metric="cosine").fit(X).transform(X).argmin(0)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_the_plain_loop(dtype: type) -> None:
    X = directions().astype(dtype)
    first = one_of_each(X)
    model = KMeans(4, init=first, tol=0.0, metric="cosine").fit(X)
    labels, centers = spherical(X.astype(np.float64), first.astype(np.float64))
    np.testing.assert_array_equal(model.labels_, labels)
    np.testing.assert_allclose(model.cluster_centers_, centers, rtol=0, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(model.cluster_centers_, axis=1), 1, rtol=1e-6)
    cosines = (normalize(X.astype(np.float64)) @ model.cluster_centers_.T.astype(np.float64)).max(1)
    assert model.inertia_ == pytest.approx(2 * (1 - cosines).sum(), rel=1e-4)
    assert model.cluster_centers_.dtype == dtype


def test_lengths_of_rows_do_not_matter() -> None:
    X = directions()
    scale = 2.0 ** np.random.default_rng(1).integers(-30, 30, size=(len(X), 1))
    one = KMeans(4, random_state=0, metric="cosine").fit(X)
    other = KMeans(4, random_state=0, metric="cosine").fit(X * scale)
    np.testing.assert_array_equal(one.labels_, other.labels_)
    np.testing.assert_array_equal(one.predict(X * 7.0), one.labels_)
    np.testing.assert_allclose(one.score(X), -one.inertia_, rtol=1e-12)


def test_transform_is_the_cosine_distance() -> None:
    X = directions()
    model = KMeans(4, random_state=0, metric="cosine").fit(X)
    wanted = 1 - normalize(X) @ model.cluster_centers_.T
    np.testing.assert_allclose(model.transform(X), wanted, atol=1e-12)
    np.testing.assert_array_equal(model.transform(X).argmin(1), model.labels_)


def test_sparse_rows_tensors_zeros_and_weights() -> None:
    X = directions()
    first = one_of_each(X)
    X[5] = 0.0
    weights = np.random.default_rng(2).integers(1, 4, size=len(X))
    settings: dict[str, Any] = {"init": first, "metric": "cosine", "tol": 0.0}
    dense = KMeans(4, **settings).fit(X, sample_weight=weights)
    other = KMeans(4, **settings).fit(sparse.csr_matrix(X), sample_weight=weights)
    np.testing.assert_array_equal(other.labels_, dense.labels_)
    tensor = KMeans(4, **settings).fit(torch.from_numpy(X), sample_weight=weights)
    np.testing.assert_array_equal(tensor.labels_.numpy(), dense.labels_)
    repeated = KMeans(4, **settings).fit(np.repeat(X, weights, axis=0))
    np.testing.assert_allclose(repeated.cluster_centers_, dense.cluster_centers_, atol=1e-12)


def test_skipping_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gramian._native", reason="bounds are kept by the compiled core")
    X = directions(5000, 12, 20).astype(np.float32)
    fits = []
    for skip in (True, False):
        monkeypatch.setattr(_passes, "pays", lambda rows, centers, skip=skip: skip)
        fits.append(KMeans(20, init=X[:20], tol=0.0, metric="cosine").fit(X))
    np.testing.assert_array_equal(fits[0].cluster_centers_, fits[1].cluster_centers_)
    assert fits[0].inertia_ == fits[1].inertia_


def test_an_unknown_metric_is_named() -> None:
    with pytest.raises(
        ValueError, match=r"KMeans.fit: metric must be one of 'euclidean', 'cosine'"
    ):
        KMeans(2, metric="manhattan").fit(np.eye(3))
