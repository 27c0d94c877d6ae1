"""Rows with labels, for the measures of a clustering."""

from __future__ import annotations

import numpy as np

__all__ = ["blobs"]


def blobs(n: int, d: int, k: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows about k centres, every label present."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % k)
    return rng.normal(size=(k, d))[labels] + 0.7 * rng.normal(size=(n, d)), labels
