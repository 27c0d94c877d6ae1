"""What DBSCAN takes, what it gives back, and what it refuses."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_blobs
from tests.cluster.dbscan_cases import assert_same

import gramian as gm
from gramian.cluster._dbscan import DBSCAN, dbscan


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensors_in_tensors_out(dtype: torch.dtype) -> None:
    X = torch.tensor([[1, 2], [2, 2], [2, 3], [8, 7], [8, 8], [25, 80]], dtype=dtype)
    for algorithm in ("auto", "kd_tree"):
        model = DBSCAN(eps=3, min_samples=2, algorithm=algorithm).fit(X)
        assert model.labels_.tolist() == [0, 0, 0, 1, 1, -1]
        assert model.labels_.dtype == model.core_sample_indices_.dtype == torch.int64
        assert model.components_.dtype == dtype
        assert torch.equal(model.components_, X[:5])
        predicted = model.predict(X)
        assert isinstance(predicted, torch.Tensor)
        assert torch.equal(predicted, model.labels_)
        assert isinstance(model.predict(X.double().numpy()), np.ndarray)
    assert DBSCAN(eps=1e-3).fit(X).components_.shape == (0, 2)


def test_memory_map_stays_on_disk_and_is_not_modified(tmp_path: Any) -> None:
    X, _ = make_blobs(100, 2, centers=2, random_state=7)
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert_same(DBSCAN(eps=0.8).fit(mapped), DBSCAN(eps=0.8).fit(X))
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), X)


def test_data_frames_keep_names() -> None:
    import pandas as pd

    frame = pd.DataFrame({"a": [0.0, 0.1, 9.0], "b": [0.0, 0.1, 9.0]})
    model = DBSCAN(min_samples=2).fit(frame)
    assert model.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a"]])


def test_one_row_and_equal_rows() -> None:
    assert DBSCAN(min_samples=1).fit_predict([[1.0]]).tolist() == [0]
    assert DBSCAN().fit_predict([[1.0]]).tolist() == [-1]
    assert DBSCAN(eps=1e-9).fit_predict(np.full((7, 3), 1e5)).tolist() == [0] * 7


def test_pickle_clone_and_function() -> None:
    X, _ = make_blobs(60, 2, centers=2, random_state=8)
    model = DBSCAN(eps=0.9).fit(X)
    assert_same(pickle.loads(pickle.dumps(model)), model)
    assert clone(model).get_params() == model.get_params()
    core, labels = dbscan(X, eps=0.9)
    np.testing.assert_array_equal(core, model.core_sample_indices_)
    np.testing.assert_array_equal(labels, model.labels_)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"eps": 0}, ValueError, r"DBSCAN\.fit: eps must be a finite number in \(0, inf\), got 0"),
        ({"eps": "wide"}, TypeError, r"DBSCAN\.fit: eps must be .* got 'wide'"),
        ({"min_samples": 0}, ValueError, r"DBSCAN\.fit: min_samples must be an int in \[1, inf\)"),
        ({"min_samples": 2.5}, TypeError, r"DBSCAN\.fit: min_samples must be an int"),
        ({"leaf_size": 0}, ValueError, r"DBSCAN\.fit: leaf_size must be an int in \[1, inf\)"),
        ({"algorithm": "fast"}, ValueError, r"DBSCAN\.fit: algorithm must be one of 'auto'"),
        ({"metric": "miles"}, ValueError, r"DBSCAN\.fit: metric must be one of 'braycurtis'"),
        ({"metric_params": 3}, TypeError, r"DBSCAN\.fit: metric_params must be a dict or None"),
        ({"p": -1}, ValueError, r"DBSCAN\.fit: p must be a finite number in \(0, inf\)"),
        ({"n_jobs": 1.5}, TypeError, r"DBSCAN\.fit: n_jobs must be an int"),
        ({"metric": "precomputed"}, ValueError, r"must be square"),
        ({"metric": "cosine", "algorithm": "kd_tree"}, ValueError, r"Metric 'cosine' not valid"),
    ],
)
def test_bad_parameters(parameters: dict[str, Any], error: type[Exception], message: str) -> None:
    model = DBSCAN(**parameters)
    with pytest.raises(error, match=message):
        model.fit([[0.0, 1.0], [1.0, 2.0], [4.0, 4.0]])
    assert not hasattr(model, "n_features_in_")


def test_bad_input() -> None:
    for bad in ([[np.nan]], [[np.inf]], [], [1.0, 2.0], torch.tensor([[float("nan")]])):
        with pytest.raises(ValueError, match=r"NaN|infinity|minimum of 1|Expected 2D"):
            DBSCAN().fit(bad)
    with pytest.raises(ValueError, match=r"DBSCAN\.fit: sample_weight\.shape == \(1,\)"):
        DBSCAN().fit([[0.0], [1.0]], sample_weight=[1.0])
    with pytest.raises(TypeError, match=r"DBSCAN: X must be dense where metric is a PairFunction"):
        DBSCAN(metric=gm.Manhattan()).fit(sparse.eye(3, format="csr"))
    with pytest.raises(ValueError, match=r"non-negative|Negative"):
        DBSCAN(metric="precomputed").fit([[0.0, -1.0], [-1.0, 0.0]])
