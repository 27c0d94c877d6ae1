"""The tests of symmetry: known cases, their rule, and the pieces against slow truths."""

from __future__ import annotations

import math
from itertools import permutations
from typing import Any

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
from torch import Tensor, nn

from gramian.symmetry import (
    SymmetryResult,
    equivariance_test,
    group_averaged,
    holm,
    invariance_test,
    required_rows,
    with_random_weights,
)
from gramian.symmetry.verdicts import _pairs
from gramian.symmetry.verdicts._design import Design, derangements
from gramian.symmetry.verdicts._result import verdict_of


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rows(n: int = 120, p: int = 8, seed: int = 0) -> Tensor:
    return torch.randn(n, p, generator=generator(seed))


def mirror(x: Tensor) -> Tensor:
    return x.flip(-1)


def noisy(size: float, seed: int = 1) -> Any:
    return lambda x: x + size * torch.randn(x.shape, generator=generator(seed))


def same(x: Tensor) -> Tensor:
    return x


def test_exact_invariance_has_ratio_zero() -> None:
    result = invariance_test(lambda x: x.amax(1), rows(), mirror, random_state=0)
    assert result.verdict == "invariant"
    assert (result.ratio, result.interval, result.pvalue) == (0.0, (0.0, 0.0), 0.001)
    assert result.floor is None
    assert result.within_ratio is None


def test_the_ratio_is_that_of_all_pairs() -> None:
    x, p = rows(40), 5
    y = noisy(0.4)(x)
    W = torch.randn(8, p, generator=generator(3))
    result = invariance_test(lambda z: z @ W + 100, x, lambda _: y, random_state=0)
    distances = torch.cdist((x @ W).double(), (y @ W).double())
    own = distances.diagonal().mean()
    between = distances[~torch.eye(40, dtype=torch.bool)].mean()
    assert result.ratio == pytest.approx(float(own / between), rel=1e-4)


def test_verdicts_from_invariant_to_not() -> None:
    x = rows(200, 16)
    ratios = {}
    for size in (0.05, 0.3, 2.0):
        result = invariance_test(same, x, noisy(size), random_state=0)
        ratios[size] = result.ratio
        lower, upper = result.interval
        assert lower < result.ratio < upper
    assert ratios[0.05] < 0.1 < ratios[0.3] < 0.5 < ratios[2.0]
    verdicts = [invariance_test(same, x, noisy(s), random_state=0).verdict for s in ratios]
    assert verdicts == ["invariant", "partly invariant", "not invariant"]


@pytest.mark.parametrize(
    ("interval", "pvalue", "verdict"),
    [
        ((0.01, 0.09), 0.05, "invariant"),
        ((0.01, 0.09), 0.06, "undecided"),
        ((0.05, 0.15), 0.001, "undecided"),
        ((0.10, 0.15), 0.001, "partly invariant"),
        ((0.45, 0.55), 0.001, "partly invariant"),
        ((0.51, 0.60), 0.001, "not invariant"),
        ((math.nan, math.nan), 1.0, "undecided"),
    ],
)
def test_the_rule(interval: tuple[float, float], pvalue: float, verdict: str) -> None:
    assert verdict_of(interval, pvalue, delta=0.1) == verdict


def test_features_that_tell_nothing_apart_are_undecided() -> None:
    result = invariance_test(lambda x: torch.ones(len(x), 3), rows(), mirror, random_state=0)
    assert math.isnan(result.ratio)
    assert result.verdict == "undecided"
    assert "all rows have the same features" in str(result)


def test_a_common_offset_and_scale_change_nothing() -> None:
    x, g = rows(), noisy(0.2)
    plain = invariance_test(same, x, g, random_state=0)
    moved = invariance_test(lambda z: 1000 * z.double() + 1e6, x, g, random_state=0)
    assert moved.ratio == pytest.approx(plain.ratio, rel=1e-4)
    assert moved.pvalue == plain.pvalue


def test_the_floor_is_that_of_the_way_back() -> None:
    class Blur:
        def __call__(self, x: Tensor) -> Tensor:
            return x.roll(1, 1)

        def inverse(self, x: Tensor) -> Tensor:
            return noisy(0.05)(x.roll(-1, 1))

    x = rows()
    result = invariance_test(same, x, Blur(), random_state=0)
    expected = invariance_test(same, x, noisy(0.05), random_state=0).ratio
    assert result.floor == pytest.approx(expected, rel=0.05)
    assert f"floor {result.floor:.3f}" in str(result)


def test_an_inverse_may_be_made_by_a_method() -> None:
    class Roll:
        def __init__(self, step: int) -> None:
            self.step = step

        def __call__(self, x: Tensor) -> Tensor:
            return x.roll(self.step, 1)

        def inverse(self) -> Roll:
            return Roll(-self.step)

    assert invariance_test(same, rows(), Roll(2), random_state=0).floor == 0


def test_classes_are_reported_apart() -> None:
    labels = torch.arange(120) % 3
    centers = 10 * torch.eye(3)[labels]
    x = torch.cat([centers, rows(120, 5)], 1)
    result = invariance_test(same, x, noisy(0.5), labels=labels, random_state=0)
    assert result.within_ratio is not None
    assert result.ratio < 0.15 < 0.3 < result.within_ratio


def test_g_and_phi_see_whole_batches_once() -> None:
    seen: list[tuple[str, int]] = []

    def g(x: Tensor) -> Tensor:
        seen.append(("g", len(x)))
        return mirror(x)

    def phi(x: Tensor) -> Tensor:
        seen.append(("phi", len(x)))
        return x

    invariance_test(phi, rows(30), g, random_state=0)
    assert sorted(seen) == [("g", 30), ("phi", 30), ("phi", 30)]


