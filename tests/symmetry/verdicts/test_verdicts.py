"""The ratio and its verdict: exact, in between, and where nothing can be told."""

from __future__ import annotations

import math

import pytest
import torch
from tests.symmetry.verdicts.rows import generator, mirror, noisy, rows, same
from torch import Tensor, nn

from gramian.symmetry import (
    equivariance_test,
    group_averaged,
    invariance_test,
    with_random_weights,
)
from gramian.symmetry.verdicts._result import verdict_of


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
