"""Ways to recognise a mistake that several exercises share."""

from __future__ import annotations

from collections.abc import Callable

from gramian.labs.checking import Evidence, same
from gramian.labs.checking.evidence import Raised

__all__ = ["says", "wrong_on"]


def says(*words: str) -> Callable[[Evidence], bool]:
    """The failing input raises an error with one of these words in its message."""

    def detect(evidence: Evidence) -> bool:
        outcome = evidence.outcome(evidence.failing)
        return isinstance(outcome, Raised) and any(word in outcome.message for word in words)

    return detect


def wrong_on(*words: str) -> Callable[[Evidence], bool]:
    """Every input with one of these words in its label is judged wrongly."""

    def detect(evidence: Evidence) -> bool:
        return all(
            not same(getattr(evidence.outcome(case), "value", None), evidence.truth(case))
            for case in evidence.cases
            if any(word in case.label for word in words)
        )

    return detect
