"""The exercise of house-table: from a table with gaps to arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Group,
    Mistake,
    Property,
    any_of,
    like,
    raises,
)

Rows = list[list[str]]


def prepare_like(train: list, test: list) -> tuple:
    """X (n, 2 + r) and y (n,), both float64, from the rows of test, lists [rooms, roof, price].

    "NA" is a missing value; spaces around a text mean nothing. Columns of X: the rooms, a missing
    one filled with the mean of those in train (0 where there are none); for each of the r roofs in
    train, in alphabetical order, whether it is this one; whether the roof is missing. A roof that
    train lacks is not missing. y holds the prices; a missing price stays missing: NaN.
    """

    def cleaned(rows: list) -> list:
        return [[None if text.strip() == "NA" else text.strip() for text in row] for row in rows]

    train, test = cleaned(train), cleaned(test)
    known = [float(rooms) for rooms, _, _ in train if rooms is not None]
    mean = sum(known) / len(known) if known else 0.0
    roofs = sorted({roof for _, roof, _ in train if roof is not None})
    X = [
        [
            mean if rooms is None else float(rooms),
            *(float(roof == name) for name in roofs),
            float(roof is None),
        ]
        for rooms, roof, _ in test
    ]
    y = [np.nan if price is None else float(price) for _, _, price in test]
    return np.array(X), np.array(y)


def prepare(rows: list) -> tuple:
    """The same for rows that are all there is: mean and roofs are their own."""
    return prepare_like(rows, rows)


def _row(draw: Draw, roofs: tuple[str, ...]) -> list[str]:
    rooms = "NA" if draw.number(0, 1) < 0.3 else str(draw.integer(1, 6))
    roof = "NA" if draw.number(0, 1) < 0.3 else roofs[draw.integer(0, len(roofs) - 1)]
    return [rooms, roof, str(1000 * draw.integer(90, 200))]


def _rows(draw: Draw, n: int, roofs: tuple[str, ...] = ("Slate", "Shingle")) -> Rows:
    return [_row(draw, roofs) for _ in range(n)]


def _tables(draw: Draw) -> Iterator[tuple[str, Rows]]:
    yield "one whole row", [["2", "Slate", "106000"]]
    yield "no roof at all", [["2", "NA", "106000"], ["4", "NA", "178100"]]
    yield "no rooms at all", [["NA", "Slate", "106000"], ["NA", "NA", "178100"]]
    yield "gaps", [["NA", "NA", "127500"], ["2", "NA", "106000"], ["4", "Slate", "178100"]]
    yield "a price is missing", [["1", "Slate", "NA"], ["4", "Slate", "178100"]]
    yield "spaces after the commas", [["2", " NA", " 106000"], ["NA", " Slate", " 178100"]]
    yield "equal rows", [["NA", "Slate", "106000"]] * 2 + [["3", "Tiles", "99000"]]
    yield "roofs not in alphabetical order", [["1", "Tiles", "1"], ["2", "Slate", "2"]]
    for n in (4, 7):
        yield "drawn at random", [*_rows(draw, n, ("Tiles", "Slate", "Shingle")), ["1", "NA", "1"]]


def _single(draw: Draw) -> Iterator[Case]:
    for label, rows in _tables(draw):
        yield Case(label, rows=rows)


def _two(draw: Draw) -> Iterator[Case]:
    whole = [["2", "Slate", "106000"], ["4", "Tiles", "178100"]]
    yield Case("the same rows", train=whole, test=whole)
    yield Case("a gap in test", train=whole, test=[["NA", "NA", "5000"], ["9", "Slate", "1"]])
    yield Case("a roof that train lacks", train=whole, test=[["1", "Reed", "90000"]])
    yield Case("a roof that test lacks", train=whole, test=[["1", "Tiles", "90000"]])
    for label, rows in _tables(draw):
        yield Case(label, train=rows, test=_rows(draw, 3, ("Slate", "Reed")))


def _arrays(
    train: Rows,
    test: Rows,
    *,
    clean: Callable[[str], str] = str.strip,
    fill_price: bool = False,
    order: Callable[[list[str]], list[str]] = sorted,
) -> tuple[np.ndarray, np.ndarray]:
    """Both arrays; the options are what learners get wrong."""
    known = [float(row[0]) for row in train if clean(row[0]) != "NA"]
    mean = float(np.mean(known)) if known else 0.0
    roofs = order([clean(row[1]) for row in train if clean(row[1]) != "NA"])
    roofs = list(dict.fromkeys(roofs))
    X = np.zeros((len(test), len(roofs) + 2))
    for i, row in enumerate(test):
        roof = clean(row[1])
        X[i, 0] = mean if clean(row[0]) == "NA" else float(row[0])
        X[i, -1] = roof == "NA"
        if roof in roofs:
            X[i, 1 + roofs.index(roof)] = 1
    y = np.array([np.nan if clean(row[2]) == "NA" else float(row[2]) for row in test])
    if fill_price:
        y[np.isnan(y)] = np.nanmean(y)
    return X, y


def _single_way(**wrong: Any) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    return lambda rows: _arrays(rows, rows, **wrong)


RESULT = Group(X=Array("nc"), y=Array("n"))

EXERCISE = Exercise(
    lab="house-table",
    title="A table with gaps",
    question="How does a table with gaps become tensors?",
    background="""\
