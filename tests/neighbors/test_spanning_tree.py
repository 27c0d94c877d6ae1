"""The minimum spanning tree of mutual reachability against Kruskal's algorithm on all pairs."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gramian.engine.exact import form_table
from gramian.neighbors._spanning_tree import SpanningEdges, spanning_tree

pytest.importorskip("gramian._native", reason="the compiled core is not built here")


def kruskal(x: Tensor, core: Tensor, alpha: float = 1.0) -> SpanningEdges:
    """All edges in order, each taken if it joins two components."""
    squares = form_table("squared_euclidean", x.double(), x.double())
    reach = torch.maximum(squares * (1.0 / (alpha * alpha)), torch.maximum(core, core[:, None]))
    left, right = torch.triu_indices(len(x), len(x), 1)
    # pairs come by left and right, and the sort keeps that order
    order = reach[left, right].argsort(stable=True)
    component = list(range(len(x)))
    taken = []
    for edge, a, b in zip(order.tolist(), left[order].tolist(), right[order].tolist(), strict=True):
        here, there = component[a], component[b]
        if here != there:
            component = [here if c == there else c for c in component]
            taken.append(edge)
    kept = torch.tensor(taken, dtype=torch.int64)
    return SpanningEdges(left[kept], right[kept], reach[left, right][kept], core)


def assert_least(x: Tensor, min_samples: int, alpha: float = 1.0) -> None:
    squares = form_table("squared_euclidean", x.double(), x.double())
    core = squares.sort(dim=1).values[:, min_samples - 1]
    found, wanted = spanning_tree(x, min_samples, alpha=alpha), kruskal(x, core, alpha)
    for part in ("core", "weight", "left", "right"):
        assert torch.equal(getattr(found, part), getattr(wanted, part)), part


def table(n: int, d: int, seed: int, kind: str) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, d, generator=generator, dtype=torch.float64)
    if kind == "grid":  # full of ties and duplicates
        return (x * 2).round() / 2
    if kind == "clusters":
        return (
            x * 0.05
            + torch.randn(4, d, generator=generator, dtype=torch.float64)[torch.arange(n) % 4]
        )
    return x * 0 + 1.5 if kind == "equal" else x


@pytest.mark.parametrize("kind", ["normal", "grid", "clusters", "equal"])
@pytest.mark.usefixtures("instruction_set")
def test_the_least_of_all_trees(kind: str) -> None:
    for n, d, min_samples in (
        (1, 2, 1),
        (2, 1, 2),
        (9, 3, 1),
        (33, 2, 5),
        (130, 4, 3),
        (300, 2, 5),
    ):
        x = table(n, d, n, kind)
        assert_least(x, min_samples)
        assert_least(x.float(), min_samples, alpha=1.7)


@pytest.mark.usefixtures("instruction_set")
def test_squares_that_overflow_or_vanish() -> None:
    x = table(70, 2, 6, "normal")
    for factor in (1e155, 1e160, 1e-155, 1e-170):
        assert_least(x * factor, 3)


@given(st.data())
def test_equals_kruskal(data: st.DataObject) -> None:
    n, d = data.draw(st.integers(1, 80)), data.draw(st.integers(1, 6))
    kind = data.draw(st.sampled_from(["normal", "grid", "clusters"]))
    x = table(n, d, data.draw(st.integers(0, 2**31)), kind)
    alpha = data.draw(st.sampled_from([1.0, 0.5, 3.0]))
    assert_least(x, data.draw(st.integers(1, n)), alpha)


@pytest.mark.parametrize("kind", ["normal", "grid", "clusters"])
def test_core_distances_reach_as_far_as_the_weight_asked(kind: str) -> None:
    generator = torch.Generator().manual_seed(8)
    x = table(150, 2, 8, kind)
    shares = torch.tensor([0.01, 0.1, 1.0, 4.0], dtype=torch.float64)
    weights = shares[torch.randint(4, (150,), generator=generator)]
    squares = form_table("squared_euclidean", x, x)
    for min_samples in (
        1,
        5,
        60,
        10_000,
    ):  # no rows weigh that much: core distances end at the last
        found = spanning_tree(x, min_samples, weights=weights.numpy())
        values, order = squares.sort(dim=1, stable=True)
        place = (weights[order].cumsum(1) < min_samples).sum(1).clamp(max=149)
        core = values.gather(1, place[:, None])[:, 0]
        assert torch.equal(found.core, core)
        wanted = kruskal(x, core)
        for part in ("weight", "left", "right"):
            assert torch.equal(getattr(found, part), getattr(wanted, part)), part


def test_any_number_of_threads_gives_the_same() -> None:
    x = torch.cat([table(4000, 2, 4, "clusters"), table(4000, 2, 5, "grid")])
    trees = []
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        trees.append(spanning_tree(x, 5))
    for part in ("left", "right", "weight"):
        first, *others = (getattr(tree, part) for tree in trees)
        assert all(torch.equal(first, other) for other in others)
