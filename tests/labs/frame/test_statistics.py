"""Intervals and p-values against slow truth and known values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from gramian.labs import statistics


def test_wilson_is_the_published_formula() -> None:
    k, n, z = 7, 40, stats.norm.ppf(0.995)
    share, centre = k / n, (k / n + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    found = statistics.wilson(k, n)
    assert found.value == share
    np.testing.assert_allclose(found.interval, (centre - half, centre + half), rtol=1e-12)
    assert statistics.wilson(0, 5).interval[0] == 0.0
    with pytest.raises(ValueError, match=r"wilson: successes must be an int in \[0, 5\], got 6"):
        statistics.wilson(6, 5)


def test_mean_is_students() -> None:
    values = np.random.default_rng(0).normal(size=9)
    expected = stats.t.interval(0.99, 8, values.mean(), stats.sem(values))
    np.testing.assert_allclose(statistics.mean(values).interval, expected, rtol=1e-12)
    assert statistics.mean([3.0], seeds=[7]) == statistics.Estimate(3.0, n=1, seeds=[7])


def test_equivalence_covers_the_mean_from_both_sides() -> None:
    """The bounds of skewed samples lie on their side of the true mean about 95 times in 100."""
    rng = np.random.default_rng(0)
    bounds = np.array(
        [statistics.equivalence(rng.exponential(size=40)).interval for _ in range(60)]
    )
    assert (bounds[:, 0] < 1).mean() > 0.85
    assert (bounds[:, 1] > 1).mean() > 0.85
    assert (bounds[:, 1] > 1).mean() < 1 or (bounds[:, 0] < 1).mean() < 1
    same = np.full(10, 0.25)
    assert statistics.equivalence(same).interval == pytest.approx((0.25, 0.25))


def test_sign_flip_counts_every_pattern() -> None:
    differences = np.random.default_rng(1).normal(0.3, 1, size=9)
    sums = [np.dot(signs, differences) for signs in itertools.product((1, -1), repeat=9)]
    expected = np.mean([total >= differences.sum() - 1e-12 for total in sums])
    assert statistics.sign_flip(differences).p == pytest.approx(expected, abs=1e-15)


def test_sign_flip_of_eight_reaches_one_in_256() -> None:
    assert statistics.sign_flip([0.1] * 8).p == 1 / 256
    assert statistics.sign_flip([-0.1] * 8).p == 1.0
    assert statistics.sign_flip([0.0] * 8).p == 1.0
    with pytest.raises(ValueError, match="number of pairs must be an int in"):
        statistics.sign_flip([1.0] * 7)


def test_sign_flip_of_many_draws_patterns() -> None:
    assert statistics.sign_flip(np.ones(20)).p == 1e-4
    p = statistics.sign_flip(np.random.default_rng(0).normal(size=30)).p
    assert 0.02 < p < 1


def test_mcnemar_is_the_exact_binomial_test() -> None:
    ours = np.array([1] * 30 + [0] * 5 + [1] * 12 + [0] * 3, dtype=bool)
    theirs = np.array([1] * 30 + [0] * 5 + [0] * 12 + [1] * 3, dtype=bool)
    found = statistics.mcnemar(ours, theirs)
    assert found.value == pytest.approx(9 / 50)
    assert found.p == pytest.approx(stats.binom.sf(11, 15, 0.5))
    assert statistics.mcnemar(ours, ours).p == 1.0
    with pytest.raises(ValueError, match="mcnemar: theirs must be as many hits as ours"):
        statistics.mcnemar(ours, theirs[1:])


def test_permutation_counts_the_data_too() -> None:
    null = np.arange(999)
    assert statistics.permutation(1e9, null).p == 1 / 1000
    assert statistics.permutation(998, null).p == 2 / 1000
    assert statistics.permutation(-1, null).p == 1.0


def test_paired_times_gives_a_ratio_with_quartiles() -> None:
    calls = {"ours": 0, "theirs": 0}

    def call(who: str) -> None:
        calls[who] += 1

    found = statistics.paired_times(lambda: call("ours"), lambda: call("theirs"))
    low, high = found.interval
    assert 0 < low <= found.value <= high
    assert found.n == 7
    assert min(calls.values()) >= 9  # one to warm up, one to size, seven to time
    with pytest.raises(ValueError, match="repeats must be an int in"):
        statistics.paired_times(lambda: None, lambda: None, repeats=3)
