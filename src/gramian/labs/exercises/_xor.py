"""A net of two layers in float64, its loss and its descent, and what mistakes make of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gramian.labs.checking import Fixture

__all__ = ["VALUES", "forward", "loss", "trained"]

Map = Callable[[np.ndarray], np.ndarray]

VALUES: dict[str, Map] = {
    "units.relu": lambda z: np.maximum(z, 0.0),
    "units.tanh": np.tanh,
    "units.identity": lambda z: z,
}
_SLOPES: dict[str, Map] = {
    "units.relu": lambda z: (z > 0).astype(np.float64),
    "units.tanh": lambda z: 1 - np.tanh(z) ** 2,
    "units.identity": np.ones_like,
}


def forward(
    W0: np.ndarray, b0: np.ndarray, W1: np.ndarray, b1: np.ndarray, X: np.ndarray, phi: Fixture
) -> np.ndarray:
    """Outputs (n, 1) for rows X (n, d)."""
    return VALUES[phi.name](X @ W0.T + b0) @ W1.T + b1


def loss(yhat: np.ndarray, y: np.ndarray) -> float:
    """The mean of squared differences of outputs (n, 1) and labels (n,)."""
    return float(((yhat[:, 0] - y) ** 2).mean())


def trained(
    W0: np.ndarray,
    b0: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    phi: Fixture,
    rate: float,
    steps: int,
    *,
    kept: float = 0.0,
    all_with_all: bool = False,
) -> tuple[np.ndarray, ...]:
    """Weights after descent; gradients are by hand.

    ``kept`` is how much of the last gradient is added to the next, and ``all_with_all`` compares
    every output with every label.
    """
    weights = [W0, b0, W1, b1]
    before = [np.zeros_like(w) for w in weights]
    for _ in range(steps):
        W0, b0, W1, b1 = weights
        z = X @ W0.T + b0
        h = VALUES[phi.name](z)
        yhat = (h @ W1.T + b1)[:, 0]
        error = 2 * (yhat - (y.mean() if all_with_all else y)) / len(X)
        delta = np.outer(error, W1) * _SLOPES[phi.name](z)
        new = [delta.T @ X, delta.sum(axis=0), error[None] @ h, error.sum(keepdims=True)]
        before = [kept * old + g for old, g in zip(before, new, strict=True)]
        weights = [w - rate * g for w, g in zip(weights, before, strict=True)]
    return tuple(weights)
