"""A learner's function as the judge calls it: each input once, within the function's time."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from gramian.labs.checking.codec import encode
from gramian.labs.checking.evidence import Lost, NoAnswerError, Outcome, Returned
from gramian.labs.checking.exercise import Case, Function
from gramian.labs.checking.received import Received
from gramian.labs.checking.session import Session

__all__ = ["Calls"]


class Calls:
    """Outcomes of one version of a function, remembered by input.

    Parameters
    ----------
    session : Session
    function : Function
    cell : int
        The cell whose definition is called.
    seconds : float
        Time for all calls together.
    """

    def __init__(self, session: Session, function: Function, cell: int, seconds: float) -> None:
        self._session, self._function, self._cell = session, function, cell
        self.seconds_left = seconds
        self._known: dict[bytes, Outcome] = {}

    def outcome(self, case: Case) -> Outcome:
        """What the function does with the arguments of ``case``."""
        return self._outcome(case.arguments)

    def of(self, case: Case) -> _Bound:
        """The function for properties: floats go in the float type of ``case``."""
        return _Bound(self, case.dtypes[0], list(case.arguments))

    def _outcome(self, arguments: dict[str, Any]) -> Outcome:
        key = encode(list(arguments.values()))
        if key not in self._known:
            self._known[key] = self._called(arguments)
        return self._known[key]

    def _called(self, arguments: dict[str, Any]) -> Outcome:
        if self.seconds_left <= 0:
            return Lost("time")
        started = time.monotonic()
        outcome = self._session.call(
            self._function.name,
            self._cell,
            arguments,
            seconds=self.seconds_left,
            changes=self._function.modifies,
            through=self._function.through,
        )
        self.seconds_left -= time.monotonic() - started
        return outcome

    def value(self, arguments: dict[str, Any]) -> Received:
        """The value for these arguments; `NoAnswerError` where there is none."""
        outcome = self._outcome(arguments)
        if not isinstance(outcome, Returned):
            raise NoAnswerError(outcome)
        return outcome.value


class _Bound:
    """``f`` in a property: called by position, answers with data."""

    def __init__(self, calls: Calls, dtype: str, names: list[str]) -> None:
        self._calls, self._dtype, self._names = calls, dtype, names

    def __call__(self, *arguments: Any) -> Received:
        typed = [cast(value, self._dtype) for value in arguments]
        return self._calls.value(dict(zip(self._names, typed, strict=True)))


def cast(value: Any, dtype: str) -> Any:
    """Float arrays in the given type, anywhere inside ``value``."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.ascontiguousarray(value, dtype=dtype)
    if isinstance(value, tuple | list):
        return type(value)(cast(item, dtype) for item in value)
    if isinstance(value, dict):
        return {key: cast(item, dtype) for key, item in value.items()}
    return value
