"""How the compiled core shares out and speeds up searches, which must never show in a result."""

from __future__ import annotations

import pytest
import torch
from tests.engine.conftest import normal
from tests.instruction_sets import on_sets_of_searches
from torch import Tensor

import gramian as gm
from gramian import _config
from gramian.engine import reference
from gramian.engine.call import Call
from gramian.engine.plan import make_plan

pytest.importorskip("gramian._native", reason="the compiled core is not built here")
pytestmark = [pytest.mark.usefixtures("instruction_set"), on_sets_of_searches]
DTYPES = [torch.float32, torch.float64]
ROUNDING = ("avx512_vnni_bf16", "avx512_bf16", "avx512_vnni")


def assert_exact(x: Tensor, y: Tensor, k: int, threads: tuple[int, ...] = (1,)) -> None:
    """Indices and values of float64 brute force, for every number of threads."""
    call = Call("topk", x, y, gm.SquaredEuclidean(), _config.Config(backend="native"), k=k)
    wanted = reference.run(call)
    for count in threads:
        torch.set_num_threads(count)
        plan, backend = make_plan(call)
        values, indices = backend.run(call, plan)
        assert torch.equal(indices, wanted[1])
        assert torch.equal(values, wanted[0].to(values.dtype))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_few_rows_share_their_columns_among_threads(dtype: torch.dtype) -> None:
    for d, n, m in ((2, 1, 20_000), (3, 40, 9000), (20, 33, 5000), (300, 5, 2000)):
        x, y = normal(n, d, dtype, 1), normal(m, d, dtype, 2)
        y[m // 2 :] = y[: m - m // 2].clone()  # every column has a twin in another piece
        for k in (1, 9):
            assert_exact(x, y, k, threads=(1, 2, 5))


def test_pieces_with_fewer_columns_than_neighbours() -> None:
    x, y = normal(2, 13_000, torch.float32, 3), normal(30, 13_000, torch.float32, 4)
    for k in (1, 20, 30):
        assert_exact(x, y, k, threads=(1, 3))


def test_a_plan_counts_pieces_of_columns() -> None:
    torch.set_num_threads(2)
    many, few = normal(20_000, 3, torch.float32, 5), normal(10, 3, torch.float32, 6)
    assert gm.Gram(few, many).explain("topk").workers == 2
    assert gm.Gram(few, few).explain("topk").workers == 1
    assert gm.Gram(few, many).explain("count").workers == 1


def test_numbers_that_are_not_finite_are_found_in_pieces() -> None:
    torch.set_num_threads(2)
    x, y = normal(10, 3, torch.float32, 7), normal(20_000, 3, torch.float32, 8)
    x[4, 1] = torch.nan
    with pytest.raises(ValueError, match="x must be finite, got NaN or infinity in row 4"):
        gm.Gram(x, y).argmin()


def test_tasks_of_several_tiles_leave_out_none() -> None:
    # one and two threads take six and three tiles at a time, the last task fewer
    x, y = normal(200 * 480 + 7, 3, torch.float32, 15), normal(9, 3, torch.float32, 16)
    assert_exact(x, y, 1, threads=(1, 2))
    torch.set_num_threads(2)
    for row in (0, 5 * 480 - 1, 200 * 480 + 6):
        bad = x.clone()
        bad[row, 2] = torch.inf
        with pytest.raises(ValueError, match=f"got NaN or infinity in row {row}"):
            gm.Gram(bad, y).argmin()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("d", [1, 2, 7, 8, 12, 16])
def test_few_features_where_the_product_form_decides_nothing(d: int, dtype: torch.dtype) -> None:
    """Points in knots far smaller than their distances: rows are open tile after tile."""
    knots = normal(5, d, torch.float64, 9) * 100
    for size in (1e-2, 1e-4, 0.0):
        x = knots[torch.arange(1500) % 5] + normal(1500, d, torch.float64, 10) * size
        y = knots[torch.arange(40) % 5] + normal(40, d, torch.float64, 11) * size
        assert_exact(x.to(dtype), y.to(dtype), 1)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_tiles_of_knots_between_tiles_of_spread_points(dtype: torch.dtype) -> None:
    """The way of searching changes from tile to tile, the answers do not."""
    for d in (4, 9):
        spread = normal(1000, d, torch.float64, 12)
        knot = normal(1000, d, torch.float64, 13) * 1e-6
        x = torch.cat([spread, knot, spread + 1, knot]).to(dtype)
        y = torch.cat([spread[:30] / 2, knot[:30] * 0.9]).to(dtype)
        assert_exact(x, y, 1, threads=(1, 2))


def rough_data(kind: str, n: int, m: int, d: int) -> tuple[Tensor, Tensor]:
    """Rows and columns that try a pass of eight bits."""
    x, y = normal(n, d, torch.float64, 14), normal(m, d, torch.float64, 15)
    if kind == "far":
        return x + 1000, y + 1000
    if kind == "blobs":
        centres = normal(20, d, torch.float64, 16) * 8
        return centres[torch.arange(n) % 20] + x, centres[torch.arange(m) % 20] + y
    if kind == "knots":  # groups too tight for eight bits, which floats tell apart
        centres = normal(20, d, torch.float64, 16)
        return (centres[torch.arange(n) % 20] + x / 50), (centres[torch.arange(m) % 20] + y / 50)
    if kind == "twins":  # columns that eight bits cannot tell apart, and some that are equal
        y[m // 2 :] = y[: m - m // 2] * (1 + 1e-5 * (torch.arange(m - m // 2) % 3)[:, None])
    if kind == "uneven":  # one column and one row far longer than the rest, some very short
        y[m // 3] *= 1e4
        x[n // 3] *= 1e6
        y[: m // 10] *= 1e-6
        x[: n // 10] *= 1e-6
    return x, y


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", ["spread", "far", "blobs", "twins", "uneven"])
def test_rounding_to_eight_bits_first_changes_no_label(
    instruction_set: str, kind: str, dtype: torch.dtype
) -> None:
    """Sizes from which on bytes or pairs of bfloat16 go first, in one chunk and more."""
    if instruction_set not in ROUNDING:
        pytest.skip("rounds nothing first")
    for d, n, m in ((32, 33, 256), (65, 50, 300), (131, 40, 1100), (34, 70, 500), (400, 20, 90)):
        x, y = rough_data(kind, n, m, d)
        assert_exact(x.to(dtype), y.to(dtype), 1, threads=(1, 2))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", ["spread", "far", "blobs", "twins", "uneven"])
def test_rounding_to_eight_bits_first_changes_no_list(
    instruction_set: str, kind: str, dtype: torch.dtype
) -> None:
    """The first chunk of columns goes in floats: sizes that have a second and a third one."""
    if instruction_set != "avx512_bf16":
        pytest.skip("only avx512_bf16 rounds first")
    for d, n, m, k in ((33, 33, 4500, 2), (65, 50, 3300, 10), (131, 40, 1700, 300)):
        x, y = rough_data(kind, n, m, d)
        assert_exact(x.to(dtype), y.to(dtype), k, threads=(1, 2))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", ["spread", "far", "blobs", "knots", "twins", "uneven"])
def test_rounding_to_sixteen_bits_first_changes_no_label(
    instruction_set: str, kind: str, dtype: torch.dtype
) -> None:
    """Sizes at which pairs of 16 bits go first: odd and even features, a place or more to spare."""
    if "vnni" not in instruction_set:
        pytest.skip("rounds nothing to 16 bits")
    sizes = ((7, 70, 64), (8, 481, 71), (15, 100, 30), (16, 1000, 207), (31, 65, 129), (63, 40, 65))
    for d, n, m in (*sizes, (9, 90, 3000), (62, 33, 8)):
        x, y = rough_data(kind, n, m, d)
        assert_exact(x.to(dtype), y.to(dtype), 1, threads=(1, 2))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_sixteen_bits_are_given_up_where_they_decide_too_little(dtype: torch.dtype) -> None:
    """Tile after tile of rows among columns that only floats tell apart, then of others."""
    for d in (8, 31):
        spread, knot = normal(1000, d, torch.float64, 20), normal(1500, d, torch.float64, 21) * 1e-4
        x, y = torch.cat([knot, spread, knot]), normal(60, d, torch.float64, 22) * 1e-4
        y[0] = 1.0
        assert_exact(x.to(dtype), y.to(dtype), 1, threads=(1, 2))


def test_columns_in_one_place_have_no_sixteen_bits() -> None:
    x = normal(100, 12, torch.float32, 23)
    assert_exact(x, x[:1].repeat(70, 1), 1)
    assert_exact(x, torch.zeros(70, 12), 1)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_eight_bits_are_given_up_where_they_spare_nothing(dtype: torch.dtype) -> None:
    """After the first of several chunks of columns; rows end up as if floats had gone first."""
    for d, n, m in ((50, 70, 6000), (33, 300, 9000)):
        x, y = rough_data("knots", n, m, d)
        assert_exact(x.to(dtype), y.to(dtype), 1, threads=(1, 2))


def test_columns_that_no_float_sum_tells_apart() -> None:
    """The nearest column is nearer by the last bit only, and stands last."""
    x = normal(64, 64, torch.float32, 17)
    y = x[:1].repeat(600, 1)
    y[:, 5] = torch.nextafter(y[:, 5], torch.tensor(torch.inf))
    y[-1] = x[0]
    assert_exact(x, y, 1)


@pytest.mark.parametrize("d", [1, 2, 3, 5, 63, 64, 65])
def test_groups_of_columns_in_one_chunk_and_more(d: int) -> None:
    for n, m in ((50, 7), (33, 8), (31, 9), (100, 65), (40, 4097 if d < 10 else 2100)):
        x, y = normal(n, d, torch.float32, 18), normal(m, d, torch.float32, 19)
        y[m // 2 :: 3] = y[: len(y[m // 2 :: 3])].clone()
        assert_exact(x, y, 1, threads=(1, 2))
