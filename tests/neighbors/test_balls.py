"""Searches by balls around pivots against searches of all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from gramian.neighbors._balls import distances_in_blocks, lists_by_balls, split


class Plane:
    """Points, searched by all pairs in float64; counts the pairs."""

    def __init__(self, points: np.ndarray) -> None:
        self.points = points
        self.pairs = 0

    def distances(self, rows: np.ndarray) -> np.ndarray:
        gap = self.points[rows][:, None] - self.points[None]
        return np.sqrt((gap * gap).sum(-1))

    def search(
        self, rows: np.ndarray, columns: np.ndarray, k: int
    ) -> tuple[np.ndarray, np.ndarray]:
        self.pairs += len(rows) * len(columns)
        distance = self.distances(rows)[:, columns]
        place = np.argsort(distance, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(distance, place, axis=1), place


def points(kind: str, n: int = 600) -> np.ndarray:
    rng = np.random.default_rng(0)
    if kind == "groups far apart":
        return rng.normal(size=(n, 2)) + 100.0 * rng.integers(0, 6, (n, 1))
    if kind == "groups and strays":
        strays = rng.uniform(0.0, 500.0, (n // 10, 2))
        return np.concatenate([points("groups far apart", n - n // 10), strays])
    if kind == "one cloud":
        return rng.normal(size=(n, 2))
    if kind == "a grid, with ties":
        return rng.integers(0, 5, (n, 2)) * 1.0
    return np.ones((n, 2))


KINDS = ["groups far apart", "groups and strays", "one cloud", "a grid, with ties", "all equal"]


@pytest.mark.parametrize("k", [1, 7, 40])
@pytest.mark.parametrize("kind", KINDS)
def test_lists_are_those_of_all_pairs(kind: str, k: int) -> None:
    plane = Plane(points(kind))
    n = len(plane.points)
    values, index = lists_by_balls(n, k, plane.search, plane.distances)
    wanted, place = plane.search(np.arange(n), np.arange(n), k)
    np.testing.assert_array_equal(index, place)
    np.testing.assert_array_equal(values, wanted)


def test_groups_spare_most_pairs_and_one_cloud_costs_few_more() -> None:
    pairs = {}
    for kind in ("groups far apart", "one cloud"):
        plane = Plane(points(kind, 2000))
        lists_by_balls(2000, 3, plane.search, plane.distances)
        pairs[kind] = plane.pairs / 2000**2
    assert pairs["groups far apart"] < 0.3
    assert pairs["one cloud"] < 1.3


@settings(max_examples=examples(200))
@given(
    distance=st.lists(
        st.one_of(st.integers(0, 9).map(float), st.just(np.inf)), min_size=1, max_size=30
    ),
    bound=st.lists(st.integers(-1, 12), min_size=1, max_size=20),
)
def test_a_split_leaves_no_column_out(distance: list[float], bound: list[int]) -> None:
    """Every near row has all columns within its bound, and no split would leave fewer pairs."""
    gaps, bounds = np.array(distance), np.array(bound, dtype=np.float64)
    rows = np.arange(100, 100 + len(bounds))
    near, columns, far = split(rows, bounds, gaps)
    np.testing.assert_array_equal(np.sort(np.concatenate([near, far])), rows)
    assert np.isfinite(gaps[columns]).all()
    for row in near:
        assert set(np.flatnonzero(gaps <= bounds[row - 100])) - set(
            np.flatnonzero(np.isinf(gaps))
        ) <= set(columns)
    finite = int(np.isfinite(gaps).sum())
    rising = np.sort(bounds)
    costs = [
        t * int((gaps[np.isfinite(gaps)] <= (rising[t - 1] if t else -1)).sum())
        + (len(rows) - t) * finite
        for t in range(len(rows) + 1)
    ]
    assert len(near) * len(columns) + len(far) * finite == min(costs)


def test_no_block_holds_more_pairs_than_the_memory_lets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gramian.neighbors._balls.pair_limit", lambda: 1300)
    plane, asked = Plane(points("one cloud")), []

    def distances(rows: np.ndarray) -> np.ndarray:
        asked.append(len(rows))
        return plane.distances(rows)

    found = np.array(list(distances_in_blocks(np.arange(0, 70, 10), 600, distances)))
    assert asked == [2, 2, 2, 1]
    np.testing.assert_array_equal(found, plane.distances(np.arange(0, 70, 10)))
