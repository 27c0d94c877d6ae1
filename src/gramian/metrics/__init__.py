"""How good a clustering is, in bounded memory, with scikit-learn's names and signatures."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "gramian.metrics._dbcv": ("dbcv_score",),
    "gramian.metrics._dispersion": ("calinski_harabasz_score", "davies_bouldin_score"),
    "gramian.metrics._silhouette": ("silhouette_samples", "silhouette_score"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'gramian.metrics' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
