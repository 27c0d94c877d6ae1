"""Rows that are looked up in a grid of cells, each in the region of one column."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from tests.engine.compiled_core import ABSENT, DTYPES
from tests.instruction_sets import SETS_OF_SEARCHES
from torch import Tensor

import gramian as gm
from gramian.engine.exact import form_table
from gramian.engine.partition import assign

native = pytest.importorskip("gramian._native", reason=ABSENT)
on_sets = pytest.mark.parametrize("instruction_set", SETS_OF_SEARCHES, indirect=True)
ROWS = 70_000


def rows(n: int, d: int, seed: int, kind: str) -> Tensor:
    """Points of the plane or the line in float32."""
    rng = torch.Generator().manual_seed(seed)
    if kind == "uniform":
        return torch.rand(n, d, generator=rng)
    if kind == "lattice":  # on bisectors, and on the edges of cells
        return torch.randint(0, 33, (n, d), generator=rng) / 32
    x = torch.randn(n, d, generator=rng)
    if kind == "blobs":
        return x * 0.05 + torch.randn(6, d, generator=rng)[torch.arange(n) % 6]
    return x / torch.randn(n, 1, generator=rng) if kind == "cauchy" else x


@cache
def problem(d: int, kind: str, m: int, dtype: torch.dtype) -> tuple[Tensor, ...]:
    """Rows, columns of which two are equal, and what `nearest` says of them."""
    x, y = rows(ROWS, d, 1, kind).to(dtype), rows(m, d, 2, kind).to(dtype)
    if dtype == torch.float64:
        x += 1e-9  # no float
    y[m // 2] = y[0]
    return x, y, *nearest(x, y)


def nearest(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """By float64 brute force: squared distances, and the first column of the least."""
    parts = [form_table("squared_euclidean", part.double(), y.double()) for part in x.split(8192)]
    least = [part.min(1) for part in parts]
    return torch.cat([part.values for part in least]), torch.cat([part.indices for part in least])


def assert_nearest(x: Tensor, y: Tensor) -> None:
    assert_found(x, y, *nearest(x, y))


def assert_found(x: Tensor, y: Tensor, squares: Tensor, index: Tensor) -> None:
    found = gm.Gram(x, y).argmin(dim=1)
    assert torch.equal(found, index)
    values, same = gm.Gram(x, y, gm.SquaredEuclidean()).min()
    assert torch.equal(same, index)
    assert torch.equal(values, squares.to(values.dtype))


def looked_up(x: Tensor, y: Tensor) -> Tensor | None:
    """What the grid says of each row, -1 where it leaves the row open."""
    grid = native.regions(x, y, 1)
    if grid is None:
        return None
    side, low, per, column = grid
    place = (x - torch.tensor(low, dtype=x.dtype)) * torch.tensor(per, dtype=x.dtype)
    inside = ((place >= 0) & (place < side)).all(1)
    steps = side ** torch.arange(x.shape[1])
    cell = (place.where(inside[:, None], 0).long() * steps).sum(1)
    return torch.tensor(column)[cell].where(inside, -1)


@on_sets
@pytest.mark.parametrize("kind", ["uniform", "normal", "lattice", "blobs", "cauchy"])
@pytest.mark.parametrize("d", [1, 2])
def test_the_nearest_column_is_that_of_brute_force(instruction_set: str, d: int, kind: str) -> None:
    for m in (8, 200):
        for dtype in DTYPES:
            assert_found(*problem(d, kind, m, dtype))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("d", [1, 2])
def test_most_rows_are_settled_and_none_falsely(d: int, dtype: torch.dtype) -> None:
    for kind, share in (("uniform", 0.6), ("normal", 0.6), ("blobs", 0.3)):
        x, y = rows(ROWS, d, 3, kind).to(dtype), rows(40, d, 4, kind).to(dtype)
        found = looked_up(x, y)
        assert found is not None
        settled = found >= 0
        assert float(settled.double().mean()) > share
        assert torch.equal(found[settled], nearest(x, y)[1][settled])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", ["normal", "lattice"])
def test_rows_on_the_edges_of_cells(dtype: torch.dtype, kind: str) -> None:
    """And on the next number below and above: they may be placed in either cell."""
    for d in (1, 2):
        x, y = rows(ROWS, d, 5, kind).to(dtype), rows(17, d, 6, kind).to(dtype)
        side, low, per, _ = native.regions(x, y, 1)
        corner = torch.randint(0, side + 1, (ROWS, d), generator=torch.Generator().manual_seed(7))
        edges = (torch.tensor(low).double() + corner / torch.tensor(per).double()).to(dtype)
        x[5:] = edges[5:]  # the sample that the grid is laid over keeps its first row
        for toward in (-torch.inf, torch.inf):
            assert_nearest(x, y)
            x = torch.nextafter(x, torch.tensor(toward, dtype=dtype))


@pytest.mark.parametrize("d", [1, 2])
def test_rows_that_rounding_places_in_the_next_cell(d: int) -> None:
    """Just below zero, numbers less -1 round to 1, where the next cell begins.

    Its column is nearest from a little before on.
    """
    x = 2 * rows(ROWS, d, 23, "uniform") - 1
    x[0], x[ROWS // 1024 * 1023] = -1, 1
    axis = (torch.arange(8) - 3.5) / 4
    axis[3] = torch.nextafter(axis[3], torch.tensor(-1.0))
    y = axis[:, None] if d == 1 else torch.cartesian_prod(axis, axis)
    for feature in range(d):
        near = x.clone()
        near[1:5000, feature] = -torch.logspace(-11, -7, 4999)
        near[0, feature] = -1
        for columns in (y, y.flip(0)):
            assert looked_up(near, columns) is not None
            assert_nearest(near, columns)


@pytest.mark.parametrize("scale", [1e-20, 1e-3, 1e12])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_any_scale_and_place(scale: float, offset: float) -> None:
    for dtype in DTYPES:
        x, y = rows(ROWS, 2, 8, "normal").to(dtype), rows(30, 2, 9, "normal").to(dtype)
        assert_nearest((x + offset) * scale, (y + offset) * scale)


def test_columns_on_a_line_and_equal_columns() -> None:
    x = rows(ROWS, 2, 10, "normal")
    for feature in (0, 1):
        y = rows(20, 2, 11, "normal")
        y[:, feature] = 0.25
        assert looked_up(x, y) is not None
        assert_nearest(x, y)
    assert_nearest(x, x[:1].expand(12, 2).contiguous())
    assert_nearest(x, x[:6].repeat(2, 1))


def test_views_are_read_where_they_lie() -> None:
    x, y = rows(2 * ROWS, 4, 12, "normal"), rows(64, 2, 13, "normal")
    for view in (x[::2, 1:3], x.T.contiguous().T[:ROWS, ::3], x[:ROWS, :2].flip(0)):
        assert looked_up(view, y) is not None
        assert_nearest(view, y)


def test_rows_that_are_not_finite_are_found() -> None:
    for bad in (torch.nan, torch.inf, -torch.inf):
        x, y = rows(ROWS, 2, 14, "normal"), rows(64, 2, 15, "normal")
        x[ROWS - 3, 1] = bad
        with pytest.raises(ValueError, match="finite"):
            gm.Gram(x, y).argmin(dim=1)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_pass_of_k_means_looks_rows_up(threads: int) -> None:
    torch.set_num_threads(threads)
    x, y = rows(ROWS, 2, 16, "normal"), rows(64, 2, 17, "normal")
    weights = torch.rand(ROWS, generator=torch.Generator().manual_seed(18), dtype=torch.float64)
    found = assign(x, y, weights, values=True)
    squares, index = nearest(x, y)
    assert torch.equal(found.labels, index)
    assert found.squared is not None
    assert torch.equal(found.squared, squares)
    gaps = weights[:, None] * (x.double() - y.double()[index])
    sums = torch.zeros(64, 2, dtype=torch.float64).index_add_(0, index, gaps)
    torch.testing.assert_close(found.sums, sums, rtol=1e-9, atol=1e-9)


def test_where_there_is_no_grid() -> None:
    x, y = rows(ROWS, 2, 19, "normal"), rows(64, 2, 20, "normal")
    assert native.regions(x[:1000], y, 1) is None  # too few rows to pay for one
    assert native.regions(x, y[:3], 1) is None
    assert native.regions(rows(ROWS, 3, 21, "normal"), rows(64, 3, 22, "normal"), 1) is None
    assert native.regions(x + 1e4, y, 1) is None  # no row is near a column
    assert native.regions(x.double() * 1e200, y.double() * 1e200, 1) is None
    assert native.regions(x * 0, y * 0, 1) is None
