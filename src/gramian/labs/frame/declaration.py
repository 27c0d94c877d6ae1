"""What a lab says before it runs: question, claims with thresholds, controls, parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gramian._validation import _message, check_choice, check_int, check_real
from gramian.labs.frame.relations import RELATIONS, check_threshold

__all__ = [
    "KINDS",
    "MODES",
    "TOPICS",
    "Claim",
    "Control",
    "Lab",
    "PublishedError",
    "SourceValue",
    "negative",
    "positive",
]

TOPICS = ("arithmetic", "clustering", "linear models", "networks", "kernels", "symmetry")
KINDS = ("exact", "numeric", "statistical", "timing")
MODES = ("quick", "full")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Claim:
    """What must hold, fixed before the run.

    Parameters
    ----------
    id : str
        Lower case with hyphens.
    text : str
        One sentence.
    measurement : str or tuple of str
        Which measurement is judged; each of several must satisfy the relation.
    relation : {"<", "<=", ">", ">=", "==", "in"}
    threshold : value
        ``(low, high)`` with "in", ends included.
    kind : {"exact", "numeric", "statistical", "timing"}, default="numeric"
        exact: equal values. numeric: the value itself. statistical: the whole interval, or the
        p-value where the measurement has one. timing: a ratio of times.
    modes : tuple of {"quick", "full"}, default=both
        Where it is judged; elsewhere it is "not_applicable".
    requires : str, default=""
        Type of the device that it needs, such as "cuda".
    figure : str, default=""
        Id of the figure that shows it.

    Raises
    ------
    ValueError
        If a field is none of these.

    Examples
    --------
    >>> from gramian.labs import Claim
    >>> Claim("error", "The layer commutes with every permutation.", "error", "<", 1e-12).kind
    'numeric'
    """

    id: str
    text: str
    measurement: str | tuple[str, ...]
    relation: str
    threshold: Any
    kind: str = field(default="numeric", kw_only=True)
    modes: tuple[str, ...] = field(default=MODES, kw_only=True)
    requires: str = field(default="", kw_only=True)
    figure: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        _check_id(self.id, "Claim")
        check_choice(self.kind, "kind", f"Claim {self.id}", KINDS)
        check_choice(self.relation, "relation", f"Claim {self.id}", RELATIONS)
        check_threshold(self.relation, self.threshold, f"Claim {self.id}")
        for mode in self.modes:
            check_choice(mode, "modes", f"Claim {self.id}", MODES)
        if (self.kind == "exact") != (self.relation == "=="):
            constraint = "'==' for an exact claim, and for no other"
            raise ValueError(_message(f"Claim {self.id}", "relation", constraint, self.relation))

    @property
    def measurements(self) -> tuple[str, ...]:
        """The ids that are judged."""
        return (self.measurement,) if isinstance(self.measurement, str) else self.measurement


@dataclass(frozen=True)
class Control:
    """A run whose outcome is known: it must pass the test of a claim, or must not.

    Attributes
    ----------
    id, text : str
    sign : {"positive", "negative"}
    claim : str
        Whose test it takes.
    must : tuple (relation, threshold) or None
        What is asked of it beyond passing or failing.
    """

    id: str
    text: str
    sign: str
    claim: str
    must: tuple[str, Any] | None = None

    def __post_init__(self) -> None:
        _check_id(self.id, "Control")
        if self.must is not None:
            check_choice(self.must[0], "relation of must", f"Control {self.id}", RELATIONS)
            check_threshold(*self.must, f"Control {self.id}")


def positive(id: str, text: str, *, claim: str, must: tuple[str, Any] | None = None) -> Control:
    """A control that is true by construction: it must pass the test of `claim`."""
    return Control(id, text, "positive", claim, must)


def negative(id: str, text: str, *, claim: str, must: tuple[str, Any] | None = None) -> Control:
    """A control that is broken by construction: it must not pass the test of `claim`.

    Its id is also a fault that ``gramian lab run --fault`` plants.
    """
    return Control(id, text, "negative", claim, must)


@dataclass(frozen=True)
class PublishedError:
    """What the published version misses, and what is done here instead."""

    where: str
    error: str
    instead: str


@dataclass(frozen=True)
class SourceValue:
    """A printed value beside the measurement that recomputes it; `tolerance` is absolute."""

    where: str
    what: str
    printed: Any
    measurement: str
    tolerance: float = 0.0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Lab:
    """One falsifiable experiment, as declared before it runs.

    Parameters
    ----------
    name : str
        Lower case with hyphens.
    topic : {"arithmetic", "clustering", "linear models", "networks", "kernels", "symmetry"}
    question, answer : str
        One sentence each. The answer is given only where every claim holds.
    source : str
        The public work that posed the question.
    method : str
        What is done, with formulas; blank lines part paragraphs.
    claims : sequence of Claim
    controls : sequence of Control
        At least one of each sign.
    seconds : tuple of two float
        Budget of the quick and of the full mode on two cores.
    quick : mapping of parameter to value
    full : mapping of parameter to value, default=()
        What differs from `quick`.
    data : sequence of str, default=()
        "fashion", "mnist", or a name that `load_dataset` knows.
    published_errors : sequence of PublishedError, default=()
    source_values : sequence of SourceValue, default=()
    version : int, default=1
        Raised with every change of a threshold.

    Raises
    ------
    ValueError
        If ids repeat, a control names no claim, a sign is missing, or a field is out of range.
    """

    name: str
    topic: str
    question: str
    answer: str
    source: str
    method: str
    claims: tuple[Claim, ...]
    controls: tuple[Control, ...]
    seconds: tuple[float, float]
    quick: Mapping[str, Any] = field(default_factory=dict)
    full: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    published_errors: tuple[PublishedError, ...] = ()
    source_values: tuple[SourceValue, ...] = ()
    version: int = 1

    def __post_init__(self) -> None:
        caller = f"Lab {self.name}"
        _check_id(self.name, "Lab")
        check_choice(self.topic, "topic", caller, TOPICS)
        check_int(self.version, "version", caller, low=1)
        for seconds in self.seconds:
            check_real(seconds, "seconds", caller, low=0, low_open=True)
        _check_unique((claim.id for claim in self.claims), "claims", caller)
        _check_unique((control.id for control in self.controls), "controls", caller)
        for control in self.controls:
            check_choice(control.claim, f"claim of control {control.id}", caller, self._claim_ids)
        for sign in ("positive", "negative"):
            if all(control.sign != sign for control in self.controls):
                raise ValueError(f"{caller}: controls must hold a {sign} one, got none.")
        for name in self.full:
            check_choice(name, "full", caller, self.quick)

    @property
    def _claim_ids(self) -> list[str]:
        return [claim.id for claim in self.claims]

    @property
    def faults(self) -> tuple[str, ...]:
        """Ids of the negative controls."""
        return tuple(control.id for control in self.controls if control.sign == "negative")

    def parameters(self, mode: str) -> dict[str, Any]:
        """The parameters of a mode."""
        return {**self.quick, **(self.full if mode == "full" else {})}

    def budget(self, mode: str) -> float:
        """Seconds that a mode should take."""
        return self.seconds[MODES.index(mode)]


def _check_id(text: str, caller: str) -> None:
    if not _ID.fullmatch(text):
        raise ValueError(_message(caller, "id", "lower-case words with hyphens", text))


def _check_unique(ids: Iterable[str], what: str, caller: str) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise ValueError(_message(caller, what, "of different ids", each))
        seen.add(each)
