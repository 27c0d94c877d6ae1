"""MeanShift against scikit-learn's own class, and what it takes and refuses."""

from __future__ import annotations

import pickle
import warnings
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
from tests.cluster.mean_shift_by_definition import assert_same

from gramian.cluster import mean_shift
from gramian.cluster._mean_shift import MeanShift


@parametrize_with_checks([MeanShift(bandwidth=1.0), MeanShift(kernel="gaussian", assign="basin")])
def test_scikit_learn_accepts_the_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([None, 0.5, 1.0, 2.0]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([300, 1, 0]),
    st.sampled_from([np.float32, np.float64]),
)
def test_equals_scikit_learn(
    seed: int,
    bandwidth: float | None,
    bin_seeding: bool,
    cluster_all: bool,
    max_iter: int,
    dtype: Any,
) -> None:
    rng = np.random.default_rng(seed)
    X = (2 * rng.normal(size=(rng.integers(4, 50), rng.integers(1, 4)))).astype(dtype)
    parameters = {
        "bandwidth": bandwidth,
        "bin_seeding": bin_seeding,
        "cluster_all": cluster_all,
        "max_iter": max_iter,
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Binning data failed")
        try:
            theirs = sklearn.cluster.MeanShift(**parameters).fit(X)
        except ValueError:
            with pytest.raises(ValueError, match="No point was within bandwidth"):
                MeanShift(**parameters).fit(X)
            return
        ours = MeanShift(**parameters).fit(X)
    assert_same(ours, theirs, 1e-9 if dtype == np.float64 else 1e-4)
    assert ours.cluster_centers_.dtype == dtype
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_seeds_are_used() -> None:
    X, _ = make_blobs(100, 2, centers=3, random_state=0)
    for seeds in (X[:5], X[:5].tolist(), torch.from_numpy(X[:5])):
        theirs = sklearn.cluster.MeanShift(bandwidth=2.0, seeds=X[:5]).fit(X)
        assert_same(MeanShift(bandwidth=2.0, seeds=seeds).fit(X), theirs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("kernel", ["flat", "gaussian"])
@pytest.mark.parametrize("assign", ["nearest", "basin"])
def test_tensors_in_tensors_out(dtype: torch.dtype, kernel: str, assign: str) -> None:
    X = torch.tensor([[1, 1], [2, 1], [1, 0], [4, 7], [3, 5], [3, 6]], dtype=dtype)
    model = MeanShift(bandwidth=2, kernel=kernel, assign=assign).fit(X)
    assert model.cluster_centers_.dtype == dtype
    assert model.labels_.dtype == torch.int64
    assert len(set(model.labels_[:3].tolist())) == len(set(model.labels_[3:].tolist())) == 1
    assert torch.equal(model.predict(X), model.labels_)
    assert isinstance(model.predict(X.double().numpy()), np.ndarray)


def test_half_precision_tensor() -> None:
    X = torch.tensor([[1, 1], [2, 1], [1, 0], [4, 7], [3, 5], [3, 6]], dtype=torch.float16)
    model = MeanShift(bandwidth=2).fit(X)
    assert model.cluster_centers_.dtype == torch.float16
    assert model.labels_.tolist() == [1, 1, 1, 0, 0, 0]


def test_memory_map_and_data_frame(tmp_path: Any) -> None:
    import pandas as pd

    X, _ = make_blobs(60, 2, centers=3, random_state=7)
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    plain = MeanShift(bandwidth=2.0).fit(X)
    assert_same(MeanShift(bandwidth=2.0).fit(mapped), plain, 0)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), X)
    framed = MeanShift(bandwidth=2.0).fit(pd.DataFrame(X, columns=["a", "b"]))
    assert_same(framed, plain, 0)
    assert framed.feature_names_in_.tolist() == ["a", "b"]


def test_pickle_clone_and_function() -> None:
    X, _ = make_blobs(60, 2, centers=3, random_state=8)
    model = MeanShift(bandwidth=2.0, assign="basin").fit(X)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.labels_)
    assert clone(model).get_params() == model.get_params()
    centers, labels = mean_shift(X, bandwidth=2.0, assign="basin")
    np.testing.assert_array_equal(centers, model.cluster_centers_)
    np.testing.assert_array_equal(labels, model.labels_)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"bandwidth": 0}, ValueError, r"bandwidth must be a finite number in \(0, inf\), got 0"),
        ({"bandwidth": "auto"}, TypeError, r"bandwidth must be a finite number"),
        ({"bin_seeding": "yes"}, ValueError, r"bin_seeding must be one of False, True, got 'yes'"),
        ({"cluster_all": 3}, ValueError, r"cluster_all must be one of False, True"),
        ({"min_bin_freq": 0}, ValueError, r"min_bin_freq must be an int in \[1, inf\)"),
        ({"max_iter": -1}, ValueError, r"max_iter must be an int in \[0, inf\)"),
        ({"n_jobs": "all"}, TypeError, r"n_jobs must be an int"),
        (
            {"kernel": "box"},
            ValueError,
            r"kernel must be one of 'flat', 'gaussian', 'epanechnikov', got",
        ),
        ({"assign": "any"}, ValueError, r"assign must be one of 'nearest', 'basin', got 'any'"),
        ({"blurring": "all"}, ValueError, r"blurring must be one of None, 'simultaneous', 'in-pl"),
        ({"batch_size": 0}, ValueError, r"batch_size must be an int in \[1, inf\)"),
        (
            {"blurring": "in-place", "bin_seeding": True},
            ValueError,
            r"blurring must be None where seeds or bin_seeding are given, got 'in-place'",
        ),
        ({"callback": 3}, TypeError, r"callback must be callable or None, got 3"),
        ({"seeds": [[0.0, 1.0]]}, ValueError, r"seeds must have shape \(n_seeds, 1\)"),
        (
            {"seeds": torch.tensor([[float("nan")]])},
            ValueError,
            r"seeds must be finite, got NaN or infinity",
        ),
        (
            {"seeds": [[9.0]], "bandwidth": 0.1},
            ValueError,
            r"No point was within bandwidth=0\.1.* Try a different seeding",
        ),
        (
            {"bin_seeding": True, "bandwidth": 1.0, "min_bin_freq": 9},
            ValueError,
            r"min_bin_freq must be at most the number of rows in the fullest cell, got 9",
        ),
    ],
)
def test_bad_parameters(parameters: dict[str, Any], error: type[Exception], message: str) -> None:
    model = MeanShift(**parameters)
    with pytest.raises(error, match=r"MeanShift\.fit: " + message):
        model.fit(np.zeros((4, 1)))
    assert not hasattr(model, "n_features_in_")


def test_bad_input() -> None:
    for bad in ([[np.nan]], [[np.inf]], [], [1.0, 2.0], torch.tensor([[float("nan")]])):
        with pytest.raises(ValueError, match=r"NaN|infinity|minimum of 1|Expected 2D"):
            MeanShift().fit(bad)
    with pytest.raises(ValueError, match=r"MeanShift\.fit: sample_weight must be non-negative"):
        MeanShift(bandwidth=1.0).fit([[0.0], [1.0]], sample_weight=[1.0, -1.0])
    with pytest.raises(ValueError, match="features"):
        MeanShift(bandwidth=1.0).fit([[0.0], [1.0]]).predict([[0.0, 1.0]])
