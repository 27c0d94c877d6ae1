"""The border of the clusterers: nothing is copied, and bad input is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import BaseEstimator

from gramian import _input
from gramian._input import all_or_nothing, take_rows, take_weights


class Clusterer(BaseEstimator):
    """Something with a name for the messages."""


def take(X: Any, **settings: Any) -> _input.Rows:
    return take_rows(Clusterer(), X, reset=True, **settings)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_are_views(dtype: type, tmp_path: Path) -> None:
    X = np.arange(12, dtype=dtype).reshape(4, 3)
    np.save(tmp_path / "rows.npy", X)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    for same in (X, np.asfortranarray(X), X[::2], X[:, 1:], mapped):
        rows = take(same)
        assert rows.tensor is not None
        assert rows.tensor.data_ptr() == same.ctypes.data
        np.testing.assert_array_equal(rows.tensor.numpy(), same)


def test_tensors_are_views() -> None:
    X = torch.ones(4, 3, requires_grad=True)
    rows = take(X)
    assert rows.tensor is not None
    assert rows.tensor.data_ptr() == X.data_ptr()
    assert not rows.tensor.requires_grad
    assert take(torch.ones(4, 3, dtype=torch.int32)).dtype == torch.float64


def test_blocks_cover_the_rows_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_input, "BLOCK_ELEMENTS", 7)
    X = np.arange(30.0).reshape(10, 3)
    for rows in (take(X), take(sparse.csr_array(X)), take(torch.from_numpy(X))):
        blocks = [rows.take(span) for span in rows.spans()]
        assert [len(block) for block in blocks] == [2] * 5
        np.testing.assert_array_equal(torch.cat(blocks).numpy(), X)
        np.testing.assert_array_equal(rows.take(torch.tensor([7, 2])).numpy(), X[[7, 2]])


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["array", "tensor"])
@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros(3), "Expected 2D array, got 1D array instead"),
        (np.zeros((0, 3)), r"Found array with 0 sample\(s\) \(shape=\(0, 3\)\) while a minimum"),
        (np.zeros((3, 0)), r"Found array with 0 feature\(s\) \(shape=\(3, 0\)\) while a minimum"),
        (np.array([[1.0, np.nan]]), "Input X contains NaN"),
        (np.array([[1.0, np.inf]]), "Input X contains infinity or a value too large"),
        (np.zeros((2, 2), dtype=complex), "Complex data not supported"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arrays_and_tensors_get_the_same_words(kind: Any, X: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        take(kind(X))


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["array", "tensor"])
def test_features_are_counted(kind: Any) -> None:
    estimator = Clusterer()
    take_rows(estimator, kind(np.ones((4, 3))), reset=True)
    assert estimator.n_features_in_ == 3
    with pytest.raises(ValueError, match="X has 2 features, but Clusterer is expecting 3 features"):
        take_rows(estimator, kind(np.ones((4, 2))), reset=False)


def test_sparse_tensors_are_refused_with_a_remedy() -> None:
    with pytest.raises(TypeError, match=r"must be a dense tensor.*to_dense"):
        take(torch.eye(3).to_sparse())


@pytest.mark.parametrize(
    "kind", [np.asarray, torch.as_tensor, list], ids=["array", "tensor", "list"]
)
def test_weights_become_float64(kind: Any) -> None:
    weights = take_weights(take(np.ones((3, 1))), kind([1, 2, 3]), "Clusterer.fit")
    assert weights.dtype == torch.float64
    assert weights.tolist() == [1.0, 2.0, 3.0]


def test_constant_weights_take_no_memory() -> None:
    rows = take(np.ones((1000, 1)))
    for given, value in ((None, 1.0), (3, 3.0)):
        weights = take_weights(rows, given, "Clusterer.fit")
        assert weights.shape == (1000,)
        assert weights.untyped_storage().nbytes() == 8
        assert float(weights[999]) == value


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["array", "tensor"])
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones((2, 2)), "Sample weights must be 1D array or scalar, got 2D array"),
        (np.ones(3), r"sample_weight.shape == \(3,\), expected \(2,\)!"),
        (np.array([1.0, np.nan]), "contains NaN|must be finite"),
        (np.zeros(2), "Sample weights must contain at least one non-zero number"),
        (np.array([1.0, -2.0]), "sample_weight must be non-negative, got -2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unusable_weights_are_named(kind: Any, weights: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        take_weights(take(np.ones((2, 1))), kind(weights), "Clusterer.fit")


def test_negative_weights_where_they_are_allowed() -> None:
    rows = take(np.ones((2, 1)))
    assert take_weights(rows, [1, -2], "Clusterer.fit", allow_negative=True).tolist() == [1.0, -2.0]


def test_all_or_nothing() -> None:
    estimator = Clusterer()
    with all_or_nothing(estimator):
        estimator.fitted_ = 1

    @all_or_nothing(estimator)
    def interrupted() -> None:
        estimator.fitted_, estimator.other_ = 2, 3
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert vars(estimator) == {"fitted_": 1}
