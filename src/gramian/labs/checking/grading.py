"""Grade one submission, or a folder of them."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gramian.errors import DataError
from gramian.labs.checking.draw import Draw
from gramian.labs.checking.exercise import Exercise
from gramian.labs.checking.judging import Verdict, judge, typed_cases
from gramian.labs.checking.process import Limits
from gramian.labs.checking.session import Session
from gramian.labs.checking.submitted import SUFFIXES, read_cells
from gramian.labs.checking.variants import scalars_of

__all__ = ["ACCEPTED", "NOTHING_JUDGED", "REJECTED", "Grade", "Order", "grade", "grade_folder"]

ACCEPTED, REJECTED, NOTHING_JUDGED = 0, 1, 3
AT_ONCE = 2
"""Submissions of a folder that run at the same time."""


@dataclass(frozen=True)
class Order:
    """What is checked: an exercise, how inputs are drawn, and the limits.

    Attributes
    ----------
    exercise : Exercise
    seed : int
        Seed of the inputs; each function has a stream of its own.
    variant : str or None
        Digits that replace the lab's numbers by a learner's own.
    only : str or None
        Check this function alone.
    limits : Limits
    """

    exercise: Exercise
    seed: int
    variant: str | None = None
    only: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Grade:
    """The verdicts on one file.

    Attributes
    ----------
    file : str
    verdicts : tuple of Verdict
    notes : tuple of str
        What failed while the file was loaded.
    judged : bool
        Whether anything in it could be judged.
    seconds : float
    """

    file: str
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]
    judged: bool
    seconds: float

    @property
    def accepted(self) -> int:
        """How many functions are accepted."""
        return sum(verdict.status == "accepted" for verdict in self.verdicts)

    @property
    def exit_code(self) -> int:
        """0: all accepted; 1: some rejected or missing; 3: nothing could be judged."""
        if not self.judged:
            return NOTHING_JUDGED
        return ACCEPTED if self.accepted == len(self.verdicts) else REJECTED


def grade(order: Order, path: Path) -> Grade:
    """Grade one ``.py`` or ``.ipynb`` file in a process of its own.

    Whatever the file does, this returns: within ``limits.file`` seconds of the learner's own time,
    and what its processes need to start.
    """
    started = time.monotonic()
    exercise, scalars = order.exercise, scalars_of(order.exercise, order.variant)
    functions = [f for f in exercise.functions if order.only in (None, f.name)]
    names = [function.name for function in exercise.functions]
    try:
        cells = read_cells(path)
    except (DataError, OSError) as error:
        unread = tuple(
            Verdict(f.name, "missing", "missing", "a function of this name is defined")
            for f in functions
        )
        seconds = time.monotonic() - started
        return Grade(path.name, unread, (str(error).partition(": ")[2],), False, seconds)
    session = Session(cells, names, exercise.arrays, order.limits)
    try:
        found = any(session.versions(function.name) for function in functions)
        verdicts = []
        for function in functions:
            # a function's inputs do not depend on which others are checked
            stream = [order.seed, zlib.crc32(function.name.encode())]
            draw = Draw(np.random.default_rng(stream), scalars)
            cases = typed_cases(list(function.cases(draw)))
            seconds = min(order.limits.function, session.seconds_left)
            verdicts.append(judge(session, exercise, function, cases, seconds))
    finally:
        session.close()
    broken = not found and bool(session.notes)
    seconds = time.monotonic() - started
    return Grade(path.name, tuple(verdicts), tuple(session.notes), not broken, seconds)


def grade_folder(
    order: Order, folder: Path, progress: Callable[[Grade], None] = lambda grade: None
) -> list[Grade]:
    """Grade every submission in a folder, two at a time, by name.

    Raises
    ------
    DataError
        If there is none.
    """
    paths = sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES and p.is_file())
    if not paths:
        raise DataError(
            f"grade_folder: folder must hold .py or .ipynb files, got {folder.name!r} without any."
        )

    def graded(path: Path) -> Grade:
        found = grade(order, path)
        progress(found)
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            return list(pool.map(graded, paths))
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
