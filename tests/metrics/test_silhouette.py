"""Silhouettes against float64 loops and scikit-learn, for every kind of table and labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn import metrics as peer
from tests.examples import examples
from tests.metrics.blobs import blobs

import gramian as gm
from gramian.metrics import _distances
from gramian.pairwise.names import METRIC_NAMES


def truth(distances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Rousseeuw's definition, row by row, from all distances."""
    values = np.zeros(len(labels))
    for i, label in enumerate(labels):
        own = (labels == label) & (np.arange(len(labels)) != i)
        if own.any():
            a = distances[i, own].mean()
            b = min(distances[i, labels == other].mean() for other in set(labels) - {label})
            values[i] = (b - a) / max(a, b) if max(a, b) > 0 else 0.0
    return values


def euclidean(x: np.ndarray) -> np.ndarray:
    x = x.astype(np.float64)
    return np.sqrt(((x[:, None] - x[None]) ** 2).sum(2))


# ------------------------------------------------------------------ values


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("n", "d", "k"), [(3, 1, 2), (33, 3, 2), (130, 17, 5), (300, 2, 16), (300, 2, 17), (90, 4, 89)]
)
def test_the_definition(n: int, d: int, k: int, dtype: type) -> None:
    x, labels = blobs(n, d, k)
    x = x.astype(dtype)
    found = gm.silhouette_samples(x, labels)
    assert found.dtype == dtype
    expected = truth(euclidean(x), labels)
    np.testing.assert_allclose(found, expected, atol=2e-6 if dtype == np.float32 else 1e-13)
    score = gm.silhouette_score(x, labels)
    assert isinstance(score, float)
    assert score == pytest.approx(expected.mean(), abs=1e-6 if dtype == np.float32 else 1e-13)


@settings(max_examples=examples(60))
@given(
    x=hnp.arrays(
        np.float64,
        st.tuples(st.integers(3, 24), st.integers(1, 3)),
        elements=st.integers(-4, 4).map(float),
    ),
    data=st.data(),
)
def test_any_small_grid(x: np.ndarray, data: st.DataObject) -> None:
    """Coarse coordinates: duplicates, ties and clusters of one row are everywhere."""
    n = len(x)
    k = data.draw(st.integers(2, n - 1))
    free = data.draw(st.lists(st.integers(0, k - 1), min_size=n - k, max_size=n - k))
    labels = np.array(data.draw(st.permutations([*range(k), *free])))
    found = gm.silhouette_samples(x, labels)
    np.testing.assert_allclose(found, truth(euclidean(x), labels), atol=1e-13)


@pytest.mark.parametrize(
    "metric",
    [*METRIC_NAMES, "canberra", "seuclidean", "minkowski"],
)
def test_metrics_by_name(metric: str) -> None:
    x, labels = blobs(150, 4, 6)
    expected = peer.silhouette_samples(x, labels, metric=metric)
    np.testing.assert_allclose(
        gm.silhouette_samples(x, labels, metric=metric), expected, atol=1e-12
    )


def test_metrics_as_objects_and_callables() -> None:
    x, labels = blobs(40, 3, 4)
    expected = truth(np.abs(x[:, None] - x[None]).sum(2), labels)
    for metric in (gm.Manhattan(), 3 * gm.Manhattan(), lambda a, b: np.abs(a - b).sum()):
        np.testing.assert_allclose(gm.silhouette_samples(x, labels, metric=metric), expected)
    found = gm.silhouette_samples(x, labels, metric="minkowski", p=1)
    np.testing.assert_allclose(found, expected)
    tensor = gm.silhouette_samples(torch.from_numpy(x), labels, metric="minkowski", p=1)
    np.testing.assert_allclose(tensor.numpy(), expected)


def test_data_far_from_the_origin_keep_their_digits() -> None:
    x, labels = blobs(400, 3, 5)
    far = (x.round(2) * 64 + 2.0**20).astype(np.float32)
    expected = truth(euclidean(far), labels)
    np.testing.assert_allclose(gm.silhouette_samples(far, labels), expected, atol=2e-6)


def test_lone_rows_and_duplicates() -> None:
    x = np.array([[0.0], [1.0], [1.0], [2.0], [3.0], [3.0]])
    assert gm.silhouette_samples(x, [0, 1, 1, 1, 2, 2]).tolist() == [0, 0.5, 0.5, 0, 1, 1]
    same = np.full((4, 2), 0.1, dtype=np.float32)
    assert gm.silhouette_samples(same, [0, 0, 1, 1]).tolist() == [0.0] * 4
    assert gm.silhouette_score(same, [0, 0, 1, 1]) == 0.0


# ------------------------------------------------------------------ kinds of input


