"""KMeans: scikit-learn's contract, exact labels, and what it promises beyond."""

from __future__ import annotations

import pickle
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn.cluster
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from gramian import KMeans
from gramian.cluster._kmeans import IterationState

SEEDED = {"n_clusters": 5, "random_state": 0}


def blobs(n: int = 300, d: int = 3, k: int = 5, *, spread: float = 1.0, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(k, d)) * 4
    return centers[rng.integers(k, size=n)] + rng.normal(size=(n, d)) * spread


def brute_labels(X: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Nearest centre by float64 sums in feature order, ties to the lowest index."""
    total = np.zeros((len(X), len(centers)))
    for j in range(X.shape[1]):
        gap = X[:, j, None].astype(np.float64) - centers[:, j].astype(np.float64)
        total = total + gap * gap
    return total.argmin(axis=1)


# ---------------------------------------------------------------------- the algorithm


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


def test_a_shift_of_the_data_changes_no_label() -> None:
    X = np.round(blobs(500) * 64) / 64
    near = KMeans(**SEEDED).fit(X)
    far = KMeans(**SEEDED).fit(X + 2.0**20)
    np.testing.assert_array_equal(near.labels_, far.labels_)
    np.testing.assert_allclose(far.cluster_centers_ - 2.0**20, near.cluster_centers_, atol=1e-9)


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


# ---------------------------------------------------------------------- empty clusters, weights


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


def test_an_integer_weight_is_a_repeated_row() -> None:
    X = blobs(120)
    weights = np.random.default_rng(1).integers(0, 4, size=len(X))
    first = X[weights > 0][:5]
    weighted = KMeans(5, init=first).fit(X, sample_weight=weights)
    repeated = KMeans(5, init=first).fit(np.repeat(X, weights, axis=0))
    np.testing.assert_array_equal(np.repeat(weighted.labels_, weights), repeated.labels_)
    np.testing.assert_allclose(weighted.cluster_centers_, repeated.cluster_centers_, rtol=1e-12)
    assert weighted.inertia_ == pytest.approx(repeated.inertia_, rel=1e-12)
    assert weighted.score(X, sample_weight=weights) == pytest.approx(-weighted.inertia_, rel=1e-14)


def test_a_row_without_weight_holds_no_cluster() -> None:
    X = np.array([[0.0], [1.0], [2.0], [500.0]])
    model = KMeans(2, init=[[0.0], [900.0]]).fit(X, sample_weight=[1, 1, 1, 0])
    kept = KMeans(2, init=[[0.0], [900.0]]).fit(X[:3])
    np.testing.assert_array_equal(model.cluster_centers_, kept.cluster_centers_)


# ---------------------------------------------------------------------- kinds of input


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csr_array, sparse.coo_array])
def test_sparse_input_gives_the_bits_of_dense_input(container: Any) -> None:
    X = blobs(400) * (np.random.default_rng(0).random((400, 3)) < 0.5)
    dense, thin = KMeans(**SEEDED).fit(X), KMeans(**SEEDED).fit(container(X))
    np.testing.assert_array_equal(dense.cluster_centers_, thin.cluster_centers_)
    np.testing.assert_array_equal(dense.labels_, thin.labels_)
    assert dense.inertia_ == thin.inertia_
    np.testing.assert_array_equal(dense.transform(X), dense.transform(container(X)))
    np.testing.assert_array_equal(thin.predict(X), dense.labels_)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensor_in_tensor_out(dtype: torch.dtype) -> None:
    X = torch.from_numpy(blobs()).to(dtype)
    model = KMeans(**SEEDED).fit(X)
    assert model.cluster_centers_.dtype == dtype
    assert model.labels_.dtype == torch.int64
    assert torch.equal(model.predict(X), model.labels_)
    assert model.transform(X).dtype == dtype
    assert isinstance(model.inertia_, float)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_tensor_gives_the_bits_of_an_array(dtype: type) -> None:
    X = blobs().astype(dtype)
    weights = np.random.default_rng(2).random(len(X))
    array = KMeans(**SEEDED).fit(X, sample_weight=weights)
    tensor = KMeans(**SEEDED).fit(torch.from_numpy(X), sample_weight=torch.from_numpy(weights))
    np.testing.assert_array_equal(array.cluster_centers_, tensor.cluster_centers_.numpy())
    np.testing.assert_array_equal(array.labels_, tensor.labels_.numpy())
    assert array.inertia_ == tensor.inertia_
    # a model fitted on one kind serves the other, in the kind that was asked
    assert isinstance(tensor.predict(X), np.ndarray)
    assert isinstance(array.predict(torch.from_numpy(X)), torch.Tensor)


def test_rows_of_another_precision_are_compared_in_the_wider_one() -> None:
    X = blobs(400)
    model = KMeans(**SEEDED).fit(X)
    narrow = X.astype(np.float32)
    np.testing.assert_array_equal(
        model.predict(narrow), brute_labels(narrow, model.cluster_centers_)
    )
    assert model.transform(narrow).dtype == np.float64


def test_layout_does_not_matter() -> None:
    X = blobs()
    plain = KMeans(**SEEDED).fit(X).cluster_centers_
    for same in (np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2], X[::-1].copy()[::-1]):
        np.testing.assert_array_equal(KMeans(**SEEDED).fit(same).cluster_centers_, plain)


def test_a_memory_map_is_read_where_it_lies(tmp_path: Path) -> None:
    X = blobs().astype(np.float32)
    np.save(tmp_path / "rows.npy", X)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    model = KMeans(**SEEDED).fit(mapped)
    np.testing.assert_array_equal(model.cluster_centers_, KMeans(**SEEDED).fit(X).cluster_centers_)
    np.testing.assert_array_equal(model.predict(mapped), model.labels_)


def test_inputs_are_not_modified() -> None:
    X, weights = blobs(), np.linspace(0.5, 2, 300)
    kept = X.copy(), weights.copy()
    first = X[:5].copy()
    model = KMeans(5, init=first, copy_x=False).fit(X, sample_weight=weights)
    np.testing.assert_array_equal(X, kept[0])
    np.testing.assert_array_equal(weights, kept[1])
    np.testing.assert_array_equal(first, X[:5])
    assert not np.shares_memory(model.cluster_centers_, first)


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames_keep_names_and_float32(frame: Any) -> None:
    columns = dict(zip("abc", blobs().astype(np.float32).T, strict=True))
    X = frame({name: np.ascontiguousarray(column) for name, column in columns.items()})
    model = KMeans(**SEEDED).fit(X)
    assert list(model.feature_names_in_) == ["a", "b", "c"]
    assert model.cluster_centers_.dtype == np.float32
    assert list(model.set_output(transform="pandas").transform(X).columns) == [
        f"kmeans{j}" for j in range(5)
    ]
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(torch.zeros(2, 3))


# ---------------------------------------------------------------------- repeatability


def test_the_bits_do_not_depend_on_threads() -> None:
    X = blobs(40_000, 5).astype(np.float32)
    weights = np.random.default_rng(0).random(len(X))
    fits = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        fits.append(KMeans(**SEEDED, max_iter=4).fit(X, sample_weight=weights))
    for other in fits[1:]:
        assert other.cluster_centers_.tobytes() == fits[0].cluster_centers_.tobytes()
        assert other.labels_.tobytes() == fits[0].labels_.tobytes()
        assert other.inertia_ == fits[0].inertia_


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


# ---------------------------------------------------------------------- callback, interruption


def test_the_callback_sees_each_iteration_and_can_stop() -> None:
    X = blobs(1000)
    states: list[IterationState] = []

    def watch(state: IterationState) -> bool:
        states.append(state)
        np.testing.assert_allclose(
            ((X - state.centers[brute_labels(X, state.centers)]) ** 2).sum(), state.inertia
        )
        return len(states) == 3

    model = KMeans(5, init="random", n_init=4, random_state=1, tol=0, callback=watch).fit(X)
    assert [(s.run, s.iteration) for s in states] == [(0, 0), (0, 1), (0, 2)]
    assert model.n_iter_ == 3
    np.testing.assert_array_equal(model.labels_, model.predict(X))
    assert model.inertia_ == -model.score(X) == states[-1].inertia
    np.testing.assert_array_equal(model.cluster_centers_, states[-1].centers)


@pytest.mark.parametrize("limits", [{"max_iter": 2, "tol": 0}, {"tol": 0.1}, {"tol": 0}])
def test_the_callback_sees_the_final_centers(limits: dict[str, Any]) -> None:
    states: list[IterationState] = []
    X = blobs(1000, spread=3.0)
    model = KMeans(**SEEDED, **limits, callback=states.append).fit(X)
    np.testing.assert_array_equal(states[-1].centers, model.cluster_centers_)
    assert states[-1].inertia == model.inertia_
    assert [state.iteration for state in states] == list(range(len(states)))
    # where labels settle, the last iteration starts from the final centres
    assert len(states) == model.n_iter_ + (limits["tol"] != 0 or "max_iter" in limits)


def test_the_callback_gets_copies() -> None:
    def spoil(state: IterationState) -> None:
        state.centers[:] = np.nan

    X = blobs()
    spoiled = KMeans(**SEEDED, tol=0, callback=spoil).fit(X)
    plain = KMeans(**SEEDED, tol=0).fit(X)
    np.testing.assert_array_equal(spoiled.cluster_centers_, plain.cluster_centers_)


def interrupt(state: IterationState) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_first_fit_leaves_no_trace() -> None:
    model = KMeans(5, callback=interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(blobs())
    assert not [name for name in vars(model) if name.endswith("_")]
    with pytest.raises(NotFittedError):
        model.predict(blobs())


def test_an_interrupted_second_fit_leaves_the_first() -> None:
    X = blobs()
    model = KMeans(**SEEDED).fit(X)
    kept = model.cluster_centers_.copy()
    model.set_params(callback=interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(blobs(d=7))
    np.testing.assert_array_equal(model.cluster_centers_, kept)
    np.testing.assert_array_equal(model.predict(X), model.labels_)


def test_verbose_tells_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    KMeans(**SEEDED, verbose=1, tol=0).fit(blobs())
    told = capsys.readouterr().out
    assert told.startswith("Initialization complete\nIteration 0, inertia ")
    assert told.endswith("strict convergence.\n")


# ---------------------------------------------------------------------- the estimator


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


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_clusters": 0}, r"n_clusters must be an int in \[1, inf\), got 0"),
        ({"n_clusters": 2.5}, "n_clusters must be an int"),
        ({"n_clusters": 31}, r"KMeans.fit: n_samples=30 should be >= n_clusters=31. Lower"),
        ({"max_iter": 0}, "max_iter must be an int"),
        ({"tol": -1e-3}, "tol must be a finite number"),
        ({"tol": np.nan}, "tol must be a finite number"),
        ({"n_init": 0}, "n_init must be an int"),
        ({"n_init": "all"}, "n_init must be one of 'auto'"),
        ({"init": "best"}, r"init must be one of 'k-means\+\+', 'k-means\|\|', 'random', got"),
        ({"init": np.zeros((4, 3))}, "does not match the number of clusters 5"),
        ({"init": torch.zeros(5, 2)}, "does not match the number of features of the data 3"),
        ({"init": torch.full((5, 3), torch.nan)}, "init must be a finite array"),
        ({"init": lambda X, k, random_state: X[:2]}, "does not match the number of clusters"),
        ({"verbose": -1}, "verbose must be an int"),
        ({"verbose": "much"}, "verbose must be an int"),
        ({"algorithm": "full"}, "algorithm must be one of 'lloyd', 'elkan', got 'full'"),
        ({"random_state": -1}, "random_state must be an int"),
        ({"callback": 3}, "callback must be callable or None, got 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_impossible_parameters_are_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        KMeans(**{"n_clusters": 5, "n_init": 1} | parameters).fit(blobs(30))


def test_negative_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="sample_weight must be non-negative, got -1"):
        KMeans(**SEEDED).fit(blobs(10), sample_weight=[-1] + [1] * 9)


def test_useless_settings_warn() -> None:
    with pytest.warns(
        RuntimeWarning, match="performing only one init in KMeans instead of n_init=3"
    ):
        KMeans(5, init=blobs()[:5], n_init=3).fit(blobs())
    with pytest.warns(RuntimeWarning, match="doesn't make sense for a single cluster"):
        KMeans(1, algorithm="elkan").fit(blobs())
