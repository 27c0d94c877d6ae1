"""The exercise of trainer-design: a decorator, stored arguments, and an honest accuracy."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gramian.labs.checking import (
    Case,
    Draw,
    Evidence,
    Exercise,
    Function,
    Mistake,
    Number,
    Plain,
    Property,
    like,
)
from gramian.labs.exercises._classification import ACCURACY, accuracy, right
from gramian.labs.exercises._evidence import says


def add_method(cls: type) -> Callable:
    """A decorator that makes a function a method of cls, under its own name.

    The decorated name goes on meaning the function.
    """

    def decorate(function: Callable) -> Callable:
        setattr(cls, function.__name__, function)
        return function

    return decorate


def save_args(target: object, ignore: Sequence[str] = ()) -> None:
    """Store every argument of the function that calls this as an attribute of target.

    Left out are target itself, whatever its name is there, and the names in ignore. Only arguments
    are stored, by position or by keyword, and no other local variables.
    """
    caller = sys._getframe(1)
    code = caller.f_code
    for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        if caller.f_locals[name] is not target and name not in ignore:
            setattr(target, name, caller.f_locals[name])


def epoch_accuracy(batches: list) -> float:
    """The share of right rows over all batches (scores, y), which may differ in size."""
    rows = sum(len(y) for _, y in batches)
    return sum(len(y) * accuracy(scores, y) for scores, y in batches) / rows


def _methods(draw: Draw) -> Iterator[Case]:
    for name in ("double", "method", "f"):
        number, factor = draw.integer(2, 9), draw.integer(2, 9)
        yield Case(f"a function {name}", name=name, number=number, factor=factor)


def _calls(draw: Draw) -> Iterator[Case]:
    for kind in ("plain", "keyword", "busy", "renamed"):
        given = {"a": draw.integer(2, 9), "b": "text", "c": [draw.number(1, 2)]}
        yield Case(f"{kind}, all kept", kind=kind, given=given, ignore=[])
        yield Case(f"{kind}, one ignored", kind=kind, given=given, ignore=["c"])
    same = {"a": None, "b": 0, "c": False}
    yield Case("empty values", kind="plain", given=same, ignore=["a", "other"])


def _epochs(draw: Draw) -> Iterator[Case]:
    def batch(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
        return draw.normal(n, k), draw.labels(n, k)

    yield Case("one batch of one row", batches=[batch(1, 2)])
    yield Case("equal batches", batches=[batch(3, 2), batch(3, 2)])
    hit, miss = np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]])
    big = np.repeat(miss, 3, axis=0), np.ones(3, dtype=np.int64)
    yield Case("a smaller last batch", batches=[big, (hit, np.ones(1, dtype=np.int64))])
    yield Case("three sizes", batches=[batch(4, 3), batch(1, 3), batch(2, 3)])


def _added(
    name: str, number: int, factor: int, *, kept: bool = True, there: bool = True
) -> dict[str, Any]:
    answers = (factor * number, factor * (number + 1)) if there else (None, None)
    return {
        "the name is still the function": kept,
        "an older object answers": answers[0],
        "a newer object answers": answers[1],
        "another class has it": False,
    }


def _stored(kind: str, given: dict[str, Any], ignore: list[str]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in ignore}


def _stores(*names: str) -> Any:
    """Some input leaves an attribute of one of these names."""

    def detect(evidence: Evidence) -> bool:
        found = [getattr(evidence.outcome(case), "value", None) for case in evidence.cases]
        return any(isinstance(value, dict) and set(names) & set(value) for value in found)

    return detect


def _over_rows(batches: list[tuple[np.ndarray, np.ndarray]]) -> float:
    return float(np.concatenate([right(scores, y) for scores, y in batches]).mean())


def _over_batches(batches: list[tuple[np.ndarray, np.ndarray]]) -> float:
    return float(np.mean([right(scores, y).mean() for scores, y in batches]))


def _hits(batches: list[tuple[np.ndarray, np.ndarray]]) -> float:
    return float(sum(right(scores, y).sum() for scores, y in batches))


EXERCISE = Exercise(
    lab="trainer-design",
    title="Parts of a trainer",
    question="Can a small trainer keep a true history at no cost?",
    background="""\
