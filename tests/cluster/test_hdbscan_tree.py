"""The spanning tree of mutual reachability against all pairs in float64, sorted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

import gramian as gm
from gramian.cluster import _outside, _reachability, _reachability_tree, _spaces
from gramian.cluster._boruvka import boruvka
from gramian.cluster._edges import Edges, ordered
from gramian.cluster._prim import prim
from gramian.cluster._reachability import Reachability
from gramian.cluster._reachability_tree import reachability_tree
from gramian.cluster._spaces import EngineSpace


def squares(X: np.ndarray) -> np.ndarray:
    """All squared distances, summed in feature order in float64."""
    total = np.zeros((len(X), len(X)))
    for column in X.astype(np.float64).T:
        total += (column[:, None] - column[None]) ** 2
    return total


def core_of(values: np.ndarray, min_samples: int, weights: np.ndarray) -> np.ndarray:
    """The first value at which the rows, nearest first, weigh ``min_samples``."""
    found = []
    for row in values:
        order = np.argsort(row, kind="stable")
        place = int(np.argmax(np.cumsum(weights[order]) >= min_samples))
        found.append(row[order[place]])
    return np.array(found)


def truth(
    values: np.ndarray, min_samples: int, scale: float = 1.0, weights: np.ndarray | None = None
) -> tuple[Edges, np.ndarray]:
    """Kruskal's algorithm, edge by edge, on all pairs in order."""
    n = len(values)
    core = core_of(values, min_samples, np.ones(n) if weights is None else weights)
    pairs = [
        (max(core[i], core[j], values[i, j] * scale), i, j)
        for i in range(n)
        for j in range(i + 1, n)
    ]
    part = list(range(n))
    tree = []
    for weight, i, j in sorted(pairs):
        if part[i] != part[j]:
            tree.append((i, j, weight))
            part = [part[i] if p == part[j] else p for p in part]
    left, right, weight = zip(*tree, strict=True)
    return Edges(np.array(left), np.array(right), np.array(weight)), core


def assert_same(found: Edges, wanted: Edges) -> None:
    for mine, theirs in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def blobs(n: int, d: int, seed: int, *, gap: float = 30.0, parts: int = 4) -> np.ndarray:
    """Groups that lie so far apart that no list reaches from one to another."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + gap * rng.integers(0, parts, (n, 1))


def groups_and_strays(n: int, d: int, seed: int) -> np.ndarray:
    """Tight groups, and rows anywhere whose lists reach into them."""
    rng = np.random.default_rng(seed)
    groups = rng.random((4, d))[rng.integers(0, 4, n)] + rng.normal(scale=0.03, size=(n, d))
    return rng.permutation(np.concatenate([groups, rng.random((n // 4, d))]))


CASES = {
    "two rows": np.array([[0.0, 1.0], [3.0, 5.0]]),
    "one group": np.random.default_rng(0).normal(size=(70, 3)),
    "groups far apart": blobs(130, 2, 1),
    "many features": blobs(90, 40, 2, parts=3),
    "groups and strays": groups_and_strays(120, 6, 10),
    "strays around groups": groups_and_strays(90, 3, 11) * [1.0, 1.0, 0.2],
    "ties": np.random.default_rng(3).integers(0, 4, (80, 2)).astype(float),
    "duplicates": np.repeat(np.random.default_rng(4).normal(size=(6, 2)), 12, axis=0),
    "a line": np.arange(60.0)[:, None],
    "all equal": np.ones((40, 3)),
    "far from the origin": blobs(60, 3, 5) + 1e6,
}


@pytest.mark.parametrize(("few_rows", "few_pairs"), [(1, 0), (1, 2**21), (64, 200)])
@pytest.mark.parametrize("alpha", [1.0, 0.7])
@pytest.mark.parametrize("min_samples", [1, 2, 7])
@pytest.mark.parametrize("case", CASES)
def test_the_tree_is_that_of_all_pairs(
    case: str,
    min_samples: int,
    alpha: float,
    few_rows: int,
    few_pairs: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether rows are searched, or listed because they are few; with balls and groups, or not."""
    monkeypatch.setattr(_outside, "_FEW_PAIRS", few_pairs)
    monkeypatch.setattr(_outside, "_FEWEST_IN_GROUP", few_rows)
    monkeypatch.setattr(_reachability, "_FEWEST_ROWS", few_rows)
    monkeypatch.setattr(_reachability, "_LEAST_SHARE", 1)
    X = CASES[case]
    min_samples = min(min_samples, len(X))
    reachability = Reachability.of(gm.Euclidean(), alpha)
    tree, core = reachability_tree(torch.from_numpy(X), reachability, min_samples)
    wanted, wanted_core = truth(squares(X), min_samples, 1.0 / (alpha * alpha))
    assert_same(tree, wanted)
    np.testing.assert_array_equal(core, wanted_core)


