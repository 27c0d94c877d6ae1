"""Drills that make tensors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from gramian.labs.checking import Array, Case, Draw, Function, Mistake, Property, like
from gramian.labs.exercises._drills.cases import counts, vectors

__all__ = ["CREATE"]


def zeros_column(n: int) -> torch.Tensor:
    """A column (n, 1) of zeros, float64."""
    return torch.zeros(n, 1, dtype=torch.float64)


def column(v: torch.Tensor) -> torch.Tensor:
    """The entries of v (n,) as a column (n, 1)."""
    return v[:, None]


def row(v: torch.Tensor) -> torch.Tensor:
    """The entries of v (n,) as a row (1, n)."""
    return v[None, :]


def count_up(n: int, m: int) -> torch.Tensor:
    """The numbers from 1 on, row by row in a matrix (n, m), int64."""
    return torch.arange(1, n * m + 1).reshape(n, m)


def identity(n: int) -> torch.Tensor:
    """The identity matrix (n, n)."""
    return torch.eye(n)


def count_blocks(a: int, b: int, c: int) -> torch.Tensor:
    """The numbers from 0 on in a blocks of b rows and c columns, int64."""
    return torch.arange(a * b * c).reshape(a, b, c)


def whole(v: torch.Tensor) -> torch.Tensor:
    """v (n,) as int64; what stands behind the point is dropped."""
    return v.to(torch.int64)


def _two_counts(draw: Draw) -> Iterator[Case]:
    for n, m in ((1, 1), (1, 3), (3, 1), (2, 2), (2, 3), (4, 3)):
        yield Case(f"{n} rows of {m}", dtypes=("float64",), n=n, m=m)


def _three_counts(draw: Draw) -> Iterator[Case]:
    for a, b, c in ((1, 1, 1), (2, 1, 3), (2, 2, 2), (2, 3, 4), (4, 3, 2)):
        yield Case(f"{a} blocks of {b} and {c}", dtypes=("float64",), a=a, b=b, c=c)


_drill = partial(Function, group="create")

CREATE = (
    _drill(
        solution=zeros_column,
        cases=counts,
        returns=Array("n1", keeps_dtype=False),
        properties=(
            Property(
                "the entries are float64",
                lambda f, n: f(n).dtype == np.float64,
                "torch makes float32 where no type is named.",
            ),
        ),
        reference=lambda n: np.zeros((n, 1)),
        mistakes=(
            Mistake(
                "a vector in place of a column",
                like(lambda n: np.zeros(n)),
                "A column has two axes. How many sizes do you name?",
            ),
        ),
        example="zeros_column(3)",
    ),
    _drill(
        solution=column,
        cases=vectors,
        axes={"v": "n"},
        returns=Array("n1"),
        reference=lambda v: v[:, None],
        mistakes=(
            Mistake(
                ".T of a vector",
                like(lambda v: v),
                "A vector has one axis, and a transpose of it changes nothing. Where does the "
                "second axis come from?",
            ),
            Mistake(
                "a row in place of a column",
                like(lambda v: v[None, :]),
                "The new axis stands in front. On which side must it be?",
            ),
        ),
        example="column(torch.tensor([1.0, 3.0, 5.0]))",
    ),
    _drill(
        solution=row,
        cases=vectors,
        axes={"v": "n"},
        returns=Array("1n"),
        reference=lambda v: v[None, :],
        mistakes=(
            Mistake(
                "a column in place of a row",
                like(lambda v: v[:, None]),
                "The new axis stands behind. On which side must it be?",
            ),
        ),
        example="row(torch.tensor([1.0, 3.0, 5.0]))",
    ),
    _drill(
        solution=count_up,
        cases=_two_counts,
        returns=Array("nm", "integer"),
        reference=lambda n, m: np.arange(1, n * m + 1).reshape(n, m),
        mistakes=(
            Mistake(
                "counts from zero",
                like(lambda n, m: np.arange(n * m).reshape(n, m)),
                "What does arange begin with where no start is named, and where does it end?",
            ),
            Mistake(
                "column by column",
                like(lambda n, m: np.arange(1, n * m + 1).reshape(m, n).T),
                "Read your first row aloud.",
            ),
        ),
        example="count_up(3, 4)",
    ),
    _drill(
        solution=identity,
        cases=counts,
        returns=Array("nn", "number", keeps_dtype=False),
        reference=lambda n: np.eye(n),
        mistakes=(
            Mistake(
                "ones everywhere",
                like(lambda n: np.ones((n, n))),
                "Multiply a vector by it: is the vector unchanged?",
            ),
        ),
        example="identity(3)",
    ),
    _drill(
        solution=count_blocks,
        cases=_three_counts,
        returns=Array("abc", "integer"),
        reference=lambda a, b, c: np.arange(a * b * c).reshape(a, b, c),
        mistakes=(
            Mistake(
                "axes in the other order",
                like(lambda a, b, c: np.arange(a * b * c).reshape(c, b, a)),
                "Blocks come first, columns last.",
            ),
        ),
        example="count_blocks(2, 3, 4)",
    ),
    _drill(
        solution=whole,
        cases=vectors,
        axes={"v": "n"},
        returns=Array("n", "integer"),
        reference=lambda v: np.trunc(v).astype(np.int64),
        mistakes=(
            Mistake(
                "rounded",
                like(lambda v: np.round(v).astype(np.int64)),
                "A cast drops what stands behind the point; it does not look for the nearest.",
            ),
            Mistake(
                "rounded down",
                like(lambda v: np.floor(v).astype(np.int64)),
                "Look at a negative entry: towards which side does a cast go?",
            ),
        ),
        example="whole(torch.tensor([1.5, -1.5]))",
    ),
)
