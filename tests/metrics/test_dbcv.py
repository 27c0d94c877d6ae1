"""Density-based validity against the definitions, one loop for each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import gramian as gm
from gramian.metrics._reach_tree import internal, reach_tree


def truth(x: np.ndarray, labels: np.ndarray) -> float:
    """The score by the definitions of the paper, from explicit distances."""
    d = x.shape[1]
    distances = np.sqrt(((x[:, None] - x[None]) ** 2).sum(2))
    clusters = [np.flatnonzero(labels == name) for name in set(labels.tolist()) - {-1}]
    clusters = [rows for rows in clusters if len(rows) > 1]
    core = np.zeros(len(x))
    for rows in clusters:
        for i in rows:
            others = distances[i, rows[rows != i]]
            with np.errstate(divide="ignore"):
                core[i] = ((1 / others) ** d).mean() ** (-1 / d)
    reach = np.maximum(distances, np.maximum(core[:, None], core[None]))
    inner, sparseness = [], []
    for rows in clusters:
        tree = kruskal(reach[np.ix_(rows, rows)], distances[np.ix_(rows, rows)])
        degrees = np.bincount(np.array(tree).ravel(), minlength=len(rows))
        nodes = np.flatnonzero(degrees > 1) if (degrees > 1).any() else np.arange(len(rows))
        between = [edge for edge in tree if set(edge) <= set(nodes)] or tree
        inner.append(rows[nodes])
        sparseness.append(max(reach[rows[a], rows[b]] for a, b in between))
    total = 0.0
    for i, rows in enumerate(clusters):
        gap = min(reach[np.ix_(inner[i], inner[j])].min() for j in range(len(clusters)) if j != i)
        total += len(rows) * (gap - sparseness[i]) / max(gap, sparseness[i])
    return total / len(x)


def kruskal(table: np.ndarray, gaps: np.ndarray) -> list[tuple[int, int]]:
    """Edges of a minimum spanning tree; of those equally long, the one across the least gap."""
    group = list(range(len(table)))
    pairs = [(table[a, b], gaps[a, b], a, b) for a in range(len(table)) for b in range(a)]
    tree = []
    for _, _, a, b in sorted(pairs):
        if group[a] != group[b]:
            tree.append((a, b))
            old, new = group[a], group[b]
            group = [new if one == old else one for one in group]
    return tree


def lines(n: int, d: int, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows about k lines, some of them noise."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, k, n)
    labels[: 2 * k] = np.repeat(np.arange(k), 2)
    x = rng.normal(size=(n, d)) + 3 * labels[:, None]
    return x, labels


@given(st.integers(0, 2**32 - 1), st.integers(6, 60), st.integers(1, 4), st.integers(2, 3))
def test_score_follows_the_definitions(seed: int, n: int, d: int, k: int) -> None:
    # distances are all different, so that there is one tree
    x, labels = lines(n, d, k, seed)
    assert gm.dbcv_score(x, labels) == pytest.approx(truth(x, labels), abs=1e-9)


def test_score_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    x, labels = lines(200, 3, 5, 1)
    whole = gm.dbcv_score(x, labels)
    assert whole == pytest.approx(truth(x, labels), abs=1e-9)
    monkeypatch.setattr("gramian.metrics._dbcv.BLOCK_ELEMENTS", 300)
    assert gm.dbcv_score(x, labels) == whole


@pytest.mark.parametrize(
    "kind", [np.asarray, torch.from_numpy, sparse.csr_matrix, np.ndarray.tolist]
)
def test_every_kind_of_table(kind: Any) -> None:
    x, labels = lines(60, 2, 3, 2)
    before = x.copy()
    assert gm.dbcv_score(kind(x), labels) == gm.dbcv_score(before, labels)
    np.testing.assert_array_equal(x, before)


def test_kinds_of_labels() -> None:
    x, labels = lines(60, 2, 3, 3)
    expected = gm.dbcv_score(x, labels)
    words = np.array(["d", "a", "b", "c"])[labels]
    kept = labels >= 0
    assert gm.dbcv_score(x, torch.from_numpy(labels)) == expected
    share = kept.mean()
    assert gm.dbcv_score(x[kept], words[kept]) * share == pytest.approx(expected, rel=1e-12)
    # a text that looks like noise is a cluster
    assert gm.dbcv_score(x, labels.astype(str)) != expected


def test_a_single_row_is_noise() -> None:
    x, labels = lines(60, 2, 3, 4)
    labels[7] = 99
    as_noise = np.where(labels == 99, -1, labels)
    assert gm.dbcv_score(x, labels) == gm.dbcv_score(x, as_noise)


def test_scale_and_shift_and_order_do_not_matter() -> None:
    x, labels = lines(80, 2, 3, 5)
    order = np.random.default_rng(0).permutation(len(x))
    expected = gm.dbcv_score(x, labels)
    for table, names in ((x * 64, labels), (x + 1024, labels), (x[order], labels[order])):
        assert gm.dbcv_score(table, names) == pytest.approx(expected, rel=1e-9)


def test_many_features_do_not_overflow() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 30)
    x = rng.normal(size=(60, 800)) * 1e-3 + labels[:, None]
    assert 0.9 < gm.dbcv_score(x, labels) <= 1


def test_equal_rows() -> None:
    x = np.repeat([[0.0, 0.0], [1.0, 1.0]], 5, axis=0)
    assert gm.dbcv_score(x, np.repeat([0, 1], 5)) == 1.0
    assert gm.dbcv_score(np.zeros((10, 2)), np.repeat([0, 1], 5)) == 0.0


def test_shapes_that_centroids_do_not_see() -> None:
    angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x, labels = np.concatenate([ring, 3 * ring]), np.repeat([0, 1], 100)
    assert gm.dbcv_score(x, labels) > 0.6
    assert gm.silhouette_score(x, labels) < 0.3
    assert gm.dbcv_score(x, (x[:, 0] > 0).astype(int)) < -0.5


@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_a_tree_is_as_short_as_kruskals(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    points = np.round(rng.normal(size=(n, 2)), 1)
    core = np.round(rng.uniform(size=n), 1)
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(2))
    table = np.maximum(distances, np.maximum(core[:, None], core[None]))
    edges, lengths = reach_tree(points, core)
    np.testing.assert_allclose(lengths, table[edges[:, 0], edges[:, 1]], rtol=1e-12)
    assert lengths.sum() == pytest.approx(sum(table[a, b] for a, b in kruskal(table, distances)))
    assert sorted([0, *edges[:, 1].tolist()]) == list(range(n))


def test_inner_nodes() -> None:
    path = np.array([[0, 1], [1, 2], [2, 3]])
    nodes, largest = internal(path, np.array([9.0, 2.0, 5.0]))
    assert nodes.tolist() == [1, 2]
    assert largest == 2.0
    star = np.array([[0, 1], [0, 2], [0, 3]])
    nodes, largest = internal(star, np.array([1.0, 4.0, 3.0]))
    assert nodes.tolist() == [0]
    assert largest == 4.0
    nodes, largest = internal(np.array([[0, 1]]), np.array([7.0]))
    assert nodes.tolist() == [0, 1]
    assert largest == 7.0


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 0, 1, -1], [0, 1, 2, 3], [-1, -1, 0, 0]])
def test_too_few_clusters(labels: list[int]) -> None:
    with pytest.raises(ValueError, match=r"dbcv_score: labels must have at least 2 clusters of 2"):
        gm.dbcv_score([[0.0], [1.0], [2.0], [3.0]], labels)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        gm.dbcv_score([[0.0], [1.0]], [0])
    with pytest.raises(ValueError, match="NaN"):
        gm.dbcv_score([[0.0], [np.nan]], [0, 1])
