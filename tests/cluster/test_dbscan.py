"""DBSCAN against float64 brute force and against scikit-learn's own class."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import sklearn.cluster
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import kneighbors_graph
from sklearn.utils.estimator_checks import parametrize_with_checks

import gramian as gm
from gramian.cluster._dbscan import DBSCAN, dbscan


def distances(X: np.ndarray) -> np.ndarray:
    """All Euclidean distances, squares summed in feature order in float64."""
    squares = np.zeros((len(X), len(X)))
    for column in X.astype(np.float64).T:
        squares += (column[:, None] - column[None]) ** 2
    return np.sqrt(squares)


def brute_force(
    X: np.ndarray, eps: float, min_samples: int, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Core mask and labels by the definition, in float64."""
    near = distances(X) <= eps
    core = near @ (np.ones(len(X)) if weights is None else weights) >= min_samples
    labels = np.full(len(X), -1)
    label = 0
    for seed in np.flatnonzero(core):
        if labels[seed] >= 0:
            continue
        stack, labels[seed] = [seed], label
        while stack:
            row = stack.pop()
            if core[row]:
                fresh = np.flatnonzero(near[row] & (labels < 0))
                labels[fresh] = label
                stack.extend(fresh)
        label += 1
    return core, labels


def assert_same(model: DBSCAN, other: Any) -> None:
    """The same core rows, components and labels."""
    np.testing.assert_array_equal(model.core_sample_indices_, other.core_sample_indices_)
    np.testing.assert_array_equal(model.labels_, other.labels_)
    np.testing.assert_array_equal(model.components_, other.components_)


@parametrize_with_checks([DBSCAN()])
def test_scikit_learn_accepts_the_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


@st.composite
def cases(draw: Any) -> tuple[np.ndarray, float, int, np.ndarray | None]:
    """Small tables, some on a grid full of ties and duplicates, with or without weights."""
    n, d = draw(st.integers(1, 60)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = rng.normal(size=(n, d))
    if draw(st.booleans()):
        X = np.round(X * 2) / 2
    X = X.astype(draw(st.sampled_from([np.float32, np.float64])))
    weights = rng.integers(-1, 4, size=n).astype(float) if draw(st.booleans()) else None
    if weights is not None:
        weights[0] = 1
    eps = draw(st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.5, 100.0]))
    return X, eps, draw(st.integers(1, 8)), weights


