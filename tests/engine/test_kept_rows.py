"""Rows kept rounded from pass to pass: the same answers as without, wherever the columns go."""

from __future__ import annotations

import pytest
import torch
from tests.engine.conftest import normal
from tests.instruction_sets import forced, on_sets_of_searches
from torch import Tensor

import gramian as gm
from gramian.engine.partition import Assigned, Bounds, Kept, assign, keep, reference_assign, refine

native = pytest.importorskip("gramian._native", reason="rows are kept by the compiled core")
SIZES = ((70, 300, 66), (90, 1100, 131), (130, 64, 300))


def table(n: int, d: int) -> Tensor:
    """Rows of all sorts: equal ones, zeros, tiny and huge ones, one beyond floats' squares."""
    x = normal(n, d, torch.float32, 1)
    x[3] = x[4]
    x[5] = 0
    x[6] *= 1e-30
    x[7] *= 1e4
    x[8] *= 1e25
    return x


def kept_for(x: Tensor, y: Tensor, instruction_set: str) -> Kept:
    kept = keep(x, y)
    if instruction_set not in ("avx512_vnni", "avx512_vnni_bf16"):
        assert kept is None
        pytest.skip("rounds nothing to bytes first")
    assert kept is not None
    assert kept.bytes >= x.numel()
    return kept


def assert_same(found: Assigned, wanted: Assigned) -> None:
    assert torch.equal(found.labels, wanted.labels)
    assert torch.equal(found.sums, wanted.sums)
    assert torch.equal(found.mass, wanted.mass)
    assert found.changed == wanted.changed


def moved(y: Tensor, step: int) -> Tensor:
    """Columns a little on, farther in the same frame, so far that it changes, and back."""
    near = y + 0.1 * normal(*y.shape, torch.float32, 10 + step)
    return (near, near + 0.4, near + 30, near * 1e3, near * 1e-3, near)[step]


@on_sets_of_searches
@pytest.mark.parametrize("with_bounds", [False, True])
def test_passes_over_kept_rows_find_the_same(instruction_set: str, with_bounds: bool) -> None:
    for n, m, d in SIZES:
        x = table(n, d)
        start = x[torch.arange(m) * 5 % n].clamp(-3, 3) + 0.2 * normal(m, d, torch.float32, 2)
        kept = kept_for(x, start, instruction_set)
        weights = torch.rand(n, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
        for step in range(6):
            y = moved(start, step)
            plain = assign(x, y, weights)
            bounds = Bounds.room(n) if with_bounds else None
            assert_same(assign(x, y, weights, bounds=bounds, kept=kept), plain)
            assert torch.equal(plain.labels, reference_assign(x, y, weights).labels)


@on_sets_of_searches
def test_refining_over_kept_rows_finds_the_same(instruction_set: str) -> None:
    for n, m, d in SIZES:
        x = table(n, d)
        y = x[torch.arange(m) * 5 % n].clamp(-3, 3) + 0.2 * normal(m, d, torch.float32, 2)
        kept = kept_for(x, y, instruction_set)
        weights, bounds = torch.ones(n, dtype=torch.float64), Bounds.room(n)
        labels = assign(x, y, weights, bounds=bounds, kept=kept).labels
        for step in range(6):
            old, y = y, moved(y, step)
            none = torch.zeros(m, dtype=torch.bool)
            full = assign(x, y, weights, previous=labels.clone())
            part = refine(x, y, weights, labels, bounds, old, most=n, wanted=none, kept=kept)
            assert part is not None
            assert torch.equal(part.labels, full.labels)
            assert part.changed == full.changed
            assert torch.equal(part.sums[full.moved], full.sums[full.moved])


def test_rows_are_kept_where_that_can_pay() -> None:
    if "avx512_vnni" not in native.instruction_sets():
        pytest.skip("this processor multiplies no bytes")
    with forced("avx512_vnni"):
        x, y = normal(200, 64, torch.float32, 1), normal(256, 64, torch.float32, 2)
        assert keep(x, y) is not None
        assert keep(x, y[:255]) is None
        assert keep(x.double(), y.double()) is None
        assert keep(normal(64, 200, torch.float32, 1).T, y) is None
        with gm.config_context(backend="torch"):
            assert keep(x, y) is None
        long = torch.zeros(1, 64).expand(2**18, 64)
        with gm.config_context(memory="8MiB"):
            assert keep(long, y) is None


@on_sets_of_searches
def test_a_row_that_is_not_finite_is_found_while_rows_are_kept(instruction_set: str) -> None:
    x, y = table(70, 66), normal(300, 66, torch.float32, 2)
    kept = kept_for(x, y, instruction_set)
    x[11, 3] = torch.nan
    with pytest.raises(ValueError, match="X must be finite, got NaN or infinity in row 11"):
        assign(x, y, torch.ones(70, dtype=torch.float64), kept=kept)


@on_sets_of_searches
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_sums_by_column_have_the_bits_of_sums_by_row(
    instruction_set: str, dtype: torch.dtype
) -> None:
    """With many features the rows of a part are summed column by column."""
    n, m, d = 4300, 24, 303
    x, y = normal(n, d, dtype, 1, 50.0), normal(m, d, dtype, 2, 50.0)
    weights = torch.rand(n, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    labels = torch.arange(n) * 7919 % (m - 1)  # the last column has no row
    for every in (1, 3):
        wanted = torch.arange(m) % every == 0

        def sums_of(part: slice, wanted: Tensor = wanted) -> tuple[Tensor, Tensor]:
            rows, columns = x[:, part].contiguous(), y[:, part].contiguous()
            width = rows.shape[1]
            found = torch.zeros(m * (width + 2) + 1, dtype=torch.float64)
            native.add_up(rows, columns, labels, wanted, None, weights, found, 2)
            return found[: m * width].view(m, width), found[m * width : m * (width + 1)]

        whole, mass = sums_of(slice(None))
        parts = [sums_of(slice(begin, begin + 101)) for begin in (0, 101, 202)]
        assert torch.equal(whole, torch.cat([sums for sums, _ in parts], dim=1))
        assert torch.equal(mass, parts[0][1])
        assert bool(whole[wanted][:-1].any())
