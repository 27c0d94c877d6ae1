"""The drills of tensor-drills: what to do, how, the answer by hand, and a way that is wrong."""

from __future__ import annotations

from gramian.labs.experiments._drills.arithmetic import ARITHMETIC
from gramian.labs.experiments._drills.drill import Drill, accepted, answer, by_hand, touched
from gramian.labs.experiments._drills.layout import LAYOUT

__all__ = [
    "DRILLS",
    "GROUPS",
    "Drill",
    "accepted",
    "answer",
    "by_hand",
    "drills_of",
    "touched",
]

GROUPS = {
    "create": "New tensors have the shape, type and entries that were asked for.",
    "index": "Slices and writes reach the entries that were meant, and keep an axis on demand.",
    "join": "stack adds an axis, cat does not, and mixed types take the wider one.",
    "shape": "A transpose exchanges axes, a reshape reads in order, a view is contiguous.",
    "entries": "Arithmetic and comparisons go entry by entry.",
    "products": "@ sums over the inner axis; shapes that do not meet are refused.",
    "memory": "Results take new memory; views, += and NumPy share it.",
    "numbers": "One entry becomes a Python number, and types are what they are called.",
}
"""Groups of drills, and what they claim."""

DRILLS = [Drill(group, *row) for group, rows in (LAYOUT | ARITHMETIC).items() for row in rows]


def drills_of(group: str) -> list[Drill]:
    """The drills of one group."""
    return [drill for drill in DRILLS if drill.group == group]