@given(cases())
def test_equals_scikit_learn(case: tuple[np.ndarray, float, int, np.ndarray | None]) -> None:
    X, eps, min_samples, weights = case
    theirs = sklearn.cluster.DBSCAN(eps=eps, min_samples=min_samples)
    theirs.fit(X, sample_weight=weights)
    for algorithm in ("auto", "kd_tree"):
        ours = DBSCAN(eps=eps, min_samples=min_samples, algorithm=algorithm)
        assert_same(ours.fit(X, sample_weight=weights), theirs)
        assert ours.components_.dtype == (X.dtype if len(ours.components_) else np.float64)


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree"])
@pytest.mark.parametrize("shift", [0.0, 1e3, 1e5])
@pytest.mark.parametrize("d", range(2, 17))
def test_core_rows_are_those_of_brute_force(d: int, shift: float, algorithm: str) -> None:
    rng = np.random.default_rng(d)
    X = (rng.uniform(size=(250, d)) * 4 + shift).astype(np.float32)
    # a radius that is itself the distance of a pair, so that the pair lies exactly on it
    fifth = np.sort(distances(X), axis=1)[:, 4]
    eps = float(np.sort(fifth)[len(X) // 2])
    core, labels = brute_force(X, eps, 5)
    assert 0 < core.sum() < len(X)
    model = DBSCAN(eps=eps, algorithm=algorithm).fit(X)
    np.testing.assert_array_equal(model.core_sample_indices_, np.flatnonzero(core))
    np.testing.assert_array_equal(model.labels_, labels)


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree"])
@pytest.mark.parametrize("eps", [0.1, 0.3, 0.5, 0.7])
def test_ties_at_eps_on_a_decimal_grid(eps: float, algorithm: str) -> None:
    # neither 0.1 nor its multiples are exact: rounding alone says which are within eps
    X = np.stack(np.meshgrid(np.arange(14) * 0.1, np.arange(14) * 0.1), -1).reshape(-1, 2)
    X = X[np.random.default_rng(0).permutation(len(X))]
    within = np.bincount((distances(X) <= eps).sum(1))
    min_samples = int(np.flatnonzero(within)[len(np.flatnonzero(within)) // 2])
    core, labels = brute_force(X, eps, min_samples)
    model = DBSCAN(eps=eps, min_samples=min_samples, algorithm=algorithm).fit(X)
    np.testing.assert_array_equal(model.core_sample_indices_, np.flatnonzero(core))
    np.testing.assert_array_equal(model.labels_, labels)
    weights = np.ones(len(X))
    assert_same(clone(model).fit(X, sample_weight=weights), model)
    np.testing.assert_array_equal(model.predict(X)[core], labels[core])


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


@pytest.mark.parametrize("d", [2, 3, 5, 8])
def test_rows_in_cells_that_touch_at_a_corner(d: int) -> None:
    # cells of side eps / sqrt(d) two steps apart along two axes: a grid search that prunes by the
    # distance between centres takes such pairs for far apart
    side = 1 / np.sqrt(d)
    X = np.full((2, d), 0.5 * side)
    X[0, :2] = 0.999 * side
    X[1, :2] = 2.001 * side
    distance = np.linalg.norm(X[0] - X[1])
    assert (DBSCAN(eps=distance + 1e-9, min_samples=2).fit(X).labels_ == 0).all()
    assert (DBSCAN(eps=distance - 1e-9, min_samples=2).fit(X).labels_ == -1).all()


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
def test_distance_of_exactly_eps_is_inside(algorithm: str) -> None:
    X = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 9.0]]) + 1e5
    model = DBSCAN(eps=5, min_samples=2, algorithm=algorithm)
    assert model.fit_predict(X).tolist() == [0, 0, 0]
    model.eps = float(np.nextafter(5.0, 0))
    assert model.fit_predict(X).tolist() == [-1, -1, -1]


def test_border_row_takes_the_first_cluster_that_reaches_it() -> None:
    # row 0 lies within eps of the core rows of two clusters
    X = np.array([[0.0], [1.0], [1.1], [1.2], [-1.0], [-1.1], [-1.2]])
    model = DBSCAN(eps=1.0, min_samples=4).fit(X)
    assert model.core_sample_indices_.tolist() == [1, 4]
    assert model.labels_.tolist() == [0, 0, 0, 0, 1, 1, 1]
    other = DBSCAN(eps=1.0, min_samples=4).fit(X[[4, 5, 6, 1, 2, 3, 0]])
    assert other.labels_.tolist() == [0, 0, 0, 1, 1, 1, 0]
    assert model.predict([[0.0], [-0.2]]).tolist() == [0, 1]


def lab_points() -> torch.Tensor:
    """Four blobs of 256 points whose DBSCAN counts are published."""
    with torch.random.fork_rng():
        torch.manual_seed(42)
        centers = torch.rand(4, 2) * 70 - 35
        covariance = torch.diag(torch.tensor([5.0, 5.0]))
        normal = torch.distributions.MultivariateNormal
        return torch.cat([normal(center, covariance).sample((256,)) for center in centers])


def test_published_counts() -> None:
    X = lab_points()
    model = DBSCAN(eps=2.5, min_samples=25).fit(X)
    assert len(model.core_sample_indices_) == 902
    assert torch.bincount(model.labels_ + 1)[0] == 15
    model = DBSCAN(eps=2.5, min_samples=26).fit(X)
    assert len(model.core_sample_indices_) == 894
    assert torch.bincount(model.labels_ + 1).tolist() == [16, 253, 253, 250, 252]


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
def test_small_blocks_equal_brute_force(
    case: tuple[np.ndarray, float, int, np.ndarray | None], pairs: int, algorithm: str
) -> None:
    X, eps, min_samples, weights = case
    core, labels = brute_force(X, eps, min_samples, weights)
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


def test_row_order_changes_no_core_row() -> None:
    X, _ = make_blobs(300, 2, centers=5, random_state=1)
    order = np.random.default_rng(0).permutation(len(X))
    one, other = DBSCAN(eps=0.7).fit(X), DBSCAN(eps=0.7).fit(X[order])
    np.testing.assert_array_equal(
        np.sort(one.core_sample_indices_), np.sort(order[other.core_sample_indices_])
    )
    cores = one.core_sample_indices_
    back = np.empty(len(X), dtype=int)
    back[order] = other.labels_
    pairs = set(zip(one.labels_[cores].tolist(), back[cores].tolist(), strict=True))
    assert len(pairs) == one.labels_.max() + 1 == other.labels_.max() + 1


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


# ---------------------------------------------------------------------- weights


@given(st.integers(0, 2**32 - 1))
def test_integer_weight_is_a_repeated_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, weights = rng.normal(size=(50, 2)), rng.integers(0, 4, size=50)
    weights[0] = 2
    weighted = DBSCAN(eps=0.5, min_samples=6).fit(X, sample_weight=weights)
    repeated = DBSCAN(eps=0.5, min_samples=6).fit(np.repeat(X, weights, axis=0))
    core = np.isin(np.arange(50), weighted.core_sample_indices_)
    expected = np.flatnonzero(np.repeat(core, weights))
    np.testing.assert_array_equal(repeated.core_sample_indices_, expected)


def test_negative_weight_inhibits_a_core_row() -> None:
    X = np.zeros((3, 1))
    assert len(DBSCAN(min_samples=2).fit(X, sample_weight=[1, 1, -1]).core_sample_indices_) == 0
    model = DBSCAN(min_samples=2).fit(X, sample_weight=[1, 2, -1])
    assert model.core_sample_indices_.tolist() == [0, 1, 2]


def test_weights_of_trees() -> None:
    rng = np.random.default_rng(0)
    X, weights = rng.normal(size=(100, 3)), rng.uniform(-0.5, 3, size=100)
    theirs = sklearn.cluster.DBSCAN(eps=0.6, min_samples=4).fit(X, sample_weight=weights)
    for algorithm in ("auto", "ball_tree", "brute"):
        ours = DBSCAN(eps=0.6, min_samples=4, algorithm=algorithm)
        assert_same(ours.fit(X, sample_weight=weights), theirs)


# ---------------------------------------------------------------------- predict


@pytest.mark.parametrize("algorithm", ["auto", "kd_tree"])
def test_predict_is_the_nearest_core_row_within_eps(algorithm: str) -> None:
    X, _ = make_blobs(200, 3, centers=4, random_state=6)
    model = DBSCAN(eps=1.0, algorithm=algorithm).fit(X)
    queries = np.random.default_rng(0).uniform(X.min(), X.max(), size=(300, 3))
    table = pairwise_distances(queries, model.components_)
    nearest = table.argmin(1)
    labels = model.labels_[model.core_sample_indices_]
    expected = np.where(table.min(1) <= 1.0, labels[nearest], -1)
    assert expected.max() > -1
    assert expected.min() == -1
    np.testing.assert_array_equal(model.predict(queries), expected)


def test_predict_breaks_ties_by_index_and_includes_eps() -> None:
    model = DBSCAN(eps=1.0, min_samples=1).fit([[0.0], [2.0]])
    for algorithm in ("auto", "kd_tree"):
        model.algorithm = algorithm
        assert model.predict([[1.0], [1.1], [-1.0], [-1.1]]).tolist() == [0, 1, 0, -1]


def test_predict_compares_as_the_fit_does() -> None:
    # 0.1 in float32 is a little more than 0.1: a distance rounded to float32 would be inside
    X = np.array([[0.0], [0.1]], dtype=np.float32)
    eps = 0.1
    assert float(X[1, 0]) > eps
    for algorithm in ("brute", "kd_tree"):
        model = DBSCAN(eps=eps, min_samples=1, algorithm=algorithm).fit(X[:1])
        assert model.predict(X).tolist() == [0, -1]


def test_predict_without_core_rows() -> None:
    X = np.arange(6.0)[:, None]
    model = DBSCAN(eps=0.1).fit(X)
    assert model.components_.shape == (0, 1)
    assert model.predict(X).tolist() == [-1] * 6


# ---------------------------------------------------------------------- array types


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensors_in_tensors_out(dtype: torch.dtype) -> None:
    X = torch.tensor([[1, 2], [2, 2], [2, 3], [8, 7], [8, 8], [25, 80]], dtype=dtype)
    for algorithm in ("auto", "kd_tree"):
        model = DBSCAN(eps=3, min_samples=2, algorithm=algorithm).fit(X)
        assert model.labels_.tolist() == [0, 0, 0, 1, 1, -1]
        assert model.labels_.dtype == model.core_sample_indices_.dtype == torch.int64
        assert model.components_.dtype == dtype
        assert torch.equal(model.components_, X[:5])
        predicted = model.predict(X)
        assert isinstance(predicted, torch.Tensor)
        assert torch.equal(predicted, model.labels_)
        assert isinstance(model.predict(X.double().numpy()), np.ndarray)
    assert DBSCAN(eps=1e-3).fit(X).components_.shape == (0, 2)


def test_memory_map_stays_on_disk_and_is_not_modified(tmp_path: Any) -> None:
    X, _ = make_blobs(100, 2, centers=2, random_state=7)
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert_same(DBSCAN(eps=0.8).fit(mapped), DBSCAN(eps=0.8).fit(X))
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), X)


