"""What RidgeCV needs of scikit-learn's scorers, and of the grid of penalties that they judge."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, RegressorMixin
from torch import Tensor

__all__ = ["Said", "as_grid", "on_cpu", "routing"]


class Said(RegressorMixin, BaseEstimator):
    """A model whose predictions are what it is asked about: scorers take no others."""

    def predict(self, X: Any) -> Any:
        return X


def as_grid(alphas: Any, *, zero_too: bool) -> list[float]:
    """The penalties to try, each checked with scikit-learn's words."""
    values = alphas.tolist() if isinstance(alphas, np.ndarray | Tensor) else alphas
    values = list(values) if isinstance(values, list | tuple) else [values]
    bound = ">= 0.0" if zero_too else "> 0.0"
    for place, value in enumerate(values):
        name = f"alphas[{place}]" if len(values) > 1 else "alphas"
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(
                f"RidgeCV.fit: {name} must be an instance of float, not {type(value).__name__}."
            )
        number = float(value)
        if not (number >= 0 if zero_too else number > 0) or number == float("inf"):
            raise ValueError(f"RidgeCV.fit: {name} == {value}, must be {bound} and finite.")
    if not values:
        raise ValueError("RidgeCV.fit: alphas must have at least one number, got none.")
    return [float(value) for value in values]


def on_cpu(value: Any) -> Any:
    """Tensors as NumPy arrays, everything else as it is."""
    return value.detach().cpu().numpy() if isinstance(value, Tensor) else value


def routing() -> bool:
    """Whether scikit-learn's metadata routing is on."""
    return bool(get_config()["enable_metadata_routing"])
