"""Rows, and a lazy matrix of them, that displays are made of."""

from __future__ import annotations

import numpy as np

from gramian import plot


def table(n: int = 60, d: int = 3, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % (k + 1) - 1
    return rng.normal(size=(n, d)) + 5 * labels[:, None], labels


def gram(labels: np.ndarray) -> plot.GramDisplay:
    X = np.random.default_rng(1).normal(size=(len(labels), 2))
    distances = np.linalg.norm(X[:, None] - X[None], axis=-1)
    return plot.GramDisplay.from_predictions(distances, labels)
