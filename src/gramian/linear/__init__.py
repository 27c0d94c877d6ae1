"""Linear models with scikit-learn's contract, and the path that gradient descent takes to them."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "gramian.linear._gradient_path": ("GradientPath", "gradient_path"),
    "gramian.linear._linear_regression": ("LinearRegression",),
    "gramian.linear._linear_svc": ("LinearSVC",),
    "gramian.linear._ridge": ("Ridge",),
    "gramian.linear._ridge_cv": ("RidgeCV",),
    "gramian.linear._softmax_regression": ("SoftmaxRegression",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'gramian.linear' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
