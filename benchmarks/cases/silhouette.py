"""The silhouette of every row; its mean is the silhouette score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, Work, register

CLUSTERS = 10


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d) and their clusters (n,)."""

    points: NDArray[np.float32]
    labels: NDArray[np.int64]


def make(sizes: Sizes) -> Inputs:
    """Overlapping blobs of many sizes, the labels in no order."""
    n, d = sizes["n"], sizes["d"]
    rng = np.random.default_rng(0)
    labels = (CLUSTERS * rng.random(n) ** 1.5).astype(np.int64)
    points = rng.normal(scale=2.0, size=(CLUSTERS, d))[labels] + rng.normal(size=(n, d))
    return Inputs(points.astype(np.float32), labels)


def ours(inputs: Inputs) -> Thunk:
    return lambda: gm.silhouette_samples(inputs.points, inputs.labels)


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.metrics import silhouette_samples

    return lambda: silhouette_samples(inputs.points, inputs.labels)


def verify(inputs: Inputs, found: Any, strict: bool) -> None:
    """Silhouettes of a sample of the rows against float64 distances to all rows."""
    rows = truth.sample(len(inputs.points), 200)
    distances = np.sqrt(truth.squared_distances(inputs.points[rows], inputs.points))
    sizes = np.bincount(inputs.labels)
    sums = np.stack([distances[:, inputs.labels == c].sum(1) for c in range(len(sizes))], axis=1)
    own = inputs.labels[rows], np.arange(len(rows))
    within = sums.T[own] / (sizes[own[0]] - 1)
    means = sums / sizes
    means.T[own] = np.inf
    between = means.min(1)
    expected = (between - within) / np.maximum(between, within)
    error = np.abs(np.asarray(found, dtype=np.float64)[rows] - expected)
    truth.at_most(float(error.max()), 1e-6 if strict else 1e-3, "error of a silhouette")


def work(sizes: Sizes) -> Work:
    n, d = sizes["n"], sizes["d"]
    return Work("2·n²·(d + 1) flops; 12·n·d bytes", flops=2.0 * n**2 * (d + 1), bytes=12.0 * n * d)


register(
    Case(
        name="silhouette/100000x16",
        title="silhouette of every row, 10 clusters, 100,000 × 16",
        sizes={"n": 100_000, "d": 16},
        quick={"n": 400, "d": 4},
        make=make,
        ours=Contestant("gramian", ours, exact=True),
        peers=(Contestant("scikit-learn", sklearn, package="sklearn"),),
        verify=verify,
        work=work,
    )
)
