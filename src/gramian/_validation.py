"""Checks of parameters and arrays, with messages of one form.

Every message reads ``<caller>: <parameter> must be <constraint>, got <value>. <remedy>``.
"""

from __future__ import annotations

import math
import numbers
import secrets
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

__all__ = ["as_generator", "check_choice", "check_int", "check_real"]


def _message(caller: str, name: str, constraint: str, value: object, remedy: str = "") -> str:
    shown = repr(value)
    if len(shown) > 80:
        shown = shown[:77] + "..."
    return f"{caller}: {name} must be {constraint}, got {shown}." + (f" {remedy}" if remedy else "")


def check_int(
    value: Any,
    name: str,
    caller: str,
    *,
    low: int | None = None,
    high: int | None = None,
    remedy: str = "",
) -> int:
    """``value`` as an int inside [low, high]; ``TypeError`` or ``ValueError`` otherwise."""
    bounds = ""
    if low is not None or high is not None:
        left = "(-inf" if low is None else f"[{low}"
        right = "inf)" if high is None else f"{high}]"
        bounds = f" in {left}, {right}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise TypeError(_message(caller, name, f"an int{bounds}", value, remedy))
    number = int(value)
    if (low is not None and number < low) or (high is not None and number > high):
        raise ValueError(_message(caller, name, f"an int{bounds}", value, remedy))
    return number


def check_real(
    value: Any,
    name: str,
    caller: str,
    *,
    low: float | None = None,
    high: float | None = None,
    low_open: bool = False,
    remedy: str = "",
) -> float:
    """``value`` as a finite float inside [low, high], or (low, high] if ``low_open``."""
    bounds = "a finite number"
    if low is not None or high is not None:
        left = "(-inf" if low is None else f"{'(' if low_open else '['}{low:g}"
        right = "inf)" if high is None else f"{high:g}]"
        bounds += f" in {left}, {right}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(_message(caller, name, bounds, value, remedy))
    number = float(value)
    too_low = low is not None and (number <= low if low_open else number < low)
    too_high = high is not None and number > high
    if not math.isfinite(number) or too_low or too_high:
        raise ValueError(_message(caller, name, bounds, value, remedy))
    return number


def check_choice(value: Any, name: str, caller: str, choices: Iterable[Any]) -> Any:
    """``value`` itself, if it is one of ``choices``; ``ValueError`` otherwise."""
    options = list(choices)
    if not any(value is option or value == option for option in options):
        listed = ", ".join(repr(option) for option in options)
        raise ValueError(_message(caller, name, f"one of {listed}", value))
    return value


def as_generator(random_state: Any, caller: str) -> torch.Generator:
    """A CPU ``torch.Generator`` from whatever the user passed as ``random_state``.

    None draws fresh entropy; an int seeds; a NumPy generator or ``RandomState`` is advanced by
    one draw; a torch generator is used as it is. Global states are never read or written.
    """
    if isinstance(random_state, torch.Generator):
        if random_state.device.type != "cpu":
            raise ValueError(
                _message(caller, "random_state", "a CPU generator", random_state.device)
            )
        return random_state
    if random_state is None:
        seed = secrets.randbits(63)
    elif isinstance(random_state, np.random.Generator):
        seed = int(random_state.integers(0, 2**63))
    elif isinstance(random_state, np.random.RandomState):
        seed = int(random_state.randint(0, 2**31 - 1))
    else:
        remedy = "Pass None, an int, a numpy.random.Generator or a torch.Generator."
        seed = check_int(random_state, "random_state", caller, low=0, high=2**64 - 1, remedy=remedy)
    return torch.Generator().manual_seed(seed)
