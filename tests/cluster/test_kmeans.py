"""KMeans: scikit-learn's contract, exact labels, and what it promises beyond."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import sklearn.cluster
import torch
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from tests.cluster.kmeans_cases import SEEDED, blobs, brute_labels

from gramian import KMeans


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("n", "d", "k"), [(40, 1, 3), (300, 3, 5), (500, 17, 9)])
def test_it_takes_the_steps_of_scikit_learn(n: int, d: int, k: int, dtype: type) -> None:
    X = blobs(n, d, k).astype(dtype)
    first = X[:k]
    ours = KMeans(k, init=first).fit(X)
    theirs = sklearn.cluster.KMeans(k, init=first).fit(X)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-4, atol=1e-5)
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=1e-5)
    assert ours.cluster_centers_.dtype == dtype
    assert ours.labels_.dtype == theirs.labels_.dtype == np.int32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("max_iter", [1, 3, 300])
def test_labels_agree_with_predict_and_with_brute_force(max_iter: int, dtype: type) -> None:
    X = (blobs(700, 4) * 3 + 1000).astype(dtype)
    model = KMeans(**SEEDED, max_iter=max_iter).fit(X)
    np.testing.assert_array_equal(model.labels_, model.predict(X))
    np.testing.assert_array_equal(model.labels_, brute_labels(X, model.cluster_centers_))


def test_converged_centers_are_the_means_of_their_rows() -> None:
    X = blobs()
    model = KMeans(**SEEDED, tol=0).fit(X)
    for j, center in enumerate(model.cluster_centers_):
        np.testing.assert_allclose(center, X[model.labels_ == j].mean(axis=0), rtol=1e-12)
    assert model.inertia_ == pytest.approx(
        ((X - model.cluster_centers_[model.labels_]) ** 2).sum(), rel=1e-12
    )


def test_inertia_never_rises() -> None:
    seen: list[float] = []
    KMeans(
        9, random_state=3, init="random", n_init=1, tol=0, callback=lambda s: seen.append(s.inertia)
    ).fit(blobs(2000, 5))
    assert len(seen) > 3
    assert all(late <= early * (1 + 1e-14) for early, late in pairwise(seen))


def test_the_tolerance_is_relative_to_the_variance() -> None:
    X = blobs(1000)
    counts = {
        scale: KMeans(5, init=X[:5] * scale, tol=1e-2).fit(X * scale).n_iter_
        for scale in (2.0**-20, 1.0, 2.0**20)
    }
    assert len(set(counts.values())) == 1
    assert KMeans(5, init=X[:5], tol=0).fit(X).n_iter_ > counts[1.0]


def test_the_tolerance_is_that_of_scikit_learn() -> None:
    X = blobs(3000, 4, spread=4.0)
    counts = []
    for tol in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5):
        counts.append(KMeans(8, init=X[:8], tol=tol).fit(X).n_iter_)
        assert counts[-1] == sklearn.cluster.KMeans(8, init=X[:8], tol=tol).fit(X).n_iter_
    assert len(set(counts)) == len(counts)


def test_the_best_of_several_runs_is_kept() -> None:
    X = blobs(400, 2, 12, spread=0.3)
    starts = np.random.RandomState(0).randint(len(X), size=(6, 12))
    order = iter(starts)
    several = KMeans(12, init=lambda X, k, random_state: X[next(order)], n_init=6).fit(X)
    single = [KMeans(12, init=X[rows]).fit(X).inertia_ for rows in starts]
    assert several.inertia_ == min(single) < max(single)


def test_lloyd_and_elkan_are_one() -> None:
    X = blobs()
    lloyd, elkan = (KMeans(**SEEDED, algorithm=name).fit(X) for name in ("lloyd", "elkan"))
    np.testing.assert_array_equal(lloyd.cluster_centers_, elkan.cluster_centers_)


def test_empty_clusters_take_the_farthest_rows() -> None:
    X = np.array([[-10.0], [-9.5], [-9], [-8.5], [-8], [-1], [1], [9], [9.5], [10]])
    model = KMeans(3, init=[[-10.0], [-10], [-10]], max_iter=1).fit(X)
    np.testing.assert_allclose(model.cluster_centers_, [[-36 / 8], [10], [9.5]])


def test_relocation_follows_scikit_learn() -> None:
    X = blobs(200)
    first = np.vstack([X[:2], np.full((3, 3), 1e3) + np.arange(3)[:, None]])
    for max_iter in (1, 300):
        ours = KMeans(5, init=first, max_iter=max_iter).fit(X)
        theirs = sklearn.cluster.KMeans(5, init=first, max_iter=max_iter).fit(X)
        np.testing.assert_allclose(
            np.sort(ours.cluster_centers_, 0), np.sort(theirs.cluster_centers_, 0)
        )


def test_fewer_distinct_points_than_clusters_warn() -> None:
    X = np.repeat([[0.0, 1.0], [2.0, 3.0]], 10, axis=0)
    with pytest.warns(ConvergenceWarning, match=r"distinct clusters \(2\) found smaller than"):
        model = KMeans(4, random_state=0).fit(X)
    assert model.inertia_ == 0
    assert {tuple(row) for row in model.cluster_centers_} == {(0.0, 1.0), (2.0, 3.0)}


@pytest.mark.parametrize("init", ["k-means++", "random"])
@pytest.mark.parametrize(
    "state",
    [
        lambda: 7,
        lambda: np.random.RandomState(7),
        lambda: np.random.default_rng(7),
        lambda: torch.Generator().manual_seed(7),
    ],
    ids=["int", "RandomState", "Generator", "torch"],
)
def test_a_seed_gives_the_same_fit(state: Any, init: str) -> None:
    X = blobs()
    one, two = (KMeans(5, init=init, max_iter=1, random_state=state()).fit(X) for _ in range(2))
    np.testing.assert_array_equal(one.cluster_centers_, two.cluster_centers_)


def test_global_random_states_stay_as_they_are() -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002 # the global state is what is tested
    KMeans(5, init=lambda X, k, random_state: X[:k]).fit(blobs())
    KMeans(5).fit(blobs())
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002 # the global state is what is tested


def test_a_callable_init_gets_rows_count_and_a_random_state() -> None:
    seen: list[Any] = []

    def init(X: Any, k: int, random_state: Any) -> Any:
        seen.append(random_state)
        return X[:k]

    X = blobs()
    KMeans(5, init=init, n_init=2, random_state=0).fit(X)
    KMeans(5, init=init, n_init=1).fit(torch.from_numpy(X))
    assert [type(one) for one in seen] == [np.random.RandomState] * 2 + [torch.Generator]
    assert seen[0].randint(2**31) != seen[1].randint(2**31)


def test_transform_is_the_distance_to_each_center() -> None:
    X = blobs()
    model = KMeans(**SEEDED)
    distances = model.fit_transform(X)
    np.testing.assert_allclose(
        distances, np.linalg.norm(X[:, None] - model.cluster_centers_, axis=2), rtol=1e-12
    )
    assert not model.transform(model.cluster_centers_).diagonal().any()
    np.testing.assert_array_equal(distances.argmin(1), model.labels_)


def test_fit_predict_pickle_and_clone() -> None:
    X = blobs()
    model = KMeans(**SEEDED)
    labels = model.fit_predict(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), labels)
    np.testing.assert_array_equal(clone(model).fit(X).labels_, labels)