def test_data_frames_keep_names() -> None:
    import pandas as pd

    frame = pd.DataFrame({"a": [0.0, 0.1, 9.0], "b": [0.0, 0.1, 9.0]})
    model = DBSCAN(min_samples=2).fit(frame)
    assert model.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a"]])


def test_one_row_and_equal_rows() -> None:
    assert DBSCAN(min_samples=1).fit_predict([[1.0]]).tolist() == [0]
    assert DBSCAN().fit_predict([[1.0]]).tolist() == [-1]
    assert DBSCAN(eps=1e-9).fit_predict(np.full((7, 3), 1e5)).tolist() == [0] * 7


def test_pickle_clone_and_function() -> None:
    X, _ = make_blobs(60, 2, centers=2, random_state=8)
    model = DBSCAN(eps=0.9).fit(X)
    assert_same(pickle.loads(pickle.dumps(model)), model)
    assert clone(model).get_params() == model.get_params()
    core, labels = dbscan(X, eps=0.9)
    np.testing.assert_array_equal(core, model.core_sample_indices_)
    np.testing.assert_array_equal(labels, model.labels_)


# ---------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"eps": 0}, ValueError, r"DBSCAN\.fit: eps must be a finite number in \(0, inf\), got 0"),
        ({"eps": "wide"}, TypeError, r"DBSCAN\.fit: eps must be .* got 'wide'"),
        ({"min_samples": 0}, ValueError, r"DBSCAN\.fit: min_samples must be an int in \[1, inf\)"),
        ({"min_samples": 2.5}, TypeError, r"DBSCAN\.fit: min_samples must be an int"),
        ({"leaf_size": 0}, ValueError, r"DBSCAN\.fit: leaf_size must be an int in \[1, inf\)"),
        ({"algorithm": "fast"}, ValueError, r"DBSCAN\.fit: algorithm must be one of 'auto'"),
        ({"metric": "miles"}, ValueError, r"DBSCAN\.fit: metric must be one of 'braycurtis'"),
        ({"metric_params": 3}, TypeError, r"DBSCAN\.fit: metric_params must be a dict or None"),
        ({"p": -1}, ValueError, r"DBSCAN\.fit: p must be a finite number in \(0, inf\)"),
        ({"n_jobs": 1.5}, TypeError, r"DBSCAN\.fit: n_jobs must be an int"),
        ({"metric": "precomputed"}, ValueError, r"must be square"),
        ({"metric": "cosine", "algorithm": "kd_tree"}, ValueError, r"Metric 'cosine' not valid"),
    ],
)
def test_bad_parameters(parameters: dict[str, Any], error: type[Exception], message: str) -> None:
    model = DBSCAN(**parameters)
    with pytest.raises(error, match=message):
        model.fit([[0.0, 1.0], [1.0, 2.0], [4.0, 4.0]])
    assert not hasattr(model, "n_features_in_")


