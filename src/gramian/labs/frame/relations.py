"""Relations between a measured value and a threshold, for points and for intervals."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from gramian._validation import _message, check_real

__all__ = ["RELATIONS", "check_threshold", "in_words", "satisfied", "side"]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "="}
RELATIONS = (*_COMPARE, "==", "in")


def check_threshold(relation: str, threshold: Any, caller: str) -> None:
    """Raise unless the threshold is of the kind that the relation needs."""
    if relation == "in":
        if not isinstance(threshold, tuple) or len(threshold) != 2:
            raise ValueError(_message(caller, "threshold", "(low, high)", threshold))
        for end in threshold:
            check_real(end, "threshold", caller)
    elif relation != "==":
        check_real(threshold, "threshold", caller)


def satisfied(relation: str, value: Any, threshold: Any) -> bool:
    """Whether a value satisfies the relation; NaN and texts satisfy no order."""
    if relation == "==":
        return bool(value == threshold)
    if not isinstance(value, int | float):
        return False
    if relation == "in":
        return bool(threshold[0] <= value <= threshold[1])
    return _COMPARE[relation](value, threshold)


def side(relation: str, interval: tuple[float, float], threshold: Any) -> str:
    """ "holds" if every value of the interval satisfies the relation, "refuted" if none does."""
    low, high = interval
    if relation == "in":
        outside = high < threshold[0] or low > threshold[1]
    else:
        outside = not any(satisfied(relation, end, threshold) for end in interval)
    if low != low or high != high:
        return "undecided"
    if all(satisfied(relation, end, threshold) for end in interval):
        return "holds"
    return "refuted" if outside else "undecided"


def in_words(relation: str, threshold: Any, show: Callable[[Any], str]) -> str:
    """The relation as the reader sees it: "≤ 0.2", "in [1.8, 2.2]"."""
    if relation == "in":
        return f"in [{show(threshold[0])}, {show(threshold[1])}]"
    return f"{_SIGNS[relation]}\u00a0{show(threshold)}"
