"""Gaussian density of every row from all rows, 20 000 × 2."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, Work, register

BANDWIDTH = 0.2
"""About Scott's rule for 20 000 rows of deviation 1."""


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d), which are the queries as well."""

    points: NDArray[Any]


def maker(dtype: str) -> Any:
    def make(sizes: Sizes) -> Inputs:
        points = np.random.default_rng(0).normal(size=(sizes["n"], sizes["d"]))
        return Inputs(points.astype(dtype))

    return make


def ours(inputs: Inputs) -> Thunk:
    x = inputs.points
    return lambda: gm.KernelDensity(bandwidth=BANDWIDTH).fit(x).score_samples(x)


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.neighbors import KernelDensity

    x = inputs.points
    return lambda: KernelDensity(bandwidth=BANDWIDTH, rtol=0).fit(x).score_samples(x)


def verify(inputs: Inputs, found: Any, strict: bool) -> None:
    """Log densities of a sample of the rows against float64 sums over all rows."""
    rows = truth.sample(len(inputs.points), 300)
    n, d = inputs.points.shape
    squares = truth.squared_distances(inputs.points[rows], inputs.points)
    sums = np.exp(-squares / (2 * BANDWIDTH**2)).sum(1)
    expected = np.log(sums / n) - d * math.log(BANDWIDTH * math.sqrt(2 * math.pi))
    error = np.abs(np.asarray(found, dtype=np.float64)[rows] - expected)
    truth.at_most(float(error.max()), 2e-6 if strict else 1e-3, "error of a log density")


def work(sizes: Sizes) -> Work:
    n, d = sizes["n"], sizes["d"]
    return Work(
        "2·n²·(d + 1) flops; n² exponentials; 12·n·d bytes",
        flops=2.0 * n**2 * (d + 1),
        exps=float(n**2),
        bytes=12.0 * n * d,
    )


for kind in ("float32", "float64"):
    register(
        Case(
            name=f"density/gaussian-20000x2-{kind}",
            title=f"log density of every row, 20,000 × 2, {kind}",
            sizes={"n": 20_000, "d": 2},
            quick={"n": 300, "d": 2},
            make=maker(kind),
            ours=Contestant("gramian", ours, exact=True),
            peers=(Contestant("scikit-learn", sklearn, package="sklearn"),),
            verify=verify,
            work=work,
            dtype=kind,
        )
    )
