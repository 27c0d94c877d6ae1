"""Ten Lloyd iterations from the same centres, and the labels that follow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, Work, register

ITERATIONS = 10


@dataclass(frozen=True)
class Inputs:
    """Uniform rows, which do not converge in ten iterations, and k of them as first centres."""

    points: NDArray[np.float32]
    first: NDArray[np.float32]

    def inertia(self, centres: Any) -> float:
        """Σ of squared distances to the nearest centre, in float64."""
        points, centres = self.points.astype(np.float64), np.asarray(centres, dtype=np.float64)
        nearest = ((centres**2).sum(1) - 2 * points @ centres.T).min(1)
        return float(nearest.sum() + (points**2).sum())

    @cached_property
    def expected(self) -> float:
        """The inertia of Lloyd's algorithm in float64."""
        points, centres = self.points.astype(np.float64), self.first.astype(np.float64)
        for _ in range(ITERATIONS):
            labels = ((centres**2).sum(1) - 2 * points @ centres.T).argmin(1)
            counts = np.bincount(labels, minlength=len(centres))[:, None]
            sums = np.stack(
                [np.bincount(labels, column, minlength=len(centres)) for column in points.T], axis=1
            )
            centres = np.where(counts > 0, sums / np.maximum(counts, 1), centres)
        return self.inertia(centres)


def make(sizes: Sizes) -> Inputs:
    points = np.random.default_rng(0).random((sizes["n"], sizes["d"]), dtype=np.float32)
    return Inputs(points, points[:: sizes["n"] // sizes["k"]][: sizes["k"]].copy())


def _fit(kind: Any, inputs: Inputs, **extra: Any) -> Thunk:
    """One class of scikit-learn's interface, asked for exactly ten iterations."""

    def fit() -> Any:
        model = kind(
            n_clusters=len(inputs.first),
            init=inputs.first,
            n_init=1,
            max_iter=ITERATIONS,
            tol=0.0,
            **extra,
        )
        return model.fit(inputs.points).cluster_centers_

    return fit


def ours(inputs: Inputs) -> Thunk:
    return _fit(gm.KMeans, inputs)


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.cluster import KMeans

    return _fit(KMeans, inputs, algorithm="lloyd")


def sklearnex(inputs: Inputs) -> Thunk:
    from sklearnex.cluster import KMeans

    return _fit(KMeans, inputs, algorithm="lloyd")


def faiss(inputs: Inputs) -> Thunk:
    from faiss import Kmeans

    n, d = inputs.points.shape

    def fit() -> Any:
        model = Kmeans(
            d,
            len(inputs.first),
            niter=ITERATIONS,
            max_points_per_centroid=n,
            min_points_per_centroid=1,
        )
        model.train(inputs.points, init_centroids=inputs.first)
        model.index.search(inputs.points, 1)  # the others leave labels behind
        return model.centroids

    return fit


def verify(inputs: Inputs, centres: Any, strict: bool) -> None:
    """The inertia that float64 reaches from the same start."""
    error = abs(inputs.inertia(centres) / inputs.expected - 1)
    truth.at_most(error, 1e-4 if strict else 1e-3, "relative difference of the inertia")


def work(sizes: Sizes) -> Work:
    n, d, k = sizes["n"], sizes["d"], sizes["k"]
    passes = ITERATIONS + 1
    return Work(
        f"{passes}·(2·n·k·d) flops; {passes}·4·n·d bytes",
        2.0 * passes * n * k * d,
        4.0 * passes * n * d,
    )


for n, d, k in ((1_000_000, 8, 64), (200_000, 64, 256)):
    register(
        Case(
            name=f"kmeans/{n}x{d}-{k}",
            title=f"{ITERATIONS} Lloyd iterations, {n:,} × {d}, {k} clusters",
            sizes={"n": n, "d": d, "k": k},
            quick={"n": 2_000, "d": d, "k": 8},
            make=make,
            ours=Contestant("gramian", ours, exact=True),
            peers=(
                Contestant("scikit-learn", sklearn, package="sklearn"),
                Contestant("scikit-learn-intelex", sklearnex, package="sklearnex"),
                Contestant("faiss", faiss, package="faiss"),
            ),
            verify=verify,
            work=work,
        )
    )
