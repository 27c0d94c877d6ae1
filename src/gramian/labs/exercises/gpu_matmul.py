"""The exercise of gpu-matmul: a clock that waits, and data that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from gramian.labs.checking import (
    Anything,
    Case,
    Draw,
    Exercise,
    Function,
    Mistake,
    Number,
    Property,
    Tolerance,
    fails,
    like,
    raises,
)
from gramian.labs.checking.fixtures.devices import LAUNCH


def timed(f: Callable, device: Any) -> float:
    """Seconds that one call f() takes on the device, until its work is done.

    device.clock() gives seconds, device.synchronize() waits until the queue is empty. Calls of f
    come back at once. The first one sets up and does not count; others may have left work in the
    queue, which does not count either.
    """
    f()
    device.synchronize()
    began = device.clock()
    f()
    device.synchronize()
    return device.clock() - began


def timed_on(f: Callable, x: torch.Tensor, device: Any) -> float:
    """Seconds of one call f(y), where y = device.put(x) lies on the device; put does not count."""
    y = device.put(x)
    return timed(lambda: f(y), device)


def to_device(x: Any, d: torch.device) -> Any:
    """x with every tensor on device d: a tensor, or lists, tuples and dicts of such at any depth.

    Everything else stays as it is.
    """
    if isinstance(x, torch.Tensor):
        return x.to(d)
    if isinstance(x, (list, tuple)):
        return type(x)(to_device(part, d) for part in x)
    if isinstance(x, dict):
        return {key: to_device(part, d) for key, part in x.items()}
    return x


def _calls(draw: Draw) -> Iterator[Case]:
    def case(label: str, setup: float, backlog: float) -> Case:
        work = draw.number(0.2, 0.6)
        return Case(label, dtypes=("float64",), work=work, setup=setup, backlog=backlog)

    yield case("nothing in the queue", 0.0, 0.0)
    yield case("the first call sets up", draw.number(1, 2), 0.0)
    yield case("work of others in the queue", 0.0, draw.number(1, 2))
    yield case("both", draw.number(1, 2), draw.number(3, 4))


def _transfers(draw: Draw) -> Iterator[Case]:
    for label, setup, transfer in (
        ("nothing to wait for", 0.0, 0.0),
        ("the first call sets up", draw.number(1, 2), 0.0),
        ("a long way", draw.number(1, 2), draw.number(3, 4)),
    ):
        x, work = draw.normal(2), draw.number(0.2, 0.6)
        yield Case(label, dtypes=("float64",), x=x, work=work, setup=setup, transfer=transfer)


def _structures(draw: Draw) -> Iterator[Case]:
    a, b = draw.normal(2), draw.normal(1, 3)
    for label, x in (
        ("a tensor", a),
        ("a number", 3),
        ("a list", [a, b]),
        ("a tuple", (a, b)),
        ("a dict", {"inputs": a, "labels": b, "epoch": 3}),
        ("a list of tuples", [(a, b), (b, None)]),
        ("a dict of lists", {"parts": [a, b], "name": "text"}),
    ):
        yield Case(label, x=x, to="meta")


def _moved(x: Any, to: str, depth: int = 9) -> Any:
    """The description of x with its tensors on another device, where they are not too deep."""
    if isinstance(x, np.ndarray):
        return f"{to if depth >= 0 else 'cpu'} {x.shape}"
    if isinstance(x, tuple | list):
        return type(x)(_moved(part, to, depth - 1) for part in x)
    if isinstance(x, dict):
        return {key: _moved(part, to, depth - 1) for key, part in x.items()}
    return x


def _kinds(x: Any) -> Any:
    """The containers of a structure, without what is in them."""
    if isinstance(x, tuple | list):
        return type(x), [_kinds(part) for part in x]
    if isinstance(x, dict):
        return dict, {key: _kinds(part) for key, part in x.items()}
    return None


KEEPS_TYPES = "every list stays a list, every tuple a tuple and every dict a dict"
LOOSE = Tolerance(0.01, 0.01)
NO_WAIT = "The call comes back before the work is done. When may the clock be read?"
FIRST = "The first call does more than the others. Has it been made before the clock starts?"

EXERCISE = Exercise(
    lab="gpu-matmul",
    title="A clock that waits",
    question="What does a device change: time, digits?",
    background="""\
A GPU has a queue. Handing over work takes no time to speak of, and the call comes back at once;
whoever reads the clock then has measured nothing. `synchronize()` waits until the queue is empty.

The device of this exercise is a model of one: it has `clock()`, `synchronize()` and `put(x)`, and
its seconds pass only where it is used. So every right way to measure gives one number.
""",
    arrays="torch",
    imports="from collections.abc import Callable\nfrom typing import Any\n\nimport torch",
    functions=(
        Function(
            solution=timed,
            cases=_calls,
            through="devices.timing",
            returns=Number(),
            reference=lambda work, setup, backlog: work + LAUNCH,
            tolerance=LOOSE,
            mistakes=(
                Mistake("no wait at the end", like(lambda **_: LAUNCH), NO_WAIT),
                Mistake(
                    "the first call counts",
                    like(lambda work, setup, backlog: work + setup),
                    FIRST,
                ),
                Mistake(
                    "no wait at the start",
                    like(lambda work, setup, backlog: backlog + setup + 2 * work),
                    "Something is still in the queue when the clock starts.",
                ),
                Mistake(
                    "neither a first call nor a wait at the start",
                    like(lambda work, setup, backlog: backlog + setup + work),
                    "What is in the queue when the clock starts, and what does a first call do?",
                ),
            ),
        ),
        Function(
            solution=timed_on,
            cases=_transfers,
            axes={"x": "n"},
            through="devices.timing_of_array",
            returns=Number(),
            reference=lambda x, work, setup, transfer: work + LAUNCH,
            tolerance=LOOSE,
            mistakes=(
                Mistake(
                    "x stays where it was",
                    raises("TypeError"),
                    "f computes on the device, and x does not lie there.",
                ),
                Mistake(
                    "the way to the device counts",
                    like(lambda x, work, setup, transfer: work + transfer),
                    "put is part of what is timed. Where else can it stand?",
                ),
                Mistake(
                    "the first call counts",
                    like(lambda x, work, setup, transfer: work + setup),
                    FIRST,
                ),
                Mistake("no wait at the end", like(lambda **_: LAUNCH), NO_WAIT),
            ),
            task="Use `timed`.",
        ),
        Function(
            solution=to_device,
            cases=_structures,
            through="devices.described",
            returns=Anything(),
            properties=(
                Property(
                    KEEPS_TYPES,
                    lambda f, x, to: _kinds(f(x, to)) == _kinds(x),
                    "Look at the type of what you build.",
                ),
            ),
            reference=_moved,
            mistakes=(
                Mistake(
                    "a tensor alone is moved",
                    like(lambda x, to: _moved(x, to, 0)),
                    "A list has no device; its tensors have.",
                ),
                Mistake(
                    "not below the first level",
                    like(lambda x, to: _moved(x, to, 1)),
                    "A list may hold tuples of tensors. Which function moves those?",
                ),
                Mistake(
                    "tuples become lists",
                    fails(KEEPS_TYPES),
                    "Every container keeps its type.",
                ),
            ),
            example='to_device([torch.ones(2), "text"], torch.device("meta"))',
        ),
    ),
)
