"""Parts of Lloyd's iteration that no fit shows by itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator

from gramian._input import take_rows
from gramian._sums import SERIAL, short_slices, squared_movement
from gramian.cluster import _lloyd
from gramian.cluster._assignment import mean_variance
from gramian.cluster._lloyd import same_clustering
from gramian.cluster._passes import Passes


def test_same_clustering_is_blind_to_names() -> None:
    labels = torch.tensor([1, 0, 0, 1, 2, 0, 2, 1])
    renamed = torch.tensor([0, 2, 2, 0, 1, 2, 1, 0])
    other = torch.tensor([1, 0, 0, 2, 2, 0, 2, 1])
    assert same_clustering(labels, labels, 3)
    assert same_clustering(labels, renamed, 3)
    assert not same_clustering(labels, other, 3)


@pytest.mark.parametrize("first", [0.0, 1e5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mean_variance_is_that_of_two_passes(dtype: type, first: float) -> None:
    X = (np.random.default_rng(0).normal(size=(3000, 5)) + 1000).astype(dtype)
    X[0] += first
    found = mean_variance(take_rows(BaseEstimator(), X, reset=True))
    assert found == pytest.approx(X.astype(np.float64).var(0).mean(), rel=1e-11)
    assert mean_variance(take_rows(BaseEstimator(), X[:1], reset=True)) == 0


def test_a_donor_is_left_with_the_mean_of_its_other_rows() -> None:
    """Also where the row that moves outweighs them so far that a difference would be noise."""
    X = np.array([[0.0], [1.0], [50.0], [7.0], [9.0]])
    weights = torch.tensor([1e-9, 3e-9, 1e9, 1.0, 1.0], dtype=torch.float64)
    rows = take_rows(BaseEstimator(), X, reset=True)
    old = torch.tensor([[40.0], [8.0], [1000.0]], dtype=torch.float64)
    old[0] = 0.5
    labels = torch.tensor([0, 0, 1, 1, 1])
    none = torch.zeros(3, dtype=torch.bool)
    passes = Passes(rows, weights, old)
    found = passes.assign(old, none)
    assert torch.equal(found.labels, labels)
    centers, stale = _lloyd._update(passes, found, old, none)
    np.testing.assert_allclose(centers[:, 0], [0.75, 8.0, 50.0], rtol=1e-12)
    assert stale.tolist() == [False, True, True]


def test_empty_clusters_stay_beside_the_heaviest_where_no_row_is_off_its_centre() -> None:
    X = np.array([[1.0], [1.0], [4.0]])
    rows = take_rows(BaseEstimator(), X, reset=True)
    old = torch.tensor([[1.0], [4.0], [9.0]], dtype=torch.float64)
    weights, none = torch.ones(3, dtype=torch.float64), torch.zeros(3, dtype=torch.bool)
    passes = Passes(rows, weights, old)
    centers, _ = _lloyd._update(passes, passes.assign(old, none), old, none)
    assert centers[:, 0].tolist() == [1.0, 4.0, 1.0]


def test_tables_are_taken_by_short_slices() -> None:
    for shape in ((1, 3), (40, 5000), (70, 900), (3, 100_000)):
        table = torch.zeros(shape, dtype=torch.float64)
        slices = list(short_slices(table))
        order = torch.arange(len(table))
        assert torch.equal(torch.cat([order[s] for s in slices]), order)
        assert all(table[s].numel() <= SERIAL or len(table[s]) == 1 for s in slices)
        moved = table + torch.arange(1.0, shape[0] + 1)[:, None]
        assert squared_movement(table, moved) == pytest.approx(
            shape[1] * sum(j * j for j in range(1, shape[0] + 1)), rel=1e-12
        )
