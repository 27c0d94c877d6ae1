"""Nearest of m centres for n points: the assignment step of k-means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, Work, register

SHAPES = (
    (1_000_000, 2, 64),
    (1_000_000, 8, 64),
    (1_000_000, 16, 64),
    (200_000, 64, 1024),
    (100_000, 128, 4096),
    (60_000, 784, 100),
)


@dataclass(frozen=True)
class Inputs:
    """Points (n, d) and centres (m, d)."""

    points: NDArray[np.float32]
    centres: NDArray[np.float32]


def make(sizes: Sizes) -> Inputs:
    rng = np.random.default_rng(0)
    points, centres = (
        rng.standard_normal((sizes[rows], sizes["d"]), dtype=np.float32) for rows in ("n", "m")
    )
    return Inputs(points, centres)


def ours(inputs: Inputs) -> Thunk:
    return lambda: gm.Gram(inputs.points, inputs.centres).argmin(dim=1)


def faiss(inputs: Inputs) -> Thunk:
    from faiss import knn

    return lambda: knn(inputs.points, inputs.centres, 1)[1][:, 0]


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.metrics import pairwise_distances_argmin

    return lambda: pairwise_distances_argmin(inputs.points, inputs.centres)


def verify(inputs: Inputs, labels: Any, strict: bool) -> None:
    """The labels of brute force, or (for peers) centres as near as the nearest up to rounding."""
    if labels.shape != (len(inputs.points),):
        raise AssertionError(f"labels must be one per point, got {labels.shape}")
    rows = truth.sample(len(inputs.points), 2000)
    squares = truth.squared_distances(inputs.points[rows], inputs.centres)
    chosen = squares[np.arange(len(rows)), labels[rows]]
    if strict:
        wrong = int((labels[rows] != squares.argmin(1)).sum())
        truth.at_most(wrong, 0, f"labels that differ from brute force, of {len(rows)},")
    # one part in 10⁵ of the squared norms is what the product form in float32 may lose
    scale = (inputs.points[rows].astype(np.float64) ** 2).sum(1) + inputs.points.shape[1]
    excess = ((chosen - squares.min(1)) / scale).max()
    truth.at_most(float(excess), 1e-5, "excess distance")


def work(sizes: Sizes) -> Work:
    n, m, d = sizes["n"], sizes["m"], sizes["d"]
    return Work("2·n·m·d flops; 4·(n + m)·d + 8·n bytes", 2.0 * n * m * d, 4 * (n + m) * d + 8 * n)


def explain(inputs: Inputs) -> dict[str, Any]:
    return gm.Gram(inputs.points, inputs.centres).explain("topk").as_dict()


for n, d, m in SHAPES:
    register(
        Case(
            name=f"nearest/{n}x{d}-{m}",
            title=f"nearest of {m} centres, {n:,} × {d}",
            sizes={"n": n, "d": d, "m": m},
            quick={"n": 700, "d": d, "m": 9},
            make=make,
            ours=Contestant("gramian", ours, exact=True),
            peers=(
                Contestant("faiss", faiss, package="faiss"),
                Contestant("scikit-learn", sklearn, package="sklearn"),
            ),
            verify=verify,
            work=work,
            explain=explain,
        )
    )
