"""Rows passed over because of bounds: the same answers, and bounds that hold."""

from __future__ import annotations

import pytest
import torch
from tests.engine.conftest import normal
from tests.instruction_sets import on_sets_of_searches
from torch import Tensor

import gramian as gm
from gramian.engine.partition import (
    Bounds,
    assign,
    can_refine,
    inertia,
    measure,
    reference_assign,
    refine,
)
from gramian.errors import BackendUnavailableError

pytest.importorskip("gramian._native", reason="bounds are kept by the compiled core")
DTYPES = [torch.float32, torch.float64]


def clustered(n: int, m: int, d: int, dtype: torch.dtype, offset: float) -> tuple[Tensor, Tensor]:
    """Rows about m points of which a few lie close together, and those points."""
    y = normal(m, d, torch.float64, 1) * 4
    y[m // 2 :] = y[: m - m // 2] + 0.3
    x = y[torch.arange(n) * 7 % m] + 0.5 * normal(n, d, torch.float64, 2)
    return (x + offset).to(dtype), (y + offset).to(dtype)


def assert_bounds_hold(x: Tensor, y: Tensor, labels: Tensor, bounds: Bounds) -> None:
    """In float64, with room for the roundings of the check itself."""
    exact = torch.cdist(x.double(), y.double(), compute_mode="donot_use_mm_for_euclid_dist")
    own = exact.gather(1, labels[:, None])[:, 0]
    assert bool((bounds.upper.double() >= own * (1 - 1e-12)).all())
    others = exact.scatter(1, labels[:, None], torch.inf).min(1).values
    assert bool((bounds.lower.double() <= others * (1 + 1e-12)).all())


@on_sets_of_searches
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_bounds_of_a_search_hold(instruction_set: str, dtype: torch.dtype, offset: float) -> None:
    once = torch.ones((), dtype=torch.float64)
    for n, m in ((1, 1), (33, 4), (700, 20), (90, 300)):
        for d in (1, 2, 3, 8, 16, 17, 40, 70):
            x, y = clustered(n, m, d, dtype, offset)
            bounds = Bounds.room(n)
            found = assign(x, y, once.expand(n), bounds=bounds)
            assert torch.equal(found.labels, reference_assign(x, y, once.expand(n)).labels)
            assert_bounds_hold(x, y, found.labels, bounds)
            if offset == 0.0 and m == 4:
                # nearly all rows of such data are told apart
                assert float((bounds.upper < bounds.lower).double().mean()) > 0.5


@on_sets_of_searches
def test_bounds_hold_where_columns_come_in_several_chunks(instruction_set: str) -> None:
    """Wide enough that bfloat16 goes first; no second-nearest column is looked at in floats."""
    for n, m, d in ((150, 1100, 131), (70, 900, 512)):
        y = normal(m, d, torch.float32, 1)
        x = y[torch.arange(n) * 7 % m] + 0.3 * normal(n, d, torch.float32, 2)
        bounds, once = Bounds.room(n), torch.ones(n, dtype=torch.float64)
        found = assign(x, y, once, bounds=bounds)
        assert torch.equal(found.labels, reference_assign(x, y, once).labels)
        assert_bounds_hold(x, y, found.labels, bounds)
        assert bool((bounds.upper < bounds.lower).all())


@on_sets_of_searches
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_refining_finds_what_a_search_finds(
    instruction_set: str, dtype: torch.dtype, offset: float
) -> None:
    for n, m, d in ((400, 6, 2), (700, 40, 7), (500, 280, 40), (300, 9, 70)):
        x, y = clustered(n, m, d, dtype, offset)
        weights = torch.rand(n, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
        weights[::5] = 0
        bounds = Bounds.room(n)
        labels = assign(x, y, weights, bounds=bounds).labels
        for step in range(4):
            old, y = y, y.clone()
            y[step::3] += (0.2 / (step + 1) * normal(len(y[step::3]), d, torch.float64, step)).to(y)
            wanted = torch.arange(m) % 5 == step
            full = assign(x, y, weights, previous=labels.clone())
            part = refine(x, y, weights, labels, bounds, old, most=n, wanted=wanted)
            assert part is not None
            assert torch.equal(part.labels, full.labels)
            assert part.changed == full.changed
            assert torch.equal(part.moved, full.moved)
            due = wanted | full.moved
            assert torch.equal(part.sums[due], full.sums[due])
            assert torch.equal(part.mass[due], full.mass[due])
            assert not part.sums[~due].any()
            assert_bounds_hold(x, y, part.labels, bounds)


def test_columns_that_stay_leave_little_to_search() -> None:
    x, y = clustered(600, 10, 3, torch.float32, 0.0)
    weights, bounds = torch.ones(len(x), dtype=torch.float64), Bounds.room(len(x))
    labels = assign(x, y, weights, bounds=bounds).labels
    none = torch.zeros(10, dtype=torch.bool)
    found = refine(x, y, weights, labels, bounds, y, most=30, wanted=none)
    assert found is not None
    assert found.changed == 0
    assert not found.moved.any()
    # where more rows are open than may be searched, the answer is that a full pass is due
    far = y.flip(0)
    assert refine(x, far, weights, labels, bounds, y, most=30, wanted=none) is None


@on_sets_of_searches
def test_rows_and_columns_far_out_are_never_skipped_wrongly(instruction_set: str) -> None:
    for size, dtype in ((1e30, torch.float32), (1e-30, torch.float32), (1e200, torch.float64)):
        x, y = clustered(200, 8, 3, torch.float64, 0.0)
        x, y = (x * size).to(dtype), (y * size).to(dtype)
        x[5] *= 1e6 if size < 1 else 1.0
        weights, bounds = torch.ones(200, dtype=torch.float64), Bounds.room(200)
        labels = assign(x, y, weights, bounds=bounds).labels
        new = (y.double() * 1.01).to(dtype)
        none = torch.zeros(8, dtype=torch.bool)
        part = refine(x, new, weights, labels.clone(), bounds, y, most=200, wanted=none)
        assert part is not None
        assert torch.equal(part.labels, reference_assign(x, new, weights).labels)


@on_sets_of_searches
def test_strides_and_constant_weights_as_they_are(instruction_set: str) -> None:
    for dtype in DTYPES:
        table = normal(120, 60, torch.float64, 6).to(dtype)
        for x, y in (
            (table[::3, :5], table[1:9, :5]),
            (table[:, :40:2], table[:9, 1:40:2]),
            (table[:20].T[:, 1:], table[:20].T[:9, 1:]),
        ):
            once = torch.ones((), dtype=torch.float64).expand(len(x))
            bounds = Bounds.room(len(x))
            labels = assign(x, y, once, bounds=bounds).labels
            new = y + 0.1
            none = torch.zeros(len(y), dtype=torch.bool)
            part = refine(x, new, once, labels, bounds, y, most=len(x), wanted=none)
            assert part is not None
            assert torch.equal(part.labels, assign(x, new, once).labels)


def test_measure_is_brute_force() -> None:
    for dtype in DTYPES:
        x, y = normal(500, 9, dtype, 1, 100.0), normal(7, 9, dtype, 2, 100.0)
        labels = torch.arange(500) % 7
        for backend in ("native", "torch"):
            with gm.config_context(backend=backend):
                found = measure(x, y, labels)
            wanted = torch.zeros(500, dtype=torch.float64)
            for f in range(9):
                gap = x[:, f].double() - y[labels, f].double()
                wanted += gap * gap
            assert torch.equal(found, wanted)


def test_inertia_is_the_weighted_total_of_what_is_measured() -> None:
    for dtype in DTYPES:
        for n, d in ((1, 1), (517, 2), (9_001, 5), (4_500, 40)):
            x, y = normal(n, d, dtype, 3, 10.0), normal(7, d, dtype, 4, 10.0)
            labels = torch.arange(n) % 7
            once = torch.ones((), dtype=torch.float64).expand(n)
            for weights in (once, torch.arange(n, dtype=torch.float64)):
                wanted = float((weights * measure(x, y, labels)).sum())
                for backend in ("native", "torch"):
                    with gm.config_context(backend=backend):
                        torch.set_num_threads(1)
                        found = inertia(x, y, labels, weights)
                        torch.set_num_threads(2)
                        assert inertia(x, y, labels, weights) == found
                    assert found == pytest.approx(wanted, rel=1e-13)


def test_only_the_compiled_core_refines() -> None:
    x, y = normal(50, 3, torch.float32, 1), normal(4, 3, torch.float32, 2)
    assert can_refine(x, y)
    assert not can_refine(x.half(), y.half())
    with gm.config_context(backend="torch"):
        assert not can_refine(x, y)
        none = torch.zeros(4, dtype=torch.bool)
        weights, bounds = torch.ones(50, dtype=torch.float64), Bounds.room(50)
        labels = torch.zeros(50, dtype=torch.int64)
        with pytest.raises(BackendUnavailableError, match="bounds are for the compiled core"):
            refine(x, y, weights, labels, bounds, y, most=50, wanted=none)
    wide = torch.zeros(4, 200_000)
    with gm.config_context(memory="8MiB"):
        assert not can_refine(wide, wide)
