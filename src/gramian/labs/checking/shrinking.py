"""A smaller input that breaks the same check: fewer rows and columns, then plainer numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gramian.labs.checking.exercise import Case, Function

__all__ = ["shrink"]

_TRIALS = 200
_FEW = 24
"""Arrays with more entries are not simplified entry by entry."""


def shrink(case: Case, function: Function, still_fails: Callable[[Case], bool]) -> Case:
    """The smallest input found; ``still_fails`` is asked at most a few hundred times."""
    left = _TRIALS
    progress = True
    while progress and left > 0:
        progress = False
        for arguments in _smaller(case, function):
            left -= 1
            candidate = Case(case.label, dtypes=case.dtypes, **arguments)
            if _valid(function, arguments) and still_fails(candidate):
                case, progress = candidate, True
                break
            if left <= 0:
                break
    return case


def _valid(function: Function, arguments: dict[str, Any]) -> bool:
    try:
        return bool(function.valid(**arguments))
    except (ValueError, IndexError):  # the question itself makes no sense any more
        return False


def _smaller(case: Case, function: Function) -> Iterator[dict[str, Any]]:
    """Arguments one step smaller, the largest steps first."""
    yield from _with_fewer(case.arguments, function)
    for name, value in case.arguments.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            for simpler in _simpler(value):
                yield {**case.arguments, name: simpler}


def _with_fewer(arguments: dict[str, Any], function: Function) -> Iterator[dict[str, Any]]:
    sizes = {
        letter: size
        for name, letters in function.axes.items()
        for letter, size in zip(letters, np.shape(arguments[name]), strict=True)
    }
    for letter, size in sizes.items():
        half = [np.arange(size // 2), np.arange(size // 2, size)] if size > 3 else []
        single = [np.delete(np.arange(size), i) for i in range(min(size, _FEW))] if size > 1 else []
        for kept in (*half, *single):
            yield {
                name: _taken(value, function.axes.get(name, ""), letter, kept)
                for name, value in arguments.items()
            }


def _taken(value: Any, letters: str, letter: str, kept: np.ndarray) -> Any:
    for axis, own in enumerate(letters):
        if own == letter:
            value = np.take(value, kept, axis=axis)
    return value


def _simpler(value: np.ndarray) -> Iterator[np.ndarray]:
    rounded = np.round(value) + 0.0
    if not np.array_equal(rounded, value):
        yield rounded.astype(value.dtype)
    if value.size > _FEW:
        return
    for place in np.ndindex(value.shape):
        for plain in (0.0, float(np.round(value[place]))):
            if value[place] != plain and abs(plain) <= abs(value[place]):
                simpler = value.copy()
                simpler[place] = plain
                yield simpler
