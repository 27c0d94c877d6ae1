"""The least edges that leave parts of the rows, against all pairs in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import gramian as gm
from gramian.cluster import _outside
from gramian.cluster._edges import Edges, joined, least_of_each, ordered
from gramian.cluster._outside import Outside
from gramian.cluster._reachability import Reachability

NAMES = np.array([5, 40, 77])
"""Rows that name the parts; the part of the last is the largest."""


def problem(seed: int, *, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and the part of each: groups with strays that lie among the others' rows."""
    rng = np.random.default_rng(seed)
    part = rng.choice(NAMES, 120, p=[0.3, 0.3, 0.4])
    part[NAMES] = NAMES
    centre = {name: rng.random(3) for name in NAMES}
    X = np.array([centre[name] for name in part]) + rng.normal(scale=0.05, size=(120, 3))
    strays = rng.random(120) < 0.15
    X[strays] = rng.random((strays.sum(), 3))
    return (np.round(X * 8) if ties else X), part


def all_edges(X: np.ndarray, part: np.ndarray, core: np.ndarray) -> Edges:
    """Every edge between two parts, sorted."""
    values = np.zeros((len(X), len(X)))
    for column in X.T:
        values += (column[:, None] - column[None]) ** 2
    left, right = np.triu_indices(len(X), 1)
    between = part[left] != part[right]
    left, right = left[between], right[between]
    weight = np.maximum(np.maximum(core[left], core[right]), values[left, right])
    return ordered(left, right, weight)


def _last_as_light(edges: Edges, part: np.ndarray, first: np.ndarray) -> np.ndarray:
    """For each part the last of its edges that weigh as little as its least."""
    last = []
    for name, least in zip(NAMES, first, strict=True):
        mine = (part[edges.left] == name) | (part[edges.right] == name)
        last.append(np.flatnonzero(mine & (edges.weight == edges.weight[least]))[-1])
    return np.unique(last)


@pytest.mark.parametrize("few_pairs", [0, 1000, 2**21])
@pytest.mark.parametrize("fewest", [1, 20, 1000])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("known", ["none", "far", "as light", "the least"])
def test_every_part_but_the_largest_gets_its_least_edge(
    known: str, ties: bool, fewest: int, few_pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_outside, "_FEW_PAIRS", few_pairs)
    monkeypatch.setattr(_outside, "_FEWEST_IN_GROUP", fewest)
    for seed in range(4):
        X, part = problem(seed, ties=ties)
        rng = np.random.default_rng(seed)
        core = rng.choice([0.0, 0.01, 1.0, 4.0], len(X))
        edges = all_edges(X, part, core)
        first = least_of_each(edges, part)[NAMES]
        sizes = np.unique(part, return_counts=True)[1]
        wanted = edges.take(np.unique(np.delete(first, sizes.argmax())))
        count = len(edges.weight)
        listed = {
            "none": edges.take(slice(0, 0)),
            "far": edges.take(np.arange(count // 2, count)),
            "as light": edges.take(_last_as_light(edges, part, first)),
            "the least": edges.take(np.unique(first)),
        }[known]
        place = least_of_each(listed, part)
        bound = np.append(listed.weight, np.inf)[place]
        at = np.unique(place[place < len(listed.weight)])
        search = Outside(
            torch.from_numpy(X), Reachability.of(gm.Euclidean(), 1.0), core, np.zeros(len(X))
        )
        for mine, theirs in zip(search(part, bound, listed.take(at)), wanted, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_rows_whose_lists_tell_all_are_not_asked() -> None:
    X, part = problem(0, ties=False)
    core = np.zeros(len(X))
    known = all_edges(X, part, core).take(slice(40, 41))
    bound = np.full(len(X), known.weight[0])
    search = Outside(
        torch.from_numpy(X), Reachability.of(gm.Euclidean(), 1.0), core, np.full(len(X), np.inf)
    )
    found = search(part, bound, joined([known]))
    assert found.weight.tolist() == known.weight.tolist()