@pytest.mark.parametrize(
    "name",
    [
        lambda labels: labels * 2 + 10,
        lambda labels: labels - 1.5,
        lambda labels: np.array(["ash", "oak", "elm"])[labels],
        lambda labels: np.array(["ash", "oak", "elm"], dtype=object)[labels],
        lambda labels: labels == 1,
        list,
        torch.from_numpy,
    ],
)
def test_labels_of_any_kind(name: Callable[[np.ndarray], Any]) -> None:
    x, labels = blobs(60, 2, 3)
    named = name(labels)
    expected = truth(euclidean(x), np.unique(np.asarray(named), return_inverse=True)[1])
    np.testing.assert_allclose(gm.silhouette_samples(x, named), expected, atol=1e-13)


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int64]
)
def test_tensors_give_tensors(dtype: torch.dtype) -> None:
    x, labels = blobs(60, 4, 3)
    table = torch.from_numpy(x * 500).round().to(dtype)
    found = gm.silhouette_samples(table, torch.from_numpy(labels))
    wanted = dtype if dtype.is_floating_point else torch.float64
    assert isinstance(found, torch.Tensor)
    assert found.dtype == wanted
    expected = truth(euclidean(table.double().numpy()), labels)
    np.testing.assert_allclose(found.double().numpy(), expected, atol=torch.finfo(wanted).eps * 16)
    assert isinstance(gm.silhouette_score(table, labels), float)


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array", "lil_matrix", "dok_array"])
def test_sparse_tables(kind: str) -> None:
    x, labels = blobs(70, 6, 4)
    x[np.abs(x) < 1] = 0
    table = getattr(sparse, kind)(x)
    expected = truth(euclidean(x), labels)
    np.testing.assert_allclose(gm.silhouette_samples(table, labels), expected, atol=1e-13)
    graph = getattr(sparse, kind)(euclidean(x))
    found = gm.silhouette_samples(graph, labels, metric="precomputed")
    np.testing.assert_allclose(found, expected, atol=1e-13)
    sampled = [
        gm.silhouette_score(t, labels, metric=m, sample_size=40, random_state=1)
        for t, m in ((table, "euclidean"), (graph, "precomputed"), (x, "euclidean"))
    ]
    assert np.ptp(sampled) < 1e-13


@pytest.mark.parametrize("form", [np.asarray, torch.from_numpy])
def test_precomputed_distances(form: Callable[[np.ndarray], Any]) -> None:
    x, labels = blobs(50, 3, 4)
    distances = euclidean(x)
    found = gm.silhouette_samples(form(distances), labels, metric="precomputed")
    assert type(found) is type(form(distances))
    np.testing.assert_allclose(np.asarray(found), truth(distances, labels), atol=1e-13)


# ------------------------------------------------------------------ memory, threads, samples


def test_blocks_of_every_size_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x, labels = blobs(200, 3, 7)
    expected = truth(euclidean(x), labels)
    for elements, few, together in ((1, 1, 1), (60, 32, 2), (90, 256, 3), (2**19, 10, 16)):
        monkeypatch.setattr("gramian._input.BLOCK_ELEMENTS", elements)
        monkeypatch.setattr(_distances, "BLOCK_ELEMENTS", elements)
        monkeypatch.setattr(_distances, "_FEW_ROWS", few)
        monkeypatch.setattr(_distances, "_MOST_TOGETHER", together)
        np.testing.assert_allclose(gm.silhouette_samples(x, labels), expected, atol=1e-13)


