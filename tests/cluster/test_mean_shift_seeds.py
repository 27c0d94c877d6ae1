"""Where mean shift starts, and which ends are centres."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sklearn.cluster
import torch
from hypothesis import given
from hypothesis import strategies as st

from gramian.cluster._bin_seeds import get_bin_seeds
from gramian.cluster._cover import greedy_cover, ranked


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.3, 1.0, 2.5]), st.integers(1, 4))
def test_bin_seeds_are_scikit_learns(seed: int, size: float, least: int) -> None:
    X = np.random.default_rng(seed).normal(size=(60, 2)) * 2
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Binning data failed")
        theirs = sklearn.cluster.get_bin_seeds(X, size, least)
        ours = get_bin_seeds(X, size, least)
    np.testing.assert_allclose(ours, theirs.reshape(-1, 2), 1e-6)
    assert torch.equal(
        get_bin_seeds(torch.from_numpy(X), 2.5), torch.from_numpy(get_bin_seeds(X, 2.5))
    )


def test_bin_seeds_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(0).normal(size=(100, 2))
    whole = get_bin_seeds(X, 0.7, 2)
    monkeypatch.setattr("gramian.cluster._bin_seeds.BLOCK_ELEMENTS", 14)
    np.testing.assert_array_equal(get_bin_seeds(X, 0.7, 2), whole)


def test_bin_seeds_that_are_the_rows() -> None:
    X = np.arange(4.0)[:, None]
    assert get_bin_seeds(X, 0) is X
    with pytest.warns(
        UserWarning, match=r"get_bin_seeds: Binning data failed with .*bin_size=0\.1"
    ):
        assert get_bin_seeds(X, 0.1) is X
    with pytest.raises(ValueError, match=r"get_bin_seeds: bin_size must be"):
        get_bin_seeds(X, -1.0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 700), st.sampled_from([0.0, 0.05, 0.5]))
def test_greedy_cover_is_a_plain_loop(seed: int, n: int, radius: float) -> None:
    centers = np.round(np.random.default_rng(seed).uniform(size=(n, 2)), 2)
    left, expected = np.ones(n, dtype=bool), []
    for i in range(n):
        if left[i]:
            expected.append(i)
            gaps = centers - centers[i]
            left &= np.sqrt(gaps[:, 0] ** 2 + gaps[:, 1] ** 2) > radius
    assert greedy_cover(torch.from_numpy(centers), radius).tolist() == expected


def test_ranked_by_strength_then_coordinates() -> None:
    centers = torch.tensor([[1.0, 5.0], [2.0, 1.0], [2.0, 3.0], [0.0, 0.0]])
    assert ranked(centers, torch.tensor([1.0, 1.0, 1.0, 2.0])).tolist() == [3, 2, 1, 0]
