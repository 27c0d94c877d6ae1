"""Mean shift from every row: flat beside scikit-learn, Gaussian by itself."""

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
CORNER_WIDTH = 0.2
PLANE_BLOBS = 4
PLANE_WIDTH = 2.5


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d), and the bandwidth."""

    points: NDArray[np.float32]
    bandwidth: float

    @cached_property
    def expected(self) -> Any:
        """The centres by scikit-learn on float64."""
        from sklearn.cluster import MeanShift

        model = MeanShift(bandwidth=self.bandwidth).fit(self.points.astype(np.float64))
        return model.cluster_centers_


def make(sizes: Sizes) -> Inputs:
    """Blobs of equal spread around the corners of a cube."""
    n, d = sizes["n"], sizes["d"]
    rng = np.random.default_rng(0)
    corners = (np.arange(BLOBS)[:, None] >> np.arange(d)) & 1
    points = corners[np.arange(n) % BLOBS] + rng.normal(scale=0.05, size=(n, d))
    return Inputs(points.astype(np.float32), CORNER_WIDTH)


def make_plane(sizes: Sizes) -> Inputs:
    """Blobs about as wide as the bandwidth, at random places."""
    n, d = sizes["n"], sizes["d"]
    rng = np.random.default_rng(0)
    centres = rng.uniform(-35, 35, size=(PLANE_BLOBS, d))
    points = centres[np.arange(n) % PLANE_BLOBS] + rng.normal(scale=5**0.5, size=(n, d))
    return Inputs(points.astype(np.float32), PLANE_WIDTH)


def _fit(kind: Any, inputs: Inputs) -> Thunk:
    return lambda: kind(bandwidth=inputs.bandwidth).fit(inputs.points).cluster_centers_


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
        float(gaps.max() / inputs.bandwidth), 1e-2, "distance to the nearest centre, in bandwidths,"
    )


def ours_gaussian(inputs: Inputs) -> Thunk:
    model = gm.MeanShift(bandwidth=inputs.bandwidth, kernel="gaussian")
    return lambda: model.fit(inputs.points).cluster_centers_


def verify_gaussian(inputs: Inputs, centres: Any, strict: bool) -> None:
    """Some rows of every blob climb to a centre by plain loops over all rows in float64."""
    points, h = inputs.points.astype(np.float64), inputs.bandwidth
    ends = points[: 2 * PLANE_BLOBS].copy()
    for end in ends:
        moved = np.inf
        while moved > 1e-3 * h:
            gaps = points - end
            weights = np.exp(-(gaps**2).sum(1) / (2 * h**2))
            step = weights @ gaps / weights.sum()
            end += step
            moved = float(np.linalg.norm(step))
    gaps = np.sqrt(truth.squared_distances(ends, np.asarray(centres)).min(1))
    truth.at_most(float(gaps.max() / h), 0.5, "distance from a mode to its centre, in bandwidths,")


def _case(name: str, title: str, make: Any, d: int, quick: int) -> Case:
    return Case(
        name=name,
        title=title,
        sizes={"n": 10_000, "d": d},
        quick={"n": quick, "d": d},
        make=make,
        ours=Contestant("gramian", ours, exact=True),
        peers=(Contestant("scikit-learn", sklearn, package="sklearn", repeats=1),),
        verify=verify,
    )


register(_case("mean-shift/10000x3", "flat mean shift from every row, 10,000 × 3", make, 3, 400))
register(
    _case(
        "mean-shift/10000x2",
        "flat mean shift from every row, bandwidth 2.5, 10,000 × 2",
        make_plane,
        2,
        400,
    )
)
register(
    Case(
        name="mean-shift/1000000x2-gaussian",
        title="Gaussian mean shift from every row, bandwidth 2.5, 1,000,000 × 2",
        sizes={"n": 1_000_000, "d": 2},
        quick={"n": 400, "d": 2},
        make=make_plane,
        ours=Contestant("gramian", ours_gaussian, exact=True),
        peers=(),
        verify=verify_gaussian,
    )
)
