"""Mean shift by plain loops, and what makes two fits the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from gramian.cluster._mean_shift import MeanShift

__all__ = ["COUNTS", "assert_same", "plain_climb", "plain_mean"]

COUNTS = {
    "flat": lambda t: t <= 1,
    "gaussian": lambda t: np.exp(-t / 2),
    "epanechnikov": lambda t: np.maximum(0, 1 - t),
}
"""What a row counts at t, its squared distance in bandwidths."""


def plain_mean(
    x: np.ndarray, X: np.ndarray, h: float, kernel: str, weights: np.ndarray
) -> np.ndarray:
    """A local mean by the definition."""
    w = weights * COUNTS[kernel](((X - x) ** 2).sum(1) / h**2)
    return (w[:, None] * X).sum(0) / w.sum()


def plain_climb(
    x: np.ndarray, X: np.ndarray, h: float, kernel: str, weights: np.ndarray, max_iter: int = 300
) -> np.ndarray:
    """One point's way to its mode, by the definition."""
    for _ in range(max_iter + 1):
        new = plain_mean(x, X, h, kernel, weights)
        moved = np.linalg.norm(new - x)
        x = new
        if moved <= 1e-3 * h:
            break
    return x


def assert_same(ours: MeanShift, theirs: Any, rtol: float = 1e-9) -> None:
    """The same centres up to rounding, labels and iterations."""
    assert ours.cluster_centers_.shape == theirs.cluster_centers_.shape
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol, rtol)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.n_iter_ == theirs.n_iter_
