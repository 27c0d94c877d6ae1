"""Ten kernel principal components of 10 000 rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, register

COMPONENTS = 10
BANDWIDTH = 1.0
STEP = 1000


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d)."""

    points: NDArray[np.float64]


def make(sizes: Sizes) -> Inputs:
    """Blobs about eight corners of a cube, so that the first components stand out."""
    n, d = sizes["n"], sizes["d"]
    rng = np.random.default_rng(0)
    corners = rng.uniform(-1, 1, size=(8, d))
    return Inputs(corners[np.arange(n) % 8] + rng.normal(scale=0.3, size=(n, d)))


def ours(inputs: Inputs) -> Thunk:
    def fit() -> Any:
        model = gm.KernelPCA(COMPONENTS, kernel="rbf", bandwidth=BANDWIDTH, random_state=0)
        return model.fit(inputs.points)

    return fit


def sklearn(solver: str) -> Callable[[Inputs], Thunk]:
    def prepare(inputs: Inputs) -> Thunk:
        from sklearn.decomposition import KernelPCA

        model = KernelPCA(
            COMPONENTS,
            kernel="rbf",
            gamma=1 / (2 * BANDWIDTH**2),
            eigen_solver=solver,
            random_state=0,
        )
        return lambda: model.fit(inputs.points)

    return prepare


def verify(inputs: Inputs, model: Any, strict: bool) -> None:
    """‖HKH v − λ v‖ beside the largest eigenvalue, with all entries in float64."""
    x, vectors = inputs.points, np.asarray(model.eigenvectors_, dtype=np.float64)
    values = np.asarray(model.eigenvalues_, dtype=np.float64)
    if vectors.shape != (len(x), COMPONENTS):
        raise AssertionError(f"eigenvectors must be {(len(x), COMPONENTS)}, got {vectors.shape}")
    centred = vectors - vectors.mean(0)
    product = np.empty_like(vectors)
    for start in range(0, len(x), STEP):
        rows = slice(start, start + STEP)
        squares = truth.squared_distances(x[rows], x)
        product[rows] = np.exp(-squares / (2 * BANDWIDTH**2)) @ centred
    product -= product.mean(0)
    rest = np.linalg.norm(product - vectors * values, axis=0)
    bound = 1e-8 if strict else 1e-3
    truth.at_most(float(rest.max() / values.max()), bound, "relative residual of an eigenpair")


register(
    Case(
        name="kernel-pca/10000x9",
        title="10 kernel principal components, 10,000 × 9, float64",
        sizes={"n": 10_000, "d": 9},
        quick={"n": 300, "d": 9},
        make=make,
        ours=Contestant("gramian", ours, exact=True),
        peers=(
            # its own choice is the dense decomposition here: a minute
            Contestant("scikit-learn, its default", sklearn("auto"), package="sklearn", repeats=1),
            Contestant("scikit-learn, arpack", sklearn("arpack"), package="sklearn"),
            Contestant("scikit-learn, randomized", sklearn("randomized"), package="sklearn"),
        ),
        verify=verify,
        dtype="float64",
    )
)
