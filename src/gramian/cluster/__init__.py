"""Clusterers with scikit-learn's contract, on the lazy Gram matrix."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "gramian.cluster._bandwidth": ("estimate_bandwidth",),
    "gramian.cluster._bin_seeds": ("get_bin_seeds",),
    "gramian.cluster._dbscan": ("DBSCAN", "dbscan"),
    "gramian.cluster._dbscan_path": ("DBSCANPath", "dbscan_path"),
    "gramian.cluster._hdbscan": ("HDBSCAN",),
    "gramian.cluster._kmeans": ("KMeans",),
    "gramian.cluster._mean_shift": ("MeanShift",),
    "gramian.cluster._mean_shift_function": ("mean_shift",),
    "gramian.cluster._mini_batch_kmeans": ("MiniBatchKMeans",),
    "gramian.cluster._suggest_eps": ("EpsSuggestion", "suggest_eps"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'gramian.cluster' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
