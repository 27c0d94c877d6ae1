"""Labs are found by the names of their files."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

from gramian._validation import check_choice
from gramian.labs.frame.context import Context
from gramian.labs.frame.declaration import Lab
from gramian.labs.frame.result import Result

__all__ = ["get_lab", "lab_names", "load"]

_HOME = "gramian.labs.experiments"
_FOLDER = Path(__file__).parents[1] / "experiments"

Run = Callable[[Context], Result]


def lab_names() -> list[str]:
    """Names of all labs, in alphabetical order; what begins with an underscore is shared code.

    Examples
    --------
    >>> from gramian.labs import lab_names
    >>> "deep-sets" in lab_names()
    True
    """
    names = [module.name for module in pkgutil.iter_modules([str(_FOLDER)])]
    return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))


def get_lab(name: str) -> Lab:
    """The declaration of a lab.

    Raises
    ------
    ValueError
        If no lab has this name.

    Examples
    --------
    >>> from gramian.labs import get_lab
    >>> get_lab("deep-sets").question
    'Which layers commute with permutations?'
    """
    return load(name)[0]


def load(name: str) -> tuple[Lab, Run]:
    """The declaration and the run of a lab."""
    check_choice(name, "name", "get_lab", lab_names())
    module = importlib.import_module(f"{_HOME}.{name.replace('-', '_')}")
    return module.LAB, module.run
