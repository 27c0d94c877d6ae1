"""Runs in turn, and the statistics of their ratios."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Clock", "Rest", "in_turn", "seconds_of", "spread"]

Clock = Callable[[], float]
Rest = Callable[[float], None]
LEAST_RUNS = 3
WARM_SECONDS = 0.05
"""How long a call runs untimed before it is timed, at least once if it is not long itself."""
REST_SECONDS = 0.3
"""Before each turn: longer than threads of any pool spin (the longest known do for 0.2 s)."""
LONG = 0.5
"""Seconds from which a call is long: it is timed at once."""


def seconds_of(call: Callable[[], Any], clock: Clock = time.perf_counter) -> float:
    """How long one call takes. The result is dropped after the clock has stopped."""
    start = clock()
    result = call()
    stop = clock()
    del result
    return stop - start


def in_turn(
    calls: list[Callable[[], Any]],
    *,
    repeats: int,
    budget: float,
    clock: Clock = time.perf_counter,
    rest: Rest = time.sleep,
) -> list[list[float]]:
    """Seconds of rounds in which each call runs once, always in the order given.

    Two programs that take turns meet the same clock speed and neighbours. Before each turn the
    machine rests until the threads of the program before it have stopped spinning; on as many
    cores as threads they would take up to half of what the next one needs. A call that is not
    long runs untimed for a while right before it is timed, so that what the other left in the
    caches is not in the figure. There are ``repeats`` rounds, or fewer, but at least three, once
    ``budget`` seconds have passed.
    """
    rounds: list[list[float]] = []
    start = clock()
    with _without_collector():
        while len(rounds) < repeats:
            rounds.append([_turn(call, clock, rest) for call in calls])
            if len(rounds) >= LEAST_RUNS and clock() - start > budget:
                break
    return rounds


def _turn(call: Callable[[], Any], clock: Clock, rest: Rest) -> float:
    """The last of several runs where a run is short, else the first, after a rest."""
    rest(REST_SECONDS)
    start = clock()
    while True:
        seconds = seconds_of(call, clock)
        if seconds >= LONG:
            return seconds
        if clock() - start >= WARM_SECONDS:
            return seconds_of(call, clock)


def spread(values: list[float]) -> dict[str, float]:
    """Median and quartiles.

    Examples
    --------
    >>> spread([4.0, 1.0, 2.0, 3.0, 5.0])
    {'median': 3.0, 'q1': 2.0, 'q3': 4.0}
    """
    if len(values) == 1:
        return dict.fromkeys(("median", "q1", "q3"), values[0])
    q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "q1": q1, "q3": q3}


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the garbage collector out of a timing."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
