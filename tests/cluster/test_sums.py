"""Sums in a fixed order: right, and the same for any number of threads."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator

from gramian.cluster import _input, _sums
from gramian.cluster._input import Rows, take_rows

X = np.random.default_rng(0).normal(size=(70_000, 3)).astype(np.float32) + 1e4
WEIGHTS = torch.from_numpy(np.random.default_rng(1).random(len(X)))
LABELS = torch.from_numpy(np.random.default_rng(2).integers(5, size=len(X)))


def rows_of(table: np.ndarray) -> Rows:
    return take_rows(BaseEstimator(), table, reset=True)


def every_sum() -> list[bytes]:
    origin, variance = _sums.mean_and_variance(rows_of(X))
    sums, mass = _sums.cluster_sums(rows_of(X), WEIGHTS, LABELS, 5, origin)
    total = torch.tensor(_sums.weighted_total(WEIGHTS, torch.from_numpy(X[:, 0])))
    return [part.numpy().tobytes() for part in (origin, variance, sums, mass, total)]


def test_bits_do_not_depend_on_threads() -> None:
    found = []
    for threads in (1, 2, 4):
        torch.set_num_threads(threads)
        found.append(every_sum())
    assert found[0] == found[1] == found[2]


def test_sums_are_those_of_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_input, "BLOCK_ELEMENTS", 100)
    monkeypatch.setattr(_sums, "BLOCK_ELEMENTS", 100)
    small, weights, labels = X[:500].astype(np.float64), WEIGHTS[:500], LABELS[:500]
    rows = rows_of(small)
    mean, variance = _sums.mean_and_variance(rows)
    np.testing.assert_allclose(mean, small.mean(0), rtol=1e-14)
    np.testing.assert_allclose(variance, small.var(0), rtol=1e-12)
    sums, mass = _sums.cluster_sums(rows, weights, labels, 6, mean)
    for label in range(6):
        inside = (labels == label).numpy()
        moved = (small[inside] - mean.numpy()) * weights.numpy()[inside, None]
        np.testing.assert_allclose(sums[label], moved.sum(0), rtol=1e-9, atol=1e-9)
        assert float(mass[label]) == pytest.approx(float(weights.numpy()[inside].sum()), rel=1e-14)
    exact = math.fsum((weights.numpy() * small[:, 0]).tolist())
    assert _sums.weighted_total(weights, torch.from_numpy(small[:, 0])) == pytest.approx(
        exact, rel=1e-14
    )
