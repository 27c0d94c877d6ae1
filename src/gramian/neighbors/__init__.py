"""Nearest neighbours with scikit-learn's contract, on the lazy Gram matrix."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["NearestNeighbors"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("gramian.neighbors._nearest_neighbors"), name)
    raise AttributeError(f"module 'gramian.neighbors' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
