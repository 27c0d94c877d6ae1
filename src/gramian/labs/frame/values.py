"""Measured values: plain for JSON, and readable."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
import torch

__all__ = ["as_plain", "for_json", "shown"]

_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def as_plain(value: Any, caller: str) -> Any:
    """``value`` as bool, int, float, str, None, or lists of these; ``TypeError`` for others."""
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().tolist()
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, list | tuple):
        return [as_plain(part, caller) for part in value]
    raise TypeError(
        f"{caller}: value must be a bool, a number, a text, None or a list of these, "
        f"got {type(value).__name__}."
    )


def for_json(value: Any) -> Any:
    """The same structure with every non-finite number as a text, as the record keeps it."""
    if isinstance(value, dict):
        return {str(key): for_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [for_json(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def shown(value: Any) -> str:
    """A value for the reader: four significant digits, 1.5·10⁻⁷, lists in brackets."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "(" + ", ".join(shown(part) for part in value) + ")"
    if isinstance(value, float):
        digits, _, exponent = f"{value:.4g}".partition("e")
        if not exponent:
            return digits.replace("-", "−")
        power = "10" + str(int(exponent)).translate(_RAISED)
        if digits in ("1", "-1"):
            return digits[:-1].replace("-", "−") + power
        return f"{digits.replace('-', '−')}·{power}"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f").replace("-", "−")
    return str(value)
