"""Clusterers with scikit-learn's interface, exact and in bounded memory."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {"DBSCAN": "_dbscan", "KMeans": "_kmeans", "MeanShift": "_mean_shift"}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"gramian.cluster.{_HOME[name]}"), name)
    raise AttributeError(f"module 'gramian.cluster' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
