"""How eps and the bandwidth are chosen."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gramian.cli import choose
from gramian.cluster import DBSCAN, MeanShift


def groups(n: int, d: int = 2, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centers = rng.uniform(-20, 20, size=(4, d))
    return centers[rng.integers(4, size=n)] + rng.normal(size=(n, d))


def test_separated_counts_pairs() -> None:
    labels = np.array([0, 0, 1, -1])
    n = len(labels)
    pairs = sum(
        labels[i] >= 0 <= labels[j] and labels[i] != labels[j] for i in range(n) for j in range(n)
    )
    assert choose.separated(labels) == pytest.approx(pairs / n**2)
    assert choose.separated(np.zeros(5, dtype=int)) == 0.0


@pytest.mark.parametrize(
    ("labels", "bad"),
    [([0, 0, 0], True), ([-1, -1], True), ([0, 1, -1], False), ([0, 1, -1, -1], True)],
)
def test_degenerate(labels: list[int], bad: bool) -> None:
    assert choose.degenerate(np.array(labels)) is bad


def test_eps_separates_most_pairs_among_the_candidates() -> None:
    X = groups(300)
    choice = choose.choose_eps(X, 5, lambda eps: DBSCAN(eps=eps).fit(X), 0)
    assert choice.model.eps == choice.value
    scores = {entry["eps"]: entry["separated"] for entry in choice.tried}
    assert scores[choice.value] == max(scores.values())
    assert len(np.unique(choice.model.labels_)) >= 4
    assert "separates most pairs" in choice.how


def test_many_rows_take_the_first_that_is_not_degenerate() -> None:
    X = groups(choose.SCAN_ROWS + 1)
    fitted: list[float] = []

    def fit(eps: float) -> SimpleNamespace:
        fitted.append(eps)
        labels = np.zeros(len(X), dtype=int)
        labels[0] = len(fitted) - 1
        return SimpleNamespace(labels_=labels)

    choice = choose.choose_eps(X, 5, fit, 0)
    assert len(fitted) == 2
    assert fitted[1] < fitted[0]
    assert choice.value == fitted[1]
    assert "from the knee of the curve downwards" in choice.how


def test_what_cannot_be_separated_is_said() -> None:
    X = np.random.default_rng(0).normal(size=(50, 2))
    choice = choose.choose_eps(
        X, 5, lambda eps: SimpleNamespace(labels_=np.zeros(50, dtype=int)), 0
    )
    assert "Set --eps or --min-samples by hand." in choice.how


@pytest.mark.parametrize("kernel", ["flat", "gaussian"])
@pytest.mark.parametrize("n", [200, 700])
def test_bandwidth_finds_the_groups(kernel: str, n: int) -> None:
    X = groups(n)
    choice = choose.choose_bandwidth(
        X,
        kernel,
        lambda b, rows: MeanShift(bandwidth=b, kernel=kernel).fit(X if rows is None else X[rows]),
        0,
    )
    assert choice.model.bandwidth == choice.value
    assert len(choice.model.labels_) == n
    shares = np.bincount(choice.model.labels_) / n
    assert (shares >= choose.SUBSTANTIAL).sum() >= 2


def test_a_smaller_share_is_tried_where_one_cluster_holds_nearly_all() -> None:
    X = groups(100)

    def fit(bandwidth: float, rows: np.ndarray | None) -> SimpleNamespace:
        fitted.append(bandwidth)
        labels = np.zeros(100, dtype=int)
        labels[: 2 if len(fitted) == 1 else 20] = 1
        return SimpleNamespace(labels_=labels)

    fitted: list[float] = []
    choice = choose.choose_bandwidth(X, "flat", fit, 0)
    assert choice.value == fitted[1] < fitted[0]
    assert "larger shares left nearly all rows in one cluster" in choice.how


def test_a_single_cluster_for_every_bandwidth_is_said() -> None:
    X = groups(100)
    choice = choose.choose_bandwidth(
        X, "flat", lambda b, rows: SimpleNamespace(labels_=np.zeros(100, dtype=int)), 0
    )
    assert "Set --bandwidth by hand" in choice.how
