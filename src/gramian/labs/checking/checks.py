"""What is checked of every function, from the most basic on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian.labs.checking.calling import Calls
from gramian.labs.checking.comparing import same
from gramian.labs.checking.evidence import Lost, NoAnswerError, Outcome, Raised, Returned
from gramian.labs.checking.exercise import Case, Function, Property
from gramian.labs.checking.shapes import Sizes
from gramian.labs.checking.truth import truth

__all__ = ["Check", "Fault", "checks_of", "sizes_of"]


@dataclass(frozen=True)
class Fault:
    """One violated check.

    Attributes
    ----------
    kind : str
        "raises", "time", "memory", "process", "type", "shape", "modifies", "finite", "reference",
        or the statement of a property.
    statement : str
        What holds for every right answer, and where it helps what happened instead.
    hint : str
    """

    kind: str
    statement: str
    hint: str


Check = Callable[[Case], Fault | None]

_HINTS = {
    "raises": "Call the function with this input and read the error from its last line upwards.",
    "time": "Is there a loop that never ends, or one over every entry that an array could do?",
    "memory": "How large is the largest array on the way? Count its entries.",
    "process": "Something ends Python itself: exit(), or memory that is not the function's.",
    "type": "Print the type of what is returned, just before the return.",
    "shape": "Print the shape of every intermediate result.",
    "modifies": "Work on a copy, or build a new array; assigning into an argument changes it.",
    "finite": "Look for a division by zero, an overflow, or a logarithm of zero.",
}


def checks_of(function: Function, calls: Calls, arrays: str) -> Iterator[Check]:
    """The checks of a function, in their order."""
    yield lambda case: _answer_fault(calls.outcome(case))
    yield lambda case: _form_fault("type", function, case, calls, arrays)
    yield lambda case: _form_fault("shape", function, case, calls, arrays)
    yield lambda case: _modified_fault(calls.outcome(case))
    if function.reference is not None:
        yield lambda case: _finite_fault(function, case, calls)
    for prop in function.properties:
        yield _property_check(prop, calls)
    if function.reference is not None:
        yield lambda case: _reference_fault(function, case, calls)


def sizes_of(function: Function, case: Case, arrays: str) -> Sizes:
    """Sizes of the lettered axes of this input."""
    axes = {
        letter: size
        for name, letters in function.axes.items()
        for letter, size in zip(letters, np.shape(case.arguments[name]), strict=True)
    }
    return Sizes(axes, case.dtypes[0], arrays)


def _fault(kind: str, statement: str) -> Fault:
    return Fault(kind, statement, _HINTS[kind])


def _answer_fault(outcome: Outcome) -> Fault | None:
    if isinstance(outcome, Raised):
        said = f"{outcome.type}: {outcome.message}".rstrip(": ")
        where = f" ({outcome.where})" if outcome.where else ""
        return _fault("raises", f"every input gets an answer; yours raises {said}{where}")
    if isinstance(outcome, Lost):
        statements = {
            "time": "the answers come within the time limit",
            "memory": "the work stays within the memory limit",
            "process": f"the process survives the call; {outcome.detail}",
        }
        return _fault(outcome.reason, statements[outcome.reason])
    return None


def _answer(calls: Calls, case: Case) -> Any:
    """The value; the check for answers went before."""
    outcome = calls.outcome(case)
    if not isinstance(outcome, Returned):
        raise NoAnswerError(outcome)
    return outcome.value


def _form_fault(
    kind: str, function: Function, case: Case, calls: Calls, arrays: str
) -> Fault | None:
    """A wrong type, or where ``kind`` is "shape" a wrong shape of the right type."""
    value, sizes = _answer(calls, case), sizes_of(function, case, arrays)
    if statement := function.returns.type_fault(value, sizes):
        return _fault("type", statement)
    statement = function.returns.shape_fault(value, sizes) if kind == "shape" else None
    return _fault("shape", statement) if statement else None


def _modified_fault(outcome: Outcome) -> Fault | None:
    if isinstance(outcome, Returned) and outcome.modified:
        names = " and ".join(outcome.modified)
        return _fault("modifies", f"the arguments stay as they are; yours changes {names}")
    return None


def _numbers(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, tuple | list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, dict):
        yield from _numbers(list(value.values()))
    elif isinstance(value, np.ndarray | np.generic | float) and np.asarray(value).dtype.kind == "f":
        yield np.asarray(value)


def _finite_fault(function: Function, case: Case, calls: Calls) -> Fault | None:
    if all(np.isfinite(a).all() for a in _numbers(_answer(calls, case))):
        return None
    if all(np.isfinite(a).all() for a in _numbers(truth(function, case))):
        return _fault("finite", "no NaN and no infinity comes out of this input")
    return None


def _property_check(prop: Property, calls: Calls) -> Check:
    def check(case: Case) -> Fault | None:
        try:
            with np.errstate(all="ignore"):
                holds = prop.holds(calls.of(case), **case.arguments)
        except NoAnswerError as missing:
            if isinstance(missing.outcome, Lost):
                return _answer_fault(missing.outcome)
            holds = False
        except Exception:  # on some other input the answer has a form that nobody foresaw
            holds = False
        return None if holds else Fault(prop.statement, prop.statement, prop.hint)

    return check


def _reference_fault(function: Function, case: Case, calls: Calls) -> Fault | None:
    right = same(_answer(calls, case), truth(function, case), function.tolerance_on(case))
    statement = "the values are those of the definition"
    return None if right else Fault("reference", statement, function.hint)
