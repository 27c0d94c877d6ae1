"""How does a table with gaps become tensors?"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian.labs import (
    Claim,
    Context,
    Lab,
    PublishedError,
    Result,
    SourceValue,
    negative,
    positive,
)

BOOK = "Dive into Deep Learning, 2.2"
X = [[3, 0, 1], [2, 0, 1], [4, 1, 0], [3, 0, 1]]
Y = [127500, 106000, 178100, 140000]

LAB = Lab(
    name="house-table",
    topic="arithmetic",
    question="How does a table with gaps become tensors?",
    answer=(
        "Text becomes one column per category and one for the gap, numbers take the mean of their "
        "column; but a gap written with a space is read as a category."
    ),
    source="Dive into Deep Learning, sections 2.2.1 to 2.2.3",
    method=(
        "The rows (NA, NA, 127500), (2, NA, 106000), (4, Slate, 178100) and (NA, NA, 140000) have "
        "the columns NumRooms, RoofType and Price. Price is the target y. A column of text with k "
        "categories becomes k + 1 columns of 0 and 1, the last one for the gap. In a column of "
        "numbers, a gap takes the mean of the values that are there. All of it is float64.\n\n"
        "The same is done with random tables of 1 to 8 rows whose numbers are integers, so that "
        "sums have no rounding and every comparison is exact."
    ),
    claims=(
        Claim(
            "values",
            "X and y are the matrix and the vector worked out by hand.",
            "values-right",
            "==",
            True,
            kind="exact",
            figure="steps",
        ),
        Claim(
            "columns",
            "Columns taken by position and by name are the same.",
            "same-columns",
            "==",
            True,
            kind="exact",
        ),
        Claim(
            "permutation",
            "Permuting the rows first or last makes no difference.",
            "not-commuting",
            "==",
            0,
            kind="exact",
        ),
        Claim(
            "one-hot",
            "The columns of a category sum to 1 in every row.",
            "wrong-sums",
            "==",
            0,
            kind="exact",
        ),
        Claim("gaps", "The file has five gaps.", "gaps", "==", 5, kind="exact"),
    ),
    controls=(
        positive("complete", "Numbers without a gap stay as they are.", claim="values"),
        negative("zero-fill", "Zeros in the gaps give another X.", claim="values"),
        negative(
            "forward-fill",
            "Filling with the row above depends on the order of the rows.",
            claim="permutation",
            must=(">", 0),
        ),
        negative(
            "no-indicator",
            "Without a column for the gap some rows sum to 0.",
            claim="one-hot",
            must=(">", 0),
        ),
        negative(
            "spaced",
            "With a space after each comma three gaps are lost.",
            claim="gaps",
            must=("==", 2),
        ),
    ),
    published_errors=(
        PublishedError(
            BOOK,
            "the file is printed with a space after each comma, so that RoofType holds the text "
            "“ NA” and no gap",
            "the file is written without spaces",
        ),
    ),
    source_values=(
        SourceValue(BOOK, "X", X, "X"),
        SourceValue(BOOK, "y", Y, "y"),
    ),
    quick={"tables": 200},
    full={"tables": 5000},
    seconds=(2, 10),
)

Rows = list[tuple[str | None, ...]]
Fill = Callable[[Sequence[float | None]], list[float]]
Case = tuple[Rows, Fill, list[list[int]], list[int]]

NAMES = ("NumRooms", "RoofType", "Price")
FILE = "NumRooms,RoofType,Price\nNA,NA,127500\n2,NA,106000\n4,Slate,178100\nNA,NA,140000\n"
ROOFS = ("Slate", "Tile", "Thatch")


def read(text: str) -> tuple[list[str], Rows]:
    """Names and rows of a file; a field "NA" is a gap."""
    names, *rows = csv.reader(text.splitlines())
    return names, [tuple(None if field == "NA" else field for field in row) for row in rows]


def mean_fill(values: Sequence[float | None]) -> list[float]:
    there = [value for value in values if value is not None]
    mean = sum(there) / len(there) if there else 0.0
    return [mean if value is None else value for value in values]


def zero_fill(values: Sequence[float | None]) -> list[float]:
    return [value or 0.0 for value in values]


def forward_fill(values: Sequence[float | None]) -> list[float]:
    """Every gap takes the value above; above the first there is 0."""
    filled = [0.0]
    for value in values:
        filled.append(filled[-1] if value is None else value)
    return filled[1:]


def one_hot(column: Sequence[str | None], indicator: bool = True) -> Tensor:
    """One column per category in alphabetical order, and one for gaps: (rows, categories + 1)."""
    seen = sorted({value for value in column if value is not None})
    categories: list[str | None] = [*seen, None] if indicator else [*seen]
    hot = [[value == category for category in categories] for value in column]
    return torch.tensor(hot, dtype=torch.float64).reshape(len(column), len(categories))


def prepare(rows: Rows, fill: Fill = mean_fill) -> tuple[Tensor, Tensor]:
    """X of shape (rows, 1 + categories + 1), and y."""
    rooms, roofs, prices = zip(*rows, strict=True)
    numbers = fill([None if value is None else float(value) for value in rooms])
    first = torch.tensor(numbers, dtype=torch.float64)[:, None]
    y = torch.tensor([float(price) for price in prices], dtype=torch.float64)
    return torch.hstack([first, one_hot(roofs)]), y


def random_table(rng: np.random.Generator) -> Rows:
    """One to eight rows; each feature is missing in about a third of them."""
    rows: Rows = []
    for _ in range(rng.integers(1, 9)):
        rooms, roof = str(rng.integers(1, 9)), str(rng.choice(ROOFS))
        gap = rng.random(2) < 1 / 3
        price = str(rng.integers(50, 500) * 1000)
        rows.append((None if gap[0] else rooms, None if gap[1] else roof, price))
    return rows


def commutes(rows: Rows, order: Iterable[int], fill: Fill) -> bool:
    """Whether permuting rows and preparing them can change places."""
    order = list(order)
    first, last = prepare([rows[i] for i in order], fill), prepare(rows, fill)
    return all(torch.equal(a, b[order]) for a, b in zip(first, last, strict=True))


def run(context: Context) -> Result:
    result = Result(context)
    names, rows = read(FILE)
    x, y = prepare(rows)
    result.measure("X", x)
    result.measure("y", y)

    complete: Rows = [("3", "Slate", "127500"), ("2", "Tile", "106000")]
    as_is = [[3, 1, 0, 0], [2, 0, 1, 0]]
    cases: dict[str, Case] = {
        "means": (rows, mean_fill, X, Y),
        "complete": (complete, mean_fill, as_is, Y[:2]),
        "zero-fill": (rows, zero_fill, X, Y),
    }

    def right(case: Case) -> bool:
        table, fill, *by_hand = case
        return [part.tolist() for part in prepare(table, fill)] == by_hand

    result.contrast("values-right", cases, right)
    by_position = [(row[0], row[1], row[-1]) for row in rows]
    by_name = [tuple(row[names.index(name)] for name in NAMES) for row in rows]
    result.measure("same-columns", by_position == by_name)

    rng = context.rng()
    tables = [random_table(rng) for _ in range(context["tables"])]
    orders = [(rows, order) for order in permutations(range(4))]
    orders += [(table, tuple(rng.permutation(len(table)).tolist())) for table in tables]
    fills = {"mean": mean_fill, "forward-fill": forward_fill}
    result.contrast(
        "not-commuting",
        fills,
        lambda fill: sum(not commutes(table, order, fill) for table, order in orders),
    )

    def wrong_sums(indicator: bool) -> int:
        hot = [one_hot([row[1] for row in table], indicator) for table in [rows, *tables]]
        return sum(int((each.sum(1) != 1).sum()) for each in hot)

    result.contrast("wrong-sums", {"indicator": True, "no-indicator": False}, wrong_sums)

    def gaps(text: str) -> int:
        return sum(field is None for row in read(text)[1] for field in row)

    result.contrast("gaps", {"file": FILE, "spaced": FILE.replace(",", ", ")}, gaps)

    result.figure(
        "steps",
        lambda axes, theme: draw_steps(axes, theme, rows, x.numpy()),
        title="The table at each step",
        alt=(
            "Three tables of four rows. First as read, with five gaps; then with two columns of 0 "
            "and 1 for the roof; last with 3, the mean of 2 and 4, in both gaps of NumRooms."
        ),
        data={"NumRooms": x[:, 0], "Slate": x[:, 1], "no roof": x[:, 2], "Price": y},
        size=(10.0, 2.6),
        panels=(1, 3),
    )
    return result


def draw_steps(axes: Any, theme: Any, rows: Rows, x: np.ndarray) -> None:
    """As read, one-hot, filled; what a step has made is in colour."""
    read_in = [["NA" if field is None else field for field in row] for row in rows]
    roofs = [[f"{value:g}" for value in row[1:]] for row in x]
    hot = [[row[0], *roof, row[-1]] for row, roof in zip(read_in, roofs, strict=True)]
    full = [[f"{value[0]:g}", *row[1:]] for value, row in zip(x, hot, strict=True)]
    wide = ["NumRooms", "Slate", "no roof", "Price"]
    steps = (
        ("as read", list(NAMES), read_in, lambda i, j: rows[i][j] is None),
        ("one column per category", wide, hot, lambda i, j: j in (1, 2)),
        ("gaps filled with the mean", wide, full, lambda i, j: j == 0 and rows[i][0] is None),
    )
    for ax, (title, names, cells, new) in zip(axes, steps, strict=True):
        for j, name in enumerate(names):
            ax.text(j, 0, name, ha="center", va="center", fontsize=9, color=theme.muted)
            for i, row in enumerate(cells):
                color = theme.accent if new(i, j) else theme.text
                ax.text(j, -i - 1, row[j], ha="center", va="center", color=color)
        ax.axhline(-0.5, color=theme.grid)
        ax.set(xlim=(-0.6, len(names) - 0.4), ylim=(-4.6, 0.6), title=title)
        ax.set_axis_off()
