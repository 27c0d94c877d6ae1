"""Searches of the compiled core against float64 brute force, on every instruction set."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from tests.engine.compiled_core import ABSENT, DTYPES, FEATURES, METRICS, RTOL, SHAPES, Core
from tests.engine.conftest import normal
from tests.instruction_sets import on_sets_of_searches
from torch import Tensor

import gramian as gm
from gramian.engine import reference

pytest.importorskip("gramian._native", reason=ABSENT)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("offset", [0.0, 1e3, 1e5])
def test_topk_on_all_tails(
    core: Core, instruction_set: str, dtype: torch.dtype, offset: float
) -> None:
    for d in FEATURES:
        for n, m in SHAPES:
            x, y = normal(n, d, dtype, 1, offset), normal(m, d, dtype, 2, offset)
            y[m // 2] = y[0]
            for k in {1, min(3, m), min(12, m)}:
                core.assert_exact("topk", x, y, gm.SquaredEuclidean(), k=k)


@pytest.mark.parametrize("kernel", METRICS, ids=repr)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_metric(core: Core, instruction_set: str, kernel: Any, dtype: torch.dtype) -> None:
    for d in (1, 3, 17, 70):
        x, y = normal(50, d, dtype, 3), normal(77, d, dtype, 4)
        core.assert_exact("topk", x, y, kernel, k=5)
        typical = float(kernel.forward(x[:1].double(), y[:9].double()).median())
        for radius in (0.0, -1.0, typical):
            core.assert_exact("count", x, y, kernel, radius=radius)
            core.assert_exact("neighbors", x, y, kernel, radius=radius)
        weights = normal(77, 1, torch.float64, 5)[:, 0]
        call = core.make("count", x, y, kernel, radius=typical, weights=weights)
        torch.testing.assert_close(core.run(call), reference.run(call))


@pytest.mark.parametrize(
    "kernel",
    [
        gm.Gaussian(2.0),
        gm.Laplacian(1.5, norm="l2"),
        gm.Laplacian(1.5),
        gm.Matern(2.0, nu=2.5),
        gm.RationalQuadratic(torch.tensor(1.2)),
        gm.Epanechnikov(3.0),
    ],
    ids=repr,
)
def test_largest_kernel_entries_are_the_nearest(core: Core, kernel: Any) -> None:
    for d in (2, 20):
        x, y = normal(60, d, torch.float32, 6), normal(90, d, torch.float32, 7)
        core.assert_exact("topk", x, y, kernel, k=4, largest=True)


def _hard_inputs() -> dict[str, tuple[Tensor, Tensor]]:
    inputs: dict[str, tuple[Tensor, Tensor]] = {}
    for d in (3, 20):
        x, y = normal(70, d, torch.float32, 8), normal(90, d, torch.float32, 9)
        tiny = torch.finfo(torch.float32).tiny
        outlier, far_row = y.clone(), x.clone()
        outlier[5], far_row[5] = 1e30, -3e37
        copies = y[torch.arange(90) % 4]
        zeros = torch.zeros(20, d)
        zeros[::2] = -0.0
        inputs |= {
            f"1e38, d={d}": (x.clamp(-3, 3) * 1e38, y.clamp(-3, 3) * 1e38),
            f"1e-38, d={d}": (x * 1e-38, y * 1e-38),
            f"subnormal, d={d}": (x * tiny / 64, y * tiny / 64),
            f"one column far out, d={d}": (x, outlier),
            f"one row far out, d={d}": (far_row, y),
            f"far from y, d={d}": (x + 1e8, y),
            f"copies, d={d}": (copies[:70], copies),
            f"zeros, d={d}": (zeros, -zeros),
            f"tight blob, d={d}": (x * 1e-4 + 1e3, y * 1e-4 + 1e3),
            f"tight beside one far, d={d}": (x * 1e-4, torch.cat([y * 1e-4, outlier[5:6] * 1e-28])),
            f"double 1e200, d={d}": (x.double() * 1e200, y.double() * 1e200),
            f"double 1e-170, d={d}": (x.double() * 1e-170, y.double() * 1e-170),
            f"double 1e154, d={d}": (x.double() * 1e154, y.double() * 1e154),
        }
    return inputs


@pytest.mark.parametrize("name", _hard_inputs())
def test_extreme_numbers(core: Core, instruction_set: str, name: str) -> None:
    x, y = _hard_inputs()[name]
    for kernel in (gm.SquaredEuclidean(), gm.Euclidean(), gm.Manhattan()):
        for k in (1, 6):
            core.assert_exact("topk", x, y, kernel, k=k)
        radius = float(kernel.forward(x[:1].double(), y[:9].double()).median())
        if math.isfinite(radius):
            core.assert_exact("count", x, y, kernel, radius=radius)
            core.assert_exact("neighbors", x, y, kernel, radius=radius)


def test_integer_lattice_has_ties_everywhere(core: Core, instruction_set: str) -> None:
    axis = torch.arange(5.0)
    grid = torch.cartesian_prod(axis, axis, axis)
    for table in (grid, torch.nn.functional.pad(grid, (0, 17))):
        core.assert_exact("topk", table, table, gm.SquaredEuclidean(), k=40)
        for radius in (1.0, math.sqrt(2.0), math.sqrt(3.0), math.nextafter(math.sqrt(3.0), 0)):
            core.assert_exact("count", table, table, gm.Euclidean(), radius=radius)
            core.assert_exact("neighbors", table, table, gm.Euclidean(), radius=radius)


@on_sets_of_searches
@pytest.mark.parametrize("features", [1, 9, 17, 65, 129, 300])
def test_twins_at_the_centre(core: Core, instruction_set: str, features: int) -> None:
    """Where a row and columns lie on the mean of all columns, shares of their lengths are 0."""
    for m, tiny in ((5, 0.0), (15, 1e-20), (70, 1e-22), (200, 0.0)):
        half = (2 * normal(m, features, torch.float32, 20)).round()
        twins = torch.zeros(m, features)
        twins[:, 0] = tiny * (torch.arange(m) % 5 - 2)
        y = torch.cat([half, twins, -half])[torch.arange(3 * m) * 7 % (3 * m)]
        x = torch.cat([twins[:20], 1.3 * twins[:5], half[:5]])
        for k in (1, 3):
            core.assert_exact("topk", x, y, gm.SquaredEuclidean(), k=k)
        for radius in (0.0, float(x[0].square().sum())):
            core.assert_exact("count", x, y, gm.SquaredEuclidean(), radius=radius)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_strides(core: Core, dtype: torch.dtype) -> None:
    wide = normal(120, 60, dtype, 10)
    for d in (3, 20):
        for x, y in (
            (wide[::3, :d], wide[1::2, :d]),
            (wide[:, : 2 * d : 2], wide[:50, 1 : 2 * d : 2]),
            (wide[: d + 1].T[:, 1:], wide[: d + 1].T[:30, 1:]),
            (wide[:1, :d].expand(9, d), wide[:, :d]),
        ):
            core.assert_exact("topk", x, y, gm.Euclidean(), k=3)
            core.assert_exact("neighbors", x, y, gm.Euclidean(), radius=1.5)


def test_threads_and_batches_do_not_matter(core: Core) -> None:
    for d in (4, 40):
        x, y = normal(2000, d, torch.float32, 11), normal(700, d, torch.float32, 12)
        call = core.make("topk", x, y, gm.Euclidean(), k=3)
        values, indices = core.run(call, workers=1)
        for other_values, other_indices in (
            core.run(call, workers=2),
            [
                torch.cat(parts)
                for parts in zip(
                    *(
                        core.run(core.make("topk", part, y, gm.Euclidean(), k=3))
                        for part in x.split(173)
                    ),
                    strict=True,
                )
            ],
        ):
            assert torch.equal(values, other_values)
            assert torch.equal(indices, other_indices)


def test_indices_without_values(core: Core) -> None:
    x, y = normal(300, 30, torch.float32, 13), normal(80, 30, torch.float32, 14)
    values, indices = core.run(core.make("topk", x, y, gm.SquaredEuclidean(), values=False))
    assert values is None
    assert torch.equal(indices, core.run(core.make("topk", x, y, gm.SquaredEuclidean()))[1])


def test_columns_beyond_one_chunk(core: Core, instruction_set: str) -> None:
    x, y = normal(30, 2, torch.float32, 15), normal(9001, 2, torch.float32, 16)
    for k in (1, 7):
        core.assert_exact("topk", x, y, gm.SquaredEuclidean(), k=k)
    core.assert_exact("count", x, y, gm.Euclidean(), radius=0.7)
    wide_x, wide_y = normal(20, 300, torch.float32, 17), normal(1100, 300, torch.float32, 18)
    core.assert_exact("topk", wide_x, wide_y, gm.SquaredEuclidean(), k=5)
    core.assert_exact("neighbors", wide_x, wide_y, gm.Euclidean(), radius=24.0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_many_features_and_many_neighbours(
    core: Core, instruction_set: str, dtype: torch.dtype
) -> None:
    """Tiles of one panel, chunks of few columns, lists that are longer than a panel."""
    for d, n, m, k in ((13_000, 35, 41, 3), (900, 60, 300, 20), (5, 40, 1500, 1024)):
        x, y = normal(n, d, dtype, 41), normal(m, d, dtype, 42)
        for kernel in (gm.Euclidean(), gm.Manhattan()):
            core.assert_exact("topk", x, y, kernel, k=k)
            radius = float(kernel.forward(x[:1].double(), y[:9].double()).median())
            core.assert_exact("neighbors", x, y, kernel, radius=radius)
        weights = normal(m, 130, dtype, 43).abs()
        call = core.make("product", x, y, gm.Gaussian(d**0.5), weights=weights)
        core.assert_near(call, RTOL[dtype])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["x", "y"])
def test_numbers_that_are_not_finite(core: Core, name: str, value: float) -> None:
    for d in (2, 20):
        for dtype in DTYPES:
            tables = {"x": normal(9, d, dtype, 19), "y": normal(8, d, dtype, 20)}
            tables[name][3, d - 1] = value
            for call in (
                core.make("topk", tables["x"], tables["y"], gm.Euclidean()),
                core.make("count", tables["x"], tables["y"], gm.Euclidean(), radius=1.0),
                core.make("product", tables["x"], tables["y"], gm.Gaussian()),
            ):
                with pytest.raises(
                    ValueError,
                    match=f"{call.reduction}: {name} must be finite, got NaN or infinity in row 3. "
                    "Remove or fill such rows.",
                ):
                    core.run(call)


# ---------------------------------------------------------------------- sums and blocks
