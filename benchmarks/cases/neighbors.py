"""Ten nearest neighbours of few features: each contestant by the way that it takes by itself."""

from __future__ import annotations

from typing import Any

import gramian as gm
from benchmarks.cases.knn import Inputs, K, faiss, make, verify
from benchmarks.registry import Case, Contestant, Thunk, register

FAISS_MOST = 100_000
"""Rows above which brute force takes minutes."""


def _search(kind: Any, inputs: Inputs, **parameters: Any) -> Thunk:
    """Building the tree is part of the work."""
    return lambda: kind(n_neighbors=K, **parameters).fit(inputs.base).kneighbors(inputs.queries)


def ours(inputs: Inputs) -> Thunk:
    return _search(gm.NearestNeighbors, inputs)


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.neighbors import NearestNeighbors

    return _search(NearestNeighbors, inputs, algorithm="kd_tree", n_jobs=-1)


for n in (50_000, 1_000_000):
    brute = (Contestant("faiss", faiss, package="faiss"),) if n <= FAISS_MOST else ()
    register(
        Case(
            name=f"neighbors/{n}x3",
            title=f"{K} nearest neighbours of few features, {n:,} × 3",
            sizes={"n": n, "d": 3},
            quick={"n": 2500, "d": 3},
            make=make,
            ours=Contestant("gramian", ours, exact=True),
            peers=(*brute, Contestant("scikit-learn k-d tree", sklearn, package="sklearn")),
            verify=verify,
        )
    )
