"""How far columns have moved, and bounds that follow them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.instruction_sets import on_sets_of_searches
from torch import Tensor

native = pytest.importorskip("gramian._native", reason="bounds are kept by the compiled core")
Array = NDArray[np.float64]


def split(old: Tensor, new: Tensor, levels: int = 4) -> tuple[Array, Array, Array]:
    """Movements (m,), radii (m, levels) and movements inside them (m, levels)."""
    table = np.full((len(new), 2 * levels + 1), np.nan)
    native.movement(old, new, table)
    assert not np.isnan(table).any()
    return table[:, 0], table[:, 1 : levels + 1], table[:, levels + 1 :]


def test_movements_inside_balls() -> None:
    old = torch.tensor([[0.0], [1.0], [10.0]])
    new = torch.tensor([[0.5], [1.0], [14.0]])
    moved, radii, inside = split(old, new, 8)
    np.testing.assert_allclose(moved, [0.5, 0.0, 4.0])
    assert radii[0, 0] <= 0.5
    np.testing.assert_allclose(radii[0, :7], 0.5 * 1.3 ** np.arange(7))
    assert np.isinf(radii[:, -1]).all()
    np.testing.assert_allclose(inside[:, -1], [4.0, 4.0, 0.5])
    assert not inside[:, 0].any()
    assert inside[0, 1] == 0.0
    assert inside[1, 1] == pytest.approx(0.5)
    assert split(old[:1], new[:1])[2][0, -1] == 0


def test_one_level_holds_for_all_others_and_two_know_the_nearest() -> None:
    old, new = torch.tensor([[0.0], [3.0], [5.0]]), torch.tensor([[0.5], [3.0], [6.0]])
    for levels in (1, 2):
        moved, radii, inside = split(old, new, levels)
        np.testing.assert_allclose(moved, [0.5, 0.0, 1.0])
        assert np.isinf(radii[:, -1]).all()
        np.testing.assert_allclose(inside[:, -1], [1.0, 1.0, 0.5])
    np.testing.assert_allclose(radii[:, 0], [2.5, 2.5, 3.0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_distances_are_never_too_long_and_movements_never_too_short(
    instruction_set: str, dtype: torch.dtype
) -> None:
    generator = torch.Generator().manual_seed(0)
    for d, scale in ((1, 1.0), (3, 1e6), (9, 1e-30), (700, 1e-3)):
        old = (torch.randn(40, d, generator=generator) * scale + 5.0 * scale).to(dtype)
        new = (old * 1.01).to(dtype)
        new[7] = new[3]
        exact = torch.cdist(
            new.double(), new.double(), compute_mode="donot_use_mm_for_euclid_dist"
        ).fill_diagonal_(torch.inf)
        nearest = exact.min(1).values.numpy()
        moved, radii, inside = split(old, new)
        assert (radii[:, 0] <= nearest).all()
        np.testing.assert_allclose(radii[:, 0], nearest, rtol=1e-9)
        far = (new.double() - old.double()).norm(dim=1).numpy()
        assert (moved >= far * (1 - 1e-15)).all()
        np.testing.assert_allclose(moved, far, rtol=1e-9)
        for level in range(4):
            near = torch.from_numpy(radii[:, level, None]) > exact
            most = np.where(near.numpy(), far, 0.0).max(1)
            assert (inside[:, level] >= most * (1 - 1e-15)).all()


def test_what_overflows_excludes_nothing(instruction_set: str) -> None:
    far = torch.tensor([[1e200, 0.0], [-1e200, 0.0], [0.0, 1e200]], dtype=torch.float64)
    moved, radii, inside = split(far, far * 1.5)
    assert np.isinf(moved).all()
    assert (radii[:, :-1] == 0).all()
    assert np.isinf(inside[:, -1]).all()


def test_squares_that_vanish_are_movements_all_the_same(instruction_set: str) -> None:
    old = torch.zeros(2, 3, dtype=torch.float64)
    new = old.clone()
    new[1] = 1e-200
    moved, _, inside = split(old, new)
    assert moved[0] == 0.0
    assert moved[1] >= 1.7e-200
    assert inside[0, -1] == moved[1]


@np.errstate(invalid="ignore")
def by_all_balls(table: Array, upper: Array, lower: Array) -> tuple[Array, Array]:
    """The bounds of rows after the movements of their columns, by every ball, in float64."""
    levels = (table.shape[1] - 1) // 2
    high = upper + table[:, 0]
    # a row at an unknown distance is no nearer to what lies beyond the endless ball
    outside = np.where(np.isinf(radii := table[:, 1 : levels + 1]), np.inf, radii - high[:, None])
    bounds = np.minimum(outside, lower[:, None] - table[:, levels + 1 :])
    return high, np.maximum(bounds.max(1), 0.0)


@on_sets_of_searches
@pytest.mark.parametrize("levels", [1, 2, 8])
def test_bounds_follow_their_columns(instruction_set: str, levels: int) -> None:
    rng = np.random.default_rng(levels)
    for n in (1, 3, 15, 16, 17, 511, 512, 513, 1100, 17_000):
        old = torch.from_numpy(rng.normal(size=(30, 3)))
        new = old.clone()
        new[::3] += torch.from_numpy(rng.normal(size=(10, 3))) * 0.03
        table = np.empty((30, 2 * levels + 1))
        native.movement(old, new, table)
        labels = rng.integers(30, size=n)
        upper = rng.random(n, dtype=np.float32)
        lower = upper + rng.random(n, dtype=np.float32) * 0.3
        upper[n // 2], lower[n // 3] = np.inf, 0.0
        high, low = by_all_balls(table[labels], upper.astype(float), lower.astype(float))
        open_rows = native.loosen(labels, table, upper, lower, 2)
        assert open_rows == np.count_nonzero(~(upper < lower))
        assert (upper >= high).all()
        assert (lower <= low).all()
        finite = np.isfinite(high)
        assert (upper <= high * (1 + 1e-6))[finite].all()
        # a row that some ball keeps apart is kept apart, and one that none does has the best bound
        assert (upper < lower)[low > high * (1 + 1e-5) + 1e-30].all()
        best = ~(upper < lower)
        np.testing.assert_allclose(lower[best], low[best], rtol=1e-6)


@on_sets_of_searches
def test_bounds_of_columns_that_stay_hardly_change(instruction_set: str) -> None:
    rng = np.random.default_rng(0)
    columns = torch.from_numpy(rng.normal(size=(9, 2)))
    table = np.empty((9, 5))
    native.movement(columns, columns, table)
    labels, upper = rng.integers(9, size=600), rng.random(600, dtype=np.float32)
    lower = 2 * upper
    before = upper.copy(), lower.copy()
    for _ in range(50):
        native.loosen(labels, table, upper, lower, 1)
    for now, then in zip((upper, lower), before, strict=True):
        np.testing.assert_allclose(now, then, rtol=50 * 5e-7)