**A decorator** is a function that receives a function. `@add_method(Trainer)` above `def fit` means
`fit = add_method(Trainer)(fit)`: first `add_method` is called with the class, and what it returns
is called with the function. What *that* returns is what the name means from then on. Whoever
returns nothing leaves `None` behind.

**A call** has a frame, in which its arguments and local variables live. `sys._getframe(1)` is the
frame of whoever called, `f_locals` its variables by name, and `f_code` its code: the first
`co_argcount + co_kwonlyargcount` names of `co_varnames` are its arguments. So a helper can store
the arguments of an `__init__` without being told their names.

**A mean of means** is the mean of all only where the batches are equally large. The last batch
seldom is. A batch of one row must not count as much as one of a hundred.
""",
    arrays="torch",
    imports="import sys\nfrom collections.abc import Callable, Sequence\n\nimport torch",
    functions=(
        Function(
            solution=add_method,
            cases=_methods,
            returns=Plain("a dict", dict),
            through="classes.added",
            reference=_added,
            properties=(
                Property(
                    "objects of the class have the method, older ones too",
                    lambda f, name, number, factor: (
                        f(name, number, factor)["an older object answers"] == factor * number
                    ),
                    "An attribute of the class is there for all its objects. Under which name?",
                ),
                Property(
                    "the decorated name is still the function",
                    lambda f, name, number, factor: f(name, number, factor)[
                        "the name is still the function"
                    ],
                    "What does the inner function return?",
                ),
            ),
            mistakes=(
                Mistake(
                    "no inner function",
                    says("NoneType", "positional argument"),
                    "It is called twice: with the class, and what it returns with the function.",
                ),
                Mistake(
                    "decorator returns None",
                    like(lambda **given: _added(**given, kept=False)),
                    "Whatever the inner function returns takes the place of the decorated one.",
                ),
                Mistake(
                    "another name",
                    like(lambda **given: _added(**given, there=False)),
                    "Every function carries its own name. Look for it in `dir` of a function.",
                ),
            ),
            task="It is tried on a class of ours and a function `name`, which answers `factor` "
            "times the `number` of its object.",
        ),
        Function(
            solution=save_args,
            cases=_calls,
            returns=Plain("a dict", dict),
            through="classes.stored",
            reference=_stored,
            hint="Print the names of the arguments, and those of the attributes afterwards.",
            mistakes=(
                Mistake(
                    "self stored",
                    _stores("self", "this"),
                    "An object that holds itself stays in memory longer than it is used. The first "
                    "argument may have any name: compare objects.",
                ),
                Mistake(
                    "local variables stored",
                    _stores("half"),
                    "A frame holds more than arguments. How many of its names are arguments?",
                ),
                Mistake(
                    "own frame",
                    _stores("target", "ignore"),
                    "Whose arguments are these? One call further up are the others.",
                ),
                Mistake(
                    "ignored names stored",
                    like(lambda kind, given, ignore: given),
                    "Some names are to be left out.",
                ),
            ),
            task="It is called as `save_args(self, ignore)` in an `__init__` with the arguments "
            "`given`; the check looks at the attributes afterwards.",
        ),
        ACCURACY,
        Function(
            solution=epoch_accuracy,
            cases=_epochs,
            returns=Number(),
            reference=_over_rows,
            hint="Count the rows that are right, and all rows.",
            mistakes=(
                Mistake(
                    "mean of batch means",
                    like(_over_batches),
                    "A small batch counts as much as a large one. Should it?",
                ),
                Mistake(
                    "count in place of the share",
                    like(_hits),
                    "If every batch came twice, would it change?",
                ),
            ),
            task="Use `accuracy`.",
            example="""\
epoch_accuracy([
        (torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1])),
        (torch.tensor([[0.3, 0.7]]), torch.tensor([1])),
    ])""",
        ),
    ),
)
