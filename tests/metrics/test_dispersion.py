"""Davies–Bouldin and Calinski–Harabasz against float64 loops and scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn import metrics as peer
from tests.examples import examples
from tests.metrics.blobs import blobs

import gramian as gm
from gramian.metrics import _dispersion

SCORES = ["calinski_harabasz_score", "davies_bouldin_score"]


def calinski_harabasz(x: np.ndarray, labels: np.ndarray) -> float:
    groups = [x[labels == name] for name in np.unique(labels)]
    within = sum(((g - g.mean(0)) ** 2).sum() for g in groups)
    between = sum(len(g) * ((g.mean(0) - x.mean(0)) ** 2).sum() for g in groups)
    return between / (len(groups) - 1) / (within / (len(x) - len(groups)))


def davies_bouldin(x: np.ndarray, labels: np.ndarray) -> float:
    groups = [x[labels == name] for name in np.unique(labels)]
    centres = [g.mean(0) for g in groups]
    spread = [np.sqrt(((g - c) ** 2).sum(1)).mean() for g, c in zip(groups, centres, strict=True)]
    k = len(groups)
    worst = [
        max(
            (spread[i] + spread[j]) / np.sqrt(((centres[i] - centres[j]) ** 2).sum())
            for j in range(k)
            if j != i
        )
        for i in range(k)
    ]
    return float(np.mean(worst))


TRUTHS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "calinski_harabasz_score": calinski_harabasz,
    "davies_bouldin_score": davies_bouldin,
}


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(("n", "d", "k"), [(3, 1, 2), (33, 3, 2), (300, 17, 40), (90, 4, 89)])
def test_the_definition(score: str, n: int, d: int, k: int) -> None:
    x, labels = blobs(n, d, k)
    found = getattr(gm, score)(x, labels)
    assert isinstance(found, float)
    assert found == pytest.approx(TRUTHS[score](x, labels), rel=1e-12)
    assert found == pytest.approx(getattr(peer, score)(x, labels), rel=1e-6)


@settings(max_examples=examples(60))
@given(data=st.data(), seed=st.integers(0, 2**16), n=st.integers(3, 30), d=st.integers(1, 4))
def test_any_labels(data: st.DataObject, seed: int, n: int, d: int) -> None:
    k = data.draw(st.integers(2, n - 1))
    x, labels = blobs(n, d, k, seed)
    for score in SCORES:
        assert getattr(gm, score)(x, labels) == pytest.approx(TRUTHS[score](x, labels), rel=1e-9)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    "form",
    [
        lambda x: x.tolist(),
        sparse.csr_array,
        torch.from_numpy,
        lambda x: torch.from_numpy(x).float(),
        lambda x: torch.from_numpy(x).half(),
        np.float32,
    ],
)
def test_tables_and_labels_of_any_kind(score: str, form: Callable[[np.ndarray], Any]) -> None:
    x, labels = blobs(60, 3, 3)
    x = (x * 8).round()  # exact in every dtype
    named = np.array(["ash", "oak", "elm"])[labels]
    for given_labels in (named, torch.from_numpy(labels)):
        found = getattr(gm, score)(form(x), given_labels)
        assert found == pytest.approx(TRUTHS[score](x, labels), rel=1e-12)


@pytest.mark.parametrize("score", SCORES)
def test_blocks_of_every_size_give_the_same(score: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x, labels = blobs(150, 3, 12)
    expected = TRUTHS[score](x, labels)
    for elements in (1, 20, 97, 1000):
        monkeypatch.setattr("gramian.metrics._clusters.BLOCK_ELEMENTS", elements)
        monkeypatch.setattr(_dispersion, "BLOCK_ELEMENTS", elements)
        assert getattr(gm, score)(x, labels) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("score", SCORES)
def test_neither_place_nor_unit_matters(score: str) -> None:
    """Data of size 1 a million away, and in a unit of 10⁻⁹, where squares lose every digit."""
    x, labels = blobs(200, 2, 4)
    x = (x * 2**10).round() / 2**10
    expected = TRUTHS[score](x, labels)
    assert getattr(gm, score)(x + 2.0**20, labels) == pytest.approx(expected, rel=1e-12)
    assert getattr(gm, score)(x * 2.0**-30, labels) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("score", SCORES)
def test_threads_change_no_bit(score: str) -> None:
    x, labels = blobs(5000, 7, 9)
    before = torch.get_num_threads()
    found = set()
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            found.add(getattr(gm, score)(torch.from_numpy(x).float(), labels))
    finally:
        torch.set_num_threads(before)
    assert len(found) == 1


def test_degenerate_clusters() -> None:
    same, labels = np.full((10, 2), 0.1), [0] * 5 + [1] * 5
    assert gm.calinski_harabasz_score(same, labels) == 1.0
    assert gm.davies_bouldin_score(same, labels) == 0.0
    crossed = [[-0.1, -0.7], [0.3, 0.9]] * 10
    labels = [0] * 10 + [1] * 10
    assert gm.calinski_harabasz_score(crossed, labels) == pytest.approx(0.0, abs=1e-25)
    assert gm.davies_bouldin_score(crossed, labels) == 0.0
    # the two that share a centroid are compared with the third alone
    x = np.array([[-1.0], [1.0], [-2.0], [2.0], [9.0], [11.0]])
    expected = np.mean([(1 + 1) / 10, (2 + 1) / 10, (1 + 2) / 10])
    assert gm.davies_bouldin_score(x, [0, 0, 1, 1, 2, 2]) == pytest.approx(expected)
    assert peer.davies_bouldin_score(x, [0, 0, 1, 1, 2, 2]) == pytest.approx(expected)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("labels", [np.zeros(10), np.arange(10)])
def test_the_number_of_labels(score: str, labels: np.ndarray) -> None:
    k = len(np.unique(labels))
    with pytest.raises(ValueError, match=f"{score}: Number of labels is {k}. Valid values are 2"):
        getattr(gm, score)(np.random.default_rng(0).random((10, 2)), labels)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("x", "labels", "words"),
    [
        (np.zeros((4, 2)), [0, 1, 1], "inconsistent numbers of samples"),
        (np.array([[0.0], [np.nan], [1]]), [0, 1, 1], "X contains NaN"),
        (torch.tensor([[0.0], [torch.nan], [1]]), [0, 1, 1], "X contains NaN"),
        (np.zeros((3, 1)), [[0, 1], [1, 1], [0, 0]], "should be a 1d array"),
        (torch.zeros(0, 2), [], "Found array with 0 sample"),
    ],
)
def test_errors(score: str, x: Any, labels: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        getattr(gm, score)(x, labels)
