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
