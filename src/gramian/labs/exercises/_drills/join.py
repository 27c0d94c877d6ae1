"""Drills that put tensors together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from gramian.labs.checking import Array, Case, Draw, Function, Mistake, like
from gramian.labs.exercises._drills.cases import matrix_pairs, vector_pairs

__all__ = ["JOIN"]


def pile(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """A block (2, n, m) with X (n, m) before Y (n, m)."""
    return torch.stack([X, Y])


def below(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """A matrix with the rows of X (n, m), and below them those of Y (n, m)."""
    return torch.cat([X, Y])


def side_by_side(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """A matrix with the columns of X (n, m), and beside them those of Y (n, m)."""
    return torch.cat([X, Y], dim=1)


def pairs(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """A matrix (n, 2) with a (n,) as its first column and b (n,) as its second."""
    return torch.stack([a, b], dim=1)


def joined(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The entries of a (n,), which are whole, and then those of b (m,), as floats of b's type."""
    return torch.cat([a, b])


def _whole_and_float(draw: Draw) -> Iterator[Case]:
    for n, m in ((1, 1), (1, 2), (2, 1), (3, 4)):
        yield Case(f"{n} and {m} entries", a=draw.labels(n, 9), b=draw.uniform(0.1, 0.9, m))


_drill = partial(Function, group="join")
_MATRICES = {"X": "nm", "Y": "nm"}
_VECTORS = {"a": "n", "b": "n"}

CAT = "cat lengthens an axis that is there. Which call makes a new one?"
STACK = "stack makes a new axis. Which call lengthens one that is there?"

JOIN = (
    _drill(
        solution=pile,
        cases=matrix_pairs,
        axes=_MATRICES,
        returns=Array("2nm"),
        reference=lambda X, Y: np.array([X, Y]),
        mistakes=(
            Mistake(
                "cat in place of stack",
                like(lambda X, Y: np.concatenate([X, Y])),
                CAT,
            ),
        ),
        example="pile(torch.zeros(2, 3), torch.ones(2, 3)).shape",
    ),
    _drill(
        solution=below,
        cases=matrix_pairs,
        axes=_MATRICES,
        returns=Array("em"),
        reference=lambda X, Y: np.concatenate([X, Y]),
        mistakes=(
            Mistake(
                "stack in place of cat",
                like(lambda X, Y: np.array([X, Y])),
                STACK,
            ),
            Mistake(
                "side by side",
                like(lambda X, Y: np.concatenate([X, Y], axis=1)),
                "Which axis gets longer when rows are added?",
            ),
        ),
        example="below(torch.zeros(2, 3), torch.ones(2, 3)).shape",
    ),
    _drill(
        solution=side_by_side,
        cases=matrix_pairs,
        axes=_MATRICES,
        returns=Array("ne"),
        reference=lambda X, Y: np.concatenate([X, Y], axis=1),
        mistakes=(
            Mistake(
                "stack in place of cat",
                like(lambda X, Y: np.stack([X, Y], axis=1)),
                STACK,
            ),
            Mistake(
                "one below the other",
                like(lambda X, Y: np.concatenate([X, Y])),
                "Which axis gets longer when columns are added?",
            ),
        ),
        example="side_by_side(torch.zeros(2, 3), torch.ones(2, 3)).shape",
    ),
    _drill(
        solution=pairs,
        cases=vector_pairs,
        axes=_VECTORS,
        returns=Array("n2"),
        reference=lambda a, b: np.array([a, b]).T,
        mistakes=(
            Mistake(
                "cat in place of stack",
                like(lambda a, b: np.concatenate([a, b])),
                CAT,
            ),
            Mistake(
                "rows in place of columns",
                like(lambda a, b: np.array([a, b])),
                "On which side does the new axis stand?",
            ),
        ),
        example="pairs(torch.arange(3.0), torch.ones(3))",
    ),
    _drill(
        solution=joined,
        cases=_whole_and_float,
        axes={"a": "n", "b": "m"},
        returns=Array("e"),
        reference=lambda a, b: np.concatenate([a, b]),
        mistakes=(
            Mistake(
                "cast to whole numbers first",
                like(lambda a, b: np.concatenate([a, np.trunc(b)])),
                "What stood behind the point is lost. Which of the two types can hold the other?",
            ),
        ),
        hint="Mixed types take the wider one by themselves.",
        example="joined(torch.tensor([1, 2]), torch.tensor([0.5]))",
    ),
)
