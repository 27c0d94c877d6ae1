"""Other numbers of clusters, beside the one that was asked for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gramian.cli._other_k import PATH_ROWS, other_k
from gramian.cli._pictures import inertia_curve


def groups(n: int, k: int = 4) -> np.ndarray:
    rng = np.random.default_rng(0)
    corners = 9.0 * np.array([[0, 0], [0, 2], [2, 0], [2, 2]])[:k]
    return corners[np.arange(n) % k] + rng.normal(size=(n, 2))


def test_silhouette_and_gap_find_the_groups() -> None:
    other = other_k(groups(400), 3)
    assert (other.largest_silhouette, other.k) == (4, 3)
    assert other.path.ks[np.argmax(other.path.gap)] == 4
    assert other.path.ks.tolist() == list(range(1, 11))
    display, _, caption = inertia_curve(other)
    assert display.chosen == 3
    assert "Each starts from the one before. The silhouette is largest at k = 4." in caption
    assert "below that of uniform rows" in caption
    assert list(display.columns()) == ["clusters", "inertia", "silhouette", "gap", "error of gap"]


def test_many_clusters_are_reached_in_ten_steps() -> None:
    other = other_k(groups(300), 23)
    assert 23 in other.path.ks
    assert other.path.ks[-1] == 46
    assert len(other.path.ks) <= 11


@pytest.mark.parametrize("weighted", [False, True])
def test_a_long_table_is_sampled(weighted: bool) -> None:
    n = PATH_ROWS + 10
    weight = np.zeros(n) if weighted else None
    if weight is not None:
        weight[0] = 1.0
    other = other_k(groups(n), 2, weight=weight)
    assert (other.rows, other.of) == (PATH_ROWS, n)
    assert f"on {PATH_ROWS:,} rows drawn at random" in inertia_curve(other)[2]


@pytest.mark.parametrize("X", [np.ones((6, 2)), np.eye(3), np.repeat(np.eye(2), 4, axis=0)])
def test_few_distinct_rows_are_no_fault(X: np.ndarray) -> None:
    other = other_k(X, 3)
    assert other.path.ks[-1] == len(np.unique(X, axis=0))
    assert json.loads(json.dumps(other.summary(), allow_nan=False)) == other.summary()
    inertia_curve(other)[0].plot().figure_.draw_without_rendering()


def test_the_summary_tells_them_where_it_is_asked_for(run, blobs: Path) -> None:
    outcome = run("cluster", blobs, "-a", "kmeans", "-k", "3", "--json", "-")
    told = json.loads(outcome.out)["other_k"]
    assert (told["rows"], told["largest_silhouette"]) == (60, 3)
    assert [set(entry) for entry in told["path"]] == [
        {"k", "inertia", "silhouette", "gap", "gap_error"}
    ] * 10
    assert told["path"][0]["silhouette"] is None
    other = run("cluster", blobs, "-a", "dbscan", "--json", "-")
    assert json.loads(other.out)["other_k"] is None
