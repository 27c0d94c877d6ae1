"""Ways to recognise a mistake that several exercises share."""

from __future__ import annotations

from collections.abc import Callable

from gramian.labs.checking import Evidence
from gramian.labs.checking.evidence import Raised

__all__ = ["says"]


def says(*words: str) -> Callable[[Evidence], bool]:
    """The failing input raises an error with one of these words in its message."""

    def detect(evidence: Evidence) -> bool:
        outcome = evidence.outcome(evidence.failing)
        return isinstance(outcome, Raised) and any(word in outcome.message for word in words)

    return detect
