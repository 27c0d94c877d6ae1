"""Sums of the compiled core against float64 brute force, on every instruction set."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from tests.engine.compiled_core import ABSENT, RTOL, Core
from tests.engine.conftest import normal

import gramian as gm
from gramian.engine import reference

pytest.importorskip("gramian._native", reason=ABSENT)


KERNELS: list[Any] = [
    gm.SquaredEuclidean(),
    gm.Euclidean(),
    gm.Manhattan(),
    gm.Chebyshev(),
    gm.Gaussian(4.0),
    gm.Laplacian(9.0),
    gm.Laplacian(5.0, norm="l2"),
    gm.Matern(4.0, nu=0.5),
    gm.Matern(4.0, nu=1.5),
    gm.Matern(torch.tensor(4.0), nu=2.5),
    gm.RationalQuadratic(3.0, alpha=0.7),
    gm.Exponential(5.0),
    gm.Tophat(5.0),
    gm.Epanechnikov(30.0),
    gm.Triangular(30.0),
    gm.CosineWindow(30.0),
]


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_sums_products_and_blocks(core: Core, instruction_set: str, kernel: Any) -> None:
    for dtype, rtol in RTOL.items():
        for d in (1, 3, 16, 17, 66):
            for n, m in ((1, 1), (33, 9), (50, 300)):
                x, y = normal(n, d, dtype, 21, 2.0), normal(m, d, dtype, 22, 2.0)
                weights = normal(m, 11, dtype, 23).abs()
                scale = float(reference.dense(core.make("block", x, y, kernel)).abs().max())
                for extra in ({}, {"weights": weights[:, :1]}, {"weights": weights}):
                    call = core.make("product", x, y, kernel, **extra)
                    core.assert_near(call, rtol, atol=rtol * scale)
                core.assert_near(core.make("block", x, y, kernel), rtol, atol=rtol * scale)
                core.assert_near(core.make("logsumexp", x, y, kernel), rtol, atol=rtol)


@pytest.mark.parametrize(
    "kernel",
    [gm.Gaussian(0.8), gm.Laplacian(1.0), gm.Matern(1.0), gm.Matern(1.0, nu=2.5),
     gm.Laplacian(1.0, norm="l2"), gm.RationalQuadratic(0.5, alpha=3.0)],
    ids=repr,
)  # fmt: skip
def test_means_and_logarithms_far_from_y(core: Core, instruction_set: str, kernel: Any) -> None:
    """Entries underflow, their weighted means and the logarithms of their sums do not."""
    for dtype, rtol in ((torch.float32, 3e-3), (torch.float64, 1e-10)):
        for d in (2, 20):
            x, y = normal(40, d, dtype, 24, 9.0), normal(300, d, dtype, 25)
            values = normal(300, 3, dtype, 26)
            core.assert_near(
                core.make("weighted_mean", x, y, kernel, weights=values), rtol, atol=rtol
            )
            core.assert_near(core.make("logsumexp", x, y, kernel.log()), rtol / 100)


@pytest.mark.parametrize("right", [0, 1, 9])
def test_long_sums_stay_accurate(core: Core, instruction_set: str, right: int) -> None:
    x = torch.zeros(3, 2)
    y = torch.full((200_000, 2), 0.4)
    entry = float(gm.Gaussian(1.0).forward(x[:1].double(), y[:1].double()))
    extra = {"weights": torch.ones(200_000, right)} if right else {}
    found = core.run(core.make("product", x, y, gm.Gaussian(1.0), **extra))
    rtol = 2e-6 if right > 1 else 1e-6
    np.testing.assert_allclose(found.double().numpy(), 200_000 * entry, rtol=rtol)


@pytest.mark.parametrize("m", [1, 127, 129, 1023, 1024, 1025, 4100])
def test_many_right_hand_sides_over_every_tail_of_a_span(
    core: Core, instruction_set: str, m: int
) -> None:
    for dtype, rtol in RTOL.items():
        x, y = normal(35, 3, dtype, 27), normal(m, 3, dtype, 28)
        weights = normal(m, 10, dtype, 29).abs()
        core.assert_near(core.make("product", x, y, gm.Gaussian(1.0), weights=weights), rtol)


@pytest.mark.parametrize("d", [3, 40])
def test_y_is_x(core: Core, instruction_set: str, d: int) -> None:
    """An exactly symmetric matrix with exact ones on its diagonal, also in pieces."""
    x = normal(150, d, torch.float32, 27, 50.0)
    rows = torch.arange(150)
    for kernel in (gm.Laplacian(2.0, norm="l2"), gm.Gaussian(2.0), gm.Euclidean()):
        whole = core.run(core.make("block", x, x, kernel, row_of=rows))
        assert torch.equal(whole, whole.T)
        assert torch.equal(whole.diagonal(), kernel.entry(torch.zeros(150)))
        some = torch.tensor([149, 3, 77, 4])
        piece = core.make("block", x[some], x, kernel, row_of=some, centre_on=x)
        assert torch.equal(core.run(piece), whole[some])


def test_peaked_kernels_near_their_peak(core: Core, instruction_set: str) -> None:
    """Pairs much nearer to each other than to the centre, where the product form cancels."""
    blob = normal(60, 30, torch.float32, 28) * 1e-3
    y = torch.cat([blob + 5, blob - 5, normal(1, 30, torch.float32, 29) * 1e4])
    for kernel in (gm.Laplacian(0.01, norm="l2"), gm.Gaussian(0.01), gm.Euclidean(),
                   gm.Matern(0.01), gm.Triangular(0.02), gm.Tophat(0.008)):  # fmt: skip
        core.assert_near(core.make("product", y, y, kernel), 2e-5)


@pytest.mark.parametrize("factor", [1e-38, 1e-30, 1e30, 1e37])
def test_sums_of_extreme_numbers(core: Core, instruction_set: str, factor: float) -> None:
    for d in (3, 20):
        x, y = normal(40, d, torch.float32, 30) * factor, normal(50, d, torch.float32, 31) * factor
        for kernel in (gm.Gaussian(2.0 * factor), gm.Laplacian(2.0 * factor), gm.Matern(factor)):
            core.assert_near(core.make("product", x, y, kernel), 2e-5)
        core.assert_near(core.make("product", x, y, gm.Gaussian(1.0)), 1e-6)
        core.assert_near(core.make("block", x, y, gm.Manhattan()), 1e-6)
    far = torch.cat([x, torch.full((1, 20), -3e38)])
    core.assert_near(core.make("product", far, y, gm.Euclidean()), 1e-5)


def test_sums_do_not_depend_on_batch_or_threads(core: Core, instruction_set: str) -> None:
    for d in (3, 33):
        x, y = normal(1100, d, torch.float32, 32), normal(700, d, torch.float32, 33)
        weights = normal(700, 9, torch.float32, 34)
        for reduction, kernel in (("product", gm.Gaussian(1.0)), ("weighted_mean", gm.Matern(1.0))):
            whole = core.run(core.make(reduction, x, y, kernel, weights=weights))
            two = core.run(core.make(reduction, x, y, kernel, weights=weights), workers=2)
            parts = [
                core.run(core.make(reduction, part, y, kernel, weights=weights))
                for part in x.split(191)
            ]
            assert torch.equal(whole, two)
            assert torch.equal(whole, torch.cat(parts))


# ---------------------------------------------------------------------- functions


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_elementary_functions(core: Core, instruction_set: str, dtype: torch.dtype) -> None:
    """Within two units in the last place of a longer type, gradual underflow included."""
    low, high, unit = (-152, 128, 2.0**-23) if dtype == torch.float32 else (-1077, 1024, 2.0**-52)
    half_pi = np.longdouble("1.5707963267948966192313216916398")
    cases = (
        (0, torch.linspace(low, math.nextafter(high, 0), 200_001, dtype=torch.float64), np.exp2),
        (1, torch.linspace(low + 60, high - 2, 100_001, dtype=torch.float64).exp2(), np.log2),
        (
            2,
            torch.linspace(0, 1, 10_001),
            lambda u: np.cos(np.sqrt(u) * half_pi),
        ),
    )
    for function, points, truth in cases:
        points = points.to(dtype)
        points = points[points < high] if function == 0 else points
        found = torch.empty_like(points)
        core.native.evaluate(function, points, found)
        exact = truth(points.numpy().astype(np.longdouble))
        floor = np.longdouble(2.0) ** (-126 if dtype == torch.float32 else -1022)
        size = np.maximum(np.abs(exact), floor if function == 0 else 1.0)
        assert float((np.abs(found.numpy() - exact) / size).max()) < 2 * unit
    edges = torch.tensor([0.0, -1e30, 1e30, -torch.inf, torch.inf], dtype=dtype)
    found = torch.empty_like(edges)
    core.native.evaluate(0, edges, found)
    assert found.tolist() == [1.0, 0.0, math.inf, 0.0, math.inf]


# ---------------------------------------------------------------------- dispatch and threads
