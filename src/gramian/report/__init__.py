"""Self-contained HTML reports: one file that opens offline, in light, in dark and on paper."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["Report", "write_atomically"]

_HOME = {"Report": "gramian.report._report", "write_atomically": "gramian._files"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'gramian.report' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
