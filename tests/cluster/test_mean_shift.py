"""MeanShift against scikit-learn's own class, against plain loops, and on published points."""

from __future__ import annotations

import itertools
import pickle
import warnings
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import sklearn.cluster
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import parametrize_with_checks

import gramian as gm
from gramian.cluster import mean_shift
from gramian.cluster._ascent import AscentState
from gramian.cluster._bandwidth import estimate_bandwidth
from gramian.cluster._bin_seeds import get_bin_seeds
from gramian.cluster._cover import greedy_cover, ranked
from gramian.cluster._mean_shift import MeanShift


@parametrize_with_checks([MeanShift(bandwidth=1.0), MeanShift(kernel="gaussian", assign="basin")])
def test_scikit_learn_accepts_the_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def assert_same(ours: MeanShift, theirs: Any, rtol: float = 1e-9) -> None:
    """The same centres up to rounding, labels and iterations."""
    assert ours.cluster_centers_.shape == theirs.cluster_centers_.shape
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol, rtol)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.n_iter_ == theirs.n_iter_


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


COUNTS = {
    "flat": lambda t: t <= 1,
    "gaussian": lambda t: np.exp(-t / 2),
    "epanechnikov": lambda t: np.maximum(0, 1 - t),
}
"""What a row counts at t, its squared distance in bandwidths."""


def plain_mean(
    x: np.ndarray, X: np.ndarray, h: float, kernel: str, weights: np.ndarray
) -> np.ndarray:
    """A local mean by the definition."""
    w = weights * COUNTS[kernel](((X - x) ** 2).sum(1) / h**2)
    return (w[:, None] * X).sum(0) / w.sum()


def plain_climb(
    x: np.ndarray, X: np.ndarray, h: float, kernel: str, weights: np.ndarray, max_iter: int = 300
) -> np.ndarray:
    """One point's way to its mode, by the definition."""
    for _ in range(max_iter + 1):
        new = plain_mean(x, X, h, kernel, weights)
        moved = np.linalg.norm(new - x)
        x = new
        if moved <= 1e-3 * h:
            break
    return x


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


def lab_points() -> tuple[torch.Tensor, np.ndarray]:
    """Four blobs of 256 points whose modes are published."""
    with torch.random.fork_rng():
        torch.manual_seed(42)
        centers = torch.rand(4, 2) * 70 - 35
        covariance = torch.diag(torch.tensor([5.0, 5.0]))
        normal = torch.distributions.MultivariateNormal
        X = torch.cat([normal(center, covariance).sample((256,)) for center in centers])
    return X, np.repeat(np.arange(4), 256)


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


# ---------------------------------------------------------------------- blurring


def plain_blur(X: np.ndarray, h: float, kernel: str, batch: int, max_iter: int) -> np.ndarray:
    """The rows after some sweeps, by the definition."""
    now, ones = X.copy(), np.ones(len(X))
    for _ in range(max_iter + 1):
        before = now.copy()
        for start in range(0, len(X), batch):
            rows = range(start, min(len(X), start + batch))
            now[rows] = [plain_mean(now[i], now, h, kernel, ones) for i in rows]
        if np.linalg.norm(now - before, axis=1).max() <= 1e-3 * h:
            break
    return now


@pytest.mark.parametrize("kernel", list(COUNTS))
@pytest.mark.parametrize(("order", "batch"), [("simultaneous", 90), ("in-place", 32)])
def test_blurring_is_a_plain_loop(kernel: str, order: str, batch: int) -> None:
    X, _ = make_blobs(90, 2, centers=3, random_state=10)
    for max_iter in (0, 2, 300):
        frames: list[np.ndarray] = []
        model = MeanShift(
            bandwidth=2.0,
            kernel=kernel,
            blurring=order,
            batch_size=32,
            max_iter=max_iter,
            callback=lambda state, frames=frames: frames.append(state.positions),
        ).fit(X)
        ends = plain_blur(X, 2.0, kernel, batch, max_iter)
        np.testing.assert_allclose(frames[-1], ends, rtol=1e-9)
        assert len(frames) == model.n_iter_ + 1 <= max_iter + 1
        gaps = np.linalg.norm(ends[:, None] - model.cluster_centers_[None], axis=2)
        np.testing.assert_array_equal(model.labels_, gaps.argmin(1))


