"""What mean shift answers in float64, and what known mistakes make of it."""

from __future__ import annotations

import numpy as np

from gramian.labs.exercises._formulas import squared_distances

__all__ = [
    "blurred",
    "density",
    "moved",
    "pull",
    "shifted",
    "short_batch_lost",
    "without_unit_axis",
    "wrong_total",
]


def density(d: np.ndarray, bandwidth: float) -> np.ndarray:
    """The normal density at distances d."""
    return np.exp(-0.5 * (d / bandwidth) ** 2) / (bandwidth * np.sqrt(2 * np.pi))


def pull(X: np.ndarray, data: np.ndarray, bandwidth: float, power: int = 1) -> np.ndarray:
    """Weights of the data; ``power`` 2 mistakes the squared distance for the distance."""
    return density(np.sqrt(squared_distances(X, data)) ** power, bandwidth)


def moved(X: np.ndarray, data: np.ndarray, bandwidth: float, power: int = 1) -> np.ndarray:
    """Weighted means of the data: one step."""
    w = pull(X, data, bandwidth, power)
    return w @ data / w.sum(axis=1, keepdims=True)


def without_unit_axis(X: np.ndarray, data: np.ndarray, bandwidth: float) -> np.ndarray:
    """Weights times points, without an axis for the columns of the points."""
    w = pull(X, data, bandwidth)
    return w * data / w.sum(axis=1, keepdims=True)


def wrong_total(X: np.ndarray, data: np.ndarray, bandwidth: float) -> np.ndarray:
    """Divided by the sum of weights of each point of the data."""
    w = pull(X, data, bandwidth)
    return w @ data / w.sum(axis=0)[:, None]


def shifted(data: np.ndarray, bandwidth: float, iterations: int, batch_size: int) -> np.ndarray:
    """All rows after so many steps; the data stay."""
    X = data
    for _ in range(iterations):
        X = moved(X, data, bandwidth)
    return X


def blurred(
    data: np.ndarray, bandwidth: float, iterations: int, batch_size: int, *, at_once: bool
) -> np.ndarray:
    """The points that move are the data, replaced after every batch or after every step."""
    X = data.copy()
    for _ in range(iterations):
        source = X.copy() if at_once else X
        for start in range(0, len(X), batch_size):
            X[start : start + batch_size] = moved(
                source[start : start + batch_size], source, bandwidth
            )
    return X


def short_batch_lost(
    data: np.ndarray, bandwidth: float, iterations: int, batch_size: int, *, kept: bool
) -> np.ndarray:
    """The rows of a last short batch stay where they are, or are lost."""
    whole = len(data) - len(data) % batch_size
    X = data.copy()
    for _ in range(iterations):
        X[:whole] = moved(X[:whole], data, bandwidth)
    return X if kept or not iterations else X[:whole]
