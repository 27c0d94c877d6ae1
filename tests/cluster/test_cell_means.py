"""Local means from cells against brute force, on every instruction set of this machine."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.instruction_sets import forced
from torch import Tensor

import gramian as gm
from gramian.cluster._cell_means import CellFlatMean, CellWindow, cells_fit, exact_parts
from gramian.cluster._cells import Cells
from gramian.cluster._choose_mean import local_mean
from gramian.cluster._local_means import EpanechnikovMean, FlatMean

native = pytest.importorskip("gramian._native", reason="the compiled core is not built here")


def problem(
    n: int, d: int, dtype: torch.dtype, weighted: bool
) -> tuple[Tensor, Tensor | None, Tensor]:
    """Rows of which some are equal, weights, and positions near, on and far from them."""
    generator = torch.Generator().manual_seed(n + d)
    x = (torch.randn(n, d, generator=generator, dtype=torch.float64) * 64).round() / 64
    x = torch.cat([x, x[: n // 3], 5 + x[: n // 4] / 64]).to(dtype)
    weights = None
    if weighted:
        weights = torch.randint(0, 4, (len(x),), generator=generator) / 3
        weights[0] = 1.0
    positions = torch.cat([x, x[:9] + 0.5, x[:2] + 1e6, x[:2] - 1e30])
    return x, weights, positions


def truth(
    x: Tensor, weights: Tensor | None, positions: Tensor, count: object
) -> tuple[Tensor, Tensor]:
    """Mass and mean by float64 brute force; ``count`` maps squared distances to weights."""
    gaps = x.double()[None] - positions.double()[:, None]
    squared = torch.zeros(len(positions), len(x), dtype=torch.float64)
    for feature in gaps.unbind(2):
        squared += feature * feature
    w = count(squared).double() * (1 if weights is None else weights.double())  # type: ignore[operator]  # a callable
    mass = w.sum(1)
    return mass, positions.double() + (w[:, :, None] * gaps).sum(1) / mass[:, None]


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 33, 200])
def test_means_are_those_of_brute_force(n: int, d: int, weighted: bool) -> None:
    for dtype in (torch.float32, torch.float64):
        x, weights, positions = problem(n, d, dtype, weighted)
        rtol = 1e-6 if dtype == torch.float32 else 1e-12
        for h in (1 / 64, 0.5, 4.0, 100.0):
            windows = {
                CellFlatMean(x, weights, h): lambda t, h=h: t.sqrt() <= h,
                CellWindow(x, weights, h): lambda t, h=h: (1 - t / h**2).clamp(min=0),
                CellWindow(x, weights, h, 6.0): lambda t, h=h: (
                    torch.exp(-t / (2 * h**2)) * (t.sqrt() <= 6 * h)
                ),
            }
            for mean, count in windows.items():
                found, mass = mean(positions)
                expected_mass, expected = truth(x, weights, positions, count)
                torch.testing.assert_close(mass, expected_mass, rtol=1e-12, atol=1e-15)
                some = expected_mass > 1e-6
                torch.testing.assert_close(
                    found[some], expected[some].to(dtype), rtol=rtol, atol=1e-10
                )
                nowhere = mass == 0
                assert torch.equal(found[nowhere], positions[nowhere])


@pytest.mark.parametrize("weighted", [False, True])
def test_flat_means_have_the_same_bits_in_any_order(weighted: bool) -> None:
    x, weights, positions = problem(150, 2, torch.float64, weighted)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    shuffled = None if weights is None else weights[order]
    expected = CellFlatMean(x, weights, 0.7)(positions)
    for name in native.instruction_sets():
        for threads in (1, 3):
            torch.set_num_threads(threads)
            with forced(name):
                found = CellFlatMean(x[order], shuffled, 0.7)(positions)
            assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def test_equal_rows_are_their_mean() -> None:
    x = torch.tensor([[0.1, 1e5], [0.3, 1e5], [0.7, -3e4]]).repeat_interleave(7, 0)
    means, mass = CellFlatMean(x, None, 1e-3)(x)
    assert torch.equal(means, x)
    assert mass.tolist() == [7.0] * 21


@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.sampled_from([1e-30, 1.0, 1e30]))
def test_sums_of_parts_are_exact(seed: int, n: int, scale: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(n, generator=generator, dtype=torch.float64) * scale
    values[n // 2 :] *= 1e-9
    order = torch.randperm(n, generator=generator)
    for part in exact_parts(values):
        assert float(part.cumsum(0)[-1]) == float(part[order].cumsum(0)[-1])
    torch.testing.assert_close(
        torch.stack(exact_parts(values)).sum(0),
        values,
        rtol=0,
        atol=float(values.abs().max()) * 1e-20,
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.sampled_from([1e-7, 0.3, 50.0]))
def test_cells_hold_every_row_once(seed: int, d: int, radius: float) -> None:
    x = torch.randn(40, d, generator=torch.Generator().manual_seed(seed)).repeat(2, 1)
    x[0] = 1e4
    cells = Cells.of(x, radius)
    assert sorted(cells.order.tolist()) == list(range(80))
    assert torch.equal(cells.rows[:, :80].T, x[cells.order].double())
    assert (cells.keys.diff() > 0).all()
    for key in cells.keys.tolist():
        place = int(cells.directory[key >> cells.shift])
        assert cells.keys[place:].tolist() == [k for k in cells.keys.tolist() if k >= key] or (
            cells.shift > 0
        )


def test_who_takes_which() -> None:
    x = torch.randn(30, 2)
    assert isinstance(local_mean("flat", x, None, 1.0), CellFlatMean)
    assert isinstance(local_mean("epanechnikov", x, None, 1.0), CellWindow)
    assert isinstance(local_mean("flat", x, None, 0.0), FlatMean)
    with gm.config_context(backend="torch"):
        assert isinstance(local_mean("flat", x, None, 1.0), FlatMean)
        assert isinstance(local_mean("epanechnikov", x, None, 1.0), EpanechnikovMean)
    assert not cells_fit(x, None, 1e-200)
    assert not cells_fit(x.double() * 1e200, None, 1.0)
    assert not cells_fit(torch.randn(5, 4), None, 1.0)
    assert not cells_fit(x, torch.logspace(0, -20, 30, dtype=torch.float64), 1.0)


def test_only_cells_of_up_to_three_features() -> None:
    empty = torch.zeros(0, dtype=torch.int64)
    table = torch.zeros(4, 16, dtype=torch.float64)
    with pytest.raises(ValueError, match="more features than cells are made for"):
        native.balls(
            table, [0.0] * 4, [1] * 4, (1.0, 1.0, 0.0), empty, empty, empty, 0,
            0, 1.0, 1.0, 0.0, table, table, table, 1,
        )  # fmt: skip
