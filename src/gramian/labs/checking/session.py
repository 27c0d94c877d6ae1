"""A submission that is being checked: loaded, called, and brought back when its process is lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gramian.labs.checking.evidence import Lost, Outcome, Raised, Returned
from gramian.labs.checking.process import NONSENSE, Limits, Process
from gramian.labs.checking.submitted import Cells

__all__ = ["Session"]

_START = 60.0
"""Seconds for an interpreter and torch to start, on however busy a machine; not the learner's."""
_MALFORMED = (KeyError, TypeError, ValueError, IndexError)
"""What reading an answer raises that a submission has written itself."""


@dataclass(frozen=True)
class _Reply:
    """What a load said: versions of each function by cell, failures by cell, defined names."""

    versions: dict[str, list[int]]
    failed: list[tuple[int, dict[str, str]]]
    defined: list[str]


class Session:
    """Runs one submission in a process that is replaced whenever it is lost.

    A statement during which the process was lost is left out from then on.

    Parameters
    ----------
    cells : Cells
    names : sequence of str
        Functions to look for.
    arrays : {"numpy", "torch"}
    limits : Limits
    """

    def __init__(self, cells: Cells, names: Sequence[str], arrays: str, limits: Limits) -> None:
        self._cells, self._names, self._arrays = cells, list(names), arrays
        self._limits = limits
        self._left = limits.file
        self._skip: list[tuple[int, int]] = []
        self._process: Process | None = None
        self._reply = _Reply({name: [] for name in names}, [], [])
        self.notes: list[str] = []
        self._load()

    @property
    def seconds_left(self) -> float:
        """What is left of the file's time."""
        return self._left

    @property
    def defined(self) -> list[str]:
        """Names that the submission defines."""
        return self._reply.defined

    def versions(self, name: str) -> list[int]:
        """Cells that define this function, in order."""
        return self._reply.versions.get(name, [])

    def cell_name(self, cell: int) -> str:
        """How reports call this cell."""
        return self._cells[cell][0]

    def _load(self) -> None:
        """Load until no statement loses the process any more, or the file's time is over."""
        while self._left > 0:
            process = Process(self._limits)
            process.send(
                {
                    "do": "load",
                    "arrays": self._arrays,
                    "names": self._names,
                    "cells": self._cells,
                    "skip": self._skip,
                }
            )
            at, answer = self._loaded(process)
            if not isinstance(answer, Lost):
                self._process, self._reply = process, answer
                self.notes += [self._failure(*item) for item in answer.failed]
                self.notes = list(dict.fromkeys(self.notes))
                return
            if at is None:
                self.notes.append(f"no process could be started ({answer.detail})")
                break
            self._skip.append(at)
            self.notes.append(f"{self.cell_name(at[0])}: {_loss(answer)}; left out")
        self._reply = _Reply({}, [], [])

    def _loaded(self, process: Process) -> tuple[tuple[int, int] | None, _Reply | Lost]:
        """What the load said, or how it was lost, and the last statement that began."""
        at: tuple[int, int] | None = None
        ready = process.receive(_START)
        if isinstance(ready, Lost):
            return at, ready
        while True:
            started = time.monotonic()
            answer = process.receive(min(self._limits.function, self._left))
            self._left -= time.monotonic() - started
            if isinstance(answer, Lost):
                return at, answer
            try:
                if "begin" not in answer:
                    return at, _Reply(answer["versions"], answer["failed"], answer["defined"])
                cell, statement = answer["begin"]
            except _MALFORMED:
                process.end()
                return at, Lost("process", NONSENSE)
            at = int(cell), int(statement)

    def _failure(self, cell: int, error: dict[str, str]) -> str:
        where = error["where"] or self.cell_name(cell)
        return f"{where}: {error['type']}: {error['message']}".rstrip(": ")

    def call(
        self,
        name: str,
        cell: int,
        arguments: dict[str, Any],
        *,
        seconds: float,
        changes: Sequence[str] = (),
        through: str = "",
    ) -> Outcome:
        """Call one version of a function; arguments go by position.

        ``changes`` names arguments whose state afterwards belongs to the answer.
        """
        if self._process is None:
            self._load()
        if self._process is None or cell not in self.versions(name):
            return Lost("time" if self._left <= 0 else "process", "it could not be loaded again")
        order = list(arguments)
        self._process.send(
            {
                "do": "call",
                "name": name,
                "cell": cell,
                "arguments": list(arguments.values()),
                "changes": [order.index(argument) for argument in changes],
                "through": through,
            }
        )
        started = time.monotonic()
        answer = self._process.receive(min(seconds, self._left))
        self._left -= time.monotonic() - started
        if isinstance(answer, Lost):
            self._process = None
            return answer
        try:
            if "lost" in answer:
                return Lost(answer["lost"])
            if "raised" in answer:
                return Raised(**answer["raised"])
            modified = tuple(order[i] for i in answer["changed"] if order[i] not in changes)
            return Returned(answer["value"], modified)
        except _MALFORMED:
            self.close()
            return Lost("process", NONSENSE)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.end()
            self._process = None


def _loss(lost: Lost) -> str:
    return "runs for too long" if lost.reason == "time" else f"ends the process ({lost.detail})"
