"""NearestNeighbors against float64 brute force and against scikit-learn's own class."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
import sklearn.neighbors
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import gramian as gm
from gramian.neighbors import NearestNeighbors

ALGORITHMS = ["brute", "kd_tree", "ball_tree"]
METRICS = ["euclidean", "manhattan", "chebyshev"]


def forms(metric: str, A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """What a metric sorts by, summed in feature order in float64: squares where it is Euclidean."""
    total = np.zeros((len(A), len(B)))
    for a, b in zip(A.astype(np.float64).T, B.astype(np.float64).T, strict=True):
        gap = np.abs(a[:, None] - b[None])
        if metric == "chebyshev":
            total = np.maximum(total, gap)
        else:
            total += gap if metric == "manhattan" else gap**2
    return total


def distances(metric: str, A: np.ndarray, B: np.ndarray) -> np.ndarray:
    table = forms(metric, A, B)
    return np.sqrt(table) if metric == "euclidean" else table


def without_itself(table: np.ndarray) -> np.ndarray:
    table = table.copy()
    np.fill_diagonal(table, math.inf)
    return table


def assert_nearest(model: NearestNeighbors, X: np.ndarray, Q: np.ndarray | None, k: int) -> None:
    """The k nearest of brute force, in its order, with ties by index."""
    table = forms(model.metric, X if Q is None else Q, X)
    table = without_itself(table) if Q is None else table
    truth = table.argsort(axis=1, kind="stable")[:, :k]
    found, indices = model.kneighbors(Q, k)
    np.testing.assert_array_equal(indices, truth)
    exact = np.take_along_axis(distances(model.metric, X if Q is None else Q, X), truth, 1)
    np.testing.assert_array_equal(found, exact.astype(X.dtype))
    np.testing.assert_array_equal(model.kneighbors(Q, k, return_distance=False), truth)


def assert_within(
    model: NearestNeighbors, X: np.ndarray, Q: np.ndarray | None, radius: float
) -> None:
    """The lists of brute force, by index and by distance."""
    exact = distances(model.metric, X if Q is None else Q, X)
    table = without_itself(exact) if Q is None else exact
    unsorted = model.radius_neighbors(Q, radius)
    sorted_ = model.radius_neighbors(Q, radius, sort_results=True)
    for row in range(len(table)):
        inside = np.flatnonzero(table[row] <= radius)
        values = exact[row, inside].astype(X.dtype)
        np.testing.assert_array_equal(unsorted[1][row], inside)
        np.testing.assert_array_equal(unsorted[0][row], values)
        order = values.argsort(kind="stable")
        np.testing.assert_array_equal(sorted_[1][row], inside[order])
        np.testing.assert_array_equal(sorted_[0][row], values[order])


@st.composite
def tables(draw: Any) -> tuple[np.ndarray, np.ndarray]:
    """Rows and queries, some on a grid full of ties and duplicates."""
    n, m, d = draw(st.integers(2, 50)), draw(st.integers(1, 9)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    both = rng.normal(size=(n + m, d)) + draw(st.sampled_from([0.0, 1e4]))
    if draw(st.booleans()):
        both = np.round(both)
    both = both.astype(draw(st.sampled_from([np.float32, np.float64])))
    return both[:n], both[n:]


@given(tables(), st.sampled_from(METRICS), st.sampled_from(ALGORITHMS), st.data())
def test_equals_brute_force(
    rows: tuple[np.ndarray, np.ndarray], metric: str, algorithm: str, data: Any
) -> None:
    X, Q = rows
    model = NearestNeighbors(metric=metric, algorithm=algorithm, leaf_size=3).fit(X)
    k = data.draw(st.integers(1, len(X)))
    assert_nearest(model, X, Q, k)
    assert_nearest(model, X, None, max(1, k - 1))
    # a radius that is itself a distance, so that a pair lies exactly on it
    radius = float(data.draw(st.sampled_from(list(distances(metric, Q, X)[0]))))
    assert_within(model, X, Q, radius)
    assert_within(model, X, None, radius)


@pytest.fixture(params=["compiled", "scikit-learn"])
def tree(request: pytest.FixtureRequest) -> str:
    """Each kind of tree: how its name stands in a stored model."""
    if request.param == "compiled":
        pytest.importorskip("gramian._native", reason="the compiled core is not built here")
        return "CompiledTree"
    gm.config(backend="torch")
    return "KDTree"


@pytest.mark.parametrize("metric", METRICS)
def test_the_tree_that_auto_takes_finds_what_the_engine_finds(metric: str, tree: str) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2100, 3)).astype(np.float32)
    X[:700] = np.round(X[:700] * 2) / 2
    auto = NearestNeighbors(n_neighbors=6, radius=0.5, metric=metric).fit(X)
    brute = NearestNeighbors(n_neighbors=6, radius=0.5, metric=metric, algorithm="brute").fit(X)
    assert pickle.dumps(auto).find(tree.encode()) > 0 > pickle.dumps(brute).find(b"Tree")
    auto = pickle.loads(pickle.dumps(auto))
    for Q in (None, X[::3] + np.float32(0.1)):
        for ours, theirs in zip(auto.kneighbors(Q), brute.kneighbors(Q), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        graphs = [model.radius_neighbors_graph(Q, mode="distance") for model in (auto, brute)]
        for part in ("indptr", "indices", "data"):
            np.testing.assert_array_equal(*(getattr(graph, part) for graph in graphs))


@pytest.mark.usefixtures("tree")
def test_auto_takes_no_tree_that_is_beyond_a_quarter_of_the_budget() -> None:
    X = np.random.default_rng(0).normal(size=(50_000, 4))
    assert pickle.dumps(NearestNeighbors().fit(X)).find(b"Tree") > 0
    with gm.config_context(memory="8MiB"):
        assert pickle.dumps(NearestNeighbors().fit(X)).find(b"Tree") < 0


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_duplicates_come_by_index_and_a_row_is_never_its_own_neighbour(algorithm: str) -> None:
    X = np.ones((9, 2))
    model = NearestNeighbors(n_neighbors=3, algorithm=algorithm).fit(X)
    np.testing.assert_array_equal(model.kneighbors(X)[1], np.tile([0, 1, 2], (9, 1)))
    others = [[j for j in range(9) if j != i][:3] for i in range(9)]
    np.testing.assert_array_equal(model.kneighbors()[1], others)
    lists = model.radius_neighbors(radius=0, return_distance=False)
    assert [list(found) for found in lists] == [[j for j in range(9) if j != i] for i in range(9)]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_all_rows_may_be_asked_for_and_no_more(algorithm: str) -> None:
    X = np.random.default_rng(1).normal(size=(12, 2))
    model = NearestNeighbors(metric="euclidean", algorithm=algorithm).fit(X)
    assert_nearest(model, X, X[:5], 12)
    assert_nearest(model, X, None, 11)
    with pytest.raises(ValueError, match=r"Expected n_neighbors <= n_samples_fit.*at most 12"):
        model.kneighbors(X, 13)
    with pytest.raises(ValueError, match=r"Expected n_neighbors < n_samples_fit.*at most 11"):
        model.kneighbors(None, 12)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_lists_may_be_empty_and_the_radius_infinite(algorithm: str) -> None:
    X = np.array([[0.0], [10.0], [20.0]])
    model = NearestNeighbors(radius=1.0, algorithm=algorithm).fit(X)
    found, indices = model.radius_neighbors()
    assert indices.dtype == found.dtype == object
    assert [len(part) for part in indices] == [len(part) for part in found] == [0, 0, 0]
    assert indices[0].dtype == np.int64
    assert model.radius_neighbors_graph().nnz == 0
    assert model.radius_neighbors([[10.0]], return_distance=False)[0].tolist() == [1]
    everyone = model.radius_neighbors([[4.0]], math.inf, sort_results=True)
    assert everyone[0][0].tolist() == [4.0, 6.0, 16.0]


def test_lists_of_a_tree_are_the_same_in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.round(np.random.default_rng(2).normal(size=(300, 2)) * 3)
    model = NearestNeighbors(metric="euclidean", algorithm="kd_tree").fit(X)
    monkeypatch.setattr("gramian.neighbors._blocks.pair_limit", lambda: 50)
    assert_nearest(model, X, None, 7)
    assert_within(model, X, None, 1.0)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_graphs(algorithm: str) -> None:
    X = np.random.default_rng(3).normal(size=(40, 3))
    ours = NearestNeighbors(n_neighbors=4, radius=0.9, algorithm=algorithm).fit(X)
    theirs = sklearn.neighbors.NearestNeighbors(n_neighbors=4, radius=0.9).fit(X)
    for Q in (None, X[:7] + 0.1):
        for mode in ("connectivity", "distance"):
            for name in ("kneighbors_graph", "radius_neighbors_graph"):
                graph = getattr(ours, name)(Q, mode=mode)
                assert graph.format == "csr"
                expected = getattr(theirs, name)(Q, mode=mode).toarray()
                np.testing.assert_allclose(graph.toarray(), expected, rtol=1e-12)
    graph = ours.radius_neighbors_graph(mode="distance", sort_results=True)
    for start, stop in zip(graph.indptr, graph.indptr[1:], strict=False):
        assert (np.diff(graph.data[start:stop]) >= 0).all()


@pytest.mark.parametrize("algorithm", ["auto", "kd_tree"])
def test_tensors_give_tensors(algorithm: str) -> None:
    x = torch.randn(30, 3, generator=torch.Generator().manual_seed(0))
    model = NearestNeighbors(n_neighbors=4, radius=1.0, algorithm=algorithm).fit(x)
    twin = NearestNeighbors(n_neighbors=4, radius=1.0, algorithm=algorithm).fit(x.numpy())
    for q in (None, x[:6] * 2):
        Q = None if q is None else q.numpy()
        found, indices = model.kneighbors(q)
        assert (found.dtype, indices.dtype) == (torch.float32, torch.int64)
        np.testing.assert_array_equal(found.numpy(), twin.kneighbors(Q)[0])
        np.testing.assert_array_equal(indices.numpy(), twin.kneighbors(Q)[1])
        lists = model.radius_neighbors(q, return_distance=False)
        for part, expected in zip(lists, twin.radius_neighbors(Q)[1], strict=True):
            np.testing.assert_array_equal(part.numpy(), expected)
        for name in ("kneighbors_graph", "radius_neighbors_graph"):
            graph = getattr(model, name)(q, mode="distance")
            assert graph.layout == torch.sparse_csr
            expected = getattr(twin, name)(Q, mode="distance").toarray()
            np.testing.assert_array_equal(graph.to_dense().numpy(), expected)
    # queries of another kind and dtype give their own kind, in the wider dtype
    found, _ = model.kneighbors(x.double().numpy())
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64


@pytest.mark.parametrize("metric", ["sqeuclidean", "cosine", gm.Euclidean(), -1.0 * gm.Gaussian()])
def test_other_pair_functions(metric: Any) -> None:
    X = np.random.default_rng(4).normal(size=(25, 4))
    pair = {"sqeuclidean": gm.SquaredEuclidean(), "cosine": gm.CosineDistance()}
    function = pair[metric] if isinstance(metric, str) else metric
    table = gm.Gram(X, kernel=function).dense()
    model = NearestNeighbors(n_neighbors=3, radius=0.8, metric=metric).fit(X)
    truth = without_itself(table).argsort(axis=1, kind="stable")[:, :3]
    found, indices = model.kneighbors()
    np.testing.assert_array_equal(indices, truth)
    np.testing.assert_allclose(found, np.take_along_axis(table, truth, 1), rtol=1e-12)
    expected = without_itself(table) <= 0.8
    np.testing.assert_array_equal(model.radius_neighbors_graph().toarray() > 0, expected)


def test_precomputed_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gramian.neighbors._search.row_limit", lambda width: 4)
    rng = np.random.default_rng(5)
    X, Q = np.round(rng.normal(size=(20, 2)) * 2), np.round(rng.normal(size=(11, 2)) * 2)
    direct = NearestNeighbors(n_neighbors=5, radius=1.5, metric="euclidean").fit(X)
    ours = NearestNeighbors(n_neighbors=5, radius=1.5, metric="precomputed")
    ours.fit(distances("euclidean", X, X))
    for queries in (None, Q):
        table = None if queries is None else distances("euclidean", Q, X)
        for name in ("kneighbors", "radius_neighbors"):
            pairs = zip(getattr(ours, name)(table), getattr(direct, name)(queries), strict=True)
            for mine, expected in pairs:
                np.testing.assert_array_equal(np.concatenate(mine), np.concatenate(expected))


def test_sparse_rows_and_graphs_and_metrics_of_scikit_learn() -> None:
    X = np.random.default_rng(6).normal(size=(30, 4))
    dense = NearestNeighbors(n_neighbors=3, radius=2.0).fit(X)
    graph = dense.kneighbors_graph(X, 8, mode="distance")
    cases: list[tuple[dict[str, Any], Any, Any]] = [
        ({}, sparse.csr_matrix(X), sparse.csr_matrix(X[:5])),
        ({"metric": "precomputed"}, graph, graph[:5]),
        ({"metric": "canberra"}, X, X[:5]),
        ({"p": 3}, X, X[:5]),
        ({"metric": "minkowski", "metric_params": {"w": np.arange(4)}}, X, X[:5]),
    ]
    for parameters, fitted, queries in cases:
        ours = NearestNeighbors(n_neighbors=3, radius=2.0, **parameters).fit(fitted)
        theirs = sklearn.neighbors.NearestNeighbors(n_neighbors=3, radius=2.0, **parameters)
        theirs.fit(fitted)
        for Q in (None, queries):
            for mine, expected in zip(ours.kneighbors(Q), theirs.kneighbors(Q), strict=True):
                np.testing.assert_allclose(mine, expected)
            mine, expected = (m.radius_neighbors_graph(Q).toarray() for m in (ours, theirs))
            np.testing.assert_array_equal(mine, expected)
    # sparse queries among dense rows
    np.testing.assert_array_equal(dense.kneighbors(sparse.csr_matrix(X))[1], dense.kneighbors(X)[1])


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
def test_threads_change_nothing(algorithm: str) -> None:
    X = np.round(np.random.default_rng(7).normal(size=(700, 3)) * 8).astype(np.float32)
    found = []
    for threads in (1, 3):
        torch.set_num_threads(threads)
        model = NearestNeighbors(n_neighbors=7, radius=2.0, algorithm=algorithm).fit(X)
        graph = model.radius_neighbors_graph(mode="distance")
        parts = (*model.kneighbors(), graph.indptr, graph.indices, graph.data)
        found.append([part.tobytes() for part in parts])
    assert found[0] == found[1]


def test_a_failed_fit_leaves_the_estimator_as_it_was() -> None:
    model = NearestNeighbors(n_neighbors=1).fit([[0.0], [5.0]])
    with pytest.raises(ValueError, match="NaN"):
        model.fit([[math.nan], [1.0]])
    model.set_params(metric="precomputed")
    with pytest.raises(ValueError, match="Precomputed matrix must be square"):
        model.fit([[0.0, 1.0]])
    assert model.kneighbors([[4.0]])[1].tolist() == [[1]]


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_neighbors": 0}, ValueError, r"fit: n_neighbors must be an int in \[1, inf\), got 0"),
        ({"n_neighbors": 1.5}, TypeError, "n_neighbors must be an int"),
        (
            {"radius": -1.0},
            ValueError,
            r"fit: radius must be a finite number in \[0, inf\)",
        ),
        ({"radius": math.nan}, ValueError, "radius must be a finite number"),
        ({"algorithm": "grid"}, ValueError, "algorithm must be one of 'auto'"),
        ({"leaf_size": 0}, ValueError, "leaf_size must be an int"),
        ({"metric": "no"}, ValueError, "metric must be one of"),
        ({"p": 0.0}, ValueError, "p must be a finite number"),
        ({"n_jobs": "2"}, TypeError, "n_jobs must be an int"),
        ({"metric_params": 3}, TypeError, "metric_params must be a dict or None, got 3"),
    ],
)
def test_parameters_are_checked(parameters: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        NearestNeighbors(**parameters).fit(np.eye(3))


def test_questions_are_checked() -> None:
    model = NearestNeighbors(n_neighbors=1).fit(np.eye(3))
    with pytest.raises(ValueError, match="kneighbors: n_neighbors must be an int"):
        model.kneighbors(n_neighbors=-1)
    with pytest.raises(ValueError, match="radius_neighbors: radius must be a finite number"):
        model.radius_neighbors(radius=-0.5)
    with pytest.raises(ValueError, match="return_distance must be True if sort_results is True"):
        model.radius_neighbors(return_distance=False, sort_results=True)
    for method in (model.kneighbors_graph, model.radius_neighbors_graph):
        with pytest.raises(ValueError, match="mode must be one of 'connectivity', 'distance'"):
            method(mode="weight")
    with pytest.raises(TypeError, match="X must be dense where metric is a PairFunction"):
        NearestNeighbors(metric=gm.Euclidean()).fit(sparse.csr_matrix(np.eye(3)))
    with pytest.raises(ValueError, match="X must be non-negative where metric='precomputed'"):
        NearestNeighbors(metric="precomputed").fit(-np.eye(3))
