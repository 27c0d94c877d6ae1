"""What KMeans takes, what it gives back, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy import sparse
from tests.cluster.kmeans_cases import SEEDED, blobs, brute_labels

from gramian import KMeans


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csr_array, sparse.coo_array])
def test_sparse_input_gives_the_bits_of_dense_input(container: Any) -> None:
    X = blobs(400) * (np.random.default_rng(0).random((400, 3)) < 0.5)
    dense, thin = KMeans(**SEEDED).fit(X), KMeans(**SEEDED).fit(container(X))
    np.testing.assert_array_equal(dense.cluster_centers_, thin.cluster_centers_)
    np.testing.assert_array_equal(dense.labels_, thin.labels_)
    assert dense.inertia_ == thin.inertia_
    np.testing.assert_array_equal(dense.transform(X), dense.transform(container(X)))
    np.testing.assert_array_equal(thin.predict(X), dense.labels_)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensor_in_tensor_out(dtype: torch.dtype) -> None:
    X = torch.from_numpy(blobs()).to(dtype)
    model = KMeans(**SEEDED).fit(X)
    assert model.cluster_centers_.dtype == dtype
    assert model.labels_.dtype == torch.int64
    assert torch.equal(model.predict(X), model.labels_)
    assert model.transform(X).dtype == dtype
    assert isinstance(model.inertia_, float)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_tensor_gives_the_bits_of_an_array(dtype: type) -> None:
    X = blobs().astype(dtype)
    weights = np.random.default_rng(2).random(len(X))
    array = KMeans(**SEEDED).fit(X, sample_weight=weights)
    tensor = KMeans(**SEEDED).fit(torch.from_numpy(X), sample_weight=torch.from_numpy(weights))
    np.testing.assert_array_equal(array.cluster_centers_, tensor.cluster_centers_.numpy())
    np.testing.assert_array_equal(array.labels_, tensor.labels_.numpy())
    assert array.inertia_ == tensor.inertia_
    # a model fitted on one kind serves the other, in the kind that was asked
    assert isinstance(tensor.predict(X), np.ndarray)
    assert isinstance(array.predict(torch.from_numpy(X)), torch.Tensor)


def test_rows_of_another_precision_are_compared_in_the_wider_one() -> None:
    X = blobs(400)
    model = KMeans(**SEEDED).fit(X)
    narrow = X.astype(np.float32)
    np.testing.assert_array_equal(
        model.predict(narrow), brute_labels(narrow, model.cluster_centers_)
    )
    assert model.transform(narrow).dtype == np.float64


def test_layout_does_not_matter() -> None:
    X = blobs()
    plain = KMeans(**SEEDED).fit(X).cluster_centers_
    for same in (np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2], X[::-1].copy()[::-1]):
        np.testing.assert_array_equal(KMeans(**SEEDED).fit(same).cluster_centers_, plain)


def test_a_memory_map_is_read_where_it_lies(tmp_path: Path) -> None:
    X = blobs().astype(np.float32)
    np.save(tmp_path / "rows.npy", X)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    model = KMeans(**SEEDED).fit(mapped)
    np.testing.assert_array_equal(model.cluster_centers_, KMeans(**SEEDED).fit(X).cluster_centers_)
    np.testing.assert_array_equal(model.predict(mapped), model.labels_)


def test_inputs_are_not_modified() -> None:
    X, weights = blobs(), np.linspace(0.5, 2, 300)
    kept = X.copy(), weights.copy()
    first = X[:5].copy()
    model = KMeans(5, init=first, copy_x=False).fit(X, sample_weight=weights)
    np.testing.assert_array_equal(X, kept[0])
    np.testing.assert_array_equal(weights, kept[1])
    np.testing.assert_array_equal(first, X[:5])
    assert not np.shares_memory(model.cluster_centers_, first)


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames_keep_names_and_float32(frame: Any) -> None:
    columns = dict(zip("abc", blobs().astype(np.float32).T, strict=True))
    X = frame({name: np.ascontiguousarray(column) for name, column in columns.items()})
    model = KMeans(**SEEDED).fit(X)
    assert list(model.feature_names_in_) == ["a", "b", "c"]
    assert model.cluster_centers_.dtype == np.float32
    assert list(model.set_output(transform="pandas").transform(X).columns) == [
        f"kmeans{j}" for j in range(5)
    ]
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(torch.zeros(2, 3))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_clusters": 0}, r"n_clusters must be an int in \[1, inf\), got 0"),
        ({"n_clusters": 2.5}, "n_clusters must be an int"),
        ({"n_clusters": 31}, r"KMeans.fit: n_samples=30 should be >= n_clusters=31. Lower"),
        ({"max_iter": 0}, "max_iter must be an int"),
        ({"tol": -1e-3}, "tol must be a finite number"),
        ({"tol": np.nan}, "tol must be a finite number"),
        ({"n_init": 0}, "n_init must be an int"),
        ({"n_init": "all"}, "n_init must be one of 'auto'"),
        ({"init": "best"}, r"init must be one of 'k-means\+\+', 'k-means\|\|', 'random', got"),
        ({"init": np.zeros((4, 3))}, "does not match the number of clusters 5"),
        ({"init": torch.zeros(5, 2)}, "does not match the number of features of the data 3"),
        ({"init": torch.full((5, 3), torch.nan)}, "init must be a finite array"),
        ({"init": lambda X, k, random_state: X[:2]}, "does not match the number of clusters"),
        ({"verbose": -1}, "verbose must be an int"),
        ({"verbose": "much"}, "verbose must be an int"),
        ({"algorithm": "full"}, "algorithm must be one of 'lloyd', 'elkan', got 'full'"),
        ({"random_state": -1}, "random_state must be an int"),
        ({"callback": 3}, "callback must be callable or None, got 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_impossible_parameters_are_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        KMeans(**{"n_clusters": 5, "n_init": 1} | parameters).fit(blobs(30))


def test_negative_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="sample_weight must be non-negative, got -1"):
        KMeans(**SEEDED).fit(blobs(10), sample_weight=[-1] + [1] * 9)


def test_useless_settings_warn() -> None:
    with pytest.warns(
        RuntimeWarning, match="performing only one init in KMeans instead of n_init=3"
    ):
        KMeans(5, init=blobs()[:5], n_init=3).fit(blobs())
    with pytest.warns(RuntimeWarning, match="doesn't make sense for a single cluster"):
        KMeans(1, algorithm="elkan").fit(blobs())
