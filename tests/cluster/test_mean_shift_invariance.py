"""What does not change a fit of MeanShift, and weights, which are repeated rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from tests.cluster.mean_shift_by_definition import COUNTS, assert_same

import gramian as gm
from gramian.cluster._mean_shift import MeanShift


@pytest.mark.parametrize("kernel", list(COUNTS))
def test_blocks_do_not_change_a_bit(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    X, _ = make_blobs(150, 3, centers=4, random_state=2)
    whole = MeanShift(bandwidth=2.0, kernel=kernel).fit(X)
    monkeypatch.setattr("gramian.neighbors._blocks.pair_limit", lambda: 40)
    with gm.config_context(memory="128MiB"):
        parts = MeanShift(bandwidth=2.0, kernel=kernel).fit(X)
    np.testing.assert_array_equal(parts.cluster_centers_, whole.cluster_centers_)
    np.testing.assert_array_equal(parts.labels_, whole.labels_)


@pytest.mark.parametrize("kernel", list(COUNTS))
def test_columns_in_parts(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    X, weights = rng.normal(size=(60, 9)), rng.uniform(1, 2, 60)
    whole = MeanShift(bandwidth=3.0, kernel=kernel).fit(X, sample_weight=weights)
    monkeypatch.setattr(
        "gramian.cluster._local_means.RIGHT_BYTES_PER_BUDGET", 2**30 // (60 * 8 * 3)
    )
    parts = MeanShift(bandwidth=3.0, kernel=kernel).fit(X, sample_weight=weights)
    np.testing.assert_allclose(parts.cluster_centers_, whole.cluster_centers_, 1e-12)


@pytest.mark.parametrize("kernel", list(COUNTS))
def test_row_order(kernel: str) -> None:
    X, _ = make_blobs(150, 2, centers=4, random_state=3)
    order = np.random.default_rng(0).permutation(len(X))
    one = MeanShift(bandwidth=2.0, kernel=kernel).fit(X)
    other = MeanShift(bandwidth=2.0, kernel=kernel).fit(X[order])
    np.testing.assert_allclose(other.cluster_centers_, one.cluster_centers_, 1e-7)
    np.testing.assert_array_equal(other.labels_, one.labels_[order])


@pytest.mark.parametrize("kernel", list(COUNTS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shifted_data(kernel: str, dtype: Any) -> None:
    # on a grid of 1/64 the shifted numbers are exact in float32
    X, _ = make_blobs(150, 2, centers=4, random_state=4)
    X = (np.round(X * 64) / 64).astype(dtype)
    shift = dtype(1e5)
    one = MeanShift(bandwidth=2.0, kernel=kernel).fit(X)
    other = MeanShift(bandwidth=2.0, kernel=kernel).fit(X + shift)
    atol = 0.02 if dtype == np.float32 else 1e-6
    np.testing.assert_allclose(other.cluster_centers_ - shift, one.cluster_centers_, 0, atol)
    np.testing.assert_array_equal(other.labels_, one.labels_)


@pytest.mark.parametrize("kernel", list(COUNTS))
def test_equal_rows_with_zero_bandwidth(kernel: str) -> None:
    X = np.repeat([[0.1, 1e5], [0.3, 1e5], [0.7, 1e5]], [9, 8, 7], axis=0)
    model = MeanShift(kernel=kernel).fit(X)
    assert model.bandwidth_ == 0
    assert model.n_iter_ == 0
    np.testing.assert_array_equal(model.cluster_centers_, [[0.1, 1e5], [0.3, 1e5], [0.7, 1e5]])
    assert model.labels_.tolist() == [0] * 9 + [1] * 8 + [2] * 7


@pytest.mark.parametrize("kernel", list(COUNTS))
@pytest.mark.parametrize("parameters", [{}, {"bandwidth": 2.0}, {"assign": "basin"}], ids=str)
def test_integer_weight_is_a_repeated_row(kernel: str, parameters: dict[str, Any]) -> None:
    rng = np.random.default_rng(5)
    X, _ = make_blobs(70, 2, centers=3, random_state=5)
    weights = rng.integers(0, 4, size=70)
    weighted = MeanShift(kernel=kernel, **parameters).fit(X, sample_weight=weights)
    repeated = MeanShift(kernel=kernel, **parameters).fit(np.repeat(X, weights, axis=0))
    assert weighted.bandwidth_ == pytest.approx(repeated.bandwidth_, rel=1e-12)
    np.testing.assert_allclose(weighted.cluster_centers_, repeated.cluster_centers_, 1e-6)
    np.testing.assert_array_equal(np.repeat(weighted.labels_, weights), repeated.labels_)


def test_weights_of_one_change_nothing() -> None:
    X, _ = make_blobs(60, 2, centers=3, random_state=6)
    assert_same(
        MeanShift(bandwidth=2.0).fit(X, sample_weight=np.ones(60)), MeanShift(bandwidth=2.0).fit(X)
    )
