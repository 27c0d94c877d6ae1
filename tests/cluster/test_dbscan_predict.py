"""New rows take the label of the nearest core row within eps."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import pairwise_distances

from gramian.cluster import _neighbor_search
from gramian.cluster._dbscan import DBSCAN


@pytest.mark.parametrize("algorithm", ["auto", "kd_tree"])
def test_predict_is_the_nearest_core_row_within_eps(algorithm: str) -> None:
    X, _ = make_blobs(200, 3, centers=4, random_state=6)
    model = DBSCAN(eps=1.0, algorithm=algorithm).fit(X)
    queries = np.random.default_rng(0).uniform(X.min(), X.max(), size=(300, 3))
    table = pairwise_distances(queries, model.components_)
    nearest = table.argmin(1)
    labels = model.labels_[model.core_sample_indices_]
    expected = np.where(table.min(1) <= 1.0, labels[nearest], -1)
    assert expected.max() > -1
    assert expected.min() == -1
    np.testing.assert_array_equal(model.predict(queries), expected)


def test_predict_breaks_ties_by_index_and_includes_eps() -> None:
    model = DBSCAN(eps=1.0, min_samples=1).fit([[0.0], [2.0]])
    for algorithm in ("auto", "kd_tree"):
        model.algorithm = algorithm
        assert model.predict([[1.0], [1.1], [-1.0], [-1.1]]).tolist() == [0, 1, 0, -1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
def test_predict_from_many_core_rows_is_brute_force(
    metric: str, dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("gramian._native", reason="only the compiled core's tree is tried here")
    # a lattice: queries between its points have several nearest ones, many at eps to the last bit
    step = 0.1
    X = (step * np.stack(np.meshgrid(*[np.arange(12)] * 3), -1).reshape(-1, 3)).astype(dtype)
    rng = np.random.default_rng(2)
    queries = np.concatenate([X, X[::3] + dtype(step / 2), X[::5] + step * np.eye(3)[0]])
    queries = np.concatenate([queries, rng.uniform(-0.2, 1.4, (500, 3))]).astype(dtype)
    model = DBSCAN(eps=step, min_samples=1, metric=metric).fit(rng.permutation(X))
    model.algorithm = "brute"
    expected = model.predict(queries)
    assert expected.min() == -1
    for unused in ("nearest_by_engine", "nearest_by_tree"):
        monkeypatch.setattr(_neighbor_search, unused, None)
    for algorithm in ("auto", "kd_tree"):
        model.algorithm = algorithm
        np.testing.assert_array_equal(model.predict(queries), expected)


def test_predict_compares_as_the_fit_does() -> None:
    # 0.1 in float32 is a little more than 0.1: a distance rounded to float32 would be inside
    X = np.array([[0.0], [0.1]], dtype=np.float32)
    eps = 0.1
    assert float(X[1, 0]) > eps
    for algorithm in ("brute", "kd_tree"):
        model = DBSCAN(eps=eps, min_samples=1, algorithm=algorithm).fit(X[:1])
        assert model.predict(X).tolist() == [0, -1]


def test_predict_without_core_rows() -> None:
    X = np.arange(6.0)[:, None]
    model = DBSCAN(eps=0.1).fit(X)
    assert model.components_.shape == (0, 1)
    assert model.predict(X).tolist() == [-1] * 6
