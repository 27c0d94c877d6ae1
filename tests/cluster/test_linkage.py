"""Single linkage, in the core and without it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage as scipys_linkage

from gramian import _core
from gramian.cluster._edges import Edges, ordered
from gramian.cluster._linkage import single_linkage
from gramian.cluster._prim import prim


def random_tree(n: int, seed: int) -> tuple[Edges, np.ndarray]:
    """The spanning tree of random points, and the points."""
    points = np.random.default_rng(seed).normal(size=(n, 2))
    return prim(n, lambda row: np.hypot(*(points - points[row]).T)), points


def test_heights_and_sizes_are_scipys() -> None:
    tree, points = random_tree(60, 0)
    found = single_linkage(tree, np.ones(60, dtype=np.int64))
    wanted = scipys_linkage(points, "single")
    np.testing.assert_allclose(found.height, wanted[:, 2])
    np.testing.assert_array_equal(found.size[60:], wanted[:, 3])
    pairs = np.sort(np.stack([found.left, found.right], axis=1), axis=1)
    np.testing.assert_array_equal(pairs, wanted[:, :2])


def test_the_left_node_is_entered_first_from_row_0() -> None:
    tree = ordered(np.array([0, 1, 3]), np.array([3, 2, 2]), np.array([3.0, 1.0, 2.0]))
    found = single_linkage(tree, np.ones(4))
    # from row 0 to 3, then 2, then 1
    assert found.left.tolist() == [2, 3, 0]
    assert found.right.tolist() == [1, 4, 5]
    assert found.size.tolist() == [1, 1, 1, 1, 2, 3, 4]


@pytest.mark.parametrize("n", [1, 2, 3, 500])
def test_the_same_joins_without_the_core(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tree, _ = random_tree(n, n)
    weights = np.random.default_rng(n).random(n)
    wanted = single_linkage(tree, weights)
    monkeypatch.setattr(_core, "native", None)
    for mine, theirs in zip(single_linkage(tree, weights), wanted, strict=True):
        np.testing.assert_array_equal(mine, theirs)
