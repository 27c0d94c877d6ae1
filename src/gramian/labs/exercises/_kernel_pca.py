"""What kernel PCA answers in float64, and what known mistakes make of it."""

from __future__ import annotations

import numpy as np

from gramian.labs.checking import Draw, Evidence, close
from gramian.labs.checking.evidence import Returned
from gramian.labs.checking.fixtures.signs import settled
from gramian.labs.exercises._formulas import squared_distances

__all__ = [
    "centred",
    "components",
    "distinct",
    "falling",
    "first_of_rising",
    "inner",
    "kernel",
    "projected",
    "well_apart",
]


def kernel(X: np.ndarray, T: np.ndarray, gamma: float) -> np.ndarray:
    """exp(-gamma ||x - t||^2) for all pairs of rows."""
    return np.exp(-gamma * squared_distances(X, T))


def centred(K: np.ndarray) -> np.ndarray:
    """K between two factors that take the mean off."""
    off = np.eye(len(K)) - 1 / len(K)
    return off @ K @ off


def _spectrum(K: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k largest eigenvalues, falling and not negative, and their eigenvectors as columns."""
    values, vectors = np.linalg.eigh(K)
    return np.maximum(values[::-1][:k], 0), vectors[:, ::-1][:, :k]


def well_apart(X: np.ndarray, gamma: float, k: int) -> bool:
    """Whether rounding, in float32 too, leaves the first k components as they are."""
    values = np.append(_spectrum(centred(kernel(X, X, gamma)), k + 1)[0], 0.0)[: k + 1]
    return bool((-np.diff(values) > 0.05 * values[0]).all())


def distinct(draw: Draw, n: int, d: int, gamma: float, k: int) -> np.ndarray:
    """Rows whose first components no rounding can mix."""
    while True:
        X = draw.normal(n, d)
        if well_apart(X, gamma, k):
            return X


def components(
    X: np.ndarray, gamma: float, k: int, power: float = 0.5, *, centring: bool = True
) -> np.ndarray:
    """Eigenvectors times a power of their eigenvalues: the half is right, the others mistakes."""
    K = kernel(X, X, gamma)
    values, vectors = _spectrum(centred(K) if centring else K, k)
    return settled(vectors * values**power)


def projected(
    X: np.ndarray,
    new: np.ndarray,
    gamma: float,
    k: int,
    power: float = -0.5,
    *,
    centring: str = "right",
) -> np.ndarray:
    """New rows on the components of X; "own" centring takes the means of the new rows off."""
    K, N = kernel(X, X, gamma), kernel(new, X, gamma)
    values, vectors = _spectrum(centred(K), k)
    level = {"right": K.mean(axis=0) - K.mean(), "own": N.mean(axis=0) - N.mean()}
    if centring != "none":
        N = N - N.mean(axis=1, keepdims=True) - level[centring]
    return settled(N @ vectors * values**power)


def falling(Z: np.ndarray) -> bool:
    """Whether no column is larger than the one before."""
    sizes = np.linalg.norm(Z.astype(np.float64), axis=0)
    return bool((np.diff(sizes) <= 1e-3).all())


def inner(Z: np.ndarray) -> np.ndarray:
    """Inner products of different columns."""
    products = Z.astype(np.float64).T @ Z
    return products - np.diag(np.diag(products))


def first_of_rising(evidence: Evidence) -> bool:
    """The columns belong to the smallest eigenvalues, of which rounding may make NaN."""
    for case in evidence.cases:
        outcome = evidence.outcome(case)
        if not isinstance(outcome, Returned) or np.ndim(outcome.value) != 2:
            return False
        X, gamma, k = case.arguments.values()
        K = centred(kernel(X.astype(np.float64), X, gamma))
        least = np.maximum(np.linalg.eigvalsh(K)[:k], 0)
        sizes = np.linalg.norm(np.nan_to_num(outcome.value), axis=0)
        if not close(sizes, np.sqrt(least), 1e-2):
            return False
    return True
