"""Gradients by the chain rule in float64, and what known mistakes make of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = [
    "SLOPES",
    "UNITS",
    "neuron",
    "regularised",
    "sigmoid",
    "sigmoid_slope",
    "two_layer",
]

Map = Callable[[np.ndarray], np.ndarray]


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1/(1 + e^-z), without overflow."""
    return np.exp(-np.logaddexp(0.0, -z))


def sigmoid_slope(z: np.ndarray) -> np.ndarray:
    """The derivative of the sigmoid, even and without overflow."""
    return sigmoid(z) * sigmoid(-z)


UNITS: dict[str, Map] = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0.0),
    "sigmoid": sigmoid,
}
SLOPES: dict[str, Map] = {
    "linear": lambda z: np.ones_like(z),
    "relu": lambda z: (z > 0).astype(np.float64),
    "sigmoid": sigmoid_slope,
}


def neuron(
    w: np.ndarray,
    b: float,
    x: np.ndarray,
    y: float,
    unit: str,
    *,
    slope: Map | None = None,
) -> tuple[np.ndarray, float]:
    """Derivatives of (unit(w.x + b) - y)² by w and b; ``slope`` is a wrong one of the unit."""
    z = np.asarray(w @ x + b)
    delta = float(2 * (UNITS[unit](z) - y) * (slope or SLOPES[unit])(z))
    return delta * x, delta


def two_layer(
    W0: np.ndarray,
    b0: np.ndarray,
    w1: np.ndarray,
    b1: float,
    x: np.ndarray,
    y: float,
    *,
    slope: Map = SLOPES["relu"],
    inputs: Map = lambda x: x,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Derivatives of (relu(x W0 + b0).w1 + b1 - y)²; ``inputs`` is a wrong x on the way back."""
    z = x @ W0 + b0
    h = np.maximum(z, 0.0)
    error = float(2 * (h @ w1 + b1 - y))
    delta = error * w1 * slope(z)
    return np.outer(inputs(x), delta), delta, error * h, error


def regularised(
    W1: np.ndarray,
    W2: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    lam: float,
    *,
    decay: tuple[float, float] = (1.0, 1.0),
    turned: tuple[bool, bool] = (False, False),
) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of ||W2 sigmoid(W1 x) - y||² + lam/2 (||W1||² + ||W2||²).

    For each layer, ``decay`` is a wrong factor of the penalty's part, and ``turned`` says whether
    the outer product is transposed.
    """
    z = W1 @ x
    h = sigmoid(z)
    error = 2 * (W2 @ h - y)
    products = [np.outer(W2.T @ error * sigmoid_slope(z), x), np.outer(error, h)]
    first, second = (
        (product.T if turn else product) + factor * lam * W
        for product, turn, factor, W in zip(products, turned, decay, (W1, W2), strict=True)
    )
    return first, second
