"""Softmax regression in float64, and what known mistakes make of it."""

from __future__ import annotations

import numpy as np

from gramian.labs.exercises._classification import right

__all__ = ["cross_entropy", "softmax", "stepped"]


def softmax(S: np.ndarray, axis: int | None = 1) -> np.ndarray:
    """Shares of exp(S) along an axis, or of the whole table."""
    e = np.exp(S - S.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def cross_entropy(S: np.ndarray, y: np.ndarray, axis: int = 1) -> float:
    """The mean of minus the log of the share at y; ``axis`` is a wrong one of the sum."""
    top = S.max(axis=axis, keepdims=True)
    logs = S - top - np.log(np.exp(S - top).sum(axis=axis, keepdims=True))
    return float(-logs[np.arange(len(y)), y].mean())


def stepped(
    W: np.ndarray,
    b: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    X_test: np.ndarray,
    y_test: np.ndarray,
    rate: float,
    *,
    twice: bool = False,
    early: bool = False,
) -> tuple[np.ndarray, np.ndarray, float]:
    """W and b after a step, and the accuracy on the test rows.

    ``twice`` takes softmax of softmax in the loss, ``early`` judges before the step.
    """
    P = softmax(X @ W + b)
    one_hot = np.eye(W.shape[1])[y]
    back = (P - one_hot) / len(y)
    if twice:
        outer = (softmax(P) - one_hot) / len(y)
        back = P * (outer - (outer * P).sum(axis=1, keepdims=True))
    new = W - rate * X.T @ back, b - rate * back.sum(axis=0)
    judged = (W, b) if early else new
    return *new, float(right(X_test @ judged[0] + judged[1], y_test).mean())
