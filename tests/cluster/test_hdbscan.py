"""HDBSCAN against scikit-learn's class, and against what its definitions say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster._hdbscan._tree import HIERARCHY_dtype, tree_to_labels
from tests.cluster.hdbscan_cases import METHODS, blobs, same_partition, theirs
from tests.examples import examples

import gramian as gm
from gramian import HDBSCAN
from gramian.cluster._linkage import single_linkage


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(3))
def test_scikit_learns_labels_where_no_two_edges_weigh_the_same(
    seed: int, method: str, single: bool
) -> None:
    X = blobs(seed=seed)
    parameters = {
        "min_samples": 1,
        "min_cluster_size": 4 + seed,
        "cluster_selection_method": method,
        "allow_single_cluster": single,
    }
    mine, other = HDBSCAN(**parameters).fit(X), theirs(X, **parameters)
    np.testing.assert_array_equal(mine.labels_, other.labels_)
    np.testing.assert_array_equal(mine.probabilities_, other.probabilities_)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("epsilon", [0.2, 0.5, 1.0, 3.0])
def test_clusters_part_at_epsilon_or_more(epsilon: float, method: str) -> None:
    X = blobs(seed=4)
    parameters = {"min_samples": 1, "cluster_selection_method": method}
    model = HDBSCAN(cluster_selection_epsilon=epsilon, **parameters).fit(X)
    plain = HDBSCAN(**parameters).fit(X)
    tree, flat = model._hierarchy.tree, model._hierarchy.flat
    assert np.all((1 / tree.birth[flat.chosen] >= epsilon) | (tree.parent[flat.chosen] == 0))
    # what was one cluster stays one, and nothing that was in a cluster becomes noise
    pairs = set(zip(plain.labels_.tolist(), model.labels_.tolist(), strict=True))
    assert len({a for a, _ in pairs if a >= 0}) == len([a for a, _ in pairs if a >= 0])
    assert (model.labels_[plain.labels_ >= 0] >= 0).all()


def test_scikit_learns_clusters_apart_by_epsilon() -> None:
    X = blobs(seed=4)
    parameters = {"min_samples": 1, "cluster_selection_epsilon": 0.5}
    mine, other = HDBSCAN(**parameters).fit(X), theirs(X, **parameters)
    np.testing.assert_array_equal(mine.labels_, other.labels_)


@pytest.mark.parametrize("min_samples", [1, 5, 20])
def test_the_spanning_tree_weighs_what_scikit_learns_does(min_samples: int) -> None:
    X = blobs(d=4, seed=5)
    mine = HDBSCAN(min_samples=min_samples).fit(X).minimum_spanning_tree_
    other = np.sort(theirs(X, min_samples=min_samples)._single_linkage_tree_["value"])
    np.testing.assert_allclose(mine.weight, other, rtol=1e-15)


@settings(max_examples=examples(40))
@given(
    points=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=8, max_size=60),
    min_cluster_size=st.integers(2, 6),
    min_samples=st.integers(1, 5),
    method=st.sampled_from(METHODS),
    single=st.booleans(),
)
def test_one_linkage_gives_scikit_learns_labels_with_ties_and_duplicates(
    points: list[tuple[int, int]],
    min_cluster_size: int,
    min_samples: int,
    method: str,
    single: bool,
) -> None:
    """Its own steps from the single linkage tree on, applied to ours."""
    # a square root less than 1 apart: no two clusters part at distance 0
    X = np.array(points) + np.linspace(0, 0.1, len(points))[:, None]
    model = HDBSCAN(
        min_cluster_size,
        min_samples,
        cluster_selection_method=method,
        allow_single_cluster=single,
    ).fit(X)
    linkage = single_linkage(model._hierarchy.edges, np.ones(len(X), dtype=np.int64))
    columns = zip(linkage.left, linkage.right, linkage.height, linkage.size[len(X) :], strict=True)
    hierarchy = np.array(list(columns), dtype=HIERARCHY_dtype)
    labels, probabilities = tree_to_labels(hierarchy, min_cluster_size, method, single)
    np.testing.assert_array_equal(model.labels_, labels)
    np.testing.assert_array_equal(model.probabilities_, probabilities)


def test_no_chosen_cluster_is_too_large() -> None:
    X = blobs(seed=6)
    model = HDBSCAN(min_samples=1, max_cluster_size=40).fit(X)
    other = theirs(X, min_samples=1, max_cluster_size=40)
    assert np.bincount(model.labels_[model.labels_ >= 0]).max() <= 40
    np.testing.assert_array_equal(model.labels_, other.labels_)


@pytest.mark.parametrize(("min_cluster_size", "min_samples"), [(3, 1), (6, 1), (4, 4), (6, 4)])
def test_an_integer_weight_is_worth_as_many_equal_rows(
    min_cluster_size: int, min_samples: int
) -> None:
    X = blobs(90, seed=7)
    weights = np.random.default_rng(7).integers(0, 4, len(X))
    model = HDBSCAN(min_cluster_size, min_samples).fit(X, sample_weight=weights)
    repeated = HDBSCAN(min_cluster_size, min_samples).fit(np.repeat(X, weights, axis=0))
    first = (np.cumsum(weights) - weights)[weights > 0]
    there = weights > 0
    assert same_partition(model.labels_[there], repeated.labels_[first])
    np.testing.assert_allclose(model.probabilities_[there], repeated.probabilities_[first])
    np.testing.assert_allclose(model.outlier_scores_[there], repeated.outlier_scores_[first])


def test_ones_are_no_weights_and_fractions_count() -> None:
    X = blobs(seed=8)
    plain = HDBSCAN(6).fit(X)
    np.testing.assert_array_equal(
        HDBSCAN(6).fit(X, sample_weight=np.ones(len(X))).labels_, plain.labels_
    )
    halved = HDBSCAN(3).fit(X, sample_weight=np.full(len(X), 0.5))
    np.testing.assert_array_equal(halved.labels_, plain.labels_)


def test_a_row_of_weight_zero_takes_no_part_and_is_labelled_like_a_new_one() -> None:
    X = blobs(seed=9)
    weights = np.ones(len(X))
    weights[::7] = 0
    model = HDBSCAN().fit(X, sample_weight=weights)
    rest = HDBSCAN().fit(X[weights > 0])
    np.testing.assert_array_equal(model.labels_[weights > 0], rest.labels_)
    np.testing.assert_array_equal(model.labels_[weights == 0], rest.predict(X[weights == 0]))
    assert np.isnan(model.outlier_scores_[weights == 0]).all()
    assert set(model.minimum_spanning_tree_.left) <= set(np.flatnonzero(weights))


def test_centers_are_weighted_by_strength() -> None:
    X = blobs(seed=19)
    parameters = {"min_samples": 1, "store_centers": "both"}
    mine, other = HDBSCAN(**parameters).fit(X), theirs(X, **parameters)
    np.testing.assert_array_equal(mine.labels_, other.labels_)
    np.testing.assert_allclose(mine.centroids_, other.centroids_)
    np.testing.assert_array_equal(mine.medoids_, other.medoids_)
    none = HDBSCAN(len(X), store_centers="both").fit(X)
    assert none.centroids_.shape == none.medoids_.shape == (0, 2)


def test_the_lowest_of_equal_medoids_is_taken() -> None:
    turns = np.arange(12) * (np.pi / 6)
    ring = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    for seed in range(20):
        X = np.random.default_rng(seed).permutation(np.concatenate([ring, ring + 50]))
        model = HDBSCAN(5, store_centers="medoid").fit(X)
        assert model.labels_.min() == 0
        first = [X[model.labels_ == label][0] for label in range(model.labels_.max() + 1)]
        np.testing.assert_array_equal(model.medoids_, first)


def test_order_of_rows_without_ties() -> None:
    X = blobs(seed=20)
    order = np.random.default_rng(20).permutation(len(X))
    model, shuffled = HDBSCAN(min_samples=1).fit(X), HDBSCAN(min_samples=1).fit(X[order])
    assert same_partition(model.labels_[order], shuffled.labels_)
    np.testing.assert_allclose(model.probabilities_[order], shuffled.probabilities_)


def test_threads_memory_and_backend() -> None:
    X = np.random.default_rng(21).integers(0, 9, (200, 2)).astype(float)
    wanted = HDBSCAN().fit(X)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        found = [HDBSCAN().fit(X)]
    finally:
        torch.set_num_threads(threads)
    for settings_ in ({"memory": "8MiB"}, {"backend": "torch"}, {"precision": "fast"}):
        with gm.config_context(**settings_):
            found.append(HDBSCAN().fit(X))
    for model in found:
        np.testing.assert_array_equal(model.labels_, wanted.labels_)
        np.testing.assert_array_equal(model.probabilities_, wanted.probabilities_)


def test_duplicates_without_end() -> None:
    model = HDBSCAN(allow_single_cluster=True).fit(np.ones((50, 3)))
    assert model.labels_.tolist() == [0] * 50
    assert model.probabilities_.tolist() == [1.0] * 50
    assert model.outlier_scores_.tolist() == [0.0] * 50
    assert model.predict(np.ones((1, 3))).tolist() == [0]


def test_cut_at_one_distance() -> None:
    X = blobs(seed=22)
    model, other = HDBSCAN(min_samples=4).fit(X), theirs(X, min_samples=4)
    for cut in (0.3, 0.8, 5.0):
        assert same_partition(model.dbscan_clustering(cut), other.dbscan_clustering(cut))
    first = [int(np.flatnonzero(model.dbscan_clustering(0.8) == label)[0]) for label in range(3)]
    assert first == sorted(first)


def test_tables_read_well() -> None:
    X = blobs(seed=23)
    model = HDBSCAN().fit(X)
    tree, edges = model.condensed_tree_, model.minimum_spanning_tree_
    assert len(tree) == len(tree.child)
    assert len(edges) == len(X) - 1
    assert tree.to_numpy().dtype.names == ("parent", "child", "lambda_val", "child_size")
    assert len(tree.selected) == model.labels_.max() + 1
    assert set(tree.selected) <= set(tree.child)
    assert tree.child_size[tree.child < len(X)].tolist() == [1] * len(X)
    assert repr(tree).startswith(f"CondensedTree of {len(tree)} rows\n        parent")
    assert f"… {len(X) - 11} more" in repr(edges)
    assert "more" not in repr(HDBSCAN(2, 1).fit(X[:4]).minimum_spanning_tree_)
    assert (np.diff(edges.weight) >= 0).all()
    assert (edges.left < edges.right).all()


def test_a_failed_fit_leaves_the_estimator_as_it_was() -> None:
    X = blobs(seed=24)
    model = HDBSCAN().fit(X)
    labels = model.labels_
    with pytest.raises(ValueError, match="min_samples"):
        model.set_params(min_samples=len(X) + 1).fit(X)
    assert model.labels_ is labels
