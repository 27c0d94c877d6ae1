"""Inputs and truths of autograd, in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gramian.labs.checking import Case, Draw, Fixture

__all__ = [
    "all_at_once",
    "claims",
    "entries",
    "fits",
    "gradient",
    "judged",
    "points",
    "slope",
    "starts",
]

_NAMES = ("linear", "squares", "cubes", "neighbours", "waves")


def gradient(f: Fixture, x: np.ndarray) -> np.ndarray:
    """The gradient of a function in fixtures/scalars.py."""
    name = f.name.partition(".")[2]
    if name == "linear":
        return np.array(f.options["weights"], dtype=np.float64)
    if name == "neighbours":
        return np.roll(x, 1) + np.roll(x, -1)
    return {"squares": 4 * x, "cubes": 9 * x**2, "waves": np.cos(x)}[name]


def _maps(draw: Draw, d: int) -> Iterator[tuple[str, Fixture]]:
    for name in _NAMES:
        options = {"weights": draw.normal(d)} if name == "linear" else {}
        yield name, Fixture(f"scalars.{name}", **options)


def points(draw: Draw) -> Iterator[Case]:
    """Smooth functions, and where their gradients are asked."""
    yield Case("one entry", dtypes=("float64",), f=Fixture("scalars.squares"), x=np.array([1.5]))
    for d in (2, 4):
        for name, f in _maps(draw, d):
            yield Case(f"{name}, {d} entries", dtypes=("float64",), f=f, x=draw.normal(d))
    zero = np.zeros(3)
    yield Case("cubes, at zero", dtypes=("float64",), f=Fixture("scalars.cubes"), x=zero)


def claims(draw: Draw) -> Iterator[Case]:
    """Gradients that are right, right up to rounding, or wrong in some entry."""

    def case(label: str, f: Fixture, x: np.ndarray, error: np.ndarray) -> Case:
        return Case(label, dtypes=("float64",), f=f, x=x, g=gradient(f, x) + error)

    x = np.array([1.5])
    yield case("right", Fixture("scalars.squares"), x, np.zeros(1))
    yield case("wrong", Fixture("scalars.squares"), x, x)
    for name, f in _maps(draw, 3):
        x = draw.normal(3)
        yield case(f"{name}, right", f, x, np.zeros(3))
        yield case(f"{name}, right up to rounding", f, x, np.array([0.0, 1e-9, -1e-9]))
        yield case(f"{name}, the last entry wrong", f, x, np.array([0.0, 0.0, -0.25]))
        yield case(f"{name}, errors that cancel", f, x, np.array([0.25, 0.0, -0.25]))


def starts(draw: Draw) -> Iterator[Case]:
    """Where the loop runs often, once, not at all, and ends exactly at its bound."""
    yield Case("positive", a=3.0)
    yield Case("negative", a=-3.0)
    yield Case("the lab's number", a=-0.1114)
    yield Case("a value that is reached exactly", a=125.0)
    yield Case("reached exactly from below", a=-62.5)
    yield Case("large at once", a=2000.0)
    yield Case("large and negative", a=-draw.number(600, 900))
    yield Case("any number", a=draw.number(0.5, 9))


def entries(draw: Draw) -> Iterator[Case]:
    """One entry, several, and ties."""
    yield Case("one entry", x=np.array([1.5]))
    yield Case("the lab's numbers", x=np.arange(4.0))
    yield Case("any numbers", x=draw.normal(3))
    yield Case("ties", x=draw.grid(6))


def slope(
    a: float, *, above: float = 100.0, begin: float = 2.0, past: bool = False, value: bool = False
) -> float:
    """The slope, with another factor below zero, another start, or a loop that also runs at 1000.

    With ``value`` what the function answers.
    """
    factor = begin
    while abs(factor * a) < 1000 or (past and abs(factor * a) == 1000):
        factor *= 2
    return factor * (above if a < 0 else 1.0) * (a if value else 1.0)


def all_at_once(f: Fixture, x: np.ndarray) -> np.ndarray:
    """What a step of all entries together gives for each of them."""
    return np.full_like(x, gradient(f, x).sum())


def judged(f: Fixture, x: np.ndarray, g: np.ndarray) -> bool:
    """Whether every entry is within 1e-3."""
    return bool((np.abs(g - gradient(f, x)) < 1e-3).all())


def fits(f: Fixture, x: np.ndarray, **others: np.ndarray) -> bool:
    """A linear map has as many weights as there are entries."""
    return len(f.options.get("weights", x)) == len(x)
