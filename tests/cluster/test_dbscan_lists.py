"""DBSCAN by lists of neighbours, a few rows at a time: which way, and that blocks do not show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.cluster
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import make_blobs
from tests.anonymous_memory import printed_by
from tests.cluster.dbscan_cases import Case, assert_same, cases
from tests.dbscan_by_definition import core_and_labels, distances

import gramian as gm
from gramian.cluster._dbscan import DBSCAN


def test_auto_takes_a_tree_where_it_pays_and_finds_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X, _ = make_blobs(2100, 2, centers=40, cluster_std=0.2, random_state=0)
    plain = DBSCAN(eps=0.1, algorithm="brute").fit(X)
    monkeypatch.setattr("gramian._core.native", None)  # as where no core is built
    assert_same(DBSCAN(eps=0.1).fit(X), plain)
    queries = X[::7] + 0.03
    np.testing.assert_array_equal(DBSCAN(eps=0.1).fit(X).predict(queries), plain.predict(queries))

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("the engine was asked")

    monkeypatch.setattr("gramian.cluster._neighbor_search.EngineNeighborhoods", refuse)
    DBSCAN(eps=0.1).fit(X)
    for wide_or_small in (X[:1999], np.tile(X, 3)):
        with pytest.raises(AssertionError, match="the engine was asked"):
            DBSCAN(eps=0.1).fit(wide_or_small)
    with gm.config_context(memory="8MiB"):
        DBSCAN(eps=0.1).fit(X)
        with pytest.raises(AssertionError, match="the engine was asked"):
            DBSCAN(eps=0.1).fit(np.tile(X, (40, 1)))


@pytest.mark.parametrize("memory", ["8MiB", "1GiB"])
def test_blocks_do_not_change_the_result(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    X, _ = make_blobs(600, 3, centers=6, random_state=0)
    whole = sklearn.cluster.DBSCAN(eps=0.9, min_samples=5).fit(X)
    monkeypatch.setattr("gramian.neighbors._blocks.pair_limit", lambda: 500)
    monkeypatch.setattr("gramian.neighbors._blocks.row_limit", lambda d: 64)
    monkeypatch.setattr("gramian.cluster._neighborhoods.row_limit", lambda d: 64)
    monkeypatch.setattr("gramian.cluster._neighborhoods.pair_limit", lambda: 500)
    with gm.config_context(memory=memory):
        assert_same(DBSCAN(eps=0.9, min_samples=5).fit(X), whole)
        assert_same(DBSCAN(eps=0.9, min_samples=5, algorithm="ball_tree").fit(X), whole)


@given(cases(), st.integers(1, 40), st.sampled_from(["brute", "kd_tree"]))
def test_small_blocks_equal_brute_force(case: Case, pairs: int, algorithm: str) -> None:
    X, eps, min_samples, weights = case
    core, labels = core_and_labels(distances(X) <= eps, min_samples, weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gramian.neighbors._blocks.pair_limit", lambda: pairs)
        model = DBSCAN(eps=eps, min_samples=min_samples, algorithm=algorithm)
        model.fit(X, sample_weight=weights)
    np.testing.assert_array_equal(model.core_sample_indices_, np.flatnonzero(core))
    np.testing.assert_array_equal(model.labels_, labels)


def test_rows_of_one_component_ask_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    # in index order row 2 would ask beside row 1, before its only neighbour, row 3, has asked
    X = np.array([[0.0], [0.5], [2.0], [1.0]])
    monkeypatch.setattr("gramian.neighbors._blocks.pair_limit", lambda: 5)
    assert DBSCAN(eps=1.0, min_samples=1).fit_predict(X).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
def test_long_chains_in_small_blocks(algorithm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # three interleaved chains, each longer than Python may recurse
    place = np.arange(3600.0)
    X = np.stack([place // 3, 10 * (place % 3)], axis=1)
    X = X[np.random.default_rng(0).permutation(len(X))]
    monkeypatch.setattr("gramian.neighbors._blocks.pair_limit", lambda: 300)
    model = DBSCAN(eps=1.0, min_samples=2, algorithm=algorithm).fit(X)
    firsts = np.unique(X[:, 1], return_index=True)[1]
    chain = (X[:, 1] / 10).astype(int)
    np.testing.assert_array_equal(model.labels_, firsts.argsort().argsort()[chain])


ONE_BLOB = """
    import sys
    import numpy as np, torch, gramian as gm
    from tests.anonymous_memory import growth_of

    torch.set_num_threads(2)
    gm.config(memory="64MiB")
    rng = np.random.default_rng(0)
    gm.DBSCAN(eps=100.0).fit(rng.normal(size=(500, 2)).astype(np.float32))
    X = rng.normal(size=(int(sys.argv[1]), 2)).astype(np.float32)
    model = gm.DBSCAN(eps=100.0, algorithm=sys.argv[2])
    print(growth_of(lambda: model.fit(X)))
    assert (model.labels_ == 0).all() and len(model.core_sample_indices_) == len(X)
"""


@pytest.mark.full
@pytest.mark.parametrize("algorithm", ["brute", "auto"])
def test_one_blob_stays_in_the_budget(algorithm: str) -> None:
    # every row is a neighbour of every other: the lists together would take 3 GiB
    assert printed_by(ONE_BLOB, 20_000, algorithm) < 64 * 2**20