def test_a_module_is_used_in_evaluation_mode_and_left_as_it_was() -> None:
    net = nn.Sequential(nn.Linear(8, 6), nn.Dropout(0.5)).train()
    result = invariance_test(net, rows(), same, random_state=0)
    assert result.ratio == 0
    assert net.training


def test_equivariance_of_shifts_and_of_impostors() -> None:
    x = rows(100, 9)

    def shift(z: Tensor) -> Tensor:
        return z.roll(2, 1)

    kernel = torch.randn(9, generator=generator(4))

    def convolve(z: Tensor) -> Tensor:
        return torch.fft.irfft(torch.fft.rfft(z) * torch.fft.rfft(kernel), n=9).relu()

    kept = equivariance_test(convolve, x, shift, shift, random_state=0)
    assert kept.verdict == "invariant"
    assert str(kept).startswith("equivariant: ")
    assert equivariance_test(convolve, x, shift, same, random_state=0).verdict == "not invariant"

    def sort(z: Tensor) -> Tensor:
        return z.sort(1).values

    def scrambled(z: Tensor) -> Tensor:
        return convolve(z)[:, torch.randperm(9, generator=generator(5))]

    for impostor in (sort, scrambled):
        result = equivariance_test(impostor, x, shift, shift, random_state=0)
        assert result.verdict == "not invariant"


def test_an_averaged_network_is_invariant_and_untrained_ones_are_not() -> None:
    x = rows(150, 12)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(12, 20), nn.Tanh(), nn.Linear(20, 6))
    shifts = [lambda z, k=k: z.roll(k, 1) for k in range(12)]
    averaged = group_averaged(lambda z: net(z).detach(), shifts)
    assert invariance_test(averaged, x, shifts[5], random_state=0).verdict == "invariant"
    for seed in range(3):
        twin = with_random_weights(net, random_state=seed)
        assert invariance_test(twin, x, shifts[5], random_state=0).verdict == "not invariant"


def test_random_weights_keep_their_spectrum_and_the_model() -> None:
    net = nn.Sequential(nn.Conv2d(2, 5, 3), nn.Flatten(), nn.Linear(5, 3))
    before = [p.clone() for p in net.parameters()]
    twin = with_random_weights(net, random_state=0)
    for old, kept, new in zip(before, net.parameters(), twin.parameters(), strict=True):
        assert torch.equal(old, kept)
        if old.ndim > 1:
            assert not torch.allclose(old, new)
            spectra = (torch.linalg.svdvals(w.flatten(1)) for w in (old, new))
            torch.testing.assert_close(*spectra)
        else:
            assert torch.equal(old, new)


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


def pilot(ratio: float, error: float, n: int = 100) -> SymmetryResult:
    fields = dict.fromkeys(SymmetryResult.__dataclass_fields__, None)
    return SymmetryResult(
        **fields
        | {  # type: ignore[arg-type]  # only three fields matter
            "ratio": ratio,
            "standard_error": error,
            "n": n,
            "delta": 0.1,
        }
    )


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


X = rows(10)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"x": X[:7]}, ValueError, r"x must be of shape \(n, ...\) with at least 8 rows"),
        ({"x": X.long()}, TypeError, "x must be a floating array"),
        ({"x": X * math.nan}, ValueError, "x must be finite"),
        ({"g": 3}, TypeError, "g must be callable"),
        ({"g": lambda x: x[:3]}, ValueError, "g must be a map of a batch to a batch of 10 rows"),
        ({"phi": lambda x: x[:3]}, ValueError, "phi must be a map of a batch to a batch"),
        ({"phi": lambda x: x / 0}, ValueError, "phi must be of finite features"),
        ({"delta": 0.6}, ValueError, r"delta must be a finite number in \(0, 0.5\]"),
        ({"delta": 0.0}, ValueError, r"delta must be a finite number in \(0, 0.5\]"),
        ({"n_permutations": 3}, ValueError, r"n_permutations must be an int in \[19, inf\)"),
        ({"labels": [1, 2]}, ValueError, r"labels must be of shape \(10,\)"),
    ],
)
def test_bad_input_is_refused(
    arguments: dict[str, Any], kind: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {"phi": same, "x": X, "g": mirror} | arguments
    with pytest.raises(kind, match=f"invariance_test: {message}"):
        invariance_test(given.pop("phi"), given.pop("x"), given.pop("g"), **given)


def test_bad_actions_are_refused() -> None:
    with pytest.raises(TypeError, match="equivariance_test: action must be callable"):
        equivariance_test(same, X, mirror, None)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ValueError, match="equivariance_test: action must be a map of features"):
        equivariance_test(same, X, mirror, lambda z: z[:, :2])


def test_other_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="holm: pvalues must be a non-empty list"):
        holm([])
    with pytest.raises(ValueError, match=r"holm: pvalues must lie in \[0, 1\]"):
        holm([0.5, 1.5])
    with pytest.raises(ValueError, match=r"required_rows: pilot.ratio must be below 0.1, got 0.2"):
        required_rows(pilot(0.2, 0.01))
    with pytest.raises(ValueError, match="required_rows: power must be a finite number"):
        required_rows(pilot(0.05, 0.01), power=1.0)
    with pytest.raises(ValueError, match="group_averaged: elements must be at least one map"):
        group_averaged(same, [])


def test_numpy_arrays_are_taken() -> None:
    x = rows().numpy()
    result = invariance_test(lambda z: np.asarray(z)[:, :4], x, mirror, random_state=0)
    assert result.verdict == "not invariant"
