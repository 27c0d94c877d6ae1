"""Which way DBSCAN goes, and that it does not show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.metrics import pairwise_distances

import gramian as gm
from gramian import _core
from gramian.cluster._dbscan import DBSCAN

pytest.importorskip("gramian._native", reason="the compiled core is not built here")


@pytest.fixture
def only_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other way raises."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("not by blocks")

    monkeypatch.setattr("gramian.cluster._neighbor_search.NeighborSearch.neighborhoods", refuse)


def blobs(n: int, d: int) -> np.ndarray:
    return make_blobs(n, d, centers=12, cluster_std=0.3, random_state=0)[0]


@pytest.mark.usefixtures("only_blocks")
@pytest.mark.parametrize("metric", ["euclidean", "sqeuclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize("d", [1, 2, 3, 8, 32])
def test_blocks_are_taken(d: int, metric: str) -> None:
    model = DBSCAN(eps=0.5, metric=metric).fit(blobs(500, d))
    assert len(model.labels_) == 500


def test_blocks_are_left_where_they_cannot_or_do_not_pay(
    only_blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = blobs(500, 2)
    noise = np.random.default_rng(0).normal(size=(1000, 40))
    for case, rows in (
        ({"algorithm": "brute"}, X),
        ({"metric": "cosine"}, X),
        ({"metric": "canberra"}, X),
        ({"eps": 6.0}, noise),
        ({}, torch.from_numpy(X).half()),
    ):
        with pytest.raises(AssertionError, match="not by blocks"):
            DBSCAN(**case).fit(rows)
    with gm.config_context(backend="torch"), pytest.raises(AssertionError, match="not by blocks"):
        DBSCAN().fit(X)
    with gm.config_context(memory="8MiB"), pytest.raises(AssertionError, match="not by blocks"):
        DBSCAN().fit(np.tile(X, (200, 1)))
    monkeypatch.setattr(_core, "native", None)
    with pytest.raises(AssertionError, match="not by blocks"):
        DBSCAN().fit(X)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("metric", ["euclidean", "sqeuclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize("d", [2, 3, 6, 20])
def test_the_way_does_not_show(d: int, metric: str, weighted: bool) -> None:
    rng = np.random.default_rng(d)
    X = (np.round(8 * blobs(600, d)) / 8).astype(np.float32) + 1000
    weights = rng.integers(-1, 4, size=600) if weighted else None
    distances = np.sort(pairwise_distances(X.astype(np.float64), metric=metric), axis=1)
    eps = float(np.median(distances[:, 6]))  # often that of several pairs
    auto, brute = (
        DBSCAN(eps=eps, min_samples=6, metric=metric, algorithm=way).fit(X, sample_weight=weights)
        for way in ("auto", "brute")
    )
    np.testing.assert_array_equal(auto.labels_, brute.labels_)
    np.testing.assert_array_equal(auto.core_sample_indices_, brute.core_sample_indices_)
    assert auto.labels_.max() > 0


def test_labels_do_not_depend_on_threads() -> None:
    X = np.random.default_rng(0).uniform(size=(20_000, 2)).astype(np.float32)
    labels = []
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        labels.append(DBSCAN(eps=0.01, min_samples=7).fit(X).labels_)
    assert labels[0].max() > 0
    np.testing.assert_array_equal(labels[0], labels[1])
    np.testing.assert_array_equal(labels[0], labels[2])
