"""The climb of mean shift against plain loops and on published points, and who sees it."""

from __future__ import annotations

import itertools
from statistics import NormalDist

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from tests.cluster.lab_points import lab_points
from tests.cluster.mean_shift_by_definition import COUNTS, assert_same, plain_climb

from gramian.cluster._ascent import AscentState
from gramian.cluster._mean_shift import MeanShift


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kernel", list(COUNTS))
def test_ways_are_those_of_a_plain_loop(kernel: str, weighted: bool) -> None:
    rng = np.random.default_rng(1)
    X, _ = make_blobs(80, 3, centers=4, random_state=1)
    weights = rng.uniform(0.5, 2, size=80) if weighted else np.ones(80)
    model = MeanShift(bandwidth=2.0, kernel=kernel, assign="basin")
    model.fit(X, sample_weight=weights if weighted else None)
    ends = np.array([plain_climb(x, X, 2.0, kernel, weights) for x in X])
    gaps = np.linalg.norm(ends[:, None] - model.cluster_centers_[None], axis=2)
    np.testing.assert_array_equal(model.labels_, gaps.argmin(1))
    assert gaps.min(0).max() < 1e-6
    merge = {"flat": 2.0, "gaussian": 1.0, "epanechnikov": 0.5}[kernel]
    assert gaps.min(1).max() <= merge
    new = rng.normal(size=(30, 3)) * 3
    ends = np.array([plain_climb(x, X, 2.0, kernel, weights) for x in X + 0.01])
    gaps = np.linalg.norm(ends[:, None] - model.cluster_centers_[None], axis=2)
    np.testing.assert_array_equal(model.predict(X + 0.01), gaps.argmin(1))
    assert model.predict(new).shape == (30,)


def test_published_modes() -> None:
    X, truth = lab_points()
    model = MeanShift(bandwidth=2.5, kernel="gaussian").fit(X)
    assert adjusted_rand_score(truth, model.labels_) == 1.0
    one = MeanShift(bandwidth=2.5, kernel="gaussian", seeds=X[:1], max_iter=0).fit(X)
    torch.testing.assert_close(
        one.cluster_centers_, torch.tensor([[28.6881, 28.6938]]), atol=2e-4, rtol=0
    )
    assert len(MeanShift(bandwidth=25.0, kernel="gaussian").fit(X).cluster_centers_) == 1


@pytest.mark.parametrize("kernel", ["flat", "gaussian"])
def test_basin_follows_the_density_where_clusters_differ_in_width(kernel: str) -> None:
    wide, narrow = NormalDist(0, 1.2), NormalDist(4.5, 0.1)
    places = [wide.inv_cdf(0.01 + 0.98 * i / 299) for i in range(300)]
    places += [narrow.inv_cdf((i + 0.5) / 20) for i in range(20)]
    X, truth = np.array(places)[:, None], np.repeat([0, 1], [300, 20])
    h = 1.0 if kernel == "flat" else 0.5
    near = MeanShift(bandwidth=h, kernel=kernel).fit(X)
    basin = MeanShift(bandwidth=h, kernel=kernel, assign="basin").fit(X)
    assert len(near.cluster_centers_) == 2
    assert (near.labels_ != truth).any()
    np.testing.assert_array_equal(basin.labels_, truth)
    np.testing.assert_array_equal(near.cluster_centers_, basin.cluster_centers_)
    np.testing.assert_array_equal(basin.predict(X), truth)
    seeded = MeanShift(bandwidth=h, kernel=kernel, seeds=[[0.0], [4.4]], assign="basin").fit(X)
    np.testing.assert_array_equal(seeded.labels_, truth)


def test_orphans() -> None:
    X = np.array([[0.0], [0.1], [0.2], [9.0]])
    for assign in ("nearest", "basin"):
        model = MeanShift(bandwidth=1.0, seeds=[[0.0]], cluster_all=False, assign=assign).fit(X)
        assert model.labels_.tolist() == [0, 0, 0, -1]
        assert model.predict([[0.0], [50.0]]).tolist() == [0, 0]


def test_callback_sees_every_iteration_and_can_stop() -> None:
    X, _ = make_blobs(100, 2, centers=3, random_state=9)
    seen: list[AscentState] = []
    model = MeanShift(bandwidth=1.5, callback=seen.append).fit(X)
    assert [state.iteration for state in seen] == list(range(model.n_iter_ + 1))
    assert seen[0].n_moving == 100
    assert all(a.n_moving >= b.n_moving for a, b in itertools.pairwise(seen))
    stopped = MeanShift(bandwidth=1.5, callback=lambda state: state.iteration == 1).fit(X)
    assert_same(stopped, MeanShift(bandwidth=1.5, max_iter=1).fit(X), 0)


def test_positions_show_the_climb() -> None:
    X, _ = make_blobs(60, 2, centers=3, random_state=9)
    seeds = np.concatenate([X, [[1e3, 1e3]]])
    frames: list[np.ndarray] = []
    model = MeanShift(
        bandwidth=1.5,
        kernel="gaussian",
        seeds=X,
        callback=lambda state: frames.append(state.positions),
    ).fit(X)
    assert len(frames) == model.n_iter_ + 1
    for i, frame in enumerate(frames):
        expected = [plain_climb(x, X, 1.5, "gaussian", np.ones(60), max_iter=i) for x in X]
        np.testing.assert_allclose(frame, expected, rtol=1e-9)
    lonely: list[torch.Tensor] = []
    MeanShift(
        bandwidth=1.5, seeds=seeds, callback=lambda state: lonely.append(state.positions)
    ).fit(torch.from_numpy(X))
    assert all(torch.equal(frame[-1], torch.tensor([1e3, 1e3]).double()) for frame in lonely)


def test_an_error_leaves_the_estimator_as_it_was() -> None:
    X, _ = make_blobs(60, 2, centers=3, random_state=9)
    model = MeanShift(bandwidth=2.0).fit(X)
    before = vars(model).copy()

    def fail(state: AscentState) -> None:
        raise KeyboardInterrupt

    model.callback = fail
    with pytest.raises(KeyboardInterrupt):
        model.fit(X[:30, :1])
    del before["callback"]
    assert all(vars(model)[name] is value for name, value in before.items())
