"""Flat mean shift from every row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, register

BLOBS = 8
BANDWIDTH = 0.2


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d)."""

    points: NDArray[np.float32]

    @cached_property
    def expected(self) -> Any:
        """The centres by scikit-learn on float64."""
        from sklearn.cluster import MeanShift

        return MeanShift(bandwidth=BANDWIDTH).fit(self.points.astype(np.float64)).cluster_centers_


def make(sizes: Sizes) -> Inputs:
    """Blobs of equal spread around the corners of a cube."""
    n, d = sizes["n"], sizes["d"]
    rng = np.random.default_rng(0)
    corners = (np.arange(BLOBS)[:, None] >> np.arange(d)) & 1
    points = corners[np.arange(n) % BLOBS] + rng.normal(scale=0.05, size=(n, d))
    return Inputs(points.astype(np.float32))


def _fit(kind: Any, inputs: Inputs) -> Thunk:
    return lambda: kind(bandwidth=BANDWIDTH).fit(inputs.points).cluster_centers_


def ours(inputs: Inputs) -> Thunk:
    return _fit(gm.MeanShift, inputs)


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.cluster import MeanShift

    return _fit(MeanShift, inputs)


def verify(inputs: Inputs, centres: Any, strict: bool) -> None:
    """As many centres as scikit-learn finds in float64, at the same places."""
    expected = inputs.expected
    if np.shape(centres) != expected.shape:
        raise AssertionError(f"centres must be {expected.shape}, got {np.shape(centres)}")
    gaps = np.sqrt(truth.squared_distances(expected, np.asarray(centres)).min(1))
    truth.at_most(
        float(gaps.max() / BANDWIDTH), 1e-2, "distance to the nearest centre, in bandwidths,"
    )


register(
    Case(
        name="mean-shift/10000x3",
        title="flat mean shift from every row, 10,000 × 3",
        sizes={"n": 10_000, "d": 3},
        quick={"n": 400, "d": 3},
        make=make,
        ours=Contestant("gramian", ours, exact=True),
        peers=(Contestant("scikit-learn", sklearn, package="sklearn"),),
        verify=verify,
    )
)
