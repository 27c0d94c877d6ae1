"""Ways to recognise a known mistake in what a rejected function did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gramian.labs.checking.comparing import same
from gramian.labs.checking.evidence import Evidence, Lost, Raised, Returned
from gramian.labs.checking.truth import widened

__all__ = ["any_of", "fails", "like", "modifies", "only_on", "raises"]

Detector = Callable[[Evidence], bool]


def like(wrong: Callable[..., Any], *, enough: int = 1) -> Detector:
    """The answers are those of ``wrong(**arguments)`` wherever these are not the right ones.

    Where ``wrong`` raises, the learner's function must raise too. At least ``enough`` inputs must
    tell wrong from right.
    """

    def detect(evidence: Evidence) -> bool:
        telling = 0
        for case in evidence.cases:
            outcome = evidence.outcome(case)
            try:
                with np.errstate(all="ignore"):
                    bad = wrong(**widened(case))
            except Exception:
                if not isinstance(outcome, Raised):
                    return False
                telling += 1
                continue
            bad = _narrowed(bad, case.dtypes[0])  # where it overflows, so does the learner's
            tolerance = evidence.function.tolerance_on(case)
            if same(evidence.truth(case), bad, tolerance):
                continue
            if not isinstance(outcome, Returned) or not same(outcome.value, bad, tolerance):
                return False
            telling += 1
        return telling >= enough

    return detect


def _narrowed(value: Any, dtype: str) -> Any:
    """Floats, of arrays too, in the float type of the input."""
    if isinstance(value, tuple | list):
        return type(value)(_narrowed(item, dtype) for item in value)
    if isinstance(value, float) or getattr(value, "dtype", np.dtype(bool)).kind == "f":
        with np.errstate(over="ignore"):
            return np.asarray(value, dtype=dtype)
    return value


def raises(*types: str) -> Detector:
    """Some input makes the function raise one of these exceptions, by name."""

    def detect(evidence: Evidence) -> bool:
        outcome = evidence.outcome(evidence.failing)
        return isinstance(outcome, Raised) and outcome.type in types

    return detect


def modifies(*arguments: str) -> Detector:
    """The function changes one of these arguments."""

    def detect(evidence: Evidence) -> bool:
        outcome = evidence.outcome(evidence.failing)
        return isinstance(outcome, Returned) and bool(set(outcome.modified) & set(arguments))

    return detect


def fails(*faults: str) -> Detector:
    """What was violated is one of these: statements of properties, or `Evidence.fault` names."""

    def detect(evidence: Evidence) -> bool:
        outcome = evidence.outcome(evidence.failing)
        lost = outcome.reason if isinstance(outcome, Lost) else None
        return evidence.fault in faults or lost in faults

    return detect


def only_on(*words: str) -> Detector:
    """Every failing input has one of these words in its label, and the others are right."""

    def detect(evidence: Evidence) -> bool:
        wrong = set()
        for case in evidence.cases:
            outcome = evidence.outcome(case)
            right = isinstance(outcome, Returned) and same(
                outcome.value, evidence.truth(case), evidence.function.tolerance_on(case)
            )
            if not right:
                wrong.add(any(word in case.label for word in words))
        return wrong == {True}

    return detect


def any_of(*detectors: Detector) -> Detector:
    """One of several detectors finds its mistake."""
    return lambda evidence: any(detect(evidence) for detect in detectors)
