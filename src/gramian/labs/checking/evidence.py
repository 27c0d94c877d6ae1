"""What was seen of one function: an outcome for every input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from gramian.labs.checking.received import Received
from gramian.labs.checking.truth import truth

if TYPE_CHECKING:
    from gramian.labs.checking.exercise import Case, Function

__all__ = ["Evidence", "Lost", "NoAnswerError", "Outcome", "Raised", "Returned"]


@dataclass(frozen=True)
class Returned:
    """A value came back, and these arguments were modified on the way."""

    value: Received
    modified: tuple[str, ...] = ()


@dataclass(frozen=True)
class Raised:
    """An exception: its type's name, its message, and where it was raised."""

    type: str
    message: str
    where: str = ""


@dataclass(frozen=True)
class Lost:
    """No answer: out of time or memory, or the process ended."""

    reason: Literal["time", "memory", "process"]
    detail: str = ""


Outcome: TypeAlias = Returned | Raised | Lost


class NoAnswerError(Exception):
    """A call inside a property gave no value; the property is then broken."""

    def __init__(self, outcome: Raised | Lost) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


@dataclass(frozen=True)
class Evidence:
    """A rejected function, for the detectors of known mistakes.

    Attributes
    ----------
    function : Function
    cases : list of Case
        In the order tried, in each float type.
    outcome : callable
        ``outcome(case)`` of any case; known ones are not run again.
    fault : str
        Identifies what was violated: "raises", "time", "memory", "process", "type", "modifies",
        "shape", "finite", "reference", or the statement of a property.
    failing : Case
        The smallest input found for it.
    """

    function: Function
    cases: list[Case]
    outcome: Callable[[Case], Outcome]
    fault: str
    failing: Case

    def truth(self, case: Case) -> Any:
        """The reference's answer to a case."""
        return truth(self.function, case)
