"""DBSCAN on blobs in noise."""

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
RADIUS = {2: 2.0, 3: 0.93, 8: 0.295, 32: 0.2725}
"""eps n^(1/d) by features: most rows of the blobs are core, and the rest of them is noise."""


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d) and the radius."""

    points: NDArray[np.float32]
    eps: float

    @cached_property
    def expected(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Labels and core rows by scikit-learn on float64."""
        from sklearn.cluster import DBSCAN

        model = DBSCAN(eps=self.eps, min_samples=MIN_SAMPLES).fit(self.points.astype(np.float64))
        return model.labels_, model.core_sample_indices_


def make(sizes: Sizes) -> Inputs:
    n, d = sizes["n"], sizes["d"]
    # a ball then holds about as many rows whatever n is
    return Inputs(blobs_in_noise(n, d), eps=RADIUS[d] * n ** (-1 / d))


def _fit(kind: Any, inputs: Inputs) -> Thunk:
    return lambda: kind(eps=inputs.eps, min_samples=MIN_SAMPLES).fit(inputs.points).labels_


def ours(inputs: Inputs) -> Thunk:
    return _fit(gm.DBSCAN, inputs)


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.cluster import DBSCAN

    return _fit(DBSCAN, inputs)


def sklearnex(inputs: Inputs) -> Thunk:
    from sklearnex.cluster import DBSCAN

    return _fit(DBSCAN, inputs)


def dbscan(inputs: Inputs) -> Thunk:
    from dbscan import DBSCAN

    points = inputs.points.astype(np.float64)  # the one type it takes
    return lambda: DBSCAN(points, eps=inputs.eps, min_samples=MIN_SAMPLES)[0]


def verify(inputs: Inputs, labels: Any, strict: bool) -> None:
    """Every label; for peers the noise, and the clusters of core rows: border rows may differ."""
    expected, core = inputs.expected
    labels = np.asarray(labels)
    if expected.max() < 1 or (expected < 0).mean() > 0.5:
        raise AssertionError("the radius must leave several clusters, and noise in the minority")
    if strict:
        truth.at_most(int((labels != expected).sum()), 0, "wrong labels")
    wrong = int(((labels == -1) != (expected == -1)).sum())
    truth.at_most(wrong, len(labels) // 1000, "rows on the wrong side of noise")
    if not truth.same_partition(labels[core], expected[core]):
        raise AssertionError("the clusters of the core rows must be those of brute force")


PEERS = (
    Contestant("scikit-learn", sklearn, package="sklearn", repeats=1),
    Contestant("dbscan (float64)", dbscan, package="dbscan", repeats=2),
    Contestant("scikit-learn-intelex", sklearnex, package="sklearnex", repeats=1),
)

for n, d in ((1_000_000, 2), (100_000, 3), (100_000, 8), (20_000, 32)):
    register(
        Case(
            name=f"dbscan/{n}x{d}",
            title=f"DBSCAN, {n:,} × {d}",
            sizes={"n": n, "d": d},
            quick={"n": 2_000, "d": d},
            make=make,
            ours=Contestant("gramian", ours, exact=True),
            # the last one compares all pairs, which for the most rows takes too long
            peers=PEERS if n < 1_000_000 else PEERS[:-1],
            verify=verify,
        )
    )
