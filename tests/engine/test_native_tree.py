"""The compiled core's k-d tree against float64 brute force."""

from __future__ import annotations

import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

import gramian as gm
from gramian.engine.exact import form_table
from gramian.neighbors._compiled_tree import CompiledSearch, CompiledTree
from gramian.pairwise._base import Elementary

pytest.importorskip("gramian._native", reason="the compiled core is not built here")
DTYPES = [torch.float32, torch.float64]
METRICS = [gm.Euclidean(), gm.Manhattan(), gm.Chebyshev()]
SIZES = [1, 7, 8, 9, 31, 32, 33, 64, 65, 255, 257, 300, 2049]
"""Around blocks of 8 points, leaves of 32, and nodes of 8 children."""


def table(n: int, d: int, seed: int, kind: str = "normal") -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, d, generator=generator, dtype=torch.float64)
    if kind == "grid":  # full of ties and duplicates
        return (x * 2).round() / 2
    return x * 0 + 1.5 if kind == "equal" else x


def assert_exact(
    x: Tensor, queries: Tensor, metric: Elementary, k: int, threads: tuple[int, ...] = (1,)
) -> None:
    """Neighbours and lists are those of brute force, with its order among ties."""
    forms = form_table(metric.form, queries.double(), x.double())
    exact = metric.entry(forms)
    distances = exact.to(queries.dtype)
    alone = queries is x
    ranked = forms.clone().fill_diagonal_(torch.inf) if alone else forms
    order = ranked.argsort(dim=1, stable=True)[:, :k]
    radius = min(float(exact[:40].median()), sys.float_info.max)
    inside = exact <= radius
    for count in threads:
        torch.set_num_threads(count)
        search = CompiledSearch(CompiledTree.of(x), queries, metric, alone=alone)
        found, index = search.nearest(k)
        assert torch.equal(index, order)
        assert torch.equal(found, distances.gather(1, order))
        lists = search.within(radius)
        assert torch.equal(lists.indptr[1:], inside.sum(1).cumsum(0))
        assert torch.equal(lists.indices, inside.nonzero()[:, 1])
        assert torch.equal(lists.distances, distances[inside])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", ["normal", "grid", "equal"])
@pytest.mark.usefixtures("instruction_set")
def test_sizes_around_blocks_leaves_and_nodes(kind: str, dtype: torch.dtype) -> None:
    for n in SIZES:
        d = 1 + n % 4
        x, queries = table(n, d, 1, kind).to(dtype), table(40, d, 2, kind).to(dtype)
        assert_exact(x, queries, gm.Euclidean(), min(n, 40))
        if 1 < n < 300:
            assert_exact(x, x, gm.Euclidean(), min(n - 1, 10))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: type(metric).__name__)
@pytest.mark.usefixtures("instruction_set")
def test_features_from_one_to_sixteen(metric: Elementary) -> None:
    for d in (*range(1, 9), 15, 16):
        x, queries = table(500, d, d), table(70, d, d + 100)
        x[250:] = x[:250] + (torch.arange(250)[:, None] % 2) * 1e-7
        assert_exact(x, queries, metric, 7)
        assert_exact(x.float(), x.float()[::2].repeat(2, 1), metric, 3)


@pytest.mark.usefixtures("instruction_set")
def test_strides() -> None:
    wide = table(400, 12, 3)
    for x in (wide[::3, 1:10:4], wide.T.contiguous().T[:, :3], wide.flip(0)[:, ::5]):
        assert_exact(x, wide[:50, : x.shape[1]], gm.Euclidean(), 5)
        assert_exact(x.float(), x.float(), gm.Euclidean(), 5)


@pytest.mark.usefixtures("instruction_set")
def test_numbers_far_from_zero_from_one_another_and_from_one() -> None:
    x = table(600, 3, 4)
    for changed in (x + 1e6, x * 1e-160, x * 1e160, x * torch.tensor([1e-9, 1.0, 1e9])):
        assert_exact(changed, changed[::7] * (1 + 1e-15), gm.Euclidean(), 9)
    assert_exact(x * 0.0, -x * 0.0, gm.Euclidean(), 9)


@pytest.mark.usefixtures("instruction_set")
def test_any_number_of_threads_gives_the_same() -> None:
    x, queries = table(20_000, 3, 5), table(60, 3, 6)
    assert_exact(x, queries, gm.Euclidean(), 10, threads=(1, 2, 5))
    trees = []
    for count in (1, 2, 5):
        torch.set_num_threads(count)
        trees.append(CompiledTree.of(x))
    for part in ("index", "starts", "boxes", "least"):
        first, *others = (getattr(tree, part) for tree in trees)
        assert all(torch.equal(first, other) for other in others)


def test_queries_all_in_one_place() -> None:
    x, queries = table(300, 2, 7), table(1, 2, 8).repeat(2500, 1)
    assert_exact(x, queries, gm.Euclidean(), 4, threads=(2,))
    assert_exact(x, queries + 1e3, gm.Euclidean(), 1)


def test_many_equal_rows_are_found_without_looking_at_them_all() -> None:
    """The first rows are the nearest: 200 000² pairs would take minutes."""
    x = torch.ones(200_000, 2)
    found, index = CompiledSearch(CompiledTree.of(x), x, gm.Euclidean(), alone=True).nearest(3)
    assert not found.any()
    assert torch.equal(index[5:], torch.arange(3).expand(len(x) - 5, 3))
    assert index[:4].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


@given(st.data())
def test_equals_a_plain_loop(data: st.DataObject) -> None:
    n, m = data.draw(st.integers(1, 90)), data.draw(st.integers(1, 9))
    d, seed = data.draw(st.integers(1, 5)), data.draw(st.integers(0, 2**31))
    kind = data.draw(st.sampled_from(["normal", "grid"]))
    both = table(n + m, d, seed, kind).to(data.draw(st.sampled_from(DTYPES)))
    metric = data.draw(st.sampled_from(METRICS))
    assert_exact(both[:n], both[n:], metric, data.draw(st.integers(1, n)))
