"""DBSCAN against float64 brute force and against scikit-learn's own class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.cluster
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.utils.estimator_checks import parametrize_with_checks
from tests.cluster.dbscan_cases import Case, assert_same, cases
from tests.cluster.lab_points import lab_points
from tests.dbscan_by_definition import core_and_labels, distances

from gramian.cluster._dbscan import DBSCAN


@parametrize_with_checks([DBSCAN()])
def test_scikit_learn_accepts_the_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


@given(cases())
def test_equals_scikit_learn(case: Case) -> None:
    X, eps, min_samples, weights = case
    theirs = sklearn.cluster.DBSCAN(eps=eps, min_samples=min_samples)
    theirs.fit(X, sample_weight=weights)
    for algorithm in ("auto", "kd_tree"):
        ours = DBSCAN(eps=eps, min_samples=min_samples, algorithm=algorithm)
        assert_same(ours.fit(X, sample_weight=weights), theirs)
        assert ours.components_.dtype == (X.dtype if len(ours.components_) else np.float64)


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree"])
@pytest.mark.parametrize("shift", [0.0, 1e3, 1e5])
@pytest.mark.parametrize("d", range(2, 17))
def test_core_rows_are_those_of_brute_force(d: int, shift: float, algorithm: str) -> None:
    rng = np.random.default_rng(d)
    X = (rng.uniform(size=(250, d)) * 4 + shift).astype(np.float32)
    # a radius that is itself the distance of a pair, so that the pair lies exactly on it
    fifth = np.sort(distances(X), axis=1)[:, 4]
    eps = float(np.sort(fifth)[len(X) // 2])
    core, labels = core_and_labels(distances(X) <= eps, 5)
    assert 0 < core.sum() < len(X)
    model = DBSCAN(eps=eps, algorithm=algorithm).fit(X)
    np.testing.assert_array_equal(model.core_sample_indices_, np.flatnonzero(core))
    np.testing.assert_array_equal(model.labels_, labels)


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree"])
@pytest.mark.parametrize("eps", [0.1, 0.3, 0.5, 0.7])
def test_ties_at_eps_on_a_decimal_grid(eps: float, algorithm: str) -> None:
    # neither 0.1 nor its multiples are exact: rounding alone says which are within eps
    X = np.stack(np.meshgrid(np.arange(14) * 0.1, np.arange(14) * 0.1), -1).reshape(-1, 2)
    X = X[np.random.default_rng(0).permutation(len(X))]
    within = np.bincount((distances(X) <= eps).sum(1))
    min_samples = int(np.flatnonzero(within)[len(np.flatnonzero(within)) // 2])
    core, labels = core_and_labels(distances(X) <= eps, min_samples)
    model = DBSCAN(eps=eps, min_samples=min_samples, algorithm=algorithm).fit(X)
    np.testing.assert_array_equal(model.core_sample_indices_, np.flatnonzero(core))
    np.testing.assert_array_equal(model.labels_, labels)
    weights = np.ones(len(X))
    assert_same(clone(model).fit(X, sample_weight=weights), model)
    np.testing.assert_array_equal(model.predict(X)[core], labels[core])


@pytest.mark.parametrize("d", [2, 3, 5, 8])
def test_rows_in_cells_that_touch_at_a_corner(d: int) -> None:
    # cells of side eps / sqrt(d) two steps apart along two axes: a grid search that prunes by the
    # distance between centres takes such pairs for far apart
    side = 1 / np.sqrt(d)
    X = np.full((2, d), 0.5 * side)
    X[0, :2] = 0.999 * side
    X[1, :2] = 2.001 * side
    distance = np.linalg.norm(X[0] - X[1])
    assert (DBSCAN(eps=distance + 1e-9, min_samples=2).fit(X).labels_ == 0).all()
    assert (DBSCAN(eps=distance - 1e-9, min_samples=2).fit(X).labels_ == -1).all()


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
def test_distance_of_exactly_eps_is_inside(algorithm: str) -> None:
    X = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 9.0]]) + 1e5
    model = DBSCAN(eps=5, min_samples=2, algorithm=algorithm)
    assert model.fit_predict(X).tolist() == [0, 0, 0]
    model.eps = float(np.nextafter(5.0, 0))
    assert model.fit_predict(X).tolist() == [-1, -1, -1]


def test_border_row_takes_the_first_cluster_that_reaches_it() -> None:
    # row 0 lies within eps of the core rows of two clusters
    X = np.array([[0.0], [1.0], [1.1], [1.2], [-1.0], [-1.1], [-1.2]])
    model = DBSCAN(eps=1.0, min_samples=4).fit(X)
    assert model.core_sample_indices_.tolist() == [1, 4]
    assert model.labels_.tolist() == [0, 0, 0, 0, 1, 1, 1]
    other = DBSCAN(eps=1.0, min_samples=4).fit(X[[4, 5, 6, 1, 2, 3, 0]])
    assert other.labels_.tolist() == [0, 0, 0, 1, 1, 1, 0]
    assert model.predict([[0.0], [-0.2]]).tolist() == [0, 1]


def test_published_counts() -> None:
    X, _ = lab_points()
    model = DBSCAN(eps=2.5, min_samples=25).fit(X)
    assert len(model.core_sample_indices_) == 902
    assert torch.bincount(model.labels_ + 1)[0] == 15
    model = DBSCAN(eps=2.5, min_samples=26).fit(X)
    assert len(model.core_sample_indices_) == 894
    assert torch.bincount(model.labels_ + 1).tolist() == [16, 253, 253, 250, 252]


def test_row_order_changes_no_core_row() -> None:
    X, _ = make_blobs(300, 2, centers=5, random_state=1)
    order = np.random.default_rng(0).permutation(len(X))
    one, other = DBSCAN(eps=0.7).fit(X), DBSCAN(eps=0.7).fit(X[order])
    np.testing.assert_array_equal(
        np.sort(one.core_sample_indices_), np.sort(order[other.core_sample_indices_])
    )
    cores = one.core_sample_indices_
    back = np.empty(len(X), dtype=int)
    back[order] = other.labels_
    pairs = set(zip(one.labels_[cores].tolist(), back[cores].tolist(), strict=True))
    assert len(pairs) == one.labels_.max() + 1 == other.labels_.max() + 1


@given(st.integers(0, 2**32 - 1))
def test_integer_weight_is_a_repeated_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, weights = rng.normal(size=(50, 2)), rng.integers(0, 4, size=50)
    weights[0] = 2
    weighted = DBSCAN(eps=0.5, min_samples=6).fit(X, sample_weight=weights)
    repeated = DBSCAN(eps=0.5, min_samples=6).fit(np.repeat(X, weights, axis=0))
    core = np.isin(np.arange(50), weighted.core_sample_indices_)
    expected = np.flatnonzero(np.repeat(core, weights))
    np.testing.assert_array_equal(repeated.core_sample_indices_, expected)


def test_negative_weight_inhibits_a_core_row() -> None:
    X = np.zeros((3, 1))
    assert len(DBSCAN(min_samples=2).fit(X, sample_weight=[1, 1, -1]).core_sample_indices_) == 0
    model = DBSCAN(min_samples=2).fit(X, sample_weight=[1, 2, -1])
    assert model.core_sample_indices_.tolist() == [0, 1, 2]


def test_weights_of_trees() -> None:
    rng = np.random.default_rng(0)
    X, weights = rng.normal(size=(100, 3)), rng.uniform(-0.5, 3, size=100)
    theirs = sklearn.cluster.DBSCAN(eps=0.6, min_samples=4).fit(X, sample_weight=weights)
    for algorithm in ("auto", "ball_tree", "brute"):
        ours = DBSCAN(eps=0.6, min_samples=4, algorithm=algorithm)
        assert_same(ours.fit(X, sample_weight=weights), theirs)
