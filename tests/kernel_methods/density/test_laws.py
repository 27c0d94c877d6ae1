"""Integrals of kernels against quadrature, and their draws against their own densities."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, special, stats

import gramian as gm
from gramian.kernel_methods.density._laws import draw, log_integral

RADIAL = [
    gm.Gaussian(),
    gm.Tophat(),
    gm.Epanechnikov(),
    gm.Exponential(),
    gm.Triangular(),
    gm.CosineWindow(),
    gm.Laplacian(norm="l2"),
    gm.Matern(nu=0.5),
    gm.Matern(nu=1.5),
    gm.Matern(nu=2.5),
    gm.RationalQuadratic(alpha=6.0),
]


def profile(kernel: gm.PairFunction, r: np.ndarray) -> np.ndarray:
    """The kernel at distances r."""
    points = torch.from_numpy(np.atleast_1d(r))[:, None]
    return kernel.forward(points, torch.zeros(1, 1, dtype=torch.float64))[:, 0].numpy()


def end(kernel: gm.PairFunction) -> float:
    """Where the kernel is zero, or next to nothing."""
    if isinstance(kernel, gm.RationalQuadratic):
        return np.inf
    compact = gm.Tophat | gm.Epanechnikov | gm.Triangular | gm.CosineWindow
    return 1.0 if isinstance(kernel, compact) else 80.0


def radial_mass(kernel: gm.PairFunction, d: int, stop: float) -> float:
    """∫ of rᵈ⁻¹ k(r) up to ``stop``, by quadrature."""
    return integrate.quad(
        lambda r: r ** (d - 1) * profile(kernel, r)[0], 0, stop, limit=200, epsabs=1e-13
    )[0]


@pytest.mark.parametrize("d", [1, 2, 3, 6, 11])
@pytest.mark.parametrize("kernel", RADIAL, ids=repr)
def test_integral_is_that_of_quadrature(kernel: gm.PairFunction, d: int) -> None:
    sphere = math.log(2) + d / 2 * math.log(math.pi) - math.lgamma(d / 2)
    true = sphere + math.log(radial_mass(kernel, d, end(kernel)))
    assert log_integral(kernel, d, "test") == pytest.approx(true, abs=1e-8)


@pytest.mark.parametrize("d", [1, 2, 5, 40])
@pytest.mark.parametrize("kernel", RADIAL[:10], ids=repr)
def test_draws_follow_the_kernel(kernel: gm.PairFunction, d: int) -> None:
    drawn = draw(kernel, 4000, d, np.random.RandomState(3), "test")
    assert drawn.shape == (4000, d)
    lengths = np.sqrt((drawn**2).sum(1))
    grid = np.linspace(0, min(end(kernel), lengths.max() * 1.5), 4001)
    density = grid ** (d - 1) * profile(kernel, grid) / max(1.0, lengths.max()) ** (d - 1)
    rising = integrate.cumulative_trapezoid(density, grid, initial=0)
    if end(kernel) == 1.0 and isinstance(kernel, gm.Tophat):
        rising = grid**d
    found = stats.kstest(lengths, lambda r: np.interp(r, grid, rising / rising[-1]))
    assert found.pvalue > 1e-3
    # no direction is preferred: the mean of n directions is at most some 1/√n long
    assert np.linalg.norm((drawn / lengths[:, None]).mean(0)) < 4 / math.sqrt(4000)


def test_absolute_deviations_and_the_many_tailed() -> None:
    rng = np.random.default_rng(0)
    drawn = draw(gm.Laplacian(2.0), 4000, 2, rng, "test")
    assert stats.kstest(drawn[:, 0], stats.laplace(scale=2.0).cdf).pvalue > 1e-3
    assert log_integral(gm.Laplacian(2.0), 2, "test") == pytest.approx(2 * math.log(4.0))
    heavy = draw(gm.RationalQuadratic(alpha=2.0), 4000, 1, rng, "test")[:, 0]
    law = stats.t(df=3, scale=math.sqrt(4 / 3))
    assert stats.kstest(heavy, law.cdf).pvalue > 1e-3


@pytest.mark.parametrize("d", [100, 1000, 5000])
def test_thousands_of_features_neither_overflow_nor_cancel(d: int) -> None:
    unit = d / 2 * math.log(math.pi) - math.lgamma(d / 2 + 1)
    assert log_integral(gm.Tophat(), d, "test") == pytest.approx(unit, rel=1e-13)
    # cos(πr/2) lies between 1 − r and (π/2)(1 − r), near r = 1 at the upper end
    cosine = log_integral(gm.CosineWindow(), d, "test")
    linear = log_integral(gm.Triangular(), d, "test")
    assert linear < cosine < linear + math.log(math.pi / 2)
    assert cosine == pytest.approx(linear + math.log(math.pi / 2), abs=10 / d**2)


def test_bandwidths_sums_and_factors() -> None:
    d = 3
    per_feature = gm.Gaussian(torch.tensor([0.5, 2.0, 3.0]))
    plain = log_integral(gm.Gaussian(), d, "test")
    assert log_integral(per_feature, d, "test") == pytest.approx(plain + math.log(3.0))
    assert log_integral(gm.Gaussian(2.0), d, "test") == pytest.approx(plain + d * math.log(2))
    mixed = 0.5 * gm.Gaussian(1.0) + 2.0 * gm.Tophat(3.0)
    parts = [
        math.log(0.5) + plain,
        math.log(2.0) + log_integral(gm.Tophat(3.0), d, "test"),
    ]
    assert log_integral(mixed, d, "test") == pytest.approx(float(special.logsumexp(parts)))
    drawn = draw(
        0.5 * gm.Gaussian(0.01) + 1.0 * gm.Gaussian(10.0), 9000, 1, np.random.RandomState(0), "t"
    )
    narrow = (0.5 * 0.01) / (0.5 * 0.01 + 10.0)
    assert (np.abs(drawn) < 0.03).mean() == pytest.approx(narrow, abs=0.01)
    widths = draw(per_feature, 4000, d, np.random.RandomState(1), "test").std(0)
    np.testing.assert_allclose(widths, [0.5, 2.0, 3.0], rtol=0.1)


def test_kernels_without_an_integral_say_so() -> None:
    for kernel in (gm.Linear(), gm.Periodic(), gm.Gaussian() * gm.Gaussian(), gm.Gaussian().exp()):
        with pytest.raises(ValueError, match=r"test: kernel must have an integral that is known"):
            log_integral(kernel, 2, "test")
    with pytest.raises(ValueError, match=r"finite integral over 4 features.*alpha above 2"):
        log_integral(gm.RationalQuadratic(alpha=2.0), 4, "test")
    with pytest.raises(ValueError, match="kernel must have positive factors"):
        log_integral(-1.0 * gm.Gaussian(), 2, "test")
    with pytest.raises(ValueError, match="kernel must have positive factors"):
        draw(0.0 * gm.Gaussian(), 3, 2, np.random.RandomState(0), "test")
