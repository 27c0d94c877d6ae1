"""HDBSCAN on blobs in noise: the whole fit, with labels and the spanning tree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.inputs import blobs_in_noise
from benchmarks.registry import Case, Contestant, Sizes, Thunk, register

MIN_SAMPLES = 10
MIN_CLUSTER_SIZE = 50


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d)."""

    points: NDArray[np.float32]

    @cached_property
    def expected(self) -> tuple[NDArray[np.int64], float]:
        """Labels and the weight of the spanning tree, by scikit-learn on float64."""
        labels, weight = sklearn(Inputs(self.points.astype(np.float64)))()
        return labels, weight


def make(sizes: Sizes) -> Inputs:
    return Inputs(blobs_in_noise(sizes["n"], sizes["d"]))


def ours(inputs: Inputs) -> Thunk:
    def fit() -> tuple[Any, float]:
        model = gm.HDBSCAN(MIN_CLUSTER_SIZE, MIN_SAMPLES).fit(inputs.points)
        return model.labels_, float(model.minimum_spanning_tree_.weight.sum())

    return fit


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.cluster import HDBSCAN

    def fit() -> tuple[Any, float]:
        model = HDBSCAN(MIN_CLUSTER_SIZE, MIN_SAMPLES, copy=True).fit(inputs.points)
        return model.labels_, float(model._single_linkage_tree_["value"].sum())

    return fit


def fast_hdbscan(inputs: Inputs) -> Thunk:
    from fast_hdbscan import HDBSCAN

    def fit() -> tuple[Any, float]:
        # there a row is not among its own neighbours
        model = HDBSCAN(min_cluster_size=MIN_CLUSTER_SIZE, min_samples=MIN_SAMPLES - 1)
        labels = model.fit(inputs.points).labels_
        return labels, float(model._min_spanning_tree[:, 2].sum(dtype=np.float64))

    fit()  # compiled now, not in the first round
    return fit


def verify(inputs: Inputs, found: tuple[Any, float], strict: bool) -> None:
    """The same weight of the tree, and the same clusters but for rows between two of them."""
    from sklearn.metrics import adjusted_rand_score

    (labels, weight), (expected, wanted) = found, inputs.expected
    error = abs(weight - wanted) / wanted
    truth.at_most(error, 1e-12 if strict else 1e-5, "relative error of the weight of the tree")
    apart = 1 - adjusted_rand_score(expected, np.asarray(labels))
    truth.at_most(apart, 0.01, "1 − adjusted Rand index with scikit-learn's labels")


SKLEARN = Contestant("scikit-learn", sklearn, package="sklearn", repeats=1)
FAST = Contestant("fast_hdbscan (warm)", fast_hdbscan, package="fast_hdbscan")
MOST_FEATURES_OF_FAST = 30
"""Above, it takes approximate neighbours of another package."""

for n, d in ((50_000, 2), (50_000, 10), (20_000, 50)):
    register(
        Case(
            name=f"hdbscan/{n}x{d}",
            title=f"HDBSCAN, {n:,} × {d}",
            sizes={"n": n, "d": d},
            quick={"n": 2_000, "d": d},
            make=make,
            ours=Contestant("gramian", ours, exact=True),
            peers=(FAST, SKLEARN) if d <= MOST_FEATURES_OF_FAST else (SKLEARN,),
            verify=verify,
        )
    )
