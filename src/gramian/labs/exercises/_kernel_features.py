"""Features of two kernels in float64, and what known mistakes make of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gramian.labs.checking import Evidence, close
from gramian.labs.checking.evidence import Returned

__all__ = ["products_like", "quadratic", "taylor"]


def quadratic(X: np.ndarray, root: float = np.sqrt(2), *, twice: bool = False) -> np.ndarray:
    """Quadratic features; ``root`` stands for the root of 2, ``twice`` takes ij and ji."""
    i, j = np.triu_indices(X.shape[1], k=1)
    mixed = root * X[:, i] * X[:, j]
    again = [mixed] if twice else []
    return np.hstack([np.ones((len(X), 1)), root * X, X**2, mixed, *again])


def taylor(x: np.ndarray, sigma: float, m: int, power: float = 0.5) -> np.ndarray:
    """Features of the Gaussian kernel by logarithms; ``power`` is that of the factorial."""
    i = np.arange(m)
    logs = np.concatenate([[0.0], np.cumsum(np.log(i[1:]))])  # of the factorials
    size = np.abs(x)[:, None] / sigma
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.where(i == 0, 0.0, i * np.log(size))
    return np.exp(powers - power * logs - size**2 / 2) * np.where(x < 0, -1.0, 1.0)[:, None] ** i


def products_like(wrong: Callable[[np.ndarray], np.ndarray]) -> Callable[[Evidence], bool]:
    """Inner products of the learner's features are those of these wrong ones, in any order."""

    def detect(evidence: Evidence) -> bool:
        for case in evidence.cases:
            outcome = evidence.outcome(case)
            if not isinstance(outcome, Returned) or np.ndim(outcome.value) != 2:
                return False
            features, bad = outcome.value.astype(np.float64), wrong(case.arguments["X"])
            if not close(features @ features.T, bad @ bad.T, 1e-4):
                return False
        return True

    return detect
