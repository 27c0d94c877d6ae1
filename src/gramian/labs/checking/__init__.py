"""Exercises: how they are declared, handed out, and checked in a process of their own."""

from gramian.labs.checking.comparing import Tolerance, close, same
from gramian.labs.checking.detectors import any_of, fails, like, modifies, only_on, raises
from gramian.labs.checking.draw import Draw
from gramian.labs.checking.evidence import Evidence
from gramian.labs.checking.exercise import Case, Exercise, Function, Mistake, Property, Scalar
from gramian.labs.checking.received import Fixture
from gramian.labs.checking.shapes import Anything, Array, Group, Number, Plain

__all__ = [
    "Anything",
    "Array",
    "Case",
    "Draw",
    "Evidence",
    "Exercise",
    "Fixture",
    "Function",
    "Group",
    "Mistake",
    "Number",
    "Plain",
    "Property",
    "Scalar",
    "Tolerance",
    "any_of",
    "close",
    "fails",
    "like",
    "modifies",
    "only_on",
    "raises",
    "same",
]
