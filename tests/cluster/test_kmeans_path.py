"""KMeans.fit_path: one walk through several numbers of clusters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.exceptions import NotFittedError

from gramian import KMeans, silhouette_score


def blobs(n: int = 240, k: int = 4, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 12.0 * np.arange(k)[rng.integers(k, size=n), None] + rng.normal(size=(n, 2))


def test_a_path_finds_the_number_of_clusters() -> None:
    X = blobs()
    path = KMeans(random_state=0).fit_path(X, range(1, 9))
    assert path.best_k == 4
    assert path.ks[np.nanargmax(path.silhouette)] == 4
    assert np.isnan(path.silhouette[0])
    assert bool((np.diff(path.inertia) <= 0).all())
    assert [center.shape for center in path.centers] == [(k, 2) for k in range(1, 9)]
    assert path.inertia[0] == pytest.approx(((X - X.mean(0)) ** 2).sum(), rel=1e-12)


def test_each_number_is_a_fit_from_the_centres_before_it() -> None:
    X = blobs(600, 6)
    path = KMeans(random_state=0, tol=0.0).fit_path(X, [2, 4, 7], n_references=0)
    for k, centers, inertia, score in zip(
        path.ks, path.centers, path.inertia, path.silhouette, strict=True
    ):
        # converged: a fit from there stays there
        again = KMeans(int(k), init=centers, tol=0.0).fit(X)
        np.testing.assert_allclose(again.cluster_centers_, centers, rtol=1e-12)
        assert again.inertia_ == pytest.approx(inertia, rel=1e-12)
        assert score == pytest.approx(silhouette_score(X, again.labels_), rel=1e-9)
    assert np.isnan(path.gap).all()
    assert np.isnan(path.gap_error).all()


def test_the_gap_is_that_of_its_definition() -> None:
    """Uniform rows: the data are like their references, so no number of clusters stands out."""
    X = np.random.default_rng(0).random((400, 2))
    path = KMeans(random_state=0).fit_path(X, [1, 2, 3], n_references=8)
    assert abs(path.gap[0]) < 0.2
    assert path.best_k == 1
    assert bool((path.gap_error > 0).all())
    wider = KMeans(random_state=0).fit_path(X * 1000 + 5, [1, 2, 3], n_references=8)
    np.testing.assert_allclose(wider.gap, path.gap, atol=1e-6)


def test_no_gap_where_no_inertia_is_left() -> None:
    X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0], [5.0, 5.0]])
    path = KMeans(random_state=0).fit_path(X, [1, 2, 3, 4])
    assert np.isfinite(path.gap).tolist() == [True, True, True, False]
    assert np.isnan(path.gap[-1])
    equal = KMeans(random_state=0).fit_path(np.ones((5, 2)), [1])
    assert (equal.inertia[0], equal.best_k) == (0.0, 1)
    assert np.isnan(equal.gap[0])


def test_weights_seeds_tensors_and_directions() -> None:
    X = blobs()
    weights = np.random.default_rng(1).integers(1, 4, size=len(X))
    settings: dict[str, Any] = {"n_references": 2, "sample_weight": weights}
    path = KMeans(random_state=3).fit_path(X, [3, 4], **settings)
    same = KMeans(random_state=3).fit_path(X, [3, 4], **settings)
    np.testing.assert_array_equal(path.gap, same.gap)
    tensor = KMeans(random_state=3).fit_path(torch.from_numpy(X), [3, 4], **settings)
    assert isinstance(tensor.centers[0], torch.Tensor)
    np.testing.assert_array_equal(tensor.inertia, path.inertia)
    by_angle = KMeans(random_state=3, metric="cosine").fit_path(X + 1, [2, 3], **settings)
    lengths = np.linalg.norm(by_angle.centers[1], axis=1)
    np.testing.assert_allclose(lengths, 1, rtol=1e-12)


def test_the_model_stays_as_it_is() -> None:
    model = KMeans(7, random_state=0)
    model.fit_path(blobs(), [2, 3], n_references=0)
    assert model.n_clusters == 7
    with pytest.raises(NotFittedError):
        model.predict(blobs())


@pytest.mark.parametrize(
    ("ks", "settings", "message"),
    [
        ([], {}, "ks must be a sequence of ints, not empty"),
        (3, {}, "ks must be a sequence of ints, not empty, got 3"),
        ([3, 2], {}, r"ks must grow, got \[3, 2\]"),
        ([0, 1], {}, r"each of ks must be an int in \[1, 240\], got 0"),
        ([2, 300], {}, r"each of ks must be an int in \[1, 240\], got 300"),
        ([2], {"n_references": -1}, "n_references must be an int in"),
        ([2], {"silhouette_sample": 1}, "silhouette_sample must be an int in"),
    ],
)
def test_impossible_parameters_are_named(ks: Any, settings: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=f"KMeans.fit_path: {message}"):
        KMeans().fit_path(blobs(), ks, **settings)


def test_sparse_rows_have_no_references() -> None:
    table = sparse.csr_matrix(blobs())
    with pytest.raises(ValueError, match=r"n_references must be an int in \[0, 0\], got 10"):
        KMeans().fit_path(table, [2])
    path = KMeans(random_state=0).fit_path(table, [2, 4], n_references=0)
    assert path.inertia[1] < path.inertia[0]
