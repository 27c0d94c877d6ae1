"""Seeding: what is drawn, how often, and what never is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import BaseEstimator

from gramian import _input
from gramian._input import Rows, take_rows
from gramian.cluster import _assignment, _oversampling, _seeding
from gramian.cluster._oversampling import oversample


def rows_of(X: np.ndarray) -> Rows:
    return take_rows(BaseEstimator(), X, reset=True)


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("block", [3, 2**12])
def test_draws_are_in_proportion_to_mass(
    block: int, generator: torch.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_seeding, "BLOCK", block)
    mass = torch.tensor([0.0, 3.0, 0.0, 1.0, 4.0, 0.0, 2.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    found = _seeding.draw(mass, 4000, generator).bincount(minlength=10)
    assert not found[mass == 0].any()
    expected = 4000 * mass / mass.sum()
    spread = (expected * (1 - mass / mass.sum())).sqrt()
    assert bool(((found - expected).abs() <= 4 * spread).all())


def test_a_draw_at_the_very_end_finds_a_row_with_mass() -> None:
    running = torch.tensor([0.0, 1.0, 2.0, 2.0], dtype=torch.float64)
    for target, place in ((0.0, 1), (0.5, 1), (1.0, 2), (2.0, 2), (2.5, 2)):
        assert _seeding._first_above(running, torch.tensor(target, dtype=torch.float64)) == place


def test_random_rows_differ_and_follow_the_weights(generator: torch.Generator) -> None:
    weights = torch.tensor([1.0, 0.0, 6.0, 3.0], dtype=torch.float64)
    first = torch.zeros(4)
    for _ in range(2000):
        chosen = _seeding.random_rows(weights, 3, generator)
        assert sorted(chosen.tolist()) == [0, 2, 3]
        first[chosen[0]] += 1
    expected = 2000 * weights / 10
    assert bool(((first - expected).abs() <= 4 * (expected * (1 - weights / 10)).sqrt()).all())


def test_plus_plus_takes_every_distinct_point_before_a_twin(generator: torch.Generator) -> None:
    X = np.repeat(np.random.default_rng(0).normal(size=(6, 2)), 50, axis=0)
    weights = torch.ones(300, dtype=torch.float64)
    chosen = _seeding.plus_plus(rows_of(X), weights, 6, generator)
    assert sorted((chosen // 50).tolist()) == list(range(6))
    assert len(_seeding.plus_plus(rows_of(X), weights, 9, generator)) == 9


@pytest.mark.parametrize("size", [1e30, 1e-30])
def test_plus_plus_of_large_and_small_numbers(size: float, generator: torch.Generator) -> None:
    X = np.repeat(np.random.default_rng(0).normal(size=(6, 2)), 50, axis=0)
    weights = torch.ones(300, dtype=torch.float64)
    chosen = _seeding.plus_plus(rows_of((X * size).astype(np.float32)), weights, 6, generator)
    assert sorted((chosen // 50).tolist()) == list(range(6))


def test_plus_plus_takes_the_rows_of_a_sparse_matrix_as_those_of_a_dense_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_input, "BLOCK_ELEMENTS", 100)
    X = np.random.default_rng(0).normal(size=(300, 4))
    X[X < 0.5] = 0
    weights = torch.ones(300, dtype=torch.float64)
    dense, thin = (
        _seeding.plus_plus(
            take_rows(BaseEstimator(), table, reset=True),
            weights,
            9,
            torch.Generator().manual_seed(1),
        )
        for table in (X, sparse.csr_matrix(X))
    )
    assert dense.tolist() == thin.tolist()


def test_plus_plus_never_takes_a_row_without_weight(generator: torch.Generator) -> None:
    X = np.random.default_rng(0).normal(size=(100, 3))
    X[::2] *= 100
    weights = torch.ones(100, dtype=torch.float64)
    weights[::2] = 0
    chosen = _seeding.plus_plus(rows_of(X), weights, 30, generator)
    assert bool((chosen % 2 == 1).all())


def test_the_trial_that_lowers_the_inertia_most_stays(
    generator: torch.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = np.array([[0.0], [1.0], [10.0], [11.0], [12.0]])
    trials = iter([torch.tensor([0]), torch.tensor([1, 4, 3])])
    monkeypatch.setattr(_seeding, "draw", lambda *_: next(trials))
    weights = torch.ones(5, dtype=torch.float64)
    assert _seeding.plus_plus(rows_of(X), weights, 2, generator).tolist() == [0, 3]


def test_plus_plus_is_better_than_chance(generator: torch.Generator) -> None:
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(20, 2)) * 50
    X = centers[rng.integers(20, size=2000)] + rng.normal(size=(2000, 2))
    weights = torch.ones(2000, dtype=torch.float64)

    def inertia(chosen: torch.Tensor) -> float:
        gaps = X[:, None] - X[chosen.numpy()]
        return float((gaps**2).sum(2).min(1).sum())

    seeded = [inertia(_seeding.plus_plus(rows_of(X), weights, 20, generator)) for _ in range(5)]
    chance = [inertia(_seeding.random_rows(weights, 20, generator)) for _ in range(5)]
    assert max(seeded) < min(chance) / 3


def test_oversampling_finds_every_cluster(generator: torch.Generator) -> None:
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(30, 4)) * 100, 40, axis=0) + rng.normal(size=(1200, 4))
    weights = torch.ones(1200, dtype=torch.float64)
    chosen = oversample(rows_of(X), weights, 30, generator)
    assert sorted((chosen // 40).tolist()) == list(range(30))
    table = rows_of(sparse.csr_matrix(X))
    again = oversample(table, weights, 30, torch.Generator().manual_seed(0))
    first = oversample(rows_of(X), weights, 30, torch.Generator().manual_seed(0))
    assert torch.equal(again, first)


def test_oversampling_copes_with_few_points_and_rows_without_weight(
    generator: torch.Generator,
) -> None:
    X = np.repeat(np.arange(3.0)[:, None], 50, axis=0)
    weights = torch.ones(150, dtype=torch.float64)
    assert set((oversample(rows_of(X), weights, 8, generator) // 50).tolist()) == {
        0,
        1,
        2,
    }
    weights[50:100] = 0
    for _ in range(5):
        chosen = oversample(rows_of(X), weights, 2, generator)
        assert sorted((chosen // 50).tolist()) == [0, 2]


def test_oversampling_draws_by_weight(generator: torch.Generator) -> None:
    """A weight of 3 is worth three rows: the same share of draws of the only other point."""
    X = np.concatenate([np.zeros((900, 1)), [[1.0], [-1.0]]])
    weights = torch.ones(902, dtype=torch.float64)
    weights[900] = 9.0
    found = torch.cat([oversample(rows_of(X), weights, 2, generator) for _ in range(100)])
    counts = found.bincount(minlength=902)
    assert counts[900] > 2 * counts[901]


def test_greedy_seeding_goes_on_from_centres_that_are_there(generator: torch.Generator) -> None:
    X = np.repeat(np.random.default_rng(0).normal(size=(6, 2)), 50, axis=0)
    weights, rows = torch.ones(300, dtype=torch.float64), rows_of(X)
    further = _seeding.extend(rows, weights, rows.take(torch.tensor([0, 60])), 6, generator)
    assert sorted((further // 50).tolist()) == [2, 3, 4, 5]


def test_blocks_of_rows_change_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeding holds a block of rows at a time; how long a block is does not matter."""
    X = np.random.default_rng(0).integers(0, 50, size=(700, 3)).astype(float)
    weights = torch.ones(700, dtype=torch.float64)
    found = []
    for size in (2**19, 90):
        for module in (_seeding, _assignment, _oversampling):
            monkeypatch.setattr(module, "BLOCK_ELEMENTS", size)
        seeds = [torch.Generator().manual_seed(3) for _ in range(3)]
        found.append(
            [
                _seeding.random_rows(weights, 9, seeds[0]),
                _seeding.plus_plus(rows_of(X), weights, 9, seeds[1]),
                oversample(rows_of(X), weights, 9, seeds[2]),
            ]
        )
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))
