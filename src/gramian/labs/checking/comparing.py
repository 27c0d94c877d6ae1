"""When two answers count as the same: by structure, and numbers within a tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Tolerance", "close", "same"]


@dataclass(frozen=True)
class Tolerance:
    """Largest error, relative to the largest entry of the truth, by float type of the answer."""

    double: float = 1e-9
    single: float = 1e-4

    def of(self, value: Any) -> float:
        """The tolerance for the float type of ``value``."""
        narrow = getattr(value, "dtype", np.dtype(np.float64)) in (np.float32, np.float16)
        return self.single if narrow else self.double


def close(a: Any, b: Any, tolerance: Tolerance | float | None = None) -> bool:
    """Whether two arrays have one shape and differ by no more than the tolerance.

    The error is relative to the largest finite entry of ``b``, or absolute where that is below 1.
    NaN equals NaN, and infinities their like. The default is `Tolerance` for the narrower of both
    types.
    """
    x, y = np.asarray(a), np.asarray(b)
    if x.shape != y.shape:
        return False
    if not isinstance(tolerance, float):
        rule = tolerance or Tolerance()
        tolerance = max(rule.of(x), rule.of(y))
    x, y = x.astype(np.float64), y.astype(np.float64)
    finite = np.isfinite(y)
    if not np.array_equal(x[~finite], y[~finite], equal_nan=True):
        return False
    x, y = x[finite], y[finite]
    scale = max(1.0, float(np.abs(y).max(initial=0.0)))
    return bool((np.abs(x - y) <= tolerance * scale).all())  # false for NaN in x


def same(answer: Any, truth: Any, tolerance: Tolerance | None = None) -> bool:
    """Whether an answer of any structure is the truth: tuples and lists are alike."""
    rule = tolerance or Tolerance()
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        answer = answer[()]
    if truth is None or isinstance(truth, str):
        return type(answer) is type(truth) and bool(answer == truth)
    if isinstance(truth, bool | np.bool_):
        return isinstance(answer, bool | np.bool_) and bool(answer == truth)
    if isinstance(truth, Mapping):
        return (
            isinstance(answer, Mapping)
            and set(answer) == set(truth)
            and all(same(answer[key], truth[key], rule) for key in truth)
        )
    if isinstance(truth, tuple | list):
        return (
            isinstance(answer, tuple | list)
            and len(answer) == len(truth)
            and all(same(a, t, rule) for a, t in zip(answer, truth, strict=True))
        )
    if not isinstance(answer, np.ndarray | np.generic | int | float):
        return False
    return close(answer, truth, rule)
