"""KMeans on tables that a function hands out, pass after pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from gramian import KMeans, _input
from gramian.cluster import _assignment


def blobs(n: int = 900, d: int = 4, k: int = 5) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(size=(k, d))[rng.integers(k, size=n)] * 6 + rng.normal(size=(n, d))


class Stream:
    """Chunks of uneven length; counts how often it is read."""

    def __init__(self, X: np.ndarray, kind: Any = np.asarray) -> None:
        self.X, self.kind, self.passes = X, kind, 0

    def __call__(self) -> Iterator[Any]:
        self.passes += 1
        for rows in np.split(self.X, [1, 300, 310, 650]):
            yield self.kind(rows)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that end inside chunks."""
    monkeypatch.setattr(_input, "BLOCK_ELEMENTS", 4 * 128)
    monkeypatch.setattr(_assignment, "BLOCK_ELEMENTS", 333)


@pytest.mark.parametrize("init", ["k-means++", "k-means||", "random"])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_chunks_are_the_rows_of_one_table(init: str, metric: str) -> None:
    X = blobs()
    weights = np.random.default_rng(1).integers(0, 3, size=len(X))
    settings: dict[str, Any] = {"init": init, "n_init": 1, "random_state": 0, "metric": metric}
    whole = KMeans(5, **settings).fit(X, sample_weight=weights)
    parts = KMeans(5, **settings).fit(Stream(X), sample_weight=weights)
    np.testing.assert_array_equal(parts.labels_, whole.labels_)
    np.testing.assert_allclose(parts.cluster_centers_, whole.cluster_centers_, rtol=1e-9)
    assert parts.inertia_ == pytest.approx(whole.inertia_, rel=1e-9)
    np.testing.assert_array_equal(parts.predict(X), whole.predict(X))


@pytest.mark.parametrize("kind", [torch.from_numpy, pd.DataFrame, np.float32])
def test_kinds_of_chunks(kind: Any) -> None:
    X = blobs()
    model = KMeans(5, init=X[:5]).fit(Stream(X, kind))
    assert model.cluster_centers_.dtype == (np.float32 if kind is np.float32 else np.float64)
    assert model.n_features_in_ == 4
    assert model.labels_.shape == (900,)


def test_an_iteration_is_one_pass() -> None:
    X = blobs()
    stream = Stream(X)
    model = KMeans(5, init=X[:5], tol=0.0).fit(stream)
    # one to check, one for each iteration, one for the inertia
    assert stream.passes <= model.n_iter_ + 3


def test_what_is_wrong_with_chunks_is_named() -> None:
    X = blobs()
    with pytest.raises(ValueError, match=r"KMeans.fit: X must give at least one row"):
        KMeans(2).fit(lambda: iter(()))
    once = iter([X])
    with pytest.raises(ValueError, match="X must give the same tables whenever it is called"):
        KMeans(2, random_state=0).fit(lambda: once)
    with pytest.raises(ValueError, match="X has 3 features, but KMeans is expecting 4"):
        KMeans(2).fit(lambda: iter([X, X[:, :3]]))
    with pytest.raises(ValueError, match="NaN"):
        KMeans(2).fit(lambda: iter([X, X * np.nan]))
