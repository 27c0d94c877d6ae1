"""A lab of one claim and two controls, whose run is given by the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gramian.labs import Claim, Context, Lab, Record, Result, negative, positive
from gramian.labs.frame.run import execute

Fill = Callable[[Result], None]


def make_lab(*claims: Claim, **changes: Any) -> Lab:
    """A valid declaration; controls take the test of the first claim."""
    judged = claims or (Claim("small", "The value is small.", "value", "<", 1.0),)
    first = judged[0].id
    fields: dict[str, Any] = {
        "name": "tiny",
        "topic": "arithmetic",
        "question": "Is it small?",
        "answer": "It is.",
        "source": "nobody",
        "method": "Look.\n\nLook again.",
        "claims": judged,
        "controls": (
            positive("sound", "True by construction.", claim=first),
            negative("broken", "Broken by construction.", claim=first),
        ),
        "seconds": (60, 60),
        "quick": {"n": 3},
        "full": {"n": 30},
    }
    return Lab(**{**fields, **changes})


def measure_value(result: Result) -> None:
    """A run in which everything is as it should be."""
    cases = {"method": 0.5, "sound": 0.25, "broken": 2.0}
    result.contrast("value", cases, lambda case: case)


@pytest.fixture
def lab() -> Callable[..., Lab]:
    return make_lab


@pytest.fixture
def record() -> Callable[..., Record]:
    """Run a lab with a function that fills its result."""

    def make(lab: Lab | None = None, fill: Fill = measure_value, **options: Any) -> Record:
        def run(context: Context) -> Result:
            result = Result(context)
            fill(result)
            return result

        return execute(lab or make_lab(), run, **options)

    return make


@pytest.fixture
def result() -> Callable[..., Result]:
    """An empty result of a lab."""

    def make(lab: Lab | None = None, **options: Any) -> Result:
        return Result(Context(lab or make_lab(), **options))

    return make
