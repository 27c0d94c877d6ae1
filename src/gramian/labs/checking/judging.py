"""The verdict on one function: accepted, or the most basic violation with its smallest input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np

from gramian.labs.checking.calling import Calls, cast
from gramian.labs.checking.checks import Check, Fault, checks_of
from gramian.labs.checking.evidence import Evidence, NoAnswerError, Raised
from gramian.labs.checking.exercise import UNWRITTEN, Case, Exercise, Function
from gramian.labs.checking.session import Session
from gramian.labs.checking.showing import as_data, as_text
from gramian.labs.checking.shrinking import shrink

__all__ = ["Verdict", "judge", "typed_cases"]

_NOT_SHRUNK = ("time", "memory", "process")
"""Faults that cost too much to repeat."""


@dataclass(frozen=True)
class Verdict:
    """What is said about one function; nothing in it is a value that it should have returned.

    Attributes
    ----------
    name : str
    status : {"accepted", "rejected", "missing"}
    kind : str
        See `Fault`; "unwritten" for the stub; empty where accepted.
    violated : str
        What holds for every right answer.
    label, shown : str
        What is special about the failing input, and its arguments as Python.
    data : dict
        The same arguments as plain data.
    hint, mistake : str
        What to look at, and the name of the known mistake it belongs to, if any.
    note : str
        Which of several definitions was judged.
    seconds : float
    """

    name: str
    status: Literal["accepted", "rejected", "missing"]
    kind: str = ""
    violated: str = ""
    label: str = ""
    shown: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    hint: str = ""
    mistake: str = ""
    note: str = ""
    seconds: float = 0.0


def typed_cases(cases: list[Case]) -> list[Case]:
    """Every input in each of its float types; one without floats once."""
    found = []
    for case in cases:
        for dtype in case.dtypes:
            arguments = {name: cast(value, dtype) for name, value in case.arguments.items()}
            label = case.label if dtype == "float64" else f"{case.label} ({dtype})"
            found.append(Case(label, dtypes=(dtype,), **arguments))
            if not any(_holds_floats(value) for value in case.arguments.values()):
                break
    return found


def _holds_floats(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return any(_holds_floats(item) for item in value)
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def judge(
    session: Session, exercise: Exercise, function: Function, cases: list[Case], seconds: float
) -> Verdict:
    """Judge the last definition that works; one that only raises gives way to an earlier one."""
    versions = session.versions(function.name)
    if not versions:
        return _missing(session, function)
    first: Verdict | None = None
    for cell in reversed(versions):
        calls = Calls(session, function, cell, seconds)
        verdict = _judged(calls, exercise, function, cases)
        seconds = calls.seconds_left
        if len(versions) > 1:
            which = f"defined {len(versions)} times; judged: {session.cell_name(cell)}"
            verdict = replace(verdict, note=which)
        if verdict.kind not in ("unwritten", "raises", "process"):
            return verdict
        first = first or verdict
        if seconds <= 0:
            break
    assert first is not None
    return first


def _missing(session: Session, function: Function) -> Verdict:
    hint = f"Define a function with this name: {function.signature}."
    if near := get_close_matches(function.name, session.defined, 1):
        hint = f"There is a function {near[0]}. Names are compared letter by letter."
    return Verdict(
        function.name, "missing", "missing", "a function of this name is defined", hint=hint
    )


def _judged(calls: Calls, exercise: Exercise, function: Function, cases: list[Case]) -> Verdict:
    budget = calls.seconds_left
    outcome = calls.outcome(cases[0])
    if isinstance(outcome, Raised) and outcome.type == UNWRITTEN:
        return Verdict(
            function.name,
            "rejected",
            "unwritten",
            "the function is written",
            hint=f"Replace the line that raises {UNWRITTEN} with your own.",
        )
    found = _first_violation(checks_of(function, calls, exercise.arrays), cases)
    if found is None:
        return Verdict(function.name, "accepted", seconds=budget - calls.seconds_left)
    check, case, fault = found
    evidence = Evidence(function, cases, calls.outcome, fault.kind, case)
    mistake = next((m for m in function.mistakes if m.detect(evidence)), None)
    if fault.kind not in _NOT_SHRUNK:
        case = shrink(case, function, _again(check, fault, calls))
        fault = check(case) or fault
    return Verdict(
        function.name,
        "rejected",
        fault.kind,
        fault.statement,
        case.label,
        as_text(case, exercise.arrays),
        as_data(case),
        mistake.hint if mistake else fault.hint,
        mistake.name if mistake else "",
        seconds=budget - calls.seconds_left,
    )


def _first_violation(checks: Any, cases: list[Case]) -> tuple[Check, Case, Fault] | None:
    for check in checks:
        for case in cases:
            if fault := check(case):
                return check, case, fault
    return None


def _again(check: Check, fault: Fault, calls: Calls) -> Callable[[Case], bool]:
    """Whether a smaller input breaks the same check, while there is time to ask."""

    def still_fails(case: Case) -> bool:
        if calls.seconds_left < 0.25:
            return False
        try:
            found = check(case)
        except NoAnswerError:  # broken in a more basic way
            return False
        return found is not None and found.kind == fault.kind

    return still_fails