def test_only_simultaneous_blurring_ignores_the_order_of_the_rows() -> None:
    X, truth = lab_points()
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    gaps = {}
    for blurring in ("simultaneous", "in-place"):
        ends: list[torch.Tensor] = []
        for rows in (X, X[order]):
            model = MeanShift(
                bandwidth=2.5,
                kernel="gaussian",
                blurring=blurring,
                max_iter=4,
                callback=lambda state, ends=ends: ends.append(state.positions),
            ).fit(rows)
        assert adjusted_rand_score(truth[order], model.labels_) == 1.0
        gaps[blurring] = float((ends[4][order] - ends[9]).abs().max())
    assert gaps["simultaneous"] < 1e-4
    assert gaps["in-place"] > 1e-3


# ---------------------------------------------------------------------- invariances


@pytest.mark.parametrize("kernel", list(COUNTS))
def test_blocks_do_not_change_a_bit(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    X, _ = make_blobs(150, 3, centers=4, random_state=2)
    whole = MeanShift(bandwidth=2.0, kernel=kernel).fit(X)
    monkeypatch.setattr("gramian.neighbors._blocks.pair_limit", lambda: 40)
    with gm.config_context(memory="128MiB"):
        parts = MeanShift(bandwidth=2.0, kernel=kernel).fit(X)
    np.testing.assert_array_equal(parts.cluster_centers_, whole.cluster_centers_)
    np.testing.assert_array_equal(parts.labels_, whole.labels_)


@pytest.mark.parametrize("kernel", list(COUNTS))
def test_columns_in_parts(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    X, weights = rng.normal(size=(60, 9)), rng.uniform(1, 2, 60)
    whole = MeanShift(bandwidth=3.0, kernel=kernel).fit(X, sample_weight=weights)
    monkeypatch.setattr(
        "gramian.cluster._local_means.RIGHT_BYTES_PER_BUDGET", 2**30 // (60 * 8 * 3)
    )
    parts = MeanShift(bandwidth=3.0, kernel=kernel).fit(X, sample_weight=weights)
    np.testing.assert_allclose(parts.cluster_centers_, whole.cluster_centers_, 1e-12)


@pytest.mark.parametrize("kernel", list(COUNTS))
def test_row_order(kernel: str) -> None:
    X, _ = make_blobs(150, 2, centers=4, random_state=3)
    order = np.random.default_rng(0).permutation(len(X))
    one = MeanShift(bandwidth=2.0, kernel=kernel).fit(X)
    other = MeanShift(bandwidth=2.0, kernel=kernel).fit(X[order])
    np.testing.assert_allclose(other.cluster_centers_, one.cluster_centers_, 1e-7)
    np.testing.assert_array_equal(other.labels_, one.labels_[order])


@pytest.mark.parametrize("kernel", list(COUNTS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shifted_data(kernel: str, dtype: Any) -> None:
    # on a grid of 1/64 the shifted numbers are exact in float32
    X, _ = make_blobs(150, 2, centers=4, random_state=4)
    X = (np.round(X * 64) / 64).astype(dtype)
    shift = dtype(1e5)
    one = MeanShift(bandwidth=2.0, kernel=kernel).fit(X)
    other = MeanShift(bandwidth=2.0, kernel=kernel).fit(X + shift)
    atol = 0.02 if dtype == np.float32 else 1e-6
    np.testing.assert_allclose(other.cluster_centers_ - shift, one.cluster_centers_, 0, atol)
    np.testing.assert_array_equal(other.labels_, one.labels_)


@pytest.mark.parametrize("kernel", list(COUNTS))
def test_equal_rows_with_zero_bandwidth(kernel: str) -> None:
    X = np.repeat([[0.1, 1e5], [0.3, 1e5], [0.7, 1e5]], [9, 8, 7], axis=0)
    model = MeanShift(kernel=kernel).fit(X)
    assert model.bandwidth_ == 0
    assert model.n_iter_ == 0
    np.testing.assert_array_equal(model.cluster_centers_, [[0.1, 1e5], [0.3, 1e5], [0.7, 1e5]])
    assert model.labels_.tolist() == [0] * 9 + [1] * 8 + [2] * 7


# ---------------------------------------------------------------------- weights


@pytest.mark.parametrize("kernel", list(COUNTS))
@pytest.mark.parametrize("parameters", [{}, {"bandwidth": 2.0}, {"assign": "basin"}], ids=str)
def test_integer_weight_is_a_repeated_row(kernel: str, parameters: dict[str, Any]) -> None:
    rng = np.random.default_rng(5)
    X, _ = make_blobs(70, 2, centers=3, random_state=5)
    weights = rng.integers(0, 4, size=70)
    weighted = MeanShift(kernel=kernel, **parameters).fit(X, sample_weight=weights)
    repeated = MeanShift(kernel=kernel, **parameters).fit(np.repeat(X, weights, axis=0))
    assert weighted.bandwidth_ == pytest.approx(repeated.bandwidth_, rel=1e-12)
    np.testing.assert_allclose(weighted.cluster_centers_, repeated.cluster_centers_, 1e-6)
    np.testing.assert_array_equal(np.repeat(weighted.labels_, weights), repeated.labels_)


def test_weights_of_one_change_nothing() -> None:
    X, _ = make_blobs(60, 2, centers=3, random_state=6)
    assert_same(
        MeanShift(bandwidth=2.0).fit(X, sample_weight=np.ones(60)), MeanShift(bandwidth=2.0).fit(X)
    )


# ---------------------------------------------------------------------- array types


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


# ---------------------------------------------------------------------- callback


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


# ---------------------------------------------------------------------- bandwidth


@given(
    st.integers(0, 2**32 - 1),
    st.floats(0, 1),
    st.sampled_from([None, 1, 7, 1000]),
    st.sampled_from([np.float32, np.float64]),
)
def test_bandwidth_is_scikit_learns(
    seed: int, quantile: float, n_samples: int | None, dtype: Any
) -> None:
    X = np.random.default_rng(seed).normal(size=(40, 3)).astype(dtype)
    parameters = {"quantile": quantile, "n_samples": n_samples, "random_state": 3}
    theirs = sklearn.cluster.estimate_bandwidth(X, **parameters)
    ours = estimate_bandwidth(X, **parameters)
    assert ours.dtype == np.float64
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-12)
    assert estimate_bandwidth(torch.from_numpy(X), **parameters) == ours


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_weighted_bandwidth_is_that_of_repeated_rows(seed: int, quantile: float) -> None:
    rng = np.random.default_rng(seed)
    X, weights = rng.normal(size=(25, 2)), rng.integers(0, 5, size=25)
    weights[0] = 3
    weighted = estimate_bandwidth(X, quantile=quantile, sample_weight=weights)
    repeated = estimate_bandwidth(np.repeat(X, weights, axis=0), quantile=quantile)
    assert weighted == pytest.approx(repeated, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_silvermans_rule(shift: float) -> None:
    rng = np.random.default_rng(0)
    X, weights = rng.normal(size=(50, 3)) * [1, 2, 3] + shift, rng.integers(1, 4, size=50)
    expected = X.var(axis=0).mean() ** 0.5 * (4 / (5 * 50)) ** (1 / 7)
    assert estimate_bandwidth(X, rule="silverman") == pytest.approx(expected, rel=1e-8)
    weighted = estimate_bandwidth(X, rule="silverman", sample_weight=weights)
    repeated = estimate_bandwidth(np.repeat(X, weights, axis=0), rule="silverman")
    assert weighted == pytest.approx(repeated, rel=1e-12)


def test_bandwidth_takes_every_random_state() -> None:
    X = np.random.default_rng(0).normal(size=(50, 2))
    state = np.random.get_state()[1].copy()  # noqa: NPY002 # the global state is what is tested
    for make in (np.random.default_rng, np.random.RandomState, torch.Generator().manual_seed):
        one, other = (estimate_bandwidth(X, n_samples=9, random_state=make(4)) for _ in range(2))
        assert one == other
    assert estimate_bandwidth(X, n_samples=9, random_state=None) > 0
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002 # the global state is what is tested


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"quantile": 2}, ValueError, r"estimate_bandwidth: quantile must be .* in \[0, 1\]"),
        ({"n_samples": 0}, ValueError, r"estimate_bandwidth: n_samples must be an int in \[1,"),
        (
            {"rule": "thumb"},
            ValueError,
            r"estimate_bandwidth: rule must be one of 'quantile', 'sil",
        ),
        ({"n_jobs": 1.5}, TypeError, r"estimate_bandwidth: n_jobs must be an int"),
        ({"random_state": "x", "n_samples": 2}, TypeError, r"estimate_bandwidth: random_state"),
    ],
)
def test_bad_bandwidth_parameters(
    parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        estimate_bandwidth([[0.0], [1.0], [3.0]], **parameters)


# ---------------------------------------------------------------------- seeds and centres


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


# ---------------------------------------------------------------------- errors


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
