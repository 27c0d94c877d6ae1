"""Drills on memory, and on leaving tensors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Function,
    Group,
    Mistake,
    Plain,
    Property,
    fails,
    like,
)
from gramian.labs.exercises._drills.cases import matrix_pairs, vectors

__all__ = ["MEMORY"]


def add_into(X: torch.Tensor, Y: torch.Tensor) -> None:
    """Add Y (n, m) to X (n, m), in the memory of X."""
    X += Y


def number_of(x: torch.Tensor) -> float:
    """The one entry of x, whatever its shape, as a Python float."""
    return x.item()


def wide(v: torch.Tensor) -> torch.Tensor:
    """v (n,) as float64."""
    return v.double()


def _ones(draw: Draw) -> Iterator[Case]:
    for shape in ((), (1,), (1, 1), (1, 1, 1)):
        yield Case(f"{len(shape)} axes", x=np.asarray(draw.normal(*shape)))


_drill = partial(Function, group="memory and types")

MEMORY = (
    _drill(
        solution=add_into,
        cases=matrix_pairs,
        axes={"X": "nm", "Y": "nm"},
        modifies=("X",),
        returns=Group(returned=Plain("nothing", type(None)), X=Array("nm")),
        reference=lambda X, Y: (None, X + Y),
        mistakes=(
            Mistake(
                "new memory in place of the old",
                like(lambda X, Y: (None, X)),
                "X = X + Y gives the name to another tensor; the caller's X stays as it was.",
            ),
        ),
        example="add_into(torch.zeros(2), torch.ones(2))",
    ),
    _drill(
        solution=number_of,
        cases=_ones,
        returns=Plain("a Python float", float),
        reference=lambda x: float(x.reshape(-1)[0]),
        mistakes=(
            Mistake(
                "whole numbers only",
                like(lambda x: float(int(x.reshape(-1)[0]))),
                "int drops what stands behind the point.",
            ),
            Mistake(
                "still a tensor",
                fails("type"),
                "An index gives a tensor without axes. Which method takes the number out?",
            ),
        ),
        example="number_of(torch.tensor([3.5]))",
    ),
    _drill(
        solution=wide,
        cases=vectors,
        axes={"v": "n"},
        returns=Array("n", keeps_dtype=False),
        properties=(
            Property(
                "the entries are float64",
                lambda f, v: f(v).dtype == np.float64,
                "float() and double() are not the same type.",
            ),
        ),
        reference=lambda v: v,
        mistakes=(
            Mistake(
                "float32",
                fails("the entries are float64"),
                "float() is the narrower of the two. What is the wider one called?",
            ),
        ),
        example="wide(torch.tensor([1.5])).dtype",
    ),
)
