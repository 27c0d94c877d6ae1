"""Float64 brute force on a sample of the rows: what results are judged by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["at_most", "manhattan", "same_partition", "sample", "squared_distances"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def sample(n: int, size: int = 500) -> Index:
    """At most ``size`` row numbers spread over ``range(n)``, both ends among them."""
    return np.unique(np.linspace(0, n - 1, min(n, size)).astype(np.int64))


def squared_distances(x: NDArray, y: NDArray) -> Array:
    """Σ (x_i − y_j)², summed feature by feature."""
    total = np.zeros((len(x), len(y)))
    for a, b in zip(x.T.astype(np.float64), y.T.astype(np.float64), strict=True):
        total += (a[:, None] - b[None, :]) ** 2
    return total


def manhattan(x: NDArray, y: NDArray) -> Array:
    """Σ |x_i − y_j|, summed feature by feature."""
    total = np.zeros((len(x), len(y)))
    for a, b in zip(x.T.astype(np.float64), y.T.astype(np.float64), strict=True):
        total += np.abs(a[:, None] - b[None, :])
    return total


def at_most(error: float, bound: float, what: str) -> None:
    """``AssertionError`` unless ``error`` is a number that is at most ``bound``."""
    if not error <= bound:  # written so that NaN fails
        raise AssertionError(f"{what} must be at most {bound:.3g}, got {error:.3g}")


def same_partition(left: NDArray, right: NDArray) -> bool:
    """Whether two labellings put the same rows together, whatever the labels are called."""
    pairs = len(np.unique(np.stack([left, right]), axis=1).T)
    return pairs == len(np.unique(left)) == len(np.unique(right))
