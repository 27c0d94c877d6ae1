"""DBSCAN by its definition, in float64 and over all pairs."""

from __future__ import annotations

import numpy as np

__all__ = ["core_and_labels", "distances", "pair_forms"]


def pair_forms(X: np.ndarray, form: str = "squared_euclidean") -> np.ndarray:
    """The form of all pairs of rows, features in order."""
    total = np.zeros((len(X), len(X)))
    with np.errstate(over="ignore"):
        for column in X.T.astype(np.float64):
            gap = np.abs(column[:, None] - column[None])
            if form == "chebyshev":
                total = np.maximum(total, gap)
            else:
                total += gap * gap if form == "squared_euclidean" else gap
    return total


def distances(X: np.ndarray) -> np.ndarray:
    """All Euclidean distances."""
    return np.sqrt(pair_forms(X))


def core_and_labels(
    near: np.ndarray, min_samples: float, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Core mask and labels from who is near whom; weights are added in the order of the rows."""
    totals = near.sum(1)
    if weights is not None:
        totals = np.array([sum(weights[row].tolist()) for row in near])
    core = totals >= min_samples
    labels = np.full(len(near), -1)
    label = 0
    for seed in np.flatnonzero(core):
        if labels[seed] >= 0:
            continue
        stack, labels[seed] = [seed], label
        while stack:
            row = stack.pop()
            if core[row]:
                fresh = np.flatnonzero(near[row] & (labels < 0))
                labels[fresh] = label
                stack.extend(fresh)
        label += 1
    return core, labels
