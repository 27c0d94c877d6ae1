"""What an exercise declares: functions to write, and everything that judges them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gramian.labs.checking.comparing import Tolerance
from gramian.labs.checking.draw import Draw
from gramian.labs.checking.shapes import Result

if TYPE_CHECKING:
    from gramian.labs.checking.evidence import Evidence

__all__ = ["UNWRITTEN", "Case", "Exercise", "Function", "Mistake", "Property", "Scalar"]

UNWRITTEN = "NotImplementedError"  # the learner's function is what is not written, not ours
"""What a function of an untouched exercise raises."""

Arrays = Literal["numpy", "torch"]


class Case:
    """One input: a label for people, and the arguments in the order of the signature.

    Parameters
    ----------
    label : str
        What is special about it, such as "one row"; shown to the learner.
    dtypes : tuple of str, optional
        The float types in which it is tried. An argument that is no float array keeps its type.
    **arguments
        Arrays as NumPy float64 or integers; numbers, text, None, tuples, lists, dicts and
        `Fixture`.
    """

    def __init__(
        self, label: str, /, *, dtypes: tuple[str, ...] = ("float64", "float32"), **arguments: Any
    ) -> None:
        self.label, self.dtypes, self.arguments = label, dtypes, arguments

    def __repr__(self) -> str:
        return f"Case({self.label!r}, {', '.join(self.arguments)})"


@dataclass(frozen=True)
class Property:
    """Something that holds for every right answer, told to whoever breaks it.

    Attributes
    ----------
    statement : str
        A sentence without its full stop, such as "swapping X and T transposes the result".
    holds : callable
        ``holds(f, **arguments) -> bool``; ``f(...)`` calls the learner's function, by position.
    hint : str
        What to look at. Never a value that the learner should have found.
    """

    statement: str
    holds: Callable[..., bool]
    hint: str


@dataclass(frozen=True)
class Mistake:
    """A known mistake with a hint of its own, looked for once an answer was rejected.

    Attributes
    ----------
    name : str
        A few words, unique in its function; the mutant in the tests has the same name.
    detect : callable
        ``detect(evidence) -> bool``, mostly one of `gramian.labs.checking.detectors`.
    hint : str
        What to look at. Never a value that the learner should have found.
    """

    name: str
    detect: Callable[[Evidence], bool]
    hint: str


@dataclass(frozen=True)
class Scalar:
    """A number of the lab which ``--variant`` replaces, in [low, high] on a grid of ``step``."""

    default: float
    low: float
    high: float
    step: float


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function that the learner writes.

    Attributes
    ----------
    solution : callable
        A right answer. Its name, signature and docstring make the stub; its source, which may use
        nothing but the exercise's imports, is what ``--solution`` writes.
    cases : callable
        ``cases(draw)`` yields the inputs, smallest and simplest first.
    returns : Result
        Type and shape, such as ``Array("nm")`` in the letters of ``axes``.
    axes : mapping of str to str
        One letter per axis of an array argument, ``{"X": "nd", "T": "md"}``. Equal letters are
        equal sizes; failing inputs shrink along them.
    properties : tuple of Property
        Most basic first.
    reference : callable, optional
        ``reference(**arguments)`` in float64, compared last. It never enters the learner's
        process.
    tolerance : Tolerance
        How far from the reference an answer may be.
    hint : str
        Said where the reference alone disagrees and no known mistake is found.
    mistakes : tuple of Mistake
        The first that is found gives its hint in place of the property's.
    task : str
        Markdown between the heading and the stub; the docstring already says the contract.
    example : str
        An expression that calls the function, tried in the notebook.
    modifies : tuple of str
        Arguments that the function changes in place, as an optimiser's step does. The answer
        judged is then ``(returned, *changed)``.
    through : str
        ``module.function`` of a driver in `gramian.labs.checking.fixtures`, called in the
        learner's process as ``driver(function, *arguments)`` in the function's place: for answers
        that are no data.
    valid : callable
        ``valid(**arguments) -> bool``: whether a smaller input still makes sense, where not every
        one does, such as labels that must stay below the number of centres.
    group : str
        Heading under which the score is added up; for exercises of many small functions.
    """

    solution: Callable[..., Any]
    cases: Callable[[Draw], Iterable[Case]]
    returns: Result
    axes: Mapping[str, str] = field(default_factory=dict)
    properties: tuple[Property, ...] = ()
    reference: Callable[..., Any] | None = None
    tolerance: Tolerance = field(default_factory=Tolerance)
    hint: str = "Work through the shown input by hand and compare step by step."
    mistakes: tuple[Mistake, ...] = ()
    task: str = ""
    example: str = ""
    modifies: tuple[str, ...] = ()
    through: str = ""
    valid: Callable[..., bool] = lambda **arguments: True
    group: str = ""

    def tolerance_on(self, case: Case) -> Tolerance:
        """The tolerance for this input: from float32 comes no better answer, whatever its type."""
        single = self.tolerance.single
        return Tolerance(single, single) if case.dtypes[0] == "float32" else self.tolerance

    @property
    def name(self) -> str:
        """The name that is looked for in a submission."""
        return self.solution.__name__

    @property
    def signature(self) -> str:
        """``name(first, second)``, without types."""
        return f"{self.name}({', '.join(inspect.signature(self.solution).parameters)})"


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """The functions of one lab, and what the notebook says around them.

    Attributes
    ----------
    lab : str
        The lab's name, such as "pairwise-speed".
    title, question, background : str
        Heading, one sentence, and Markdown of what a learner has to know.
    arrays : {"numpy", "torch"}
        What array arguments arrive as, and what array results must be.
    functions : tuple of Function
        In the order in which they build on each other; names differ.
    imports : str
        Import lines of the notebook.
    scalars : mapping of str to Scalar
        Numbers of the lab that ``--variant`` replaces; cases read them by ``draw.scalar(name)``.
    """

    lab: str
    title: str
    question: str
    background: str
    arrays: Arrays
    functions: tuple[Function, ...]
    imports: str = ""
    scalars: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def import_lines(self) -> str:
        """The given imports, or the usual one for the array type."""
        usual = {"numpy": "import numpy as np", "torch": "import torch"}
        return self.imports or usual[self.arrays]
