"""Rows in blocks under a tree of boxes: DBSCAN of the compiled core against brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.dbscan_by_definition import core_and_labels, pair_forms

native = pytest.importorskip("gramian._native", reason="the compiled core is not built here")
FORMS = pytest.importorskip("gramian.engine.native_backend").FORMS
LARGEST = float(np.finfo(np.float64).max)


def found(
    X: np.ndarray,
    reach: float,
    wanted: float,
    weights: np.ndarray | None = None,
    *,
    form: str = "squared_euclidean",
    workers: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Core mask and labels by the compiled core."""
    labels = torch.empty(1, len(X), dtype=torch.int64)
    core = torch.empty(1, len(X), dtype=torch.bool)
    reaches = torch.tensor([reach], dtype=torch.float64)
    held = None if weights is None else torch.from_numpy(weights)
    x = torch.from_numpy(X)
    assert native.dbscan(x, FORMS.index(form), reaches, wanted, held, labels, core, 1.0, workers)
    return core[0].numpy(), labels[0].numpy()


def assert_found(
    X: np.ndarray,
    reach: float,
    wanted: float,
    weights: np.ndarray | None = None,
    *,
    form: str = "squared_euclidean",
) -> np.ndarray:
    """Brute force and the core agree, with one thread and with three; returns the labels."""
    core, labels = core_and_labels(pair_forms(X, form) <= reach, wanted, weights)
    for workers in (1, 3):
        ours = found(X, reach, wanted, weights, form=form, workers=workers)
        np.testing.assert_array_equal(ours[0], core)
        np.testing.assert_array_equal(ours[1], labels)
    return labels


