"""Rows for k-means, and labels by brute force."""

from __future__ import annotations

import numpy as np

__all__ = ["SEEDED", "blobs", "brute_labels"]

SEEDED = {"n_clusters": 5, "random_state": 0}


def blobs(
    n: int = 300, d: int = 3, k: int = 5, *, spread: float = 1.0, seed: int = 0
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(k, d)) * 4
    return centers[rng.integers(k, size=n)] + rng.normal(size=(n, d)) * spread


def brute_labels(X: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Nearest centre by float64 sums in feature order, ties to the lowest index."""
    total = np.zeros((len(X), len(centers)))
    for j in range(X.shape[1]):
        gap = X[:, j, None].astype(np.float64) - centers[:, j].astype(np.float64)
        total = total + gap * gap
    return total.argmin(axis=1)
