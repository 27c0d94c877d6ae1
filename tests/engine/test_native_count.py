"""Rows counted against themselves: pairs are met once, which must never show in a result."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import gramian as gm
from gramian import _config
from gramian.engine import reference
from gramian.engine.call import Call
from gramian.engine.plan import make_plan

pytest.importorskip("gramian._native", reason="the compiled core is not built here")
pytestmark = pytest.mark.usefixtures("instruction_set")
DTYPES = [torch.float32, torch.float64]


def rows(n: int, d: int, dtype: torch.dtype) -> Tensor:
    """Points, a third of them on a lattice, where pairs lie exactly on the radius, some twice."""
    generator = torch.Generator().manual_seed(n + d)
    x = torch.randn(n, d, generator=generator, dtype=torch.float64)
    x[: n // 3] = x[: n // 3].round()
    x[n - n // 5 :] = x[: n // 5].clone()
    return x.to(dtype)


def assert_counted(x: Tensor, kernel: gm.Kernel, radius: float) -> None:
    config = _config.Config(backend="native")
    call = Call("count", x, x, kernel, config, radius=radius)
    wanted = reference.run(call)
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        for other in (x, x.clone()):  # met once, met twice
            plan, backend = make_plan(Call("count", x, other, kernel, config, radius=radius))
            found = backend.run(Call("count", x, other, kernel, config, radius=radius), plan)
            assert torch.equal(found, wanted)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("d", [1, 2, 3, 9, 17, 100])
def test_counts_of_rows_among_themselves(d: int, dtype: torch.dtype) -> None:
    """Below a tile, at its edges, and over several tiles and chunks."""
    for n in (1, 2, 31, 479, 480, 481, 1000, 1447):
        assert_counted(rows(n, d, dtype), gm.SquaredEuclidean(), float(d))


@pytest.mark.parametrize("kernel", [gm.Euclidean(), gm.Manhattan(), gm.Chebyshev()], ids=repr)
def test_counts_of_other_forms(kernel: gm.Kernel) -> None:
    for d in (2, 5):
        assert_counted(rows(1100, d, torch.float32), kernel, 2.0)


def test_rows_far_from_zero_and_far_from_each_other() -> None:
    x = rows(1200, 20, torch.float32)
    assert_counted(x + 1e4, gm.SquaredEuclidean(), 18.0)
    x[7] *= 1e30
    x[900] *= 1e-30
    assert_counted(x, gm.SquaredEuclidean(), 18.0)


def test_every_layout() -> None:
    wide = rows(1000, 12, torch.float32)
    for x in (wide[:, ::2], wide[::2], wide.T.contiguous().T, wide.flip(0)):
        assert_counted(x, gm.SquaredEuclidean(), 6.0)


def test_the_first_rows_of_a_table_are_not_the_table() -> None:
    """Where y begins as x does, but goes on, each pair is met from its own row."""
    y = rows(1500, 3, torch.float32)
    x = y[:700]
    config = _config.Config(backend="native")
    call = Call("count", x, y, gm.SquaredEuclidean(), config, radius=2.0)
    plan, backend = make_plan(call)
    assert torch.equal(backend.run(call, plan), reference.run(call))


def test_weighted_counts_keep_the_order_of_their_sums() -> None:
    x = rows(1100, 2, torch.float32)
    weights = torch.rand(1100, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    config = _config.Config(backend="native")
    call = Call("count", x, x, gm.SquaredEuclidean(), config, radius=1.0, weights=weights)
    plan, backend = make_plan(call)
    torch.testing.assert_close(backend.run(call, plan), reference.run(call), rtol=1e-12, atol=0)


def test_a_number_that_is_not_finite_is_found() -> None:
    x = rows(1500, 2, torch.float32)
    x[1300, 1] = torch.nan
    with pytest.raises(ValueError, match="must be finite"):
        gm.Gram(x).count(radius=1.0)
