"""Cases: what is timed, what it is compared with, how it is checked, what limits it."""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Case", "Contestant", "Work", "all_cases", "matching", "register"]

Sizes = Mapping[str, int]
Thunk = Callable[[], Any]


@dataclass(frozen=True)
class Work:
    """The least that any program must do for a case, and the formulas behind the numbers.

    Attributes
    ----------
    flops, bytes, exps : float
        Floating-point operations (a fused multiply-add is two), bytes to and from memory, and
        exponentials.
    formula : str
        How they follow from the sizes.
    """

    formula: str
    flops: float = 0.0
    bytes: float = 0.0
    exps: float = 0.0


@dataclass(frozen=True)
class Contestant:
    """One program that does the work of a case.

    Attributes
    ----------
    name : str
    prepare : callable
        Takes the inputs and returns the call that is timed. It may import, convert array types
        and allocate; it does none of the work.
    package : str or None
        The module it needs; where that is not installed the contestant is listed as absent.
    exact : bool
        Whether its result must pass the strict check; a peer may be held to a looser one.
    repeats : int or None
        At most so many rounds, for a peer that takes minutes.
    """

    name: str
    prepare: Callable[[Any], Thunk]
    package: str | None = None
    exact: bool = False
    repeats: int | None = None


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Attributes
    ----------
    name : str
        Unique; ``family/shape`` by custom.
    title : str
        The row's text for people.
    sizes, quick : mapping of str to int
        The shape that is reported, and a tiny one that tries the machinery.
    make : callable
        From sizes to inputs: seeded, the same for every contestant, in one dtype.
    ours : Contestant
    peers : tuple of Contestant
    verify : callable
        Takes inputs, a result and whether the check is strict; raises ``AssertionError`` with
        the reason where the result is wrong.
    work : callable or None
        From sizes to the `Work` of the case; None where no such limit makes sense.
    explain : callable or None
        From inputs to the engine's plan, as a dict.
    compare : {"ratio", "difference"}
        What is shown beside a peer; the record holds every pair either way.
    """

    name: str
    title: str
    sizes: Sizes
    quick: Sizes
    make: Callable[[Sizes], Any]
    ours: Contestant
    verify: Callable[[Any, Any, bool], None]
    peers: tuple[Contestant, ...] = ()
    work: Callable[[Sizes], Work] | None = None
    explain: Callable[[Any], dict[str, Any]] | None = None
    dtype: str = "float32"
    compare: str = "ratio"
    family: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "family", self.name.partition("/")[0])


_CASES: dict[str, Case] = {}


def register(case: Case) -> Case:
    """Add ``case`` to the table; its name must be new."""
    if case.name in _CASES:
        raise ValueError(f"register: name must be new, got {case.name!r} a second time.")
    _CASES[case.name] = case
    return case


def all_cases() -> list[Case]:
    """Every case in ``benchmarks/cases``, in the order of files and of registration."""
    package = importlib.import_module("benchmarks.cases")
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"benchmarks.cases.{module}")
    return list(_CASES.values())


def matching(cases: list[Case], pattern: str | None) -> list[Case]:
    """The cases whose name holds ``pattern``, or matches it as a shell pattern."""
    if pattern is None:
        return cases
    return [c for c in cases if pattern in c.name or fnmatch.fnmatch(c.name, pattern)]
