"""DBSCAN for several radii: as many fits, in one call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import make_blobs

from gramian.cluster import DBSCAN, dbscan_path


def assert_path(X: Any, radii: list[float], min_samples: int, **others: Any) -> None:
    """The path equals separate fits of the engine."""
    weights = others.pop("sample_weight", None)
    found = dbscan_path(X, radii, min_samples, sample_weight=weights, **others)
    assert found.labels.shape == found.core.shape == (len(radii), len(X))
    for eps, labels, core in zip(radii, found.labels, found.core, strict=True):
        model = DBSCAN(eps, min_samples=min_samples, metric=others.get("metric", "euclidean"))
        model.set_params(algorithm="brute").fit(X, sample_weight=weights)
        np.testing.assert_array_equal(labels, model.labels_)
        np.testing.assert_array_equal(np.flatnonzero(core), model.core_sample_indices_)


@given(
    st.integers(1, 80),
    st.integers(1, 6),
    st.lists(st.sampled_from([0.1, 0.25, 0.5, 1.0, 1.5, 3.0, 50.0]), min_size=1, max_size=5),
    st.integers(1, 8),
    st.sampled_from(["none", "positive", "negative"]),
    st.integers(0, 2**32 - 1),
)
def test_equals_separate_fits(
    n: int, d: int, radii: list[float], min_samples: int, weighted: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(n, d)) * 4) / 4
    low = -2 if weighted == "negative" else 0
    weights = None if weighted == "none" else rng.integers(low, 4, size=n) + (np.arange(n) == 0)
    if weights is not None and not weights.any():
        weights[0] = 1
    assert_path(X, radii, min_samples, sample_weight=weights)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev", "cosine", "canberra"])
@pytest.mark.parametrize("algorithm", ["auto", "brute"])
def test_every_way(metric: str, algorithm: str) -> None:
    X, _ = make_blobs(400, 3, centers=8, cluster_std=0.6, random_state=0)
    radii = [0.9, 0.02, 0.3, 0.3] if metric in ("cosine", "canberra") else [2.0, 0.3, 0.7, 0.7]
    assert_path(X, radii, 4, metric=metric, algorithm=algorithm)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_more_rows_than_one_range(d: int) -> None:
    rng = np.random.default_rng(d)
    X = (rng.uniform(size=(20_000, d)) ** 2).astype(np.float32)
    radii = [0.3 * (k / 20_000) ** (1 / d) for k in (1, 3, 8, 20, 200)]
    found = dbscan_path(X, radii, 5)
    for eps, labels in zip(radii, found.labels, strict=True):
        np.testing.assert_array_equal(labels, DBSCAN(eps).fit(X).labels_)
    assert (np.diff(found.noise) < 0).all()
    np.testing.assert_array_equal(found.n_clusters, found.labels.max(1) + 1)


def test_tensors_and_sparse_tables() -> None:
    from scipy import sparse

    X = np.array([[0.0, 1.0], [0.0, 2.0], [5.0, 5.0], [5.0, 6.0], [0.0, 9.0]])
    found = dbscan_path(torch.from_numpy(X), (1, 4), 2)
    assert found.labels.tolist() == [[0, 0, 1, 1, -1], [0, 0, 1, 1, -1]]
    assert isinstance(found.core, torch.Tensor)
    assert found.core.dtype == torch.bool
    assert found.eps.tolist() == [1.0, 4.0]
    assert_path(sparse.csr_matrix(X).toarray(), [1.0, 6.0], 2)
    thin = dbscan_path(sparse.csr_matrix(X), [1.0, 6.0], 2)
    np.testing.assert_array_equal(thin.labels, dbscan_path(X, [1.0, 6.0], 2).labels)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"eps": []}, ValueError, r"dbscan_path: eps must hold at least one radius, got none"),
        ({"eps": [1, 0]}, ValueError, r"dbscan_path: eps must be a finite number in \(0, inf\)"),
        ({"eps": [1], "min_samples": 0}, ValueError, r"dbscan_path: min_samples must be an int"),
        ({"eps": [1], "metric": "miles"}, ValueError, r"dbscan_path: metric must be one of"),
        ({"eps": [1], "algorithm": "x"}, ValueError, r"dbscan_path: algorithm must be one of"),
        ({"eps": [1], "sample_weight": [1.0]}, ValueError, r"dbscan_path: sample_weight\.shape"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        dbscan_path([[0.0], [1.0]], **arguments)
