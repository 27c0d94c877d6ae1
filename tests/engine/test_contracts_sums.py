"""Contract 3: sums of positive terms keep a relative error of 2·10⁻⁶, however many columns."""

from __future__ import annotations

import pytest
import torch

import gramian as gm

pytestmark = pytest.mark.usefixtures("each_backend")


def relative_error(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float(((found.double() - expected).abs() / expected).max())


@pytest.mark.parametrize("d", [2, *(pytest.param(d, marks=pytest.mark.full) for d in (1, 3, 16))])
def test_a_million_columns(d: int) -> None:
    generator = torch.Generator().manual_seed(d)
    x = torch.randn(8, d, generator=generator)
    y = torch.randn(10**6, d, generator=generator)
    weights = torch.rand(10**6, 2, generator=generator)
    kernel = gm.Gaussian(d**0.5)
    found = gm.Gram(x, y, kernel) @ torch.cat([weights, torch.ones(10**6, 1)], dim=1)
    gaps = (x.double()[:, None] - y.double()[None]).square().sum(-1)
    table = (-gaps / (2 * d)).exp()
    assert relative_error(found[:, :2], table @ weights.double()) < 2e-6
    assert relative_error(found[:, 2], table.sum(1)) < 2e-6


def test_float64_tiles_agree_with_the_dense_truth() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(5, 3, generator=generator, dtype=torch.float64)
    y = torch.randn(2000, 3, generator=generator, dtype=torch.float64)
    truth = (-torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist").square() / 2).exp()
    assert relative_error(gm.Gram(x, y, gm.Gaussian(1.0)).sum(1), truth.sum(1)) < 1e-13


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e5])
@pytest.mark.parametrize("d", [3, 16, 17, 64, 200])
@pytest.mark.parametrize(
    "kernel",
    [
        lambda h: gm.Gaussian(h),
        lambda h: gm.Laplacian(h, norm="l2"),
        lambda h: gm.Matern(h, nu=0.5),
        lambda h: gm.Matern(h, nu=1.5),
        lambda h: gm.RationalQuadratic(h),
    ],
    ids=["gaussian", "laplacian", "matern12", "matern32", "rational"],
)
def test_near_duplicates_and_offsets(kernel, d: int, offset: float) -> None:
    """Where the product form of a distance has lost its digits, tiles are redone."""
    generator = torch.Generator().manual_seed(d)
    y = (torch.randn(900, d, generator=generator, dtype=torch.float64) + offset).float()
    x = y[:50] + 0.01 * torch.randn(50, d, generator=generator)
    for bandwidth in (d**0.5, 0.3 * d**0.5):
        found = gm.Gram(x, y, kernel(bandwidth)).sum(1)
        expected = gm.Gram(x.double(), y.double(), kernel(bandwidth)).sum(1)
        assert relative_error(found, expected) < 3e-6


@pytest.mark.parametrize("d", [3, 40])
def test_far_clusters_and_an_outlier(d: int) -> None:
    """Two clusters a million apart and one stray row: every sum is that of its own cluster."""
    generator = torch.Generator().manual_seed(1)
    blob = torch.randn(600, d, generator=generator)
    y = torch.cat([blob, blob + 1e6, torch.full((1, d), -1e9)])
    for kernel in (gm.Gaussian(3.0), gm.Laplacian(3.0, norm="l2"), gm.Matern(3.0)):
        found = gm.Gram(y[::40].contiguous(), y, kernel).sum(1)
        expected = gm.Gram(y[::40].double(), y.double(), kernel).sum(1)
        assert relative_error(found, expected) < 1e-5


def test_weighted_mean_far_from_everything() -> None:
    """exp(−10⁶) underflows, but the mean of the nearest rows does not."""
    y = torch.tensor([[0.0], [1.0]])
    x = torch.tensor([[2000.0], [-2000.0]])
    mean = gm.Gram(x, y, gm.Gaussian(1.0)).weighted_mean(torch.tensor([10.0, 20.0]))
    assert torch.allclose(mean, torch.tensor([20.0, 10.0]))
