"""The bandwidth of mean shift: scikit-learn's, Silverman's, weighted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.cluster
import torch
from hypothesis import given
from hypothesis import strategies as st

from gramian.cluster._bandwidth import estimate_bandwidth


@given(
    st.integers(0, 2**32 - 1),
    st.floats(0, 1),
    st.sampled_from([None, 1, 7, 1000]),
    st.sampled_from([np.float32, np.float64]),
)
def test_bandwidth_is_scikit_learns(
    seed: int, quantile: float, n_samples: int | None, dtype: Any
) -> None:
    X = np.random.default_rng(seed).normal(size=(40, 3)).astype(dtype)
    parameters = {"quantile": quantile, "n_samples": n_samples, "random_state": 3}
    theirs = sklearn.cluster.estimate_bandwidth(X, **parameters)
    ours = estimate_bandwidth(X, **parameters)
    assert ours.dtype == np.float64
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-12)
    assert estimate_bandwidth(torch.from_numpy(X), **parameters) == ours


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_weighted_bandwidth_is_that_of_repeated_rows(seed: int, quantile: float) -> None:
    rng = np.random.default_rng(seed)
    X, weights = rng.normal(size=(25, 2)), rng.integers(0, 5, size=25)
    weights[0] = 3
    weighted = estimate_bandwidth(X, quantile=quantile, sample_weight=weights)
    repeated = estimate_bandwidth(np.repeat(X, weights, axis=0), quantile=quantile)
    assert weighted == pytest.approx(repeated, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_silvermans_rule(shift: float) -> None:
    rng = np.random.default_rng(0)
    X, weights = rng.normal(size=(50, 3)) * [1, 2, 3] + shift, rng.integers(1, 4, size=50)
    expected = X.var(axis=0).mean() ** 0.5 * (4 / (5 * 50)) ** (1 / 7)
    assert estimate_bandwidth(X, rule="silverman") == pytest.approx(expected, rel=1e-8)
    weighted = estimate_bandwidth(X, rule="silverman", sample_weight=weights)
    repeated = estimate_bandwidth(np.repeat(X, weights, axis=0), rule="silverman")
    assert weighted == pytest.approx(repeated, rel=1e-12)


def test_bandwidth_takes_every_random_state() -> None:
    X = np.random.default_rng(0).normal(size=(50, 2))
    state = np.random.get_state()[1].copy()  # noqa: NPY002 # the global state is what is tested
    for make in (np.random.default_rng, np.random.RandomState, torch.Generator().manual_seed):
        one, other = (estimate_bandwidth(X, n_samples=9, random_state=make(4)) for _ in range(2))
        assert one == other
    assert estimate_bandwidth(X, n_samples=9, random_state=None) > 0
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002 # the global state is what is tested


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"quantile": 2}, ValueError, r"estimate_bandwidth: quantile must be .* in \[0, 1\]"),
        ({"n_samples": 0}, ValueError, r"estimate_bandwidth: n_samples must be an int in \[1,"),
        (
            {"rule": "thumb"},
            ValueError,
            r"estimate_bandwidth: rule must be one of 'quantile', 'sil",
        ),
        ({"n_jobs": 1.5}, TypeError, r"estimate_bandwidth: n_jobs must be an int"),
        ({"random_state": "x", "n_samples": 2}, TypeError, r"estimate_bandwidth: random_state"),
    ],
)
def test_bad_bandwidth_parameters(
    parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        estimate_bandwidth([[0.0], [1.0], [3.0]], **parameters)
