"""DBSCAN by other metrics, on tables of distances, graphs and sparse rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.cluster
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import kneighbors_graph
from tests.cluster.dbscan_cases import assert_same

import gramian as gm
from gramian.cluster._dbscan import DBSCAN


@pytest.mark.parametrize("algorithm", ["auto", "ball_tree"])
@pytest.mark.parametrize(
    ("metric", "more"),
    [
        ("l2", {}),
        ("manhattan", {}),
        ("cityblock", {}),
        ("l1", {}),
        ("chebyshev", {}),
        ("minkowski", {"p": 1}),
        ("minkowski", {"p": 2}),
        ("minkowski", {"p": 3}),
        ("canberra", {}),
        ("seuclidean", {"metric_params": {"V": np.array([1.0, 2.0, 3.0])}}),
        ("minkowski", {"metric_params": {"p": 1}}),
    ],
    ids=str,
)
def test_metrics(metric: str, more: dict[str, Any], algorithm: str) -> None:
    X, _ = make_blobs(150, 3, centers=4, random_state=2)
    parameters = {"eps": 1.1, "metric": metric, "algorithm": algorithm, **more}
    theirs = sklearn.cluster.DBSCAN(**parameters).fit(X)
    ours = DBSCAN(**parameters).fit(X)
    assert_same(ours, theirs)
    cores = ours.core_sample_indices_
    assert len(cores) or metric == "canberra"
    np.testing.assert_array_equal(ours.predict(X)[cores], ours.labels_[cores])


@pytest.mark.parametrize("algorithm", ["auto", "kd_tree"])
def test_powers_that_scikit_learn_refuses(algorithm: str) -> None:
    X, _ = make_blobs(150, 3, centers=4, random_state=2)
    for p, name in ((None, "euclidean"), (np.inf, "chebyshev")):
        ours = DBSCAN(eps=1.1, metric="minkowski", p=p, algorithm=algorithm).fit(X)
        assert_same(ours, sklearn.cluster.DBSCAN(eps=1.1, metric=name).fit(X))


@pytest.mark.parametrize("metric", ["cosine", "sqeuclidean"])
def test_metrics_of_brute_force(metric: str) -> None:
    X, _ = make_blobs(150, 3, centers=4, random_state=2)
    eps = 0.01 if metric == "cosine" else 1.0
    theirs = sklearn.cluster.DBSCAN(eps=eps, metric=metric, algorithm="brute").fit(X)
    assert_same(DBSCAN(eps=eps, metric=metric).fit(X), theirs)
    assert theirs.labels_.max() > 0


def test_metric_of_ones_own() -> None:
    X, _ = make_blobs(80, 2, centers=3, random_state=3)
    theirs = sklearn.cluster.DBSCAN(eps=1.0, metric="manhattan").fit(X)
    assert_same(DBSCAN(eps=1.0, metric=gm.Manhattan()).fit(X), theirs)

    def taxi(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.abs(a - b).sum())

    ours = DBSCAN(eps=1.0, metric=taxi).fit(X)
    assert_same(ours, theirs)
    np.testing.assert_array_equal(
        ours.predict(X + 0.1), DBSCAN(eps=1.0, metric="l1").fit(X).predict(X + 0.1)
    )


def test_haversine() -> None:
    X = np.radians(np.random.default_rng(0).uniform(-60, 60, size=(200, 2)))
    theirs = sklearn.cluster.DBSCAN(eps=0.15, metric="haversine").fit(X)
    assert theirs.labels_.max() > 0
    assert_same(DBSCAN(eps=0.15, metric="haversine").fit(X), theirs)


@pytest.mark.parametrize("dense", [True, False])
def test_precomputed(dense: bool) -> None:
    X, _ = make_blobs(120, 2, centers=3, random_state=4)
    table: Any = pairwise_distances(X)
    plain = DBSCAN(eps=0.8).fit(X)
    if not dense:
        table = sparse.csr_matrix(np.where(table <= 1.5, table, 0))
    before = table.copy()
    model = DBSCAN(eps=0.8, metric="precomputed").fit(table)
    np.testing.assert_array_equal(model.labels_, plain.labels_)
    np.testing.assert_array_equal(model.core_sample_indices_, plain.core_sample_indices_)
    assert model.components_.shape == (len(plain.components_), len(X))
    assert abs(table - before).max() == 0
    new = X[:20] + 0.05
    to_fit = pairwise_distances(new, X)
    if not dense:
        to_fit = sparse.csr_matrix(np.where(to_fit <= 1.5, to_fit, 0))
    np.testing.assert_array_equal(model.predict(to_fit), plain.predict(new))


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_one_sided_graph(seed: int, min_samples: int) -> None:
    X = np.random.default_rng(seed).normal(size=(40, 2))
    graph = kneighbors_graph(X, 4, mode="distance")
    parameters = {"eps": 0.6, "min_samples": min_samples, "metric": "precomputed"}
    theirs = sklearn.cluster.DBSCAN(**parameters).fit(graph)
    ours = DBSCAN(**parameters).fit(graph)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_array_equal(ours.core_sample_indices_, theirs.core_sample_indices_)


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csr_array, sparse.lil_matrix])
def test_sparse(container: Any) -> None:
    X, _ = make_blobs(120, 4, centers=3, random_state=5)
    X[np.abs(X) < 1] = 0
    dense, model = DBSCAN(eps=1.2).fit(X), DBSCAN(eps=1.2).fit(container(X))
    np.testing.assert_array_equal(model.labels_, dense.labels_)
    np.testing.assert_array_equal(model.components_.toarray(), dense.components_)
    np.testing.assert_array_equal(model.predict(container(X + 0.01)), dense.predict(X + 0.01))
    np.testing.assert_array_equal(model.predict(X), dense.predict(X))
