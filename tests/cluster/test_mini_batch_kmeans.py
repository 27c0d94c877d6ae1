"""MiniBatchKMeans: scikit-learn's contract, streams of batches, weights, repeatable fits."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import gramian as gm
from gramian import KMeans, MiniBatchKMeans
from gramian.cluster._mini_batch import Progress, Sampler, Steps, part_of


def blobs(n: int = 3000, d: int = 3, k: int = 5, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(k, d))[rng.integers(k, size=n)] * 10 + rng.normal(size=(n, d))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_comes_close_to_the_full_fit(dtype: type) -> None:
    X = blobs().astype(dtype)
    model = MiniBatchKMeans(5, batch_size=200, random_state=0).fit(X)
    assert model.inertia_ < 1.05 * KMeans(5, random_state=0).fit(X).inertia_
    assert model.cluster_centers_.dtype == dtype
    assert model.labels_.dtype == np.int32
    np.testing.assert_array_equal(model.labels_, model.predict(X))
    assert -model.score(X) == pytest.approx(model.inertia_, rel=1e-12)
    assert model.transform(X).shape == (len(X), 5)


def test_a_batch_moves_centres_to_the_mean_of_all_they_have_seen() -> None:
    X = blobs(900, seed=1)
    first = X[:5]
    model = MiniBatchKMeans(5, init=first, reassignment_ratio=0.0)
    sums, counts, centers = np.zeros((5, 3)), np.zeros(5), first.copy()
    weights = np.random.default_rng(0).integers(0, 3, size=900).astype(float)
    for start in range(0, 900, 100):
        batch, w = X[start : start + 100], weights[start : start + 100]
        labels = ((batch[:, None] - centers) ** 2).sum(2).argmin(1)
        for row, label, weight in zip(batch, labels, w, strict=True):
            sums[label] += weight * row
            counts[label] += weight
        centers = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centers)
        model.partial_fit(batch, sample_weight=w)
        np.testing.assert_allclose(model.cluster_centers_, centers, rtol=1e-10)
    assert model.n_steps_ == 9


def test_weights_are_repetitions_in_a_batch() -> None:
    X = blobs(400)
    weights = np.random.default_rng(1).integers(1, 4, size=400)
    settings: dict[str, Any] = {"init": X[:5], "reassignment_ratio": 0.0}
    one = MiniBatchKMeans(5, **settings).partial_fit(X, sample_weight=weights)
    other = MiniBatchKMeans(5, **settings).partial_fit(np.repeat(X, weights, axis=0))
    np.testing.assert_allclose(one.cluster_centers_, other.cluster_centers_, rtol=1e-12)


def test_rows_without_weight_are_never_drawn() -> None:
    X = blobs()
    far = np.concatenate([X, np.full((3000, 3), 1e6)])
    weights = np.r_[np.ones(3000), np.zeros(3000)]
    model = MiniBatchKMeans(5, batch_size=100, random_state=0).fit(far, sample_weight=weights)
    assert np.abs(model.cluster_centers_).max() < 1e3


def test_a_seed_gives_the_same_bits_for_any_threads_and_kind_of_array() -> None:
    X = blobs()
    fits = []
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        fits.append(MiniBatchKMeans(5, random_state=3, batch_size=150).fit(X))
    for other in fits[1:]:
        np.testing.assert_array_equal(other.cluster_centers_, fits[0].cluster_centers_)
    tensor = MiniBatchKMeans(5, random_state=3, batch_size=150).fit(torch.from_numpy(X))
    np.testing.assert_array_equal(tensor.cluster_centers_.numpy(), fits[0].cluster_centers_)
    assert tensor.labels_.dtype == torch.int64
    table = MiniBatchKMeans(5, random_state=3, batch_size=150).fit(sparse.csr_matrix(X))
    np.testing.assert_allclose(table.cluster_centers_, fits[0].cluster_centers_, rtol=1e-12)


def test_partial_fit_goes_on_after_a_pickle_and_after_a_fit() -> None:
    X = blobs()
    whole, half = (MiniBatchKMeans(5, random_state=0, batch_size=500) for _ in range(2))
    for start in range(0, 3000, 500):
        whole.partial_fit(X[start : start + 500])
        half.partial_fit(X[start : start + 500])
        half = pickle.loads(pickle.dumps(half))
    np.testing.assert_array_equal(whole.cluster_centers_, half.cluster_centers_)
    fitted = MiniBatchKMeans(5, random_state=0).fit(X)
    before = fitted.n_steps_
    assert fitted.partial_fit(X[:100]).n_steps_ == before + 1


def test_light_centres_are_put_on_rows_of_the_batch() -> None:
    X = blobs(200)
    rows = gm.KMeans(5).fit(X)
    table = torch.from_numpy(X)
    centers = torch.from_numpy(rows.cluster_centers_).clone()
    centers[2] = 1e6
    steps = Steps(
        centers, torch.zeros(5, dtype=torch.float64), torch.Generator().manual_seed(0), 0.01, False
    )
    from sklearn.base import BaseEstimator

    from gramian._input import take_rows

    batch = take_rows(BaseEstimator(), table, reset=True)
    steps.take(batch, torch.ones(200, dtype=torch.float64))
    assert float(steps.centers.abs().max()) < 1e3
    assert float(steps.counts[2]) == float(steps.counts[torch.tensor([0, 1, 3, 4])].min())
    assert len(part_of(batch, torch.tensor([3, 1]))) == 2


def test_progress_stops_where_nothing_is_gained_or_moved() -> None:
    quiet = {"n_samples": 100, "batch_size": 10, "n_steps": 50, "verbose": False}
    idle = Progress(tol=0.0, patience=3, **quiet)
    assert [idle.finished(step, 1.0, 5.0) for step in range(1, 6)] == [False] * 4 + [True]
    still = Progress(tol=0.5, patience=None, **quiet)
    assert not still.finished(1, 0.0, 5.0)
    assert not still.finished(2, 1.0, 5.0)
    assert still.finished(3, 0.5, 5.0)


def test_draws_follow_the_weights() -> None:
    weights = torch.tensor([0.0, 3.0, 1.0, 0.0], dtype=torch.float64)
    counts = Sampler(weights, torch.Generator().manual_seed(0)).draw(4000).bincount(minlength=4)
    assert counts[0] == counts[3] == 0
    assert abs(int(counts[1]) - 3000) < 150
    even = Sampler(weights[1].expand(7), torch.Generator().manual_seed(0)).draw(700)
    assert set(even.tolist()) == set(range(7))


def test_without_labels_the_inertia_is_an_estimate() -> None:
    X = blobs()
    model = MiniBatchKMeans(5, random_state=0, batch_size=500, compute_labels=False).fit(X)
    assert not hasattr(model, "labels_")
    assert model.inertia_ == pytest.approx(-model.score(X), rel=0.2)


def test_a_fit_that_fails_leaves_the_model_as_it_was() -> None:
    model = MiniBatchKMeans(3, random_state=0).fit(blobs())
    before = model.cluster_centers_.copy()
    with pytest.raises(ValueError, match="NaN"):
        model.fit(np.full((10, 3), np.nan))
    np.testing.assert_array_equal(model.cluster_centers_, before)
    with pytest.raises(NotFittedError):
        clone(model).predict(blobs())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 0}, r"MiniBatchKMeans.fit: batch_size must be an int in \[1, inf\), got 0"),
        ({"reassignment_ratio": -0.1}, "reassignment_ratio must be a finite number in"),
        ({"max_no_improvement": -1}, "max_no_improvement must be an int in"),
        ({"init_size": 0}, "init_size must be an int in"),
        ({"init": "best"}, "MiniBatchKMeans.fit: init must be one of"),
        ({"n_clusters": 11}, "MiniBatchKMeans.fit: n_samples=10 should be >= n_clusters=11"),
        ({"init": np.zeros((2, 3))}, "MiniBatchKMeans.fit: The shape of the initial centers"),
    ],
)
def test_impossible_parameters_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MiniBatchKMeans(**{"n_clusters": 3} | settings).fit(
            np.random.default_rng(0).random((10, 3))
        )


def test_a_start_from_too_few_rows_warns() -> None:
    with pytest.warns(RuntimeWarning, match="init_size=2 should be larger than n_clusters=5"):
        MiniBatchKMeans(5, init_size=2, random_state=0).fit(blobs(100))