def rows(kind: str, n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Tables that hit ties, duplicates, long chains, cancellation and the range of doubles."""
    X = rng.normal(size=(n, d))
    if kind == "lattice":
        return np.round(2 * X) / 2
    if kind == "decimals far away":
        return np.round(20 * X) * 0.1 + 1e5
    if kind == "duplicates":
        return X[rng.integers(max(1, n // 4), size=n)]
    if kind == "walk":
        return np.cumsum(X, axis=0)
    if kind == "all scales":
        return X * 10.0 ** rng.integers(-150, 150, size=(n, 1))
    return X


KINDS = ("normal", "lattice", "decimals far away", "duplicates", "walk", "all scales")


@given(
    st.sampled_from(KINDS),
    st.integers(1, 120),
    st.integers(1, 9),
    st.sampled_from(FORMS),
    st.booleans(),
    st.sampled_from(["none", "integers", "tenths"]),
    st.integers(0, 2**32 - 1),
)
def test_equals_brute_force(
    kind: str, n: int, d: int, form: str, single: bool, weighted: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    X = rows(kind, n, d, rng)
    if single:
        X = np.clip(X, -3e38, 3e38).astype(np.float32)
    # the form of some pair: that pair lies exactly on the border
    forms = np.sort(pair_forms(X, form), axis=None)
    reach = min(float(forms[int(rng.integers(len(forms)) * rng.random() ** 2)]), LARGEST)
    weights = None
    if weighted == "integers":
        weights = rng.integers(-1, 4, size=n).astype(float)
    elif weighted == "tenths":  # whose sums depend on their order
        weights = rng.integers(1, 5, size=n) * 0.1
    assert_found(X, reach, float(rng.integers(1, 9)), weights, form=form)


@pytest.mark.parametrize("d", [*range(1, 10), 15, 16, 17, 31, 40])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_instruction_set(instruction_set: str, dtype: type, d: int) -> None:
    rng = np.random.default_rng(d)
    X = np.concatenate([rng.normal(size=(150, d)), np.round(rng.normal(size=(150, d)))])
    X = rng.permutation(X).astype(dtype)
    for form in FORMS:
        forms = np.sort(pair_forms(X, form), axis=1)
        labels = assert_found(X, float(np.median(forms[:, 6])), 5.0, form=form)
        assert labels.max() >= 0


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_many_rows_in_many_ranges(d: int) -> None:
    # more rows than one worker divides at a time, equal rows in heaps, and one row far away
    rng = np.random.default_rng(d)
    X = rng.random((40_000, d))
    X[::3] = np.round(X[::3], 1)
    X[7] = 1e6
    first = found(X, 1e-4, 6.0)
    for workers in (2, 5):
        again = found(X, 1e-4, 6.0, workers=workers)
        np.testing.assert_array_equal(first[0], again[0])
        np.testing.assert_array_equal(first[1], again[1])
    asked = rng.choice(len(X), 200, replace=False)
    gaps = np.zeros((200, len(X)))
    for column in X.T:
        gaps += (column[asked][:, None] - column[None]) ** 2
    near = gaps <= 1e-4
    core, labels = first
    np.testing.assert_array_equal(core[asked], near.sum(1) >= 6)
    for row, reached in zip(asked, near, strict=True):
        beside = labels[reached & core]
        if core[row]:
            assert (beside == labels[row]).all()
        else:
            assert labels[row] == (beside.min() if len(beside) else -1)


@pytest.mark.parametrize("d", [2, 3, 4, 11])
def test_radii_without_and_with_everyone(d: int) -> None:
    X = np.random.default_rng(0).normal(size=(300, d))
    least = float(np.sort(pair_forms(X, "squared_euclidean"), axis=1)[:, 1].min())
    for reach in (0.0, 5e-324, math.nextafter(least, 0.0)):
        assert (assert_found(X, reach, 2.0) == -1).all()
        np.testing.assert_array_equal(assert_found(X, reach, 1.0), np.arange(300))
    for reach in (1e6, LARGEST):
        assert (assert_found(X, reach, 300.0) == 0).all()
        assert (assert_found(X, reach, 301.0) == -1).all()


@pytest.mark.parametrize("form", FORMS)
def test_differences_beyond_the_range_of_doubles(form: str) -> None:
    X = np.array([[1e308, -1e308], [-1e308, 1e308], [1e308, -1e308], [0.0, 5e-324], [0.0, 0.0]])
    for reach in (0.0, 1.0, 1e308, LARGEST):
        for wanted in (1.0, 2.0, 3.0):
            assert_found(X, reach, wanted, form=form)


def test_a_heap_of_equal_rows() -> None:
    for n in (1023, 1024, 1025, 3000):
        X = np.full((n, 2), 1e5)
        core, labels = found(X, 0.0, float(n), workers=2)
        assert core.all()
        assert not labels.any()
        assert not found(X, 0.0, n + 1.0)[0].any()


def test_counts_add_whole_boxes() -> None:
    # every row is a neighbour of nearly all others, and only those in the middle are core
    X = np.random.default_rng(1).uniform(size=(3000, 2))
    near = pair_forms(X, "squared_euclidean") <= 0.5
    wanted = float(np.median(near.sum(1)))
    core, labels = found(X, 0.5, wanted)
    np.testing.assert_array_equal(core, near.sum(1) >= wanted)
    np.testing.assert_array_equal(labels >= 0, near[:, core].any(1))


def test_a_border_row_takes_the_lowest_cluster() -> None:
    far, near = [[3.0, 0.0]] * 4, [[1.0, 0.0]] * 4
    X = np.array([[2.0, 0.0], *far, *near, [2.0, 9.0]])
    assert assert_found(X, 1.0, 5.0).tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 0, -1]
    X[0, 0] = 2.0 + 1e-9  # within reach of the first heap alone
    assert assert_found(X, 1.0, 4.0).tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, -1]
    X[0, 0] = 2.0
    assert assert_found(X, 1.0, 4.0, np.array([0.5] + [1.0] * 9)).tolist()[0] == 0


def test_strided_tables_are_read_where_they_are() -> None:
    wide = np.random.default_rng(2).normal(size=(200, 8))
    for X in (wide[:, ::3], wide[::2, 1:4], np.asfortranarray(wide[:, :3])):
        assert_found(X, 0.5, 4.0)


def test_too_many_pairs_are_refused() -> None:
    x = torch.randn(2000, 30, generator=torch.Generator().manual_seed(0))
    labels, core = torch.full((1, 2000), 7), torch.zeros(1, 2000, dtype=torch.bool)
    reach = torch.tensor([40.0], dtype=torch.float64)
    assert not native.dbscan(x, 0, reach, 5.0, None, labels, core, 0.1, 1)
    assert (labels == 7).all()
    blobs = x * 0.01 + 100 * torch.arange(2000)[:, None].remainder(50)
    assert native.dbscan(blobs, 0, reach, 5.0, None, labels, core, 0.1, 1)
    assert labels.max() == 49