A file of houses has gaps. Numbers that are missing are filled with the mean of those that are
there; a text becomes one column for each of its values, and one that says that it is missing. The
target is never filled: an invented price would be learned like a real one.

What is computed from the data, the mean and the list of roofs, comes from the rows to learn from
alone, and is used for all later rows.
""",
    arrays="numpy",
    functions=(
        Function(
            solution=prepare_like,
            cases=_two,
            returns=RESULT,
            reference=_arrays,
            hint="Which of the two tables decides about mean and columns, and which about rows?",
            mistakes=(
                Mistake(
                    "statistics taken from the test rows",
                    like(lambda train, test: _arrays(test, test)),
                    "Mean and roofs belong to the rows to learn from. The test rows only use them.",
                ),
                Mistake(
                    "an unseen roof is missing",
                    like(lambda train, test: _arrays(train, _without_unseen(train, test))),
                    "A roof that is there, but was never seen before, is not missing.",
                ),
            ),
            example='prepare_like([["2", "Slate", "1"]], [["NA", "Reed", "2"]])',
        ),
        Function(
            solution=prepare,
            cases=_single,
            returns=RESULT,
            properties=(
                Property(
                    "every row has one roof, or says that it is missing",
                    lambda f, rows: bool((f(rows)[0][:, 1:].sum(axis=1) == 1).all()),
                    "Which columns say what the roof is?",
                ),
                Property(
                    "rows in another order give the same rows in that order",
                    lambda f, rows: np.array_equal(f(rows[::-1])[0][::-1], f(rows)[0]),
                    "Columns must not depend on which row comes first.",
                ),
            ),
            reference=lambda rows: _arrays(rows, rows),
            mistakes=(
                Mistake(
                    "spaces",
                    any_of(
                        like(_single_way(clean=str)),
                        lambda e: "spaces" in e.failing.label and raises("ValueError")(e),
                    ),
                    "A text with a space in front is another text. Strip it before you compare.",
                ),
                Mistake(
                    "the target is filled",
                    like(_single_way(fill_price=True)),
                    "A price that nobody paid would be learned like a real one.",
                ),
                Mistake(
                    "column order",
                    like(_single_way(order=list)),
                    "Roofs are in alphabetical order, whichever row comes first.",
                ),
            ),
            example='prepare([["NA", "NA", "127500"], ["2", "Slate", "106000"]])',
        ),
    ),
)


def _without_unseen(train: Rows, test: Rows) -> Rows:
    """The test rows, their unseen roofs as missing."""
    seen = {row[1].strip() for row in train}
    return [[row[0], row[1] if row[1].strip() in seen else "NA", row[2]] for row in test]