def test_bad_input() -> None:
    for bad in ([[np.nan]], [[np.inf]], [], [1.0, 2.0], torch.tensor([[float("nan")]])):
        with pytest.raises(ValueError, match=r"NaN|infinity|minimum of 1|Expected 2D"):
            DBSCAN().fit(bad)
    with pytest.raises(ValueError, match=r"DBSCAN\.fit: sample_weight\.shape == \(1,\)"):
        DBSCAN().fit([[0.0], [1.0]], sample_weight=[1.0])
    with pytest.raises(TypeError, match=r"DBSCAN: X must be dense where metric is a PairFunction"):
        DBSCAN(metric=gm.Manhattan()).fit(sparse.eye(3, format="csr"))
    with pytest.raises(ValueError, match=r"non-negative|Negative"):
        DBSCAN(metric="precomputed").fit([[0.0, -1.0], [-1.0, 0.0]])


# ---------------------------------------------------------------------- memory

ONE_BLOB = """
import numpy as np, psutil, threading, time, torch
import gramian as gm
from gramian.cluster._dbscan import DBSCAN
torch.set_num_threads(2)
gm.config(memory="64MiB")
small = np.random.default_rng(0).normal(size=(500, 2)).astype(np.float32)
DBSCAN(eps=100.0).fit(small)
X = np.random.default_rng(0).normal(size=({n}, 2)).astype(np.float32)
process, peak, done = psutil.Process(), 0, threading.Event()
before = process.memory_info().rss
def watch():
    global peak
    while not done.is_set():
        peak = max(peak, process.memory_info().rss)
        time.sleep(0.005)
watcher = threading.Thread(target=watch)
watcher.start()
model = DBSCAN(eps=100.0, algorithm="{algorithm}").fit(X)
done.set()
watcher.join()
assert (model.labels_ == 0).all() and len(model.core_sample_indices_) == {n}
print((peak - before) / 2**20)
"""


@pytest.mark.full
@pytest.mark.parametrize("algorithm", ["brute", "auto"])
def test_one_blob_stays_in_the_budget(algorithm: str) -> None:
    # every row is a neighbour of every other: the lists together would take 3 GiB
    command = [sys.executable, "-c", ONE_BLOB.format(n=20_000, algorithm=algorithm)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(found.stdout) < 64
