"""The statistics under a verdict: pair sums, partners, bounds, Holm, size and power."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
import torch
from benchmarks.symmetry.simulations import (
    DOCUMENTED_EFFECT,
    DOCUMENTED_ROWS,
    TESTS,
    boundary_claim,
    rejects,
)
from scipy.stats import bootstrap
from tests.symmetry.verdicts.rows import generator, pilot, rows

from gramian.symmetry import (
    holm,
    required_rows,
)
from gramian.symmetry.verdicts import _pairs
from gramian.symmetry.verdicts._design import Design, derangements


def test_pair_sums_are_those_of_the_plain_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pairs, "BLOCK_ENTRIES", 23 * 5)
    a, b = rows(23, 4, seed=1).double(), rows(23, 4, seed=2).double()
    design = Design.draw(23, 30, generator())
    labels = torch.arange(23) % 4
    sums = _pairs.pair_sums(a, b, design, labels)
    D = torch.cdist(a, b)
    own = D.diagonal().clone()
    places = torch.arange(23)
    torch.testing.assert_close(
        sums.exchanged, torch.stack([D[places, sigma].mean() for sigma in design.partners])
    )
    D.fill_diagonal_(0)
    torch.testing.assert_close(sums.own, own)
    torch.testing.assert_close(sums.of_left, D.sum(1))
    torch.testing.assert_close(sums.of_right, D.sum(0))
    pairs = [(i, j) for i in range(23) for j in range(23) if i != j and i % 4 == j % 4]
    assert sums.within == pytest.approx(float(np.mean([float(D[i, j]) for i, j in pairs])))
    weights = design.weights.double()
    for sample in (0, 7):
        w = weights[sample]
        different = float(w.sum() ** 2 - w.square().sum())
        assert float(sums.resampled[sample]) == pytest.approx(float(w @ D @ w) / different)


def test_derangements_are_uniform_and_leave_none_in_its_place() -> None:
    drawn = derangements(4, 9000, generator())
    assert not bool((drawn == torch.arange(4)).any())
    found, counts = drawn.unique(dim=0, return_counts=True)
    truth = [p for p in permutations(range(4)) if all(p[i] != i for i in range(4))]
    assert sorted(map(tuple, found.tolist())) == sorted(truth)
    assert counts.min() > 850
    assert counts.max() < 1150


def test_other_partners_follow_the_law_of_exchangeable_ones() -> None:
    design = Design.draw(8, 4000, generator())
    assert torch.equal(design.partners.sort(1).values, torch.arange(8).expand(4000, 8))
    kept = (design.partners == torch.arange(8)).double().mean()
    assert 0.1 < float(kept) < 0.15  # one row in eight meets its own partner
    assert not bool((design.apart == torch.arange(8)).any())


def test_bounds_agree_with_scipy_on_a_plain_ratio() -> None:
    from gramian.symmetry.verdicts._bootstrap import BCa

    rng = np.random.default_rng(0)
    a, b = rng.exponential(size=60), rng.exponential(2.0, size=60)

    def ratio(a: np.ndarray, b: np.ndarray, axis: int = -1) -> np.ndarray:
        made: np.ndarray = a.mean(axis) / b.mean(axis)
        return made

    scipy = bootstrap(
        (a, b), ratio, paired=True, n_resamples=20000, confidence_level=0.9, rng=rng
    ).confidence_interval
    chosen = rng.integers(60, size=(20000, 60))
    keep = ~np.eye(60, dtype=bool)
    left = np.array([ratio(a[k], b[k]) for k in keep])
    bca = BCa.of(
        float(ratio(a, b)), torch.from_numpy(ratio(a[chosen], b[chosen])), torch.from_numpy(left)
    )
    assert bca.bound(0.05) == pytest.approx(scipy.low, rel=0.02)
    assert bca.bound(0.95) == pytest.approx(scipy.high, rel=0.02)
    for level in (0.05, 0.5, 0.95):
        assert bca.pvalue_at_least(bca.bound(level)) == pytest.approx(1 - level, abs=2e-3)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(torch.tensor([0.9, 0.8])).tolist() == [1.0, 1.0]


def test_required_rows_by_hand() -> None:
    # (1.645 + 1.282) · 0.01 / 0.05 of the pilot's 100 rows, squared
    assert required_rows(pilot(0.05, 0.01)) == math.ceil(100 * (2.926405 * 0.01 / 0.05) ** 2)
    assert required_rows(pilot(0.0, 0.0)) == 8
    assert required_rows(pilot(0.08, 0.01), delta=0.2) < required_rows(pilot(0.08, 0.01))


def inside_binomial(rejections: int, trials: int) -> bool:
    """Whether a rate of 5 % explains the count, at 99 %."""
    from scipy.stats import binom

    low, high = binom.interval(0.99, trials, 0.05)
    return bool(low <= rejections <= high)


def null_rejections(trials: int, n: int, test: str) -> int:
    return sum(rejects(0.0, n, test, seed) for seed in range(trials))


@pytest.mark.parametrize("test", TESTS)
def test_size_in_few_trials(test: str) -> None:
    assert inside_binomial(null_rejections(200, 20, test), 200)


@pytest.mark.nightly
@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("n", [12, 40])
def test_size_in_a_thousand_trials(test: str, n: int) -> None:
    assert inside_binomial(null_rejections(1000, n, test), 1000)


def power(trials: int) -> float:
    """At the documented effect."""
    case = DOCUMENTED_EFFECT, DOCUMENTED_ROWS, "invariance"
    return sum(rejects(*case, seed) for seed in range(trials)) / trials


def test_power_at_the_documented_effect_in_few_trials() -> None:
    assert power(60) >= 0.88


@pytest.mark.nightly
def test_power_at_the_documented_effect() -> None:
    assert power(1000) >= 0.9


def test_the_margin_is_kept_in_few_trials() -> None:
    assert sum(boundary_claim(60, seed) for seed in range(100)) <= 12


@pytest.mark.nightly
def test_the_margin_is_kept_in_a_thousand_trials() -> None:
    assert inside_binomial(sum(boundary_claim(100, seed) for seed in range(1000)), 1000)