@pytest.mark.parametrize("k", [3, 300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neither_threads_nor_budget_change_a_bit(k: int, dtype: type) -> None:
    x, labels = blobs(1500, 5, k)
    x, before = x.astype(dtype), torch.get_num_threads()
    found = []
    try:
        for threads, memory in ((1, "8MiB"), (2, "1GiB"), (3, "32MiB")):
            torch.set_num_threads(threads)
            with gm.config_context(memory=memory):
                found.append(gm.silhouette_samples(x, labels).tobytes())
    finally:
        torch.set_num_threads(before)
    assert len(set(found)) == 1


def test_no_table_of_all_pairs_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every array of the engine's results has a column for each of a few clusters at most."""
    shapes = []
    add = _distances._Nearest.add

    def watched(self: Any, first: int, sums: torch.Tensor) -> None:
        shapes.append(sums.shape[1])
        add(self, first, sums)

    monkeypatch.setattr(_distances._Nearest, "add", watched)
    x, labels = blobs(1200, 2, 599)
    gm.silhouette_samples(x, labels)
    assert sum(shapes) == 599
    assert max(shapes) == _distances._MOST_TOGETHER


def test_a_sample_scores_some_rows_against_each_other() -> None:
    x, labels = blobs(100, 2, 4)
    one = gm.silhouette_score(x, labels, sample_size=50, random_state=0)
    assert one == gm.silhouette_score(x, labels, sample_size=50, random_state=0)
    assert one != gm.silhouette_score(x, labels, sample_size=50, random_state=1)
    chosen = torch.randperm(100, generator=torch.Generator().manual_seed(0))[:50].numpy()
    assert one == pytest.approx(truth(euclidean(x[chosen]), labels[chosen]).mean(), abs=1e-13)
    distances = euclidean(x)
    for table, metric in ((distances, "precomputed"), (torch.from_numpy(x), "euclidean")):
        other = gm.silhouette_score(table, labels, metric=metric, sample_size=50, random_state=0)
        assert other == pytest.approx(one, abs=1e-13)
    everyone = gm.silhouette_score(x, labels, sample_size=1000)
    assert everyone == pytest.approx(gm.silhouette_score(x, labels), abs=1e-14)


def test_global_random_state_is_left_alone() -> None:
    x, labels = blobs(30, 2, 3)
    before = torch.get_rng_state()
    gm.silhouette_score(x, labels, sample_size=20)
    assert torch.equal(torch.get_rng_state(), before)


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize("score", ["silhouette_score", "silhouette_samples"])
@pytest.mark.parametrize("labels", [np.zeros(10), np.arange(10)])
def test_the_number_of_labels(score: str, labels: np.ndarray) -> None:
    k = len(np.unique(labels))
    words = rf"{score}: Number of labels is {k}\. Valid values are 2 to n_samples - 1 \(inclusive\)"
    with pytest.raises(ValueError, match=words + " for n_samples = 10. Cluster the rows"):
        getattr(gm, score)(np.random.default_rng(0).random((10, 2)), labels)


@pytest.mark.parametrize(
    ("x", "labels", "extra", "error", "words"),
    [
        (np.zeros((4, 2)), [0, 1, 1], {}, ValueError, "inconsistent numbers of samples"),
        (np.zeros((4, 2)), [0, 1, 1, np.nan], {}, ValueError, "labels contains NaN"),
        (np.array([[0.0], [np.inf], [1]]), [0, 1, 1], {}, ValueError, "X contains infinity"),
        (np.zeros(4), [0, 0, 1, 1], {}, ValueError, "Expected 2D array"),
        (np.zeros((3, 1)), [0, 1, 1], {"metric": "far"}, ValueError, "metric must be one of"),
        (np.zeros((3, 1)), [0, 1, 1], {"metric": gm.Euclidean(), "p": 1}, TypeError, r"\['p'\]"),
        (np.zeros((3, 2)), [0, 1, 1], {"metric": "precomputed"}, ValueError, "a square matrix"),
        (np.ones((3, 3)), [0, 1, 1], {"metric": "precomputed"}, ValueError, "non-zero elements"),
        (torch.ones(3, 3), [0, 1, 1], {"metric": "precomputed"}, ValueError, "non-zero elements"),
    ],
)
def test_errors(x: Any, labels: Any, extra: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        gm.silhouette_samples(x, labels, **extra)
    with pytest.raises(error, match=words):
        gm.silhouette_score(x, labels, **extra)


@pytest.mark.parametrize(("size", "error"), [(0, ValueError), (1.5, TypeError)])
def test_sample_size_is_a_positive_int(size: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="silhouette_score: sample_size must be an int in"):
        gm.silhouette_score(np.eye(4), [0, 0, 1, 1], sample_size=size)


def test_no_warnings_from_divisions() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gm.silhouette_samples(np.zeros((5, 1)), [0, 0, 1, 1, 2])


# ---------------------------------------------------------------------- by medoid


def medoid_truth(distances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The definition by medoids, from all distances."""
    medoids = {}
    for label in set(labels):
        members = np.flatnonzero(labels == label)
        sums = distances[np.ix_(members, members)].sum(1)
        # on a lattice many rows have the least sum, each rounded in its own way
        medoids[label] = members[sums <= sums.min() * (1 + 1e-12)][0]
    values = np.zeros(len(labels))
    for i, label in enumerate(labels):
        a = distances[i, medoids[label]]
        b = min(distances[i, medoid] for other, medoid in medoids.items() if other != label)
        if (labels == label).sum() > 1 and max(a, b) > 0:
            values[i] = (b - a) / max(a, b)
    return values


@given(st.integers(0, 2**32 - 1), st.integers(5, 60), st.integers(2, 4), st.booleans())
@example(seed=41128498, n=21, k=3, rounded=True)
def test_medoid_silhouette_is_a_plain_loop(seed: int, n: int, k: int, rounded: bool) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, n)
    labels[:2] = 0, 1
    x = rng.normal(size=(n, 3)) + labels[:, None]
    if rounded:
        x = np.round(x)
    distances = euclidean(x)
    expected = medoid_truth(distances, labels)
    for given_table, metric in (
        (x, "euclidean"),
        (torch.from_numpy(x), "euclidean"),
        (distances, "precomputed"),
        (x, "minkowski"),
    ):
        found = gm.silhouette_samples(given_table, labels, metric=metric, medoid=True)
        np.testing.assert_allclose(np.asarray(found), expected, atol=1e-12)
    score = gm.silhouette_score(x, labels, medoid=True)
    assert score == pytest.approx(expected.mean(), abs=1e-12)


def test_medoid_silhouette_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    x, labels = blobs(150, 3, 4)
    whole = gm.silhouette_samples(x, labels, medoid=True)
    monkeypatch.setattr("gramian.metrics._medoids.BLOCK_ELEMENTS", 40)
    np.testing.assert_array_equal(gm.silhouette_samples(x, labels, medoid=True), whole)


def test_medoid_must_be_a_flag() -> None:
    with pytest.raises(ValueError, match=r"silhouette_samples: medoid must be one of False, True"):
        gm.silhouette_samples([[0.0], [1.0], [2.0]], [0, 0, 1], medoid="yes")
