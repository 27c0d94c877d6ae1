"""Sums in a fixed order: right, and the same for any number of threads."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gramian import _sums

VALUES = np.random.default_rng(0).normal(size=(70_000, 3)).astype(np.float32) + 1e4
WEIGHTS = torch.from_numpy(np.random.default_rng(1).random(len(VALUES)))


def test_bits_depend_neither_on_threads_nor_on_layout() -> None:
    table = torch.from_numpy(VALUES)
    found = []
    for threads in (1, 2, 4):
        torch.set_num_threads(threads)
        for same in (table, table.T.contiguous().T):
            sums = [_sums.ordered_sum(same), _sums.ordered_sum(same, dim=1)]
            total = _sums.weighted_total(WEIGHTS, same[:, 0])
            found.append([*(part.numpy().tobytes() for part in sums), total])
    assert all(other == found[0] for other in found)


def test_sums_are_those_of_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sums, "BLOCK_ELEMENTS", 100)
    small, weights = torch.from_numpy(VALUES[:501]), WEIGHTS[:501]
    exact = [math.fsum(column) for column in VALUES[:501].T.astype(np.float64)]
    np.testing.assert_allclose(_sums.ordered_sum(small), exact, rtol=1e-14)
    exact = math.fsum((weights * small[:, 0].double()).tolist())
    assert _sums.weighted_total(weights, small[:, 0]) == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_means_and_movement_are_the_same_by_numpy_and_by_torch(
    dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = torch.Generator().manual_seed(0)
    old = torch.randn(5, 700, generator=generator).to(dtype)
    sums = torch.randn(5, 700, generator=generator, dtype=torch.float64)
    mass = torch.tensor([1.0, 3.0, 0.0, 0.5, 7.0], dtype=torch.float64)
    due = torch.tensor([True, False, False, True, True])
    new = _sums.moved_means(old, sums, mass, due)
    assert new.dtype == dtype
    for j in range(5):
        wanted = (old[j].double() + sums[j] / mass[j]).to(dtype) if due[j] else old[j]
        assert torch.equal(new[j], wanted)
    moved = _sums.squared_movement(old, new)
    exact = math.fsum((new.double() - old.double()).square().flatten().tolist())
    assert moved == pytest.approx(exact, rel=1e-14)
    monkeypatch.setattr(_sums, "_numpy_takes", lambda table: False)
    assert torch.equal(_sums.moved_means(old, sums, mass, due), new)
    assert _sums.squared_movement(old, new) == moved


def test_the_least_of_sums_that_differ_by_rounding_is_the_first() -> None:
    roots = torch.arange(1, 12, dtype=torch.float64).sqrt()
    orders = [torch.randperm(11, generator=torch.Generator().manual_seed(i)) for i in range(50)]
    sums = torch.stack([sum(roots[order], roots.new_zeros(())) for order in orders])
    assert len(sums.unique()) > 1
    assert _sums.least_sum(sums) == 0
    assert _sums.least_sum(torch.cat([sums + 1e-9, sums])) == 50
    assert _sums.least_sum(-torch.cat([sums, sums + 1e-9])) == 50
    assert _sums.least_sum(torch.tensor([torch.inf, torch.inf], dtype=torch.float64)) == 0
