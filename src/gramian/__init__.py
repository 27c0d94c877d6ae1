"""Learn from pairwise structure at any scale, without ever storing the N × M matrix."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "gramian._config": ("config", "config_context"),
    "gramian.errors": ("BackendUnavailableError", "DataError", "MemoryBudgetError"),
    "gramian.gram": ("Gram",),
    "gramian.pairwise": (
        "Chebyshev",
        "Chi2",
        "CosineDistance",
        "CosineSimilarity",
        "CosineWindow",
        "Epanechnikov",
        "Euclidean",
        "Exponential",
        "Gaussian",
        "Laplacian",
        "Linear",
        "Manhattan",
        "Matern",
        "PairFunction",
        "Periodic",
        "Polynomial",
        "RationalQuadratic",
        "Sigmoid",
        "SquaredEuclidean",
        "Tophat",
        "Triangular",
    ),
    "gramian.cluster": ("DBSCAN", "KMeans", "MeanShift"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = ["__version__", *sorted(_MODULE_OF)]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'gramian' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
