"""Inputs that several cases take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["blobs_in_noise"]

BLOBS = 20


def blobs_in_noise(n: int, d: int) -> NDArray[np.float32]:
    """Nine rows in ten lie in blobs of equal size, the rest anywhere in the unit cube."""
    rng = np.random.default_rng(0)
    centres = rng.random((BLOBS, d))
    blobs = centres[rng.integers(BLOBS, size=n - n // 10)]
    blobs = blobs + rng.normal(scale=0.03, size=blobs.shape)
    points = np.concatenate([blobs, rng.random((n // 10, d))]).astype(np.float32)
    return rng.permutation(points)
