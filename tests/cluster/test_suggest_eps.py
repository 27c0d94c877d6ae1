"""The knee of the k-distance curve."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.neighbors import NearestNeighbors

from gramian.cluster import DBSCAN, suggest_eps
from gramian.cluster._suggest_eps import CURVE_ROWS, knee


def test_the_knee_is_farthest_below_the_chord() -> None:
    assert knee(np.array([0.0, 0.1, 0.2, 0.3, 5.0])) == 3
    assert knee(np.ones(4)) == 3
    assert knee(np.array([2.0])) == 0


def test_the_curve_is_that_of_scikit_learn() -> None:
    X = make_blobs(200, 5, random_state=0)[0]
    peer = NearestNeighbors(n_neighbors=4).fit(X).kneighbors(X)[0][:, -1]
    found = suggest_eps(X, 4)
    np.testing.assert_allclose(found.curve, np.sort(peer), rtol=1e-12)
    assert found.eps == found.curve[found.knee]
    assert found.min_samples == 4
    np.testing.assert_array_equal(suggest_eps(torch.from_numpy(X), 4).curve, found.curve)


def test_core_rows_are_those_below_the_curve() -> None:
    X = make_blobs(300, 2, random_state=1)[0]
    found = suggest_eps(X, 6)
    core = DBSCAN(found.eps, min_samples=6).fit(X).core_sample_indices_
    assert len(core) == (found.curve <= found.eps).sum()


def test_blobs_in_noise_are_found() -> None:
    rng = np.random.default_rng(0)
    blobs = make_blobs(900, 2, centers=[[0, 0], [5, 0], [0, 5]], cluster_std=0.3, random_state=0)
    X = np.concatenate([blobs[0], rng.uniform(-5, 10, size=(60, 2))])
    labels = DBSCAN(suggest_eps(X, 10).eps, min_samples=10).fit(X).labels_
    assert labels.max() == 2


def test_many_rows_are_drawn_from() -> None:
    X = np.random.default_rng(0).normal(size=(CURVE_ROWS + 500, 3))
    first, again, other = (suggest_eps(X, random_state=seed) for seed in (0, 0, 1))
    assert len(first.curve) == CURVE_ROWS
    np.testing.assert_array_equal(first.curve, again.curve)
    assert not np.array_equal(first.curve, other.curve)


def test_bad_arguments() -> None:
    for k in (0, 3):
        with pytest.raises(
            ValueError, match=r"suggest_eps: min_samples must be an int in \[1, 2\]"
        ):
            suggest_eps([[0.0], [1.0]], k)
    with pytest.raises(ValueError, match="NaN"):
        suggest_eps([[np.nan], [1.0]], 1)
