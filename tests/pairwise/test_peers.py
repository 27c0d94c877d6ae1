"""Metrics and kernels against SciPy and scikit-learn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.spatial import distance
from sklearn.gaussian_process import kernels as gp
from sklearn.metrics import pairwise
from tests.pairwise.formulas import CASES, points

import gramian as gm
from gramian.pairwise._base import Elementary


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (gm.SquaredEuclidean(), "sqeuclidean"),
        (gm.Euclidean(), "euclidean"),
        (gm.Manhattan(), "cityblock"),
        (gm.Chebyshev(), "chebyshev"),
        (gm.CosineDistance(), "cosine"),
    ],
    ids=str,
)
def test_metrics_agree_with_scipy(metric: Elementary, name: str) -> None:
    x, y = points(CASES[0], 20, 7), points(CASES[0], 30, 7, seed=1)
    expected = distance.cdist(x.numpy(), y.numpy(), name)
    np.testing.assert_allclose(metric.forward(x, y).numpy(), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("kernel", "theirs"),
    [
        (gm.Gaussian(0.8), lambda x, y: pairwise.rbf_kernel(x, y, gamma=1 / (2 * 0.8**2))),
        (gm.Laplacian(0.8), lambda x, y: pairwise.laplacian_kernel(x, y, gamma=1 / 0.8)),
        (gm.Chi2(0.8), lambda x, y: pairwise.chi2_kernel(x, y, gamma=1 / 0.8)),
        (gm.Linear(), pairwise.linear_kernel),
        (gm.CosineSimilarity(), pairwise.cosine_similarity),
        (
            gm.Polynomial(3, offset=0.5, scale=0.2),
            lambda x, y: pairwise.polynomial_kernel(x, y, degree=3, gamma=0.2, coef0=0.5),
        ),
        (
            gm.Sigmoid(scale=0.2, offset=0.5),
            lambda x, y: pairwise.sigmoid_kernel(x, y, gamma=0.2, coef0=0.5),
        ),
        *((gm.Matern(0.8, nu=nu), gp.Matern(0.8, nu=nu)) for nu in (0.5, 1.5, 2.5)),
        (gm.RationalQuadratic(0.8, alpha=0.6), gp.RationalQuadratic(0.8, 0.6)),
    ],
    ids=lambda value: repr(value) if isinstance(value, Elementary) else "",
)
def test_kernels_agree_with_scikit_learn(
    kernel: Elementary, theirs: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> None:
    x, y = points(CASES[0], 20, 4).abs(), points(CASES[0], 30, 4, seed=1).abs()
    expected = theirs(x.numpy(), y.numpy())
    np.testing.assert_allclose(kernel.forward(x, y).numpy(), expected, rtol=1e-10, atol=1e-13)


def test_periodic_agrees_with_scikit_learn_in_one_feature() -> None:
    x, y = points(CASES[0], 20, 1) * 5, points(CASES[0], 30, 1, seed=1) * 5
    expected = gp.ExpSineSquared(0.8, 2.5)(x.numpy(), y.numpy())
    found = gm.Periodic(0.8, period=2.5).forward(x, y)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-10)


def test_periodic_does_not_tire_of_whole_periods() -> None:
    x = torch.tensor([[0.3], [0.3 + 2.5 * 4**10]], dtype=torch.float64)
    assert gm.Periodic(0.8, period=2.5).forward(x, x)[0, 1].item() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("window", "name"),
    [
        (gm.Gaussian, "gaussian"),
        (gm.Tophat, "tophat"),
        (gm.Epanechnikov, "epanechnikov"),
        (gm.Exponential, "exponential"),
        (gm.Triangular, "linear"),
        (gm.CosineWindow, "cosine"),
    ],
)
def test_windows_are_those_of_density_estimation(window: type[Elementary], name: str) -> None:
    """Equal up to a constant factor, the norm that a density divides by."""
    from sklearn.neighbors import KernelDensity

    h, far_apart = 1.3, torch.tensor([[0.0]], dtype=torch.float64)
    r = torch.linspace(0, 2, 50, dtype=torch.float64)[:, None]
    density = KernelDensity(kernel=name, bandwidth=h).fit(far_apart.numpy())
    logs = torch.from_numpy(density.score_samples(r.numpy()))
    expected = (logs - logs[0]).exp()
    found = window(h).forward(r, far_apart)[:, 0]
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
