"""The passes of k-means against plain loops in float64, on every backend and instruction set."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from tests.engine.conftest import normal
from tests.instruction_sets import SETS_OF_SEARCHES, forced
from torch import Tensor

import gramian as gm
from gramian.engine.partition import Assigned, assign, potential, reference_assign

DTYPES = [torch.float32, torch.float64]


@pytest.fixture(params=("torch", *SETS_OF_SEARCHES))
def runner(request: pytest.FixtureRequest) -> Iterator[str]:
    """The torch backend, then the compiled core on each instruction set of this machine."""
    if request.param == "torch":
        gm.config(backend="torch")
        yield request.param
        return
    gm.config(backend="native")
    with forced(request.param):
        yield request.param


def weights_for(n: int, seed: int = 5) -> Tensor:
    weights = torch.rand(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    weights[::7] = 0
    return weights


def assert_same(found: Assigned, wanted: Assigned) -> None:
    """Labels, distances and counts to the bit; sums up to the order of their terms."""
    assert torch.equal(found.labels, wanted.labels)
    assert found.squared is not None
    assert torch.equal(found.squared, wanted.squared)
    assert found.changed == wanted.changed
    assert torch.equal(found.moved, wanted.moved)
    torch.testing.assert_close(found.sums, wanted.sums, rtol=1e-12, atol=1e-11)
    torch.testing.assert_close(found.mass, wanted.mass, rtol=1e-13, atol=0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_assign_on_all_tails(runner: str, dtype: torch.dtype, offset: float) -> None:
    for n, m in ((1, 1), (7, 9), (33, 4), (481, 20)):
        for d in (1, 2, 3, 7, 8, 16, 17, 33, 70):
            x, y = normal(n, d, dtype, 1, offset), normal(m, d, dtype, 2, offset)
            y[m // 2] = y[0]
            weights, previous = weights_for(n), torch.arange(n) % m
            found = assign(x, y, weights, previous=previous.clone(), values=True)
            assert_same(found, reference_assign(x, y, weights, previous))


def test_parts_are_joined_in_order(runner: str) -> None:
    """More parts than workers hold at a time, and the same bits for any number of them."""
    x, weights = normal(30_000, 3, torch.float32, 3, 5.0), weights_for(30_000)
    y = x[:6].clone()
    found = []
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        found.append(assign(x, y, weights, values=True))
        found.append(found[-1])
        with gm.config_context(memory="8MiB"):
            found[-1] = assign(x, y, weights, values=True)
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0][:4], other[:4], strict=True))
    for label in range(6):
        inside = found[0].labels == label
        gaps = (x[inside].double() - y[label].double()) * weights[inside, None]
        torch.testing.assert_close(found[0].sums[label], gaps.sum(0), rtol=1e-10, atol=1e-9)


def test_constant_weights_take_no_memory(runner: str) -> None:
    x, y = normal(100, 5, torch.float32, 3), normal(7, 5, torch.float32, 4)
    once = torch.ones((), dtype=torch.float64).expand(100)
    found = assign(x, y, once, values=True)
    assert_same(found, reference_assign(x, y, once))
    assert found.changed == 100
    assert found.mass.tolist() == found.labels.bincount(minlength=7).tolist()


def test_assign_takes_strides_as_they_are(runner: str) -> None:
    wide = normal(120, 60, torch.float64, 6)
    for dtype in DTYPES:
        table = wide.to(dtype)
        for x, y in (
            (table[::3, :5], table[1:9, :5]),
            (table[:, :40:2], table[:9, 1:40:2]),
            (table[:20].T[:, 1:], table[:20].T[:9, 1:]),
            (table[:1, :9].expand(50, 9), table[:4, :9]),
        ):
            weights = weights_for(2 * len(x))[::2]
            assert_same(assign(x, y, weights, values=True), reference_assign(x, y, weights))


def test_distances_only_where_asked_for(runner: str) -> None:
    x, y = normal(90, 20, torch.float32, 6), normal(8, 20, torch.float32, 7)
    found = assign(x, y, weights_for(90))
    assert found.squared is None
    assert torch.equal(found.labels, reference_assign(x, y, weights_for(90)).labels)
    again = assign(x, y, weights_for(90), previous=found.labels)
    assert again.changed == 0


def test_rows_far_out_and_columns_without_rows(runner: str) -> None:
    for d in (3, 20):
        x, y = normal(60, d, torch.float32, 8), normal(9, d, torch.float32, 9)
        x[5], y[3] = 1e30, -1e15
        found, wanted = (
            assign(x, y, weights_for(60), values=True),
            reference_assign(x, y, weights_for(60)),
        )
        assert torch.equal(found.labels, wanted.labels)
        assert torch.equal(found.squared, wanted.squared)
        torch.testing.assert_close(found.sums, wanted.sums, rtol=1e-12, atol=1e-11)
        assert float(found.mass[3]) == 0


@pytest.mark.parametrize("name", ["X", "centers"])
def test_assign_names_rows_that_are_not_finite(runner: str, name: str) -> None:
    tables = {"X": normal(9, 3, torch.float32, 19), "centers": normal(8, 3, torch.float32, 20)}
    tables[name][3, 1] = torch.nan
    with pytest.raises(ValueError, match=f"{name} must be finite, got NaN or infinity in row 3"):
        assign(tables["X"], tables["centers"], weights_for(9))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_potential_is_that_of_a_plain_loop(runner: str, dtype: torch.dtype) -> None:
    rtol = 1e-5 if dtype == torch.float32 else 1e-12
    for n in (1, 31, 500, 9000):
        for d in (1, 3, 16, 17, 70) if n < 9000 else (2,):
            for t in (1, 5, 11):
                x = normal(n, d, dtype, 11, 30.0)
                points = x[torch.arange(t) * 7 % n]
                weights = weights_for(n)
                closest = (normal(n, 1, torch.float64, 12)[:, 0].abs() * d).to(dtype)
                total, squared = potential(x, points, weights, closest, 0.5)
                gaps = x.double()[None] - points.double()[:, None]
                wanted = gaps.square().sum(2) / 4
                torch.testing.assert_close(squared.double(), wanted, rtol=rtol, atol=0)
                left = torch.minimum(wanted, closest.double()) * weights
                torch.testing.assert_close(total, left.sum(1), rtol=rtol, atol=0)


def test_potential_has_the_same_bits_for_any_threads(runner: str) -> None:
    x, weights = normal(20_000, 3, torch.float32, 3, 5.0), weights_for(20_000)
    closest = normal(20_000, 1, torch.float32, 4)[:, 0].abs()
    found = []
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        found.append(potential(x, x[:6], weights, closest, 1.0))
    for other in found[1:]:
        assert torch.equal(found[0][0], other[0])
        assert torch.equal(found[0][1], other[1])


def test_units_keep_the_squares_of_large_and_small_numbers(runner: str) -> None:
    for size, dtype in ((1e30, torch.float32), (1e-30, torch.float32), (1e200, torch.float64)):
        x = (normal(40, 4, torch.float64, 13) * size).to(dtype)
        scale = 2.0 ** -np.frexp(size)[1]
        closest = torch.full((40,), 1e9, dtype=dtype)
        total, _ = potential(x, x[:3], weights_for(40), closest, scale)
        small = x.double() * scale
        wanted = ((small[None] - small[:3, None]).square().sum(2) * weights_for(40)).sum(1)
        torch.testing.assert_close(total, wanted, rtol=1e-5, atol=0)


def test_the_least_budget_is_named() -> None:
    x = torch.zeros(10, 1000)
    with (
        gm.config_context(memory="8MiB"),
        pytest.raises(gm.MemoryBudgetError, match="assign: memory must be at least"),
    ):
        assign(x, torch.zeros(4000, 1000), weights_for(10))
