"""The leave-one-out likelihood and the bandwidth that maximises it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.special import logsumexp

import gramian as gm
from gramian import KernelDensity
from gramian.kernel_methods.density._log_sums import log_sums_of_others

KERNELS = ("gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine")


def plain_score(x: np.ndarray, weights: np.ndarray, bandwidth: float) -> float:
    """Gaussian leave-one-out likelihood of distinct rows, by dense sums."""
    gaps = ((x[:, None] - x[None]) ** 2).sum(2)
    logs = -0.5 * gaps / bandwidth**2
    np.fill_diagonal(logs, -np.inf)
    total = logsumexp(logs, b=weights[None], axis=1) - np.log(weights.sum() - weights)
    norm = x.shape[1] / 2 * math.log(2 * math.pi * bandwidth**2)
    return float(weights @ (total - norm))


@pytest.mark.parametrize("n", [2, 3, 256, 257, 1030])
@pytest.mark.parametrize("weighted", [False, True])
def test_score_is_the_plain_sum(n: int, weighted: bool) -> None:
    rng = np.random.RandomState(n)
    x = rng.randn(n, 2)
    x[0] += 50  # a row that stands alone, whose own entry would swallow all others
    weights = rng.rand(n) + 0.01 if weighted else np.ones(n)
    model = KernelDensity(bandwidth=0.2).fit(x, sample_weight=weights if weighted else None)
    assert model.leave_one_out_score() == pytest.approx(plain_score(x, weights, 0.2), rel=1e-10)


def test_no_row_meets_itself() -> None:
    x = torch.arange(1000, dtype=torch.float64)[:, None] * 100
    found = log_sums_of_others(x, gm.Tophat(), None)
    assert bool((found == -torch.inf).all())
    assert bool((log_sums_of_others(x, gm.Tophat(150.0), None)[1:-1].exp().round() == 2).all())


def test_bandwidth_maximises_the_likelihood() -> None:
    rng = np.random.RandomState(0)
    for x, weights in (
        (rng.randn(300, 1), np.ones(300)),
        (np.concatenate([rng.randn(100, 2), 0.1 * rng.randn(100, 2) + 8]), np.ones(200)),
        (rng.standard_cauchy(150)[:, None], rng.rand(150)),
        (rng.randn(60, 5) * 1e-4 + 1, rng.rand(60)),
    ):
        model = KernelDensity(bandwidth="loo").fit(x, sample_weight=weights)
        best = model.bandwidth_
        widths = best * np.exp(np.linspace(-8, 8, 321))
        scores = [plain_score(x, weights, width) for width in widths]
        top = plain_score(x, weights, best)
        assert model.leave_one_out_score() == pytest.approx(top, rel=1e-9)
        assert top >= max(scores) - 1e-6 * abs(top)
        assert KernelDensity(bandwidth="loo").fit(x, sample_weight=weights).bandwidth_ == best


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_finds_a_maximum(kernel: str) -> None:
    x = np.random.RandomState(1).randn(120, 2)
    model = KernelDensity(kernel=kernel, bandwidth="loo").fit(x)
    top = model.leave_one_out_score()
    assert math.isfinite(top)
    for factor in np.exp(np.linspace(-3, 3, 61)):
        other = KernelDensity(kernel=kernel, bandwidth=model.bandwidth_ * factor).fit(x)
        slack = 1e-2 if kernel == "tophat" else 1e-6  # a likelihood with steps has many tops
        assert other.leave_one_out_score() <= top + slack * abs(top)


def test_normal_data_asks_for_about_the_bandwidth_of_theory() -> None:
    x = np.random.RandomState(0).randn(1500, 1)
    theory = KernelDensity(bandwidth="silverman").fit(x).bandwidth_
    assert KernelDensity(bandwidth="loo").fit(x).bandwidth_ == pytest.approx(theory, rel=0.3)


def test_repeated_rows_are_weights_and_not_a_spike() -> None:
    rng = np.random.RandomState(2)
    x, counts = rng.randn(80, 2), rng.randint(1, 4, 80)
    repeated = KernelDensity(bandwidth="loo").fit(x.repeat(counts, axis=0))
    weighted = KernelDensity(bandwidth="loo").fit(x, sample_weight=counts)
    assert repeated.bandwidth_ == pytest.approx(weighted.bandwidth_, rel=1e-6)
    rounded = rng.randn(400, 1).round(1)
    assert 0.05 < KernelDensity(bandwidth="loo").fit(rounded).bandwidth_ < 1


def test_extreme_tables() -> None:
    assert KernelDensity(bandwidth="loo").fit([[0.0], [3.0]]).bandwidth_ == pytest.approx(3, 1e-3)
    narrow = KernelDensity(bandwidth="loo").fit(np.array([[0.0], [1.0], [2.0]]) * 1e-60)
    assert 1e-61 < narrow.bandwidth_ < 1e-59
    far = np.random.RandomState(0).randn(100, 2).astype(np.float32)
    near_zero = KernelDensity(bandwidth="loo").fit(far).bandwidth_
    shifted = KernelDensity(bandwidth="loo").fit(far.astype(float) + 1e5).bandwidth_
    assert shifted == pytest.approx(near_zero, rel=1e-3)


def test_kernels_of_ones_own_and_their_refusals() -> None:
    x = np.random.RandomState(0).randn(60, 2)
    twice = KernelDensity(kernel=gm.Gaussian(2.0), bandwidth="loo").fit(x)
    once = KernelDensity(bandwidth="loo").fit(x)
    assert twice.bandwidth_ * 2 == pytest.approx(once.bandwidth_, rel=1e-3)
    with pytest.raises(ValueError, match="X must have two rows that differ"):
        KernelDensity(bandwidth="loo").fit(np.ones((4, 2)))
    heavy = gm.RationalQuadratic(alpha=0.3)
    with pytest.raises(ValueError, match="leave-one-out likelihood has no maximum"):
        KernelDensity(kernel=heavy, normalized=False, bandwidth="loo").fit(x)
