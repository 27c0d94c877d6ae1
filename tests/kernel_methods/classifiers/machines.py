"""Settings of tight fits, kernels by name, and the slow truth of the squared hinge."""

from __future__ import annotations

import numpy as np

TIGHT = {"tol": 1e-14, "random_state": 0}

TIGHTLY = {"tol": 1e-10, "random_state": 0}

NAMES = ["rbf", "linear", "poly", "laplacian", "cosine", "chi2"]


def dense_squared_hinge(
    K: np.ndarray, signs: np.ndarray, weights: np.ndarray, *, intercept: bool = True
) -> np.ndarray:
    """Decision values by Newton's method on the dense matrix, with halved steps."""
    n = len(K)

    def objective(beta: np.ndarray, b: float) -> float:
        slack = np.maximum(0, 1 - signs * (K @ beta + b))
        return 0.5 * beta @ K @ beta + weights @ slack**2

    beta, b = np.zeros(n), 0.0
    for _ in range(200):
        z = K @ beta + b
        on = signs * z < 1
        system = np.zeros((n + 1, n + 1))
        system[:n, :n] = np.eye(n) + 2 * (weights * on)[:, None] * K
        system[:n, n] = 2 * weights * on
        system[n, :n] = 1 if intercept else 0
        system[n, n] = 0 if intercept else 1
        solution = np.linalg.lstsq(system, np.append(2 * weights * on * signs, 0), rcond=None)[0]
        step, shift, size = solution[:n] - beta, solution[n] - b, 1.0
        before = objective(beta, b)
        while objective(beta + size * step, b + size * shift) > before and size > 1e-10:
            size /= 2
        beta, b = beta + size * step, b + size * shift
        if size * np.abs(step).max() < 1e-13 * (1 + np.abs(beta).max()):
            break
    return K @ beta + b


# ------------------------------------------------------------------ agreement
