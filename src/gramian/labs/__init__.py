"""Labs: falsifiable experiments, each with claims fixed before the run and with controls."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "compare": ("compare_records",),
    "context": ("Context",),
    "declaration": ("Claim", "Lab", "PublishedError", "SourceValue", "negative", "positive"),
    "machine": ("extra_memory", "threads"),
    "record": ("Record",),
    "registry": ("get_lab", "lab_names"),
    "result": ("Result",),
    "run": ("run_lab",),
    "statistics": ("Estimate",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted([*_MODULE_OF, "statistics"])


def __getattr__(name: str) -> Any:
    if name == "statistics":
        return importlib.import_module("gramian.labs.frame.statistics")
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f"gramian.labs.frame.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'gramian.labs' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
