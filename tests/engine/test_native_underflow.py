"""Entries below the normal numbers: zero in sums, which they would slow down; kept elsewhere."""

from __future__ import annotations

import pytest
import torch
from tests.engine.compiled_core import ABSENT, RTOL, Core
from tests.engine.conftest import normal

import gramian as gm
from gramian.engine import reference

pytest.importorskip("gramian._native", reason=ABSENT)

TINY = torch.finfo(torch.float32).tiny
NARROW = [gm.Gaussian(0.11), gm.Laplacian(0.02, norm="l2"), gm.Matern(0.02), gm.Laplacian(0.03)]


@pytest.mark.parametrize("kernel", NARROW, ids=repr)
def test_sums_lose_nothing_but_what_is_below_normal(
    core: Core, instruction_set: str, kernel: gm.PairFunction
) -> None:
    for d in (1, 3, 20):
        x, y = normal(70, d, torch.float32, 50, 0.5), normal(300, d, torch.float32, 51, 0.5)
        weights = normal(300, 9, torch.float32, 52).abs()
        for extra in ({}, {"weights": weights[:, :1]}, {"weights": weights}):
            call = core.make("product", x, y, kernel, **extra)
            core.assert_near(call, 1e-4, atol=300 * 4 * TINY)
        # beside the largest entry of its row nothing below normal is seen
        for reduction, extra in (("logsumexp", {}), ("weighted_mean", {"weights": weights})):
            core.assert_near(core.make(reduction, x, y, kernel, **extra), 1e-4, atol=1e-5)


def test_an_entry_asked_for_by_itself_underflows_gradually(
    core: Core, instruction_set: str
) -> None:
    x, y = torch.zeros(1, 1), torch.linspace(13.3, 14.2, 50)[:, None]
    call = core.make("block", x, y, gm.Gaussian(1.0))
    wanted = reference.run(call)
    assert ((wanted > 0) & (wanted < TINY)).sum() > 30
    core.assert_near(call, 1e-5, atol=1e-44)


@pytest.mark.parametrize("kernel", [gm.Euclidean(), gm.SquaredEuclidean()], ids=repr)
def test_small_distances_are_summed_gradually(
    core: Core, instruction_set: str, kernel: gm.PairFunction
) -> None:
    # squares about 1e-40 in the unit of a column that is far, and weighs nothing
    x = torch.zeros(1, 1)
    y = torch.cat([torch.linspace(0.5e-20, 2e-20, 20), torch.ones(1)])[:, None]
    weights = (y < 1).float()
    core.assert_near(core.make("product", x, y, kernel, weights=weights), 1e-3)


def test_the_thread_that_summed_counts_as_before(core: Core, instruction_set: str) -> None:
    x = normal(10, 3, torch.float32, 53)
    core.run(core.make("product", x, x, gm.Gaussian(0.05)))
    assert float(torch.full((100,), TINY).div_(4).sum()) > 0


def test_doubtful_pairs_of_subnormal_rows_are_looked_at_as_given(
    core: Core, instruction_set: str
) -> None:
    # twins, whose small forms the product leaves in doubt, in numbers that are all below normal
    rows = normal(60, 20, torch.float32, 54) * (TINY / 64)
    near = rows + normal(60, 20, torch.float32, 55) * (TINY / 64) * 1e-3
    bandwidth = float(RTOL[torch.float32] * TINY)
    for kernel in (gm.Laplacian(bandwidth * 1e3, norm="l2"), gm.Gaussian(bandwidth * 1e3)):
        core.assert_near(core.make("product", rows, near, kernel), 2e-5, atol=100 * TINY)


@pytest.mark.parametrize("kernel", [gm.Gaussian(1e-14), gm.Matern(1e-14), gm.Laplacian(1e-27)])
def test_powers_beyond_any_number_are_zero(
    core: Core, instruction_set: str, kernel: gm.PairFunction
) -> None:
    # rates times distances leave the range of floats: only a row's own column counts
    for dtype, d in ((torch.float32, 2), (torch.float64, 2), (torch.float32, 20)):
        x, weights = normal(70, d, dtype, 56), normal(70, 9, dtype, 57)
        for right in (1, 9):
            call = core.make(
                "product", x, x, kernel, weights=weights[:, :right], row_of=torch.arange(70)
            )
            assert torch.equal(core.run(call), weights[:, :right])


def test_a_row_far_out_changes_no_bit_of_the_others(core: Core, instruction_set: str) -> None:
    # it takes the panel of rows that it is in another way
    x, y = normal(40, 3, torch.float32, 58), normal(300, 3, torch.float32, 59)
    far = x.clone()
    far[7] = 1e14
    for right in (1, 9):
        weights = normal(300, right, torch.float32, 60)
        for kernel in (gm.Gaussian(1.5), gm.Laplacian(1.5), gm.Matern(1.5)):
            sums = [
                core.run(core.make("product", rows, y, kernel, weights=weights))
                for rows in (x, far)
            ]
            kept = torch.arange(40) != 7
            assert torch.equal(sums[0][kept], sums[1][kept])
            assert not sums[1][7].any()
