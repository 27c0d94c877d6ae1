"""A net with one hidden layer in float64, its descent, and what mistakes make of them."""

from __future__ import annotations

import numpy as np

__all__ = ["scores", "trained"]

Params = list[np.ndarray]


def scores(
    params: Params, X: np.ndarray, *, bend: bool = True, bent_output: bool = False
) -> np.ndarray:
    """Scores (n, k) for X (n, ...), each row flattened."""
    W1, b1, W2, b2 = params
    hidden = X.reshape(len(X), -1) @ W1 + b1
    found = (np.maximum(hidden, 0) if bend else hidden) @ W2 + b2
    return np.maximum(found, 0) if bent_output else found


def _gradients(params: Params, X: np.ndarray, y: np.ndarray) -> Params:
    """Of the mean cross-entropy, by the chain rule."""
    W1, b1, W2, _ = params
    rows = X.reshape(len(X), -1)
    hidden = np.maximum(rows @ W1 + b1, 0)
    logits = scores(params, X)
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    shares[np.arange(len(y)), y] -= 1
    by_scores = shares / len(y)
    by_hidden = (by_scores @ W2.T) * (hidden > 0)
    return [rows.T @ by_hidden, by_hidden.sum(0), hidden.T @ by_scores, by_scores.sum(0)]


def trained(
    params: Params,
    X: np.ndarray,
    y: np.ndarray,
    rate: float,
    steps: int,
    *,
    kept: float = 0.0,
    layers: int = 2,
) -> Params:
    """The tensors after so many steps on all rows.

    ``kept`` is how much of the last gradient is added to the next, ``layers`` how many layers
    learn, from the last on.
    """
    before = [np.zeros_like(p) for p in params]
    for _ in range(steps):
        before = [g + kept * b for g, b in zip(_gradients(params, X, y), before, strict=True)]
        factors = [rate if layers == 2 else 0.0] * 2 + [rate] * 2
        params = [p - f * g for p, f, g in zip(params, factors, before, strict=True)]
    return params
