"""Dendrogram and condensed tree: how they are folded, where their lines and bands stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

import gramian as gm
from gramian.plot import CondensedTreeDisplay, DendrogramDisplay, style
from gramian.plot._icicle import bands
from gramian.plot._merges import folded
from gramian.plot.condensed_tree import _outline

RNG = np.random.default_rng(0)
BLOBS = np.concatenate([RNG.normal(size=(100, 2)) + c for c in ([0, 0], [20, 0], [0, 20])])
SMALL = [[0, 1, 1.0, 2], [2, 3, 1.5, 2], [4, 5, 6.0, 4]]


# ---- dendrogram -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["array", "tensor"])
def test_a_small_tree_is_drawn_whole(kind: Any) -> None:
    display = DendrogramDisplay.from_predictions(kind(SMALL), cut=3.0)
    assert display.leaf_rows.tolist() == [1, 1, 1, 1]
    lines = [tuple(map(tuple, line)) for line in display._lines(display._root)]
    assert ((0.5, 6.0), (0.5, 1.0)) in lines
    assert ((0.5, 6.0), (2.5, 6.0)) in lines
    assert ((3.0, 1.5), (3.0, 0.0)) in lines
    assert display.columns()["joins others at"] == ["1", "1", "1.5", "1.5"]
    assert display.describe().endswith("2 branches cross the cut at 3.")
    ax = display.plot().ax_
    assert ax.get_ylim() == (0, pytest.approx(6.6))


@pytest.mark.parametrize(("method", "cut"), [("single", 9.0), ("average", 9.0), ("ward", 90.0)])
def test_large_trees_are_folded_to_their_clusters(method: str, cut: float) -> None:
    tree = linkage(BLOBS, method)
    display = DendrogramDisplay.from_predictions(tree, cut=cut, min_size=40)
    assert display.n_clusters == 3 == fcluster(tree, cut, "distance").max()
    assert len(display.leaf_rows) <= 40
    display.plot().figure_.canvas.draw()


@given(st.integers(2, 60), st.integers(2, 12), st.integers(1, 6), st.integers(0, 99))
def test_folding_keeps_the_balanced_merges(n: int, leaves: int, least: int, seed: int) -> None:
    tree = linkage(np.random.default_rng(seed).normal(size=(n, 2)), "single")
    sizes = np.concatenate([np.ones(n), tree[:, 3]])
    smaller = sizes[tree[:, :2].astype(int)].min(1)
    wanted = np.sort(smaller[smaller >= least])[::-1][: leaves - 1]
    root = folded(tree, least, leaves)
    kept = [branch for branch in root.walk() if branch.children]
    found = sorted((min(c.rows for c in branch.children) for branch in kept), reverse=True)
    assert found == wanted.tolist()
    assert len(root.leaves()) == len(kept) + 1
    for branch in kept:
        assert branch.end <= branch.start
        assert all(child.start == branch.end for child in branch.children)
        assert sum(child.rows for child in branch.children) <= branch.rows


def test_a_long_chain_is_folded() -> None:
    n = 30_000
    heights = np.arange(1.0, n)
    nodes = np.concatenate([[0], np.arange(n, 2 * n - 2)])
    chain = np.column_stack([nodes, np.arange(1, n), heights, np.arange(2, n + 1)])
    display = DendrogramDisplay.from_predictions(chain)
    assert display.leaf_rows.tolist() == [n]
    display.plot().figure_.canvas.draw()


def test_a_cut_above_or_below_everything() -> None:
    assert DendrogramDisplay.from_predictions(SMALL, cut=7.0).plot().n_clusters == 0
    assert DendrogramDisplay.from_predictions(SMALL, cut=0.5).plot().n_clusters == 4
    assert DendrogramDisplay.from_predictions(SMALL).plot().n_clusters is None
    assert DendrogramDisplay.from_predictions(np.array(SMALL)[:1], cut=0.0).plot().n_clusters == 0
    same = DendrogramDisplay.from_predictions([[0, 1, 0.0, 2]])
    assert same.plot().ax_.get_ylim() == (0, 1)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (np.zeros((2, 3)), r"linkage must be an array of shape \(n - 1, 4\), got \(2, 3\)"),
        ([[0, 0, 1.0, 2]], "linkage must be merges of two clusters each, .* used once"),
        ([[0, 2, 1.0, 2]], "linkage must be merges of two clusters each"),
        ([[0, 0.5, 1.0, 2]], "linkage must be merges of two clusters each"),
        ([[0, -1, 1.0, 2]], "linkage must be merges of two clusters each"),
        ([[0, 1, 1.0, 3]], "linkage must be distances of at least 0 and numbers of rows that add"),
        ([[0, 1, -1.0, 2]], "linkage must be distances of at least 0"),
        ([[0, 1, np.nan, 2]], "linkage must be free of NaN and infinity"),
    ],
)
def test_what_is_no_linkage(broken: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"DendrogramDisplay.from_predictions: {message}"):
        DendrogramDisplay.from_predictions(broken)


def test_dendrogram_parameters() -> None:
    make = DendrogramDisplay.from_predictions
    with pytest.raises(ValueError, match=r"most_leaves must be an int in \[2, 500\], got 1"):
        make(SMALL, most_leaves=1)
    with pytest.raises(ValueError, match=r"min_size must be an int in \[1, inf\), got 0"):
        make(SMALL, min_size=0)
    with pytest.raises(ValueError, match=r"cut must be a finite number in \[0, inf\), got -1"):
        make(SMALL, cut=-1)


# ---- condensed tree -------------------------------------------------------------------------

# rows 0 … 6; row 6 leaves the root, which then parts into cluster 8 (4 rows) and cluster 9 (2)
TREE = {
    "parent": [7, 7, 7, 8, 8, 8, 8, 9, 9],
    "child": [6, 8, 9, 0, 1, 2, 3, 4, 5],
    "lambda_val": [0.5, 1.0, 1.0, 2.0, 3.0, 4.0, 4.0, 1.5, np.inf],
    "child_size": [1, 4, 2, 1, 1, 1, 1, 1, 1],
}


def tree(**changes: Any) -> dict[str, Any]:
    return {name: np.array(values) for name, values in (TREE | changes).items()}


def test_bands_hang_below_their_parents() -> None:
    found = bands(**tree())
    assert list(found) == [7, 8, 9]
    root, large, small = found.values()
    assert (root.size, root.center, root.birth) == (7, 3.5, 0)
    assert root.levels.tolist() == [0.5, 1.0]
    assert root.widths.tolist() == [6, 6]
    assert (large.birth, large.size, large.center) == (1, 4, 2.5)
    assert (small.birth, small.size, small.center) == (1, 2, 5.5)
    assert large.widths.tolist() == [3, 2, 1, 0]
    assert root.stability == 0.5 + 6
    assert large.stability == 1 + 2 + 3 + 3
    assert small.stability == np.inf


def test_selected_clusters_are_numbered_and_colored() -> None:
    display = CondensedTreeDisplay.from_predictions(**tree(), selected=torch.tensor([9, 8]))
    assert (display.n_rows, display.n_clusters) == (7, 3)
    ax = display.plot().ax_
    assert [text.get_text() for text in ax.texts] == ["0", "1"]
    assert [text.xy[0] for text in ax.texts] == [5.5, 2.5]
    colors = [c.get_facecolor()[0][:3] for c in ax.collections]
    wanted = [style.LIGHT.noise, style.LIGHT.color(1), style.LIGHT.color(0)]
    np.testing.assert_allclose(colors, [style.to_rgba(name)[:3] for name in wanted])
    assert ax.yaxis_inverted()
    assert display.columns() == {
        "cluster": [0, 1],
        "rows": ["2", "4"],
        "parts at": ["1", "1"],
        "ends at": ["inf", "4"],
        "stability": ["inf", "9"],
    }
    assert display.describe() == (
        "Condensed tree of 7 rows with 3 clusters, of which 2 are selected; across: rows; "
        "down: density."
    )


def test_an_outline_is_as_wide_as_the_rows_that_are_left() -> None:
    right, left = np.split(_outline(bands(**tree())[8], 10.0, 100), 2)
    np.testing.assert_array_equal(right[:, 1], left[::-1, 1])
    widths = right[:, 0] - left[::-1, 0]
    for density, rows in ((1.5, 4), (2.5, 3), (3.5, 2)):
        assert widths[np.searchsorted(right[:, 1], density) - 1] == rows
    np.testing.assert_allclose(right[:, 0] + left[::-1, 0], 2 * 2.5)


@pytest.mark.parametrize("method", ["eom", "leaf"])
def test_the_clusters_of_an_estimator_are_found_in_its_tree(method: str) -> None:
    model = gm.HDBSCAN(min_cluster_size=12, cluster_selection_method=method).fit(BLOBS)
    display = CondensedTreeDisplay.from_estimator(model)
    found = display._bands
    assert len(display.selected) == model.labels_.max() + 1
    for label, node in enumerate(display.selected.tolist()):
        inside = {node}
        for band in found.values():
            inside |= {band.cluster} if band.parent in inside else set()
        rows = np.isin(display.parent, list(inside)) & (display.child < len(BLOBS))
        assert set(display.child[rows].tolist()) == set(np.flatnonzero(model.labels_ == label))


def test_an_estimator_that_is_not_fitted() -> None:
    message = "from_estimator: estimator must be a fitted object with the attribute condensed_tree_"
    with pytest.raises(ValueError, match=message):
        CondensedTreeDisplay.from_estimator(gm.HDBSCAN())


def test_nothing_selected_lists_every_cluster() -> None:
    display = CondensedTreeDisplay.from_predictions(**tree()).plot()
    assert display.columns()["cluster"] == [7, 8, 9]
    assert not display.ax_.texts
    assert "selected" not in display.describe()


def test_equal_rows_alone() -> None:
    lines = tree(parent=[2, 2], child=[0, 1], lambda_val=[np.inf, np.inf], child_size=[1, 1])
    display = CondensedTreeDisplay.from_predictions(**lines, selected=[2])
    display.plot().figure_.canvas.draw()
    assert display.columns()["stability"] == ["inf"]


def test_weights_and_many_rows() -> None:
    n = 20_000
    lines = {
        "parent": np.full(n, n),
        "child": np.arange(n),
        "lambda_val": np.sort(RNG.random(n)),
        "child_size": RNG.random(n) + 0.1,
    }
    display = CondensedTreeDisplay.from_predictions(**lines)
    (shape,) = display.plot().ax_.collections
    assert len(shape.get_paths()[0].vertices) < 30_000
    corners = shape.get_paths()[0].vertices[:, 0]
    assert np.ptp(corners) == pytest.approx(lines["child_size"].sum())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"child": [6, 8]}, "child must be of length 9, got 2"),
        ({"lambda_val": [0.5]}, "lambda_val must be of length 9, got 1"),
        ({"child": [6, 8, 9, 0, 0, 2, 3, 4, 5]}, "child must be free of repeats"),
        ({"child": [6, 8, 11, 0, 1, 2, 3, 4, 5]}, "parent must be the child clusters and the root"),
        ({"lambda_val": [-1.0, *TREE["lambda_val"][1:]]}, "lambda_val must be at least 0"),
        ({"lambda_val": [np.nan, *TREE["lambda_val"][1:]]}, "lambda_val must be at least 0"),
        ({"child_size": [0, *TREE["child_size"][1:]]}, "child_size must be above 0"),
        ({"selected": [3]}, "selected must be nodes of clusters"),
    ],
)
def test_what_is_no_condensed_tree(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"CondensedTreeDisplay.from_predictions: {message}"):
        CondensedTreeDisplay.from_predictions(**tree(**changes))


def test_a_circle_is_no_tree() -> None:
    lines = tree(
        parent=[3, 4, 5], child=[0, 5, 4], lambda_val=[1.0, 1.0, 1.0], child_size=[1, 1, 1]
    )
    with pytest.raises(ValueError, match="parent must be a smaller number than its child clusters"):
        CondensedTreeDisplay.from_predictions(**lines)
