"""Self-contained HTML reports: one file that opens offline, in light, in dark and on paper."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["Report", "write_atomically"]

_HOME = {"Report": "_report", "write_atomically": "_write"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"gramian.report.{_HOME[name]}"), name)
    raise AttributeError(f"module 'gramian.report' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
