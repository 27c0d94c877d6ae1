"""Rows that are skipped change nothing: every bit of a fit is that of full passes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from tests.examples import examples

import gramian as gm
from gramian import KMeans
from gramian.cluster import _passes
from gramian.engine import partition


def fit(X: Any, *, skip: bool | None, weights: Any = None, **settings: Any) -> KMeans:
    """A fit that skips wherever it can, or nowhere; None leaves the choice to the library."""

    def decided(rows: Any, centers: Any) -> bool:
        return bool(skip) and rows.tensor is not None and partition.can_refine(rows.tensor, centers)

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if skip is not None:
            patch.setattr(_passes, "pays", decided)
            patch.setattr(_passes, "MOST", 1.0)
        return KMeans(**settings).fit(X, sample_weight=weights)


def assert_same_fit(one: KMeans, other: KMeans) -> None:
    np.testing.assert_array_equal(one.labels_, other.labels_)
    np.testing.assert_array_equal(one.cluster_centers_, other.cluster_centers_)
    assert one.inertia_ == other.inertia_
    assert one.n_iter_ == other.n_iter_


def mixture(n: int, d: int, k: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(k, d))[rng.integers(k, size=n)] * 4 + rng.normal(size=(n, d))


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Rows, first centres and weights: ties, duplicates, empty clusters, far translations."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, d = draw(st.integers(2, 300)), draw(st.sampled_from([1, 2, 3, 5, 16, 17, 33]))
    k = draw(st.integers(1, min(n, 20)))
    X = mixture(n, d, draw(st.integers(1, 12)), seed=int(rng.integers(2**31)))
    if draw(st.booleans()):
        X = np.round(X)
    if draw(st.booleans()):
        X[rng.integers(n, size=n // 2)] = X[0]
    X = X * draw(st.sampled_from([1.0, 2.0**-40, 2.0**40])) + draw(st.sampled_from([0.0, 1e3, 1e6]))
    X = X.astype(draw(st.sampled_from([np.float32, np.float64])))
    first = X[rng.integers(n, size=k)].copy()
    if draw(st.booleans()):
        first[-1] += 1e3 * (1 + np.abs(first).max())
    weights = None
    if draw(st.booleans()):
        weights = rng.integers(0, 3, size=n) * rng.choice([1.0, 0.3])
        weights[0] = 1.0
    return X, first, weights


@settings(max_examples=examples(120))
@given(problems())
def test_skipping_changes_no_bit(problem: tuple[np.ndarray, np.ndarray, Any]) -> None:
    X, first, weights = problem
    for tol in (0.0, 1e-3):
        how = {"n_clusters": len(first), "init": first, "tol": tol, "max_iter": 30}
        full = fit(X, skip=False, weights=weights, **how)
        assert_same_fit(fit(X, skip=True, weights=weights, **how), full)


@pytest.mark.parametrize(("n", "d", "k"), [(6000, 16, 40), (3000, 64, 30), (20_000, 8, 64)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_librarys_choice_changes_no_bit(n: int, d: int, k: int, dtype: type) -> None:
    X = mixture(n, d, k).astype(dtype)
    how = {"n_clusters": k, "init": X[:k], "tol": 0.0}
    full = fit(X, skip=False, **how)
    assert_same_fit(fit(X, skip=None, **how), full)
    assert_same_fit(fit(X, skip=True, **how), full)
    tensor = fit(torch.from_numpy(X), skip=None, **how)
    assert torch.equal(tensor.cluster_centers_, torch.from_numpy(full.cluster_centers_))


def test_threads_and_budget_change_no_bit() -> None:
    X = mixture(30_000, 16, 40).astype(np.float32)
    how = {"n_clusters": 48, "init": X[:48], "tol": 0.0, "max_iter": 12}
    first = fit(X, skip=True, **how)
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        assert_same_fit(fit(X, skip=True, **how), first)
    with gm.config_context(memory="8MiB"):
        assert_same_fit(fit(X, skip=True, **how), first)


def test_rows_are_skipped_and_the_callback_sees_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gramian._native", reason="bounds are kept by the compiled core")
    passes = []
    real = partition.refine

    def watched(*args: Any, **settings: Any) -> Any:
        passes.append(real(*args, **settings))
        return passes[-1]

    monkeypatch.setattr(partition, "refine", watched)
    X = mixture(4000, 8, 12)
    seen: dict[bool, list] = {True: [], False: []}
    for skip in (True, False):
        fit(
            X,
            skip=skip,
            n_clusters=12,
            init=X[:12],
            callback=lambda s, seen=seen[skip]: seen.append(s.inertia),
        )
    assert seen[True] == seen[False]
    assert sum(found is not None for found in passes) > 3


def test_bounds_that_do_not_pay_are_given_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gramian._native", reason="bounds are kept by the compiled core")
    tried = []
    monkeypatch.setattr(partition, "refine", lambda *args, **settings: tried.append(1))
    X = np.random.default_rng(0).random((500, 16))
    fit(X, skip=True, n_clusters=8, init=X[:8], tol=0.0, max_iter=20)
    assert 2 <= len(tried) <= 5


def test_sparse_rows_and_other_dtypes_take_full_passes() -> None:
    from scipy import sparse

    X = mixture(300, 5, 6)
    first = X[:6]
    dense = fit(X, skip=True, n_clusters=6, init=first)
    other = fit(sparse.csr_matrix(X), skip=True, n_clusters=6, init=first)
    np.testing.assert_array_equal(other.labels_, dense.labels_)


def test_a_cluster_whose_rows_stay_stays_where_it_is() -> None:
    X = np.concatenate([mixture(200, 3, 1) / 3 + 0.1, mixture(400, 3, 6) + 1000])
    seen: list[np.ndarray] = []
    first = X[[0, 201, 202, 203, 204]]
    KMeans(5, init=first, tol=0.0, callback=lambda state: seen.append(state.centers)).fit(X)
    assert len(seen) > 4
    for late in seen[2:]:
        np.testing.assert_array_equal(late[0], seen[1][0])


def test_skipping_does_not_depend_on_torch_s_default_dtype(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds are float32: the compiled core would write any other kind into a copy."""
    pytest.importorskip("gramian._native", reason="bounds are kept by the compiled core")
    X = mixture(500, 5, 6)
    apart: list[float] = []
    refine = partition.refine

    def watched(*args: Any, **settings: Any) -> Any:
        found = refine(*args, **settings)
        apart.extend(
            float((bounds.upper < bounds.lower).double().mean())
            for bounds in args
            if isinstance(bounds, partition.Bounds)
        )
        return found

    monkeypatch.setattr(partition, "refine", watched)
    plain = fit(X, skip=False, n_clusters=12, init=X[:12], tol=0.0)
    torch.set_default_dtype(torch.float64)
    try:
        skipping = fit(X, skip=True, n_clusters=12, init=X[:12], tol=0.0)
    finally:
        torch.set_default_dtype(torch.float32)
    assert_same_fit(skipping, plain)
    assert max(apart) > 0.5
