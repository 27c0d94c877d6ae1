"""What changes no fit of k-means: order, place and copies of the rows, and threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.cluster.kmeans_cases import SEEDED, blobs, brute_labels

from gramian import KMeans
from gramian.cluster._kmeans import IterationState

Problem = tuple[np.ndarray, np.ndarray, np.random.Generator]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Rows, some of which are the starting centres, and a generator for what is done to them."""
    n, d, k = draw(st.integers(30, 200)), draw(st.integers(1, 5)), draw(st.integers(1, 6))
    seed = draw(st.integers(0, 2**32 - 1))
    X = blobs(n, d, k, spread=draw(st.sampled_from([0.1, 1.0, 4.0])), seed=seed)
    return X, X[:k].copy(), np.random.default_rng(seed + 1)


def fitted(X: np.ndarray, first: np.ndarray, weights: Any = None, **settings: Any) -> KMeans:
    return KMeans(len(first), init=first, tol=0, **settings).fit(X, sample_weight=weights)


def assert_same_clusters(one: KMeans, other: KMeans) -> None:
    """The same centres and inertia, up to the order of sums."""
    np.testing.assert_allclose(one.cluster_centers_, other.cluster_centers_, rtol=0, atol=1e-10)
    assert one.inertia_ == pytest.approx(other.inertia_, rel=1e-10)


@given(problems())
def test_the_order_of_rows_changes_no_cluster(problem: Problem) -> None:
    X, first, rng = problem
    order = rng.permutation(len(X))
    plain, permuted = fitted(X, first), fitted(X[order], first)
    np.testing.assert_array_equal(permuted.labels_, plain.labels_[order])
    assert_same_clusters(permuted, plain)


@given(problems())
def test_an_integer_weight_is_a_repeated_row(problem: Problem) -> None:
    X, first, rng = problem
    weights = rng.integers(0, 4, size=len(X))
    weights[: len(first)] = 1
    states: list[IterationState] = []
    repeated = fitted(np.repeat(X, weights, axis=0), first, callback=states.append)
    # an empty cluster takes one row: one copy of it here, there its whole weight
    held = X[weights > 0]
    assume(all(len(set(brute_labels(held, state.centers))) == len(first) for state in states))
    weighted = fitted(X, first, weights)
    np.testing.assert_array_equal(np.repeat(weighted.labels_, weights), repeated.labels_)
    assert_same_clusters(weighted, repeated)
    assert weighted.score(X, sample_weight=weights) == pytest.approx(-weighted.inertia_, rel=1e-14)


@given(problems())
def test_a_shift_of_rows_and_starts_shifts_the_centres(problem: Problem) -> None:
    X, first, rng = problem
    shift = rng.uniform(-1e4, 1e4, size=X.shape[1])
    near, far = fitted(X, first), fitted(X + shift, first + shift)
    np.testing.assert_array_equal(far.labels_, near.labels_)
    far.cluster_centers_ -= shift
    assert_same_clusters(far, near)


def test_a_shift_of_the_data_changes_no_label() -> None:
    X = np.round(blobs(500) * 64) / 64
    near = KMeans(**SEEDED).fit(X)
    far = KMeans(**SEEDED).fit(X + 2.0**20)
    np.testing.assert_array_equal(near.labels_, far.labels_)
    np.testing.assert_allclose(far.cluster_centers_ - 2.0**20, near.cluster_centers_, atol=1e-9)


def test_a_row_without_weight_holds_no_cluster() -> None:
    X = np.array([[0.0], [1.0], [2.0], [500.0]])
    model = KMeans(2, init=[[0.0], [900.0]]).fit(X, sample_weight=[1, 1, 1, 0])
    kept = KMeans(2, init=[[0.0], [900.0]]).fit(X[:3])
    np.testing.assert_array_equal(model.cluster_centers_, kept.cluster_centers_)


def test_the_bits_do_not_depend_on_threads() -> None:
    X = blobs(40_000, 5).astype(np.float32)
    weights = np.random.default_rng(0).random(len(X))
    fits = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        fits.append(KMeans(**SEEDED, max_iter=4).fit(X, sample_weight=weights))
    for other in fits[1:]:
        assert other.cluster_centers_.tobytes() == fits[0].cluster_centers_.tobytes()
        assert other.labels_.tobytes() == fits[0].labels_.tobytes()
        assert other.inertia_ == fits[0].inertia_
