"""What rows HDBSCAN takes, by which metrics, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import pairwise_distances
from tests.cluster.hdbscan_cases import blobs, same_partition, theirs

import gramian as gm
from gramian import HDBSCAN


@pytest.mark.parametrize("is_sparse", [False, True])
def test_rows_with_nan_or_infinity_take_no_part(is_sparse: bool) -> None:
    X = blobs(seed=13)
    X[3, 0], X[10] = np.nan, [np.inf, np.nan]
    X[50, 1], X[60, 0] = np.inf, -np.inf
    clean = np.isfinite(X).all(1)
    given = sparse.csr_array(X) if is_sparse else X
    model = HDBSCAN().fit(given)
    assert model.labels_[[3, 10, 50, 60]].tolist() == [-3, -3, -2, -2]
    np.testing.assert_array_equal(np.isnan(model.probabilities_), np.isnan(X).any(1))
    rest = HDBSCAN().fit(X[clean])
    np.testing.assert_array_equal(model.labels_[clean], rest.labels_)
    cut = model.dbscan_clustering(1.0)
    assert cut[[3, 10, 50, 60]].tolist() == [-3, -3, -2, -2]
    np.testing.assert_array_equal(cut[clean], rest.dbscan_clustering(1.0))
    assert set(model.condensed_tree_.child) >= set(np.flatnonzero(clean))
    assert not {3, 10, 50, 60} & set(model.condensed_tree_.child.tolist())


def test_a_table_of_distances() -> None:
    X = blobs(seed=14)
    table = pairwise_distances(X)
    kept = table.copy()
    wanted = HDBSCAN().fit(X)
    dense = HDBSCAN(metric="precomputed", copy=False).fit(table)
    graph = HDBSCAN(metric="precomputed", min_samples=4).fit(sparse.csr_array(table))
    assert same_partition(dense.labels_, wanted.labels_)
    # the zeros of the diagonal are not stored, so that a row is not among its neighbours
    assert same_partition(graph.labels_, wanted.labels_)
    np.testing.assert_array_equal(table, kept)
    np.testing.assert_array_equal(dense.predict(table[:20]), dense.labels_[:20])
    assert graph.predict(sparse.csr_array(table[:20])).shape == (20,)
    weights = np.random.default_rng(0).integers(0, 3, len(X))
    heavy = HDBSCAN(metric="precomputed").fit(table, sample_weight=weights)
    wanted = HDBSCAN().fit(X, sample_weight=weights)
    assert same_partition(heavy.labels_[weights > 0], wanted.labels_[weights > 0])


def test_infinite_distances_keep_groups_apart() -> None:
    table = np.full((20, 20), np.inf)
    table[:10, :10] = table[10:, 10:] = 1.0
    np.fill_diagonal(table, 0)
    assert HDBSCAN(metric="precomputed").fit(table).labels_.tolist() == [0] * 10 + [1] * 10


def one_norm(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).sum())


class OneNorm(gm.PairFunction):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (x[:, None] - y[None]).abs().sum(-1)


@pytest.mark.parametrize(
    "parameters",
    [
        {"metric": one_norm},
        {"metric": OneNorm()},
        {"metric": "p", "metric_params": {"p": 1}},
        {"metric": "minkowski", "metric_params": {"p": 1}, "algorithm": "kd_tree"},
        {"metric": gm.Manhattan()},
    ],
    ids=["a function", "of our own", "p", "minkowski", "of ours"],
)
def test_one_metric_by_many_names(parameters: dict[str, Any]) -> None:
    X = blobs(80, seed=15)
    wanted = HDBSCAN(metric="l1").fit(X)
    model = HDBSCAN(store_centers="both", **parameters).fit(X)
    np.testing.assert_array_equal(model.labels_, wanted.labels_)
    np.testing.assert_array_equal(model.predict(X[:9]), wanted.labels_[:9])
    assert model.medoids_.shape == model.centroids_.shape == (model.labels_.max() + 1, 2)
    assert model.membership_vectors(X[:2]).shape == (2, model.labels_.max() + 1)
    with gm.config_context(memory="8MiB"):
        np.testing.assert_array_equal(clone(model).fit(X).labels_, wanted.labels_)


@pytest.mark.filterwarnings("ignore:Data was converted to boolean")
@pytest.mark.parametrize("metric", ["seuclidean", "mahalanobis", "jaccard", "cosine"])
def test_metrics_of_scikit_learn(metric: str) -> None:
    X = blobs(120, 4, seed=16) > 0 if metric == "jaccard" else blobs(120, 4, seed=16)
    model, other = HDBSCAN(metric=metric).fit(X), theirs(X, metric=metric, algorithm="brute")
    np.testing.assert_allclose(
        model.minimum_spanning_tree_.weight,
        np.sort(other._single_linkage_tree_["value"]),
        rtol=1e-9,
        atol=1e-12,
    )


def test_sparse_rows() -> None:
    X = blobs(seed=17)
    X[np.abs(X) < 1] = 0
    wanted = HDBSCAN(store_centers="centroid").fit(X)
    model = HDBSCAN(store_centers="centroid").fit(sparse.csr_array(X))
    np.testing.assert_array_equal(model.labels_, wanted.labels_)
    np.testing.assert_array_equal(model.centroids_, wanted.centroids_)
    np.testing.assert_array_equal(model.predict(sparse.csr_array(X[:9])), wanted.labels_[:9])


def test_sparse_rows_by_a_metric_that_knows_dense_ones_only() -> None:
    X = blobs(80, seed=17)
    wanted = HDBSCAN(metric="canberra").fit(X)
    model = HDBSCAN(metric="canberra").fit(sparse.csr_array(X))
    np.testing.assert_array_equal(model.labels_, wanted.labels_)
    np.testing.assert_array_equal(model.predict(sparse.csr_array(X)), wanted.labels_)


def test_sparse_rows_that_would_not_fit_as_dense_ones() -> None:
    X = blobs(60, seed=17)
    wide = sparse.csr_array((X.ravel(), (np.repeat(range(60), 2), [0, 99_999] * 60)))
    wanted = HDBSCAN().fit(X)
    with gm.config_context(memory="8MiB"):
        model = HDBSCAN().fit(wide)
        np.testing.assert_array_equal(model.predict(wide), model.labels_)
    np.testing.assert_allclose(
        model.minimum_spanning_tree_.weight, wanted.minimum_spanning_tree_.weight
    )


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16])
def test_tensors(dtype: torch.dtype) -> None:
    X = torch.from_numpy(blobs(seed=18)).to(dtype)
    kept = X.clone()
    model = HDBSCAN(store_centers="both").fit(X)
    wanted = HDBSCAN(store_centers="both").fit(X.double().numpy())
    for name in ("labels_", "probabilities_", "outlier_scores_", "centroids_", "medoids_"):
        assert isinstance(getattr(model, name), torch.Tensor)
        np.testing.assert_array_equal(getattr(model, name).numpy(), getattr(wanted, name))
    assert model.predict(X[:3]).tolist() == wanted.labels_[:3].tolist()
    assert isinstance(model.dbscan_clustering(1.0), torch.Tensor)
    assert torch.equal(X, kept)


X_ = blobs(20)
TABLE = pairwise_distances(X_)


@pytest.mark.parametrize(
    ("parameters", "X", "message"),
    [
        ({"min_cluster_size": 1}, X_, r"min_cluster_size must be an int in \[2, inf\), got 1"),
        ({"min_samples": 0}, X_, r"min_samples must be an int in \[1, inf\), got 0"),
        ({"max_cluster_size": 0}, X_, r"max_cluster_size must be an int in \[1, inf\), got 0"),
        ({"cluster_selection_epsilon": -1}, X_, "cluster_selection_epsilon must be"),
        ({"alpha": 0}, X_, "alpha must be"),
        ({"cluster_selection_method": "best"}, X_, "cluster_selection_method must be one of"),
        ({"allow_single_cluster": 2}, X_, "allow_single_cluster must be one of True, False"),
        ({"store_centers": "mean"}, X_, "store_centers must be one of None, 'centroid'"),
        ({"copy": "warn"}, X_, "copy must be one of True, False"),
        ({"algorithm": "fast"}, X_, "algorithm must be one of"),
        ({"metric": "nearness"}, X_, "metric must be one of"),
        ({"metric": "cosine", "algorithm": "kd_tree"}, X_, "not a valid metric for a KDTree-"),
        ({"min_samples": 21}, X_, r"min_samples \(21\) must be at most the number of samples"),
        ({}, X_[:1], "X must have at least two finite rows .* n_samples=1 while"),
        ({}, np.full((9, 2), np.nan), "X must have at least two finite rows .* n_samples=0"),
        ({"algorithm": "kd_tree"}, sparse.csr_array(X_), "X must be dense for a tree"),
        ({"metric": "precomputed"}, X_, r"X must be a symmetric matrix .*, got shape \(20, 2\)"),
        ({"metric": "precomputed"}, np.triu(TABLE), "different values on its two sides"),
        ({"metric": "precomputed"}, TABLE * np.nan, "where metric='precomputed', got NaN"),
        (
            {"metric": "precomputed"},
            sparse.csr_array(np.where(TABLE > 3, np.inf, TABLE)),
            "where metric='precomputed', got infinity. Leave out",
        ),
        (
            {"metric": "precomputed"},
            sparse.csr_array(np.eye(20)),
            "X must store 5 neighbours of every row .*, got 20 rows with less",
        ),
        (
            {"metric": "precomputed", "min_samples": 1},
            sparse.csr_array(np.kron(np.eye(2), np.ones((10, 10)))),
            "X must be a connected graph, got 2 connected components",
        ),
        ({"metric": "precomputed", "store_centers": "both"}, TABLE, "store_centers must be None"),
    ],
)
def test_refusals(parameters: dict[str, Any], X: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HDBSCAN(**parameters).fit(X)


def test_memberships_need_rows() -> None:
    model = HDBSCAN(metric="precomputed").fit(TABLE)
    with pytest.raises(ValueError, match="metric must measure new rows, got 'precomputed'"):
        model.membership_vectors(TABLE)
    with pytest.raises(ValueError, match="cut_distance must be a finite number"):
        model.dbscan_clustering(np.nan)
    with pytest.raises(ValueError, match="at most the number of samples in X, or their total"):
        HDBSCAN().fit(X_, sample_weight=np.full(20, 0.1))
