"""Disjoint sets against scipy's connected components."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gramian.cluster._union_find import UnionFind


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(0, 8))
def test_sets_are_connected_components(seed: int, size: int, batches: int) -> None:
    rng = np.random.default_rng(seed)
    edges = [rng.integers(0, size, size=(2, rng.integers(0, 9))) for _ in range(batches)]
    forest = UnionFind(size)
    for a, b in edges:
        forest.unite(a, b)
    left, right = np.concatenate([np.empty((2, 0), dtype=int), *edges], axis=1)
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(size, size))
    part = connected_components(graph, directed=False)[1]
    smallest = np.unique(part, return_index=True)[1]
    some = rng.integers(0, size, size=5)
    np.testing.assert_array_equal(forest.roots(some), smallest[part[some]])
    np.testing.assert_array_equal(forest.roots(), smallest[part])


def test_long_chains_are_followed_to_their_end() -> None:
    # each union hangs the last root below a smaller one: a path of 5000 links
    forest = UnionFind(5001)
    for i in range(5000, 0, -1):
        forest.unite(np.array([i]), np.array([i - 1]))
    assert (forest.roots() == 0).all()
