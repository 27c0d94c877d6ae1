"""The exercise of vectorise-speed: a sum without a loop, and a clock that can be trusted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Evidence,
    Exercise,
    Fixture,
    Function,
    Group,
    Mistake,
    Number,
    Property,
    close,
    fails,
    modifies,
    same,
)
from gramian.labs.checking.evidence import Returned

QUICK = "long vectors take hardly longer than those of a few numbers"
CALLS = "work is called once more than there are repeats"
SLOW, SLACK = 1.0, 0.3
"""Seconds of a call that is not like the others, and what may pass between two clocks."""


def add_vectorised(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The sums a_i + b_i of two vectors (n,), as a new array (n,), without a loop in Python."""
    return a + b


def time_it(work: Callable, repeats: int) -> float:
    """The median of the seconds that work() takes, over this many calls, repeats > 0.

    One call goes before, and is not timed. Seconds are those on the wall: time.perf_counter().
    """
    work()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds))


def _vectors(draw: Draw) -> Iterator[Case]:
    yield Case("one number", a=draw.normal(1), b=draw.normal(1))
    yield Case("no number", a=np.zeros(0), b=np.zeros(0))
    yield Case("ties", a=draw.grid(4), b=draw.grid(4))
    yield Case("some numbers", a=draw.normal(9), b=draw.normal(9))
    yield Case("many numbers", a=draw.grid(50_000), b=draw.grid(50_000))


def _work(draw: Draw) -> Iterator[Case]:
    def case(label: str, repeats: int, first: list[float], then: float) -> Case:
        return Case(label, work=Fixture("clocks.naps", first=first, then=then), repeats=repeats)

    yield case("a slow first call", 1, [SLOW], 0.01)
    yield case("one call is interrupted", 3, [0.01, 0.01, SLOW], 0.01)
    yield case("all calls alike", 4, [], 0.15)


def _sums_like(wrong: Callable[..., Any]) -> Callable[[Evidence], bool]:
    """All sums are those of ``wrong``, however long they take."""

    def detect(evidence: Evidence) -> bool:
        for case in evidence.cases:
            outcome, tolerance = evidence.outcome(case), evidence.function.tolerance_on(case)
            sums = wrong(**case.arguments)
            if not (isinstance(outcome, Returned) and same(outcome.value[0], sums, tolerance)):
                return False
        return True

    return detect


def _usual(slept: np.ndarray) -> float:
    """The median of the calls that are to be timed, in seconds."""
    return float(np.median(slept[1:]))


def _is_no_shorter(f: Callable[..., Any], work: Fixture, repeats: int) -> bool:
    answer, slept = f(work, repeats)
    return bool(answer > 0.9 * _usual(slept))


def _is_usual(f: Callable[..., Any], work: Fixture, repeats: int) -> bool:
    answer, slept = f(work, repeats)
    return bool(answer < _usual(slept) + SLACK)


def _about(measure: Callable[[np.ndarray], float]) -> Callable[[Evidence], bool]:
    """All answers are near this measure of the naps, and one of them is far from the median."""

    def detect(evidence: Evidence) -> bool:
        tells = False
        for case in evidence.cases:
            outcome = evidence.outcome(case)
            if not isinstance(outcome, Returned) or len(outcome.value[1]) < 2:
                return False
            answer, slept = outcome.value
            if abs(answer - measure(slept[1:])) > SLACK / 2:
                return False
            tells |= abs(measure(slept[1:]) - _usual(slept)) > SLACK / 3
        return tells

    return detect


def _first_is_timed(evidence: Evidence) -> bool:
    """There are as many calls as repeats: none goes before."""
    outcomes = [(case, evidence.outcome(case)) for case in evidence.cases]
    return all(
        isinstance(outcome, Returned) and len(outcome.value[1]) == case.arguments["repeats"]
        for case, outcome in outcomes
    )


EXERCISE = Exercise(
    lab="vectorise-speed",
    title="What a loop costs",
    question="How much does the Python loop cost?",
    background="""\
In `for i in range(n): c[i] = a[i] + b[i]` Python looks up the operation, takes two objects out of
their arrays, adds them, and puts a third one in: for every single number. `a + b` does all that
once, and then runs through memory. The loop is not gone. It runs in compiled code, on plain
numbers. A loop that hides in a list or behind a short name is as slow as one that shows.

How much that is, a clock has to tell, and clocks mislead. A **first** call pays for things that
later ones find ready: memory, caches, imports. A call may be **interrupted** by other work. So the
first one is thrown away, and of many others the **median** is taken, which one slow call does not
move.
""",
    arrays="numpy",
    imports="import time\nfrom collections.abc import Callable\n\nimport numpy as np",
    functions=(
        Function(
            solution=add_vectorised,
            cases=_vectors,
            axes={"a": "n", "b": "n"},
            returns=Group(sums=Array("n"), quick=Number("boolean")),
            through="clocks.beside_sum",
            # a part of many numbers would show nothing
            valid=lambda a, b: len(a) < 100 or len(a) == 50_000,
            properties=(
                Property(
                    "the order of the two does not matter",
                    lambda f, a, b: close(f(b, a)[0], f(a, b)[0]),
                    "Which operation is asked for?",
                ),
                Property(
                    QUICK,
                    lambda f, a, b: f(a, b)[1],
                    "How often does Python itself do something for vectors of this length?",
                ),
            ),
            reference=lambda a, b: (a + b, True),
            mistakes=(
                Mistake(
                    "hidden loop",
                    fails(QUICK),
                    "map, np.vectorize and a comprehension call Python once for every number: "
                    "they are loops. Which operation takes whole arrays?",
                ),
                Mistake(
                    "writes into an argument",
                    modifies("a", "b"),
                    "a += b changes the caller's array; a new one is asked for.",
                ),
                Mistake(
                    "one after the other",
                    _sums_like(lambda a, b: np.concatenate([a, b])),
                    "Adding lists puts one behind the other. Numbers are to be added.",
                ),
                Mistake(
                    "one sum of all",
                    _sums_like(lambda a, b: float(a.sum() + b.sum())),
                    "There is a sum for every place, not one of everything.",
                ),
            ),
            example="add_vectorised(np.ones(3), np.arange(3.0))",
        ),
        Function(
            solution=time_it,
            cases=_work,
            returns=Group(seconds=Number(), slept=Array("c")),
            through="clocks.counted",
            properties=(
                Property(
                    CALLS,
                    lambda f, work, repeats: len(f(work, repeats)[1]) == repeats + 1,
                    "Count the calls: one that is thrown away, and those on the clock.",
                ),
                Property(
                    "the result is no shorter than the work",
                    _is_no_shorter,
                    "What does your clock count, and in which unit?",
                ),
                Property(
                    "one slow call among quick ones does not move the result",
                    _is_usual,
                    "Sort the times. Which of them says what is usual?",
                ),
            ),
            mistakes=(
                Mistake(
                    "first call timed",
                    _first_is_timed,
                    "The first call pays for what later ones find ready. Call once before the "
                    "clock starts.",
                ),
                Mistake(
                    "mean in place of the median",
                    _about(lambda timed: float(timed.mean())),
                    "One interrupted call moves a mean as far as it likes.",
                ),
                Mistake(
                    "total of all calls",
                    _about(lambda timed: float(timed.sum())),
                    "More repeats must not make the work slower: the time of one call is wanted.",
                ),
                Mistake(
                    "processor time",
                    _about(lambda timed: 0.0),
                    "That clock stands still while the work waits.",
                ),
            ),
            task="`work` is a function without arguments.",
            example="time_it(lambda: sum(range(1000)), 5) > 0",
        ),
    ),
)
