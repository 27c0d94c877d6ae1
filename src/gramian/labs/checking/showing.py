"""Inputs as a learner can type them, and as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from gramian.labs.checking.exercise import Case

__all__ = ["as_data", "as_text"]

_MOST_ENTRIES = 40


def as_text(case: Case, arrays: str) -> str:
    """The arguments as Python: ``X = np.array([[1.0, 2.0]])``."""
    return ", ".join(f"{name} = {_typed(value, arrays)}" for name, value in case.arguments.items())


def as_data(case: Case) -> dict[str, Any]:
    """The arguments as plain data; large arrays without their entries."""
    return {name: _plain(value) for name, value in case.arguments.items()}


def _typed(value: Any, arrays: str) -> str:
    if isinstance(value, tuple | list):
        inside = ", ".join(_typed(item, arrays) for item in value)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.size > _MOST_ENTRIES:
        return f"<{value.dtype} of shape {value.shape}>"
    if value.size == 0 and value.ndim > 1:
        call = "torch.empty" if arrays == "torch" else "np.empty"
        return f"{call}({value.shape})"
    usual = {"f": "float64", "i": "int64", "b": "bool"}
    maker, module = ("torch.tensor", "torch") if arrays == "torch" else ("np.array", "np")
    named = arrays == "torch" and value.dtype == np.float64
    odd = str(value.dtype) != usual.get(value.dtype.kind) or named
    dtype = f", dtype={module}.{value.dtype}" if odd else ""
    return f"{maker}({_entries(value)}{dtype})"


def _entries(value: np.ndarray) -> str:
    """Nested lists; float32 without the digits that float64 would add."""
    if value.ndim == 0:
        return repr(value.item()) if value.dtype == np.float64 else str(value)
    return f"[{', '.join(_entries(np.asarray(item)) for item in value)}]"


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        shown = {"dtype": str(value.dtype), "shape": list(value.shape)}
        if value.size <= _MOST_ENTRIES and np.isfinite(value).all():
            shown["entries"] = value.tolist()
        return shown
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    return repr(value)
