"""Rows for HDBSCAN, scikit-learn's fit of them, and when two labellings are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import sklearn.cluster
from sklearn.datasets import make_blobs

__all__ = ["METHODS", "blobs", "same_partition", "theirs"]

METHODS = ("eom", "leaf")


def blobs(n: int = 240, d: int = 2, seed: int = 0, centers: int = 5) -> np.ndarray:
    return make_blobs(n, d, centers=centers, random_state=seed, cluster_std=1.3)[0]


def theirs(X: np.ndarray, **parameters: Any) -> Any:
    return sklearn.cluster.HDBSCAN(copy=True, **parameters).fit(X)


def same_partition(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two labellings differ at most in the numbers of the clusters."""
    if not np.array_equal(a < 0, b < 0):
        return False
    pairs = set(zip(a[a >= 0].tolist(), b[b >= 0].tolist(), strict=True))
    return len(pairs) == len({p for p, _ in pairs}) == len({q for _, q in pairs})
