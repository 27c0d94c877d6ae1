"""Exercises by the names of their labs."""

from __future__ import annotations

import importlib
import pkgutil
from difflib import get_close_matches

from gramian.labs.checking.exercise import Exercise

__all__ = ["exercise_names", "find_exercise"]

_HOME = "gramian.labs.exercises"


def exercise_names() -> list[str]:
    """Names of all labs that have an exercise, in alphabetical order; helpers begin with _."""
    folder = importlib.import_module(_HOME).__path__
    names = (module.name for module in pkgutil.iter_modules(folder))
    return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))


def find_exercise(name: str) -> Exercise:
    """The exercise of a lab.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    names = exercise_names()
    if name not in names:
        near = get_close_matches(name, names, 3)
        remedy = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(names)}."
        raise ValueError(
            f"find_exercise: name must be a lab with an exercise, got {name!r}. {remedy}"
        )
    exercise: Exercise = importlib.import_module(f"{_HOME}.{name.replace('-', '_')}").EXERCISE
    return exercise
