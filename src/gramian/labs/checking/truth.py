"""The reference's side: arguments in float64, and the answers to them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gramian.labs.checking.exercise import Case, Function

__all__ = ["truth", "widened"]


def _wide(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float64)
    if isinstance(value, tuple | list):
        return type(value)(_wide(item) for item in value)
    if isinstance(value, dict):
        return {key: _wide(item) for key, item in value.items()}
    return copy.deepcopy(value)


def widened(case: Case) -> dict[str, Any]:
    """A copy of the arguments with every float array as float64."""
    return {name: _wide(value) for name, value in case.arguments.items()}


def truth(function: Function, case: Case) -> Any:
    """What ``function.reference`` answers; floating-point warnings are expected on edge cases."""
    if function.reference is None:
        raise TypeError(f"truth: {function.name} must have a reference to compare with, got None.")
    with np.errstate(all="ignore"):
        return function.reference(**widened(case))
