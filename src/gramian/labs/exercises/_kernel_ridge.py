"""What kernel ridge regression answers in float64, and what known mistakes make of it."""

from __future__ import annotations

import numpy as np

from gramian.labs.exercises._gaussian_kernel import gaussian

__all__ = ["coefficients", "left_out", "predicted", "training_error"]


def coefficients(X: np.ndarray, y: np.ndarray, sigma: float, lam: float) -> np.ndarray:
    """The solution of (K + lam I) alpha = y."""
    return np.linalg.solve(gaussian(X, X, sigma) + lam * np.eye(len(X)), y)


def predicted(X: np.ndarray, alpha: np.ndarray, new: np.ndarray, sigma: float) -> np.ndarray:
    """What the model says about new rows."""
    return gaussian(new, X, sigma) @ alpha


def left_out(X: np.ndarray, y: np.ndarray, sigma: float, lam: float) -> float:
    """Mean squared error, every row predicted by a model of all others: one fit for each row."""
    errors = []
    for i in range(len(X)):
        rest = np.arange(len(X)) != i
        alpha = coefficients(X[rest], y[rest], sigma, lam)
        errors.append(y[i] - predicted(X[rest], alpha, X[i : i + 1], sigma)[0])
    return float(np.square(errors).mean())


def training_error(X: np.ndarray, y: np.ndarray, sigma: float, lam: float) -> float:
    """Mean squared error of the rows that the model was fitted to."""
    return float(np.square(y - predicted(X, coefficients(X, y, sigma, lam), X, sigma)).mean())