@pytest.mark.parametrize("few_rows", [1, 64])
@pytest.mark.parametrize("metric", [gm.Manhattan(), gm.Chebyshev(), gm.SquaredEuclidean()])
def test_other_metrics(metric: Any, few_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Squares break the triangle inequality, and are not searched by it."""
    monkeypatch.setattr(_outside, "_FEWEST_IN_GROUP", few_rows)
    monkeypatch.setattr(_reachability, "_FEWEST_ROWS", few_rows)
    X = torch.from_numpy(blobs(60, 3, 6))
    if isinstance(metric, gm.SquaredEuclidean):
        values = squares(X.numpy())
    else:
        values = gm.Gram(X, kernel=metric).dense().numpy()
    tree, _ = reachability_tree(X, Reachability.of(metric, 0.8), 3)
    assert_same(tree, truth(values, 3, 1.0 / 0.8)[0])


def test_weights_count_for_core_distances() -> None:
    rng = np.random.default_rng(7)
    X, weights = blobs(70, 2, 7), rng.choice([0.1, 0.5, 1.0, 4.0], 70)
    reachability = Reachability.of(gm.Euclidean(), 1.0)
    tree, core = reachability_tree(torch.from_numpy(X), reachability, 6, weights)
    wanted, wanted_core = truth(squares(X), 6, weights=weights)
    np.testing.assert_array_equal(core, wanted_core)
    assert_same(tree, wanted)


@pytest.mark.parametrize("settings", [{"backend": "torch"}, {"memory": "8MiB"}], ids=str)
def test_the_same_tree_on_any_backend_in_any_memory(settings: dict[str, Any]) -> None:
    X = torch.from_numpy(blobs(400, 3, 8))
    reachability = Reachability.of(gm.Euclidean(), 1.0)
    wanted, core = reachability_tree(X, reachability, 5)
    with gm.config_context(**settings):
        found, found_core = reachability_tree(X, reachability, 5)
    assert_same(found, wanted)
    np.testing.assert_array_equal(found_core, core)


@settings(max_examples=examples(150))
@given(
    points=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=40),
    repeats=st.integers(1, 3),
    min_samples=st.integers(1, 6),
    few_pairs=st.sampled_from([0, 100, 2**21]),
)
def test_ties_on_a_grid(
    points: list[tuple[int, int]], repeats: int, min_samples: int, few_pairs: int
) -> None:
    """Lists are short, so that parts look outside themselves; with groups of any size."""
    X = np.repeat(np.array(points, dtype=np.float64), repeats, axis=0)
    min_samples = min(min_samples, len(X))
    reachability = Reachability.of(gm.Euclidean(), 1.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_outside, "_FEW_PAIRS", few_pairs)
        patch.setattr(_outside, "_FEWEST_IN_GROUP", 1)
        patch.setattr(_reachability_tree, "_EXTRA_NEIGHBORS", 1)
        tree, _ = reachability_tree(torch.from_numpy(X), reachability, min_samples)
    wanted, core = truth(squares(X), min_samples)
    assert_same(tree, wanted)
    weights = np.maximum(np.maximum(core, core[:, None]), squares(X))
    assert_same(prim(len(X), lambda row: weights[row]), wanted)


@pytest.mark.parametrize("alpha", [1.0, 0.7])
@pytest.mark.parametrize("case", CASES)
def test_the_same_bits_from_the_engine_and_from_a_tree(
    case: str, alpha: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = CASES[case]
    space = EngineSpace(torch.from_numpy(X), gm.Euclidean(), alpha)
    found = {}
    for features in (0, X.shape[1]):
        monkeypatch.setattr(_spaces, "_MOST_FEATURES", features)
        found[features] = space.tree(min(5, len(X)), None)
    by_engine, by_tree = found.values()
    assert_same(by_engine.edges, by_tree.edges)
    np.testing.assert_array_equal(by_engine.core, by_tree.core)


def test_the_rounds_need_no_search_where_all_edges_are_listed() -> None:
    values = squares(blobs(50, 2, 9))
    left, right = np.triu_indices(50, 1)
    found = boruvka(50, ordered(left, right, values[left, right]), np.full(50, np.inf))
    assert_same(found, truth(values, 1)[0])


def test_one_row_has_no_edges() -> None:
    reachability = Reachability.of(gm.Euclidean(), 1.0)
    tree, core = reachability_tree(torch.zeros(1, 2, dtype=torch.float64), reachability, 1)
    assert len(tree.weight) == 0
    assert core.tolist() == [0.0]
