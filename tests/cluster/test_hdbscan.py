"""HDBSCAN against scikit-learn's class, and against what its definitions say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.cluster
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.cluster._hdbscan._tree import HIERARCHY_dtype, tree_to_labels
from sklearn.datasets import make_blobs
from sklearn.metrics import pairwise_distances

import gramian as gm
from gramian import HDBSCAN
from gramian.cluster._linkage import single_linkage

METHODS = ("eom", "leaf")


def blobs(n: int = 240, d: int = 2, seed: int = 0, centers: int = 5) -> np.ndarray:
    return make_blobs(n, d, centers=centers, random_state=seed, cluster_std=1.3)[0]


def theirs(X: np.ndarray, **parameters: Any) -> Any:
    return sklearn.cluster.HDBSCAN(copy=True, **parameters).fit(X)


def same_partition(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two labellings differ at most in the numbers of the clusters."""
    if not np.array_equal(a < 0, b < 0):
        return False
    pairs = set(zip(a[a >= 0].tolist(), b[b >= 0].tolist(), strict=True))
    return len(pairs) == len({p for p, _ in pairs}) == len({q for _, q in pairs})


# ---------------------------------------------------------------------- scikit-learn's labels


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


@settings(max_examples=40, deadline=None)
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


# ---------------------------------------------------------------------- weights


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


# ---------------------------------------------------------------------- new rows


@pytest.mark.parametrize("parameters", [{}, {"metric": "manhattan"}, {"metric": "canberra"}])
@pytest.mark.parametrize("method", METHODS)
def test_rows_of_the_fit_are_predicted_as_they_were_labelled(
    method: str, parameters: dict[str, Any]
) -> None:
    X = blobs(seed=10)
    model = HDBSCAN(cluster_selection_method=method, **parameters).fit(X)
    np.testing.assert_array_equal(model.predict(X), model.labels_)


def test_new_rows_join_the_cluster_that_they_lie_in() -> None:
    X, y = make_blobs(300, 2, centers=[[0, 0], [20, 0], [0, 20]], random_state=0)
    model = HDBSCAN(10).fit(X)
    label = {int(c): int(np.bincount(model.labels_[y == c] + 1).argmax() - 1) for c in range(3)}
    found = model.predict(np.array([[0.1, 0.1], [20.2, 0], [0.1, 19.9], [500, 500]]))
    assert found.tolist() == [label[0], label[1], label[2], -1]
    assert model.predict(np.array([[np.nan, 1], [np.inf, 2]])).tolist() == [-3, -2]


def test_memberships_are_shared_among_clusters() -> None:
    X = blobs(seed=11)
    model = HDBSCAN(10).fit(X)
    found = model.membership_vectors(X)
    assert found.shape == (len(X), model.labels_.max() + 1)
    assert (found >= 0).all()
    assert (found.sum(1) <= 1 + 1e-12).all()
    inside = model.labels_ >= 0
    assert (found.argmax(1) == model.labels_)[inside].mean() > 0.95
    sure = model.probabilities_ == 1
    np.testing.assert_allclose(found[sure].sum(1), 1)
    assert np.isnan(model.membership_vectors([[np.nan, 0.0]])).all()
    nothing = HDBSCAN(len(X)).fit(X)
    assert nothing.membership_vectors(X[:3]).shape == (3, 0)


def test_outlier_scores_compare_with_the_densest_surroundings() -> None:
    X = np.vstack([blobs(seed=12), [[60.0, 60.0]]])
    model = HDBSCAN(10).fit(X)
    assert model.outlier_scores_.argmax() == len(X) - 1
    table = model.condensed_tree_
    of = dict(zip(table.child.tolist(), range(len(table)), strict=True))

    def densest(cluster: int) -> float:
        inside = np.flatnonzero(table.parent == cluster)
        below = [densest(c) for c in table.child[inside].tolist() if c >= len(X)]
        return max([*table.lambda_val[inside].tolist(), *below])

    for row in range(0, len(X), 17):
        last = densest(int(table.parent[of[row]]))
        assert model.outlier_scores_[row] == pytest.approx(1 - table.lambda_val[of[row]] / last)


# ---------------------------------------------------------------------- what rows may be


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


def test_centers_are_weighted_by_strength() -> None:
    X = blobs(seed=19)
    parameters = {"min_samples": 1, "store_centers": "both"}
    mine, other = HDBSCAN(**parameters).fit(X), theirs(X, **parameters)
    np.testing.assert_array_equal(mine.labels_, other.labels_)
    np.testing.assert_allclose(mine.centroids_, other.centroids_)
    np.testing.assert_array_equal(mine.medoids_, other.medoids_)
    none = HDBSCAN(len(X), store_centers="both").fit(X)
    assert none.centroids_.shape == none.medoids_.shape == (0, 2)


# ---------------------------------------------------------------------- what does not matter


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


# ---------------------------------------------------------------------- what it leaves behind


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


# ---------------------------------------------------------------------- refusals

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
