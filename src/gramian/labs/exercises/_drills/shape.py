"""Drills that give the same entries another shape."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from gramian.labs.checking import Array, Case, Draw, Function, Group, Mistake, Plain, like, raises
from gramian.labs.exercises._drills.cases import blocks, matrices

__all__ = ["SHAPE"]


def transposed(X: torch.Tensor) -> torch.Tensor:
    """X (n, m) with rows and columns exchanged, (m, n)."""
    return X.T


def blocks_transposed(Z: torch.Tensor) -> torch.Tensor:
    """Z (a, b, c) with every block transposed, (a, c, b)."""
    return Z.transpose(1, 2)


def channels_last(image: torch.Tensor) -> torch.Tensor:
    """The same image as (height, width, channels), from (channels, height, width)."""
    return image.permute(1, 2, 0)


def column_by_column(X: torch.Tensor) -> torch.Tensor:
    """The entries of X (n, m) as a vector, the first column first."""
    return X.T.reshape(-1)


def in_rows(v: torch.Tensor, n: int) -> torch.Tensor:
    """The entries of v in n rows, the first row first; n divides their number."""
    return v.reshape(n, -1)


def flat_view(X: torch.Tensor) -> torch.Tensor:
    """The entries of X (n, m) as a vector, row by row, in the memory of X."""
    return X.view(-1)


def top_view(X: torch.Tensor, k: int) -> torch.Tensor:
    """The first k rows of X (n, m), in the memory of X."""
    return X[:k]


def _images(draw: Draw) -> Iterator[Case]:
    for shape in ((1, 1, 1), (2, 1, 3), (3, 2, 2), (3, 4, 2)):
        label = "channels {}, height {}, width {}".format(*shape)
        yield Case(label, image=draw.normal(*shape))


def _divisible(draw: Draw) -> Iterator[Case]:
    for n, m in ((1, 1), (1, 3), (3, 1), (2, 3), (3, 4)):
        yield Case(f"{n} rows of {m}", v=draw.normal(n * m), n=n)


def _tops(draw: Draw) -> Iterator[Case]:
    for case in matrices(draw):
        X = case.arguments["X"]
        yield Case(case.label, X=X, k=draw.integer(1, len(X)))


_drill = partial(Function, group="shape")

SHAPE = (
    _drill(
        solution=transposed,
        cases=matrices,
        axes={"X": "nm"},
        returns=Array("mn"),
        reference=lambda X: X.T,
        mistakes=(
            Mistake(
                "reshape in place of a transpose",
                like(lambda X: X.reshape(X.shape[::-1])),
                "reshape keeps the order in which entries are read. Does your first column hold "
                "the first row?",
            ),
        ),
        example="transposed(torch.arange(6.0).reshape(2, 3))",
    ),
    _drill(
        solution=blocks_transposed,
        cases=blocks,
        axes={"Z": "abc"},
        returns=Array("acb"),
        reference=lambda Z: np.stack([block.T for block in Z]),
        mistakes=(
            Mistake(
                "reshape in place of a transpose",
                like(lambda Z: Z.reshape(Z.shape[0], Z.shape[2], Z.shape[1])),
                "reshape keeps the order in which entries are read. Axes are exchanged by other "
                "calls.",
            ),
            Mistake(
                "all axes turned round",
                like(lambda Z: Z.transpose()),
                "The axis of the blocks stays where it is.",
            ),
        ),
        example="blocks_transposed(torch.arange(24.0).reshape(2, 3, 4)).shape",
    ),
    _drill(
        solution=channels_last,
        cases=_images,
        axes={"image": "chw"},
        returns=Array("hwc"),
        reference=lambda image: np.moveaxis(image, 0, 2),
        mistakes=(
            Mistake(
                "reshape in place of permute",
                like(lambda image: image.reshape(*image.shape[1:], image.shape[0])),
                "The shape is right and the picture is scrambled: reshape moves no axis.",
            ),
            Mistake(
                "width before height",
                like(lambda image: image.transpose()),
                "Height stays before width.",
            ),
        ),
        example="channels_last(torch.zeros(3, 8, 8)).shape",
    ),
    _drill(
        solution=column_by_column,
        cases=matrices,
        axes={"X": "nm"},
        returns=Array("e"),
        reference=lambda X: np.concatenate(list(X.T)),
        mistakes=(
            Mistake(
                "row by row",
                like(lambda X: X.reshape(-1)),
                "A flattened matrix is read row by row. What must happen to it first?",
            ),
            Mistake(
                "a view of a transpose",
                raises("RuntimeError"),
                "The entries of a transpose do not lie one after the other, so no view of them is "
                "a vector.",
            ),
        ),
        example="column_by_column(torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))",
    ),
    _drill(
        solution=in_rows,
        cases=_divisible,
        axes={"v": "k"},
        returns=Array("nm"),
        valid=lambda v, n: len(v) % n == 0 and len(v) >= n,
        reference=lambda v, n: np.stack(np.split(v, n)),
        mistakes=(
            Mistake(
                "n columns in place of n rows",
                like(lambda v, n: v.reshape(-1, n)),
                "n stands at the place of the rows.",
            ),
            Mistake(
                "column by column",
                like(lambda v, n: v.reshape(-1, n).T),
                "Read your first row aloud.",
            ),
        ),
        example="in_rows(torch.arange(6.0), 2)",
    ),
    _drill(
        solution=flat_view,
        cases=matrices,
        axes={"X": "nm"},
        through="memory.sharing",
        returns=Group(entries=Array("e"), shared=Plain("True or False", bool)),
        reference=lambda X: (X.reshape(-1), True),
        mistakes=(
            Mistake(
                "a copy where a view is asked",
                like(lambda X: (X.reshape(-1), False)),
                "The numbers are right, but they lie in other memory.",
            ),
        ),
        example="flat_view(torch.arange(6.0).reshape(2, 3))",
    ),
    _drill(
        solution=top_view,
        cases=_tops,
        axes={"X": "nm"},
        through="memory.sharing",
        returns=Group(entries=Array("em"), shared=Plain("True or False", bool)),
        valid=lambda X, k: k <= len(X),
        reference=lambda X, k: (X[:k], True),
        mistakes=(
            Mistake(
                "a copy where a view is asked",
                like(lambda X, k: (X[:k], False)),
                "A list of row numbers copies, a slice does not.",
            ),
        ),
        example="top_view(torch.arange(6.0).reshape(3, 2), 2)",
    ),
)
