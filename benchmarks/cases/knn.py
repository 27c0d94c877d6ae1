"""Ten nearest neighbours, brute force against brute force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, Work, register

K = 10


@dataclass(frozen=True)
class Inputs:
    """Queries and base, each (n, d)."""

    queries: NDArray[np.float32]
    base: NDArray[np.float32]


def make(sizes: Sizes) -> Inputs:
    rng = np.random.default_rng(0)
    shape = (sizes["n"], sizes["d"])
    queries, base = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))
    return Inputs(queries, base)


def ours(inputs: Inputs) -> Thunk:
    return lambda: gm.Gram(inputs.queries, inputs.base, gm.Euclidean()).topk(K)


def faiss(inputs: Inputs) -> Thunk:
    from faiss import knn

    def search() -> tuple[Any, Any]:
        squares, index = knn(inputs.queries, inputs.base, K)
        return np.sqrt(squares), index

    return search


def _brute(kind: Any, inputs: Inputs) -> Thunk:
    """scikit-learn's class and its drop-in: fitting stores the base, the search is timed."""
    model = kind(n_neighbors=K, algorithm="brute").fit(inputs.base)
    return lambda: model.kneighbors(inputs.queries)


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.neighbors import NearestNeighbors

    return _brute(NearestNeighbors, inputs)


def sklearnex(inputs: Inputs) -> Thunk:
    from sklearnex.neighbors import NearestNeighbors

    return _brute(NearestNeighbors, inputs)


def verify(inputs: Inputs, result: tuple[Any, Any], strict: bool) -> None:
    """The neighbours of brute force; peers may swap those that differ by rounding."""
    distances, index = result
    if index.shape != (len(inputs.queries), K):
        raise AssertionError(f"indices must be {K} per query, got {index.shape}")
    rows = truth.sample(len(inputs.queries), 300)
    squares = truth.squared_distances(inputs.queries[rows], inputs.base)
    order = squares.argsort(axis=1, kind="stable")[:, :K]
    if strict:
        wrong = int((index[rows] != order).sum())
        truth.at_most(wrong, 0, f"neighbours that differ from brute force, of {order.size},")
    chosen = np.sqrt(np.take_along_axis(squares, index[rows], 1))
    best = np.sqrt(np.take_along_axis(squares, order, 1))
    scale = np.sqrt(inputs.base.shape[1])
    truth.at_most(float(np.abs(chosen - best).max() / scale), 1e-3, "excess distance")
    truth.at_most(float(np.abs(distances[rows] - best).max() / scale), 1e-3, "distance error")


def work(sizes: Sizes) -> Work:
    n, d = sizes["n"], sizes["d"]
    formula = f"2·n²·d flops; 8·n·d + {12 * K}·n bytes"
    return Work(formula, flops=2.0 * n**2 * d, bytes=8.0 * n * d + 12 * K * n)


def explain(inputs: Inputs) -> dict[str, Any]:
    return gm.Gram(inputs.queries, inputs.base, gm.Euclidean()).explain("topk").as_dict()


for d in (3, 16, 128):
    register(
        Case(
            name=f"knn/50000x{d}",
            title=f"{K} nearest neighbours, 50,000², {d} features",
            sizes={"n": 50_000, "d": d},
            quick={"n": 400, "d": d},
            make=make,
            ours=Contestant("gramian", ours, exact=True),
            peers=(
                Contestant("faiss", faiss, package="faiss"),
                Contestant("scikit-learn", sklearn, package="sklearn"),
                Contestant("scikit-learn-intelex", sklearnex, package="sklearnex"),
            ),
            verify=verify,
            work=work,
            explain=explain,
        )
    )
