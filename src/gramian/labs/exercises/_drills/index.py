"""Drills that read and write parts of tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from gramian.labs.checking import Array, Case, Draw, Function, Group, Mistake, Plain, fails, like
from gramian.labs.exercises._drills.cases import blocks, matrices

__all__ = ["INDEX"]


def last_row(X: torch.Tensor) -> torch.Tensor:
    """The last row (m,) of X (n, m)."""
    return X[-1]


def rows_between(X: torch.Tensor, i: int, j: int) -> torch.Tensor:
    """The rows of X (n, m) from i on, up to j but without it."""
    return X[i:j]


def column_of(X: torch.Tensor, j: int) -> torch.Tensor:
    """Column j of X (n, m), still a column (n, 1)."""
    return X[:, j : j + 1]


def along_the_middle(Z: torch.Tensor, i: int, k: int) -> torch.Tensor:
    """The entries (b,) of Z (a, b, c) at place i of the first axis and k of the last."""
    return Z[i, :, k]


def every_second_row(Z: torch.Tensor) -> torch.Tensor:
    """Every second row of each block of Z (a, b, c), the first one included."""
    return Z[:, ::2, :]


def write_entry(X: torch.Tensor, i: int, j: int, value: float) -> None:
    """Set the entry of X in row i and column j to value, in place."""
    X[i, j] = value


def clear_column(X: torch.Tensor, j: int) -> None:
    """Set column j of X to zero, in place."""
    X[:, j] = 0


def fill_top(X: torch.Tensor, value: float) -> None:
    """Set the first two rows of X to value, in place; all of it if there are fewer."""
    X[:2] = value


def is_symmetric(X: torch.Tensor) -> bool:
    """Whether the square matrix X equals its transpose: True or False."""
    return bool((X == X.T).all())


def _written(X: np.ndarray, place: Any, value: float) -> tuple[None, np.ndarray]:
    """What is returned, and X with a part of it set."""
    X = X.copy()
    X[place] = value
    return None, X


def _with(**bounds: str) -> Callable[[Draw], Iterator[Case]]:
    """The cases of `matrices` with places, each below the number of "rows" or "columns"."""

    def cases(draw: Draw) -> Iterator[Case]:
        for case in matrices(draw):
            X = case.arguments["X"]
            most = {"rows": X.shape[0], "columns": X.shape[1]}
            places: dict[str, Any] = {
                name: draw.integer(0, most[what] - 1) for name, what in bounds.items()
            }
            yield Case(case.label, X=X, **places)

    return cases


def _ranges(draw: Draw) -> Iterator[Case]:
    for case in matrices(draw):
        n = len(case.arguments["X"])
        i = draw.integer(0, n - 1)
        yield Case(case.label, X=case.arguments["X"], i=i, j=draw.integer(i + 1, n))


def _places(draw: Draw) -> Iterator[Case]:
    for case in blocks(draw):
        a, _, c = case.arguments["Z"].shape
        i, k = draw.integer(0, a - 1), draw.integer(0, c - 1)
        yield Case(case.label, Z=case.arguments["Z"], i=i, k=k)


def _entries(draw: Draw) -> Iterator[Case]:
    for case in _with(i="rows", j="columns")(draw):
        yield Case(case.label, **case.arguments, value=9.5)


def _tops(draw: Draw) -> Iterator[Case]:
    for case in matrices(draw):
        yield Case(case.label, X=case.arguments["X"], value=9.5)


def _squares(draw: Draw) -> Iterator[Case]:
    yield Case("one entry", X=draw.normal(1, 1))
    A = draw.grid(3, 3)
    yield Case("symmetric", X=A + A.T)
    yield Case("zeros off the diagonal", X=np.diag(draw.normal(3)))
    yield Case("one entry differs", X=np.eye(3) + np.eye(3, k=1) * [[1], [0], [0]])
    yield Case("antisymmetric", X=np.array([[0.0, 1.0], [-1.0, 0.0]]))


_drill = partial(Function, group="index and write")
_IN_PLACE = Group(returned=Plain("nothing", type(None)), X=Array("nm"))


def _copied(X: np.ndarray, **_: float) -> tuple[None, np.ndarray]:
    return None, X


COPY = Mistake(
    "a copy is written",
    like(_copied),
    "X itself stays as it was. Which call has made a copy?",
)

INDEX = (
    _drill(
        solution=last_row,
        cases=matrices,
        axes={"X": "nm"},
        returns=Array("m"),
        reference=lambda X: X[-1],
        mistakes=(
            Mistake(
                "the last column",
                like(lambda X: X[:, -1]),
                "The first place in the brackets counts rows.",
            ),
        ),
        example="last_row(torch.arange(6.0).reshape(2, 3))",
    ),
    _drill(
        solution=rows_between,
        cases=_ranges,
        axes={"X": "nm"},
        returns=Array("em"),
        valid=lambda X, i, j: len(X) >= j,
        reference=lambda X, i, j: X[i:j],
        mistakes=(
            Mistake(
                "the end is included",
                like(lambda X, i, j: X[i : j + 1]),
                "A slice stops before its end.",
            ),
        ),
        example="rows_between(torch.arange(12.0).reshape(4, 3), 1, 3)",
    ),
    _drill(
        solution=column_of,
        cases=_with(j="columns"),
        axes={"X": "nm"},
        returns=Array("n1"),
        valid=lambda X, j: j < X.shape[1],
        reference=lambda X, j: X[:, [j]],
        mistakes=(
            Mistake(
                "the axis is lost",
                like(lambda X, j: X[:, j]),
                "A number in the brackets removes its axis, a slice keeps it.",
            ),
        ),
        example="column_of(torch.arange(6.0).reshape(2, 3), 1)",
    ),
    _drill(
        solution=along_the_middle,
        cases=_places,
        axes={"Z": "abc"},
        returns=Array("b"),
        valid=lambda Z, i, k: i < Z.shape[0] and k < Z.shape[2],
        reference=lambda Z, i, k: Z[i, :, k],
        mistakes=(
            Mistake(
                "the two places exchanged",
                like(lambda Z, i, k: Z[k, :, i]),
                "Which of the two numbers belongs to the first axis?",
            ),
        ),
        example="along_the_middle(torch.arange(24.0).reshape(2, 3, 4), 1, 2)",
    ),
    _drill(
        solution=every_second_row,
        cases=blocks,
        axes={"Z": "abc"},
        returns=Array("aec"),
        reference=lambda Z: Z[:, ::2, :],
        mistakes=(
            Mistake(
                "every second block",
                like(lambda Z: Z[::2]),
                "The step stands at the axis of the blocks.",
            ),
            Mistake(
                "the first one is left out",
                like(lambda Z: Z[:, 1::2, :]),
                "Where does the slice begin?",
            ),
        ),
        example="every_second_row(torch.arange(24.0).reshape(2, 3, 4))",
    ),
    _drill(
        solution=write_entry,
        cases=_entries,
        axes={"X": "nm"},
        modifies=("X",),
        returns=_IN_PLACE,
        valid=lambda X, i, j, value: i < X.shape[0] and j < X.shape[1],
        reference=lambda X, i, j, value: _written(X, (i, j), value),
        mistakes=(
            Mistake(
                "row and column exchanged",
                like(lambda X, i, j, value: _written(X, (j, i), value)),
                "Rows come first.",
            ),
            COPY,
        ),
        example="write_entry(torch.zeros(2, 3), 1, 2, 9.0)",
    ),
    _drill(
        solution=clear_column,
        cases=_with(j="columns"),
        axes={"X": "nm"},
        modifies=("X",),
        returns=_IN_PLACE,
        valid=lambda X, j: j < X.shape[1],
        reference=lambda X, j: _written(X, (slice(None), j), 0.0),
        mistakes=(
            Mistake(
                "a row is cleared",
                like(lambda X, j: _written(X, j, 0.0)),
                "One number alone in the brackets is a row.",
            ),
            COPY,
        ),
        example="clear_column(torch.ones(2, 3), 1)",
    ),
    _drill(
        solution=fill_top,
        cases=_tops,
        axes={"X": "nm"},
        modifies=("X",),
        returns=_IN_PLACE,
        reference=lambda X, value: _written(X, slice(2), value),
        mistakes=(
            Mistake(
                "one row too many",
                like(lambda X, value: _written(X, slice(3), value)),
                "A slice stops before its end.",
            ),
            Mistake(
                "columns in place of rows",
                like(lambda X, value: _written(X, (slice(None), slice(2)), value)),
                "The first place in the brackets counts rows.",
            ),
            COPY,
        ),
        example="fill_top(torch.zeros(3, 2), 9.0)",
    ),
    _drill(
        solution=is_symmetric,
        cases=_squares,
        axes={"X": "nn"},
        returns=Plain("True or False", bool),
        reference=lambda X: bool((X == X.T).all()),
        mistakes=(
            Mistake(
                "a tensor in place of one truth value",
                fails("type"),
                "X == X.T has one answer for each entry. Make one of them.",
            ),
            Mistake(
                "one equal entry is enough",
                like(lambda X: bool((X == X.T).any())),
                "The diagonal always equals itself.",
            ),
        ),
        example="is_symmetric(torch.eye(3))",
    ),
)
