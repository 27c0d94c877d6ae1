"""Gaussian means from near rows against brute force over all rows."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from gramian.cluster import _near_gaussian
from gramian.cluster._cell_means import CellWindow
from gramian.cluster._choose_mean import local_mean
from gramian.cluster._density_field import DensityField
from gramian.cluster._local_means import GaussianMean
from gramian.cluster._mean_shift import MeanShift
from gramian.cluster._near_gaussian import ERROR, REACH, NearGaussianMean

pytest.importorskip("gramian._native", reason="the compiled core is not built here")


def rows(n: int, spread: float, d: int = 2) -> tuple[Tensor, Tensor]:
    """Rows of which a few lie far out, and weights."""
    generator = torch.Generator().manual_seed(n)
    x = torch.randn(n, d, generator=generator, dtype=torch.float64) * spread
    x[: n // 50] *= 3
    return x + 1000, torch.rand(n, generator=generator, dtype=torch.float64)


def brute_force(x: Tensor, weights: Tensor, h: float, places: Tensor) -> Tensor:
    """Weight about places and weighted differences from them, over all rows."""
    gaps = x - places[:, None]
    w = weights * torch.exp(-gaps.square().sum(2) / (2 * h**2))
    return torch.cat([w.sum(1, keepdim=True), (w[:, :, None] * gaps).sum(1)], dim=1)


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("spread", [0.1, 2.0, 12.0])
@pytest.mark.parametrize("n", [1, 40, 2000])
def test_sums_of_near_rows(n: int, spread: float) -> None:
    h = 0.7
    x, weights = rows(n, spread)
    places = torch.cat([x[:200], x[:50] * 0.9 + x.mean(0) * 0.1])
    expected = brute_force(x, weights, h, places)
    scale = weights.sum() * torch.tensor([1.0, h, h])
    for near in (DensityField(x, weights, h), CellWindow(x, weights, h, REACH)):
        assert float(((near.sums(places) - expected).abs() / scale).max()) < ERROR / 4


def test_far_from_the_rows_a_field_is_zero() -> None:
    x, weights = rows(50, 1.0)
    places = torch.cat([x.amax(0)[None] + 3, x.amin(0)[None] - 1e30])
    assert not DensityField(x, weights, 0.5).sums(places).any()


def test_bits_of_a_field_depend_on_no_thread_and_no_other_place() -> None:
    x, weights = rows(3000, 3.0)
    expected = DensityField(x, weights, 0.7).sums(x)
    torch.set_num_threads(3)
    field = DensityField(x, weights, 0.7)
    assert torch.equal(field.sums(x[5:900]), expected[5:900])
    assert torch.equal(field.sums(x[7:8]), expected[7:8])


def test_where_near_rows_do_not_suffice_all_are_met() -> None:
    x, _ = rows(400, 1.0)
    places = torch.cat([x[:5], x.mean(0)[None] + 40, x.mean(0)[None] + 1e4])
    all_rows = GaussianMean(x, None, 0.5)
    for near in (DensityField(x, torch.ones(400).double(), 0.5), CellWindow(x, None, 0.5, REACH)):
        mean = NearGaussianMean(x, None, 0.5, near)
        found, mass = mean(places)
        torch.testing.assert_close(found, all_rows(places)[0], rtol=0, atol=1e-9)
        assert torch.equal(found[5:], all_rows(places)[0][5:])
        expected = all_rows.strength(places, mass)
        torch.testing.assert_close(mean.strength(places, mass), expected, rtol=1e-9, atol=0)


@pytest.mark.parametrize("weighted", [False, True])
def test_centres_are_those_of_all_rows(weighted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(600, 2, generator=generator) + 6.0 * torch.randint(
        0, 3, (600, 1), generator=generator
    )
    weights = 0.5 + torch.rand(600, generator=generator) if weighted else None
    settings = {"bandwidth": 0.8, "kernel": "gaussian", "assign": "basin"}
    expected = MeanShift(**settings).fit(x, sample_weight=weights)
    monkeypatch.setattr(_near_gaussian, "FEW_ROWS", 0)
    for squares, near in ((10**6, DensityField), (0, CellWindow)):
        monkeypatch.setattr(_near_gaussian, "MOST_SQUARES", squares)
        monkeypatch.setattr(_near_gaussian, "LEAST_BALLS", 1)
        assert isinstance(_near_gaussian.near_sums(x, None, 0.8), near)
        found = MeanShift(**settings).fit(x, sample_weight=weights)
        torch.testing.assert_close(
            found.cluster_centers_, expected.cluster_centers_, rtol=0, atol=2e-3
        )
        assert torch.equal(found.labels_, expected.labels_)


def test_who_takes_near_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    x, _ = rows(300, 1.0)
    assert isinstance(local_mean("gaussian", x, None, 0.5), GaussianMean)
    monkeypatch.setattr(_near_gaussian, "FEW_ROWS", 0)
    assert isinstance(local_mean("gaussian", x, None, 0.5), NearGaussianMean)
    cube, _ = rows(300, 1.0, d=3)
    assert isinstance(local_mean("gaussian", cube, None, 0.5), GaussianMean)
    assert isinstance(local_mean("gaussian", cube, None, 0.01), NearGaussianMean)
