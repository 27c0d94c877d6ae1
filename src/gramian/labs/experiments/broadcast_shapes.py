"""Which shapes combine, to what, and does it cost memory?"""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np
import torch

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

LAB = Lab(
    name="broadcast-shapes",
    topic="arithmetic",
    question="Which shapes combine, to what, and does it cost memory?",
    answer="Aligned on the right, sizes must be equal or 1; a stretched axis costs no memory.",
    source=(
        "IN3310, week 2, task 2; Dive into Deep Learning, section 2.1.4; EE4414, week 1, "
        "sections 2.4.3 and 2.4.4"
    ),
    method=(
        "Two shapes are written below each other, aligned on the right; a missing axis counts as "
        "1. An axis of sizes p and q combines where p = q, p = 1 or q = 1, and its size is the "
        "other one's, so that 0 and 1 give 0.\n\n"
        "The rule is compared with torch.broadcast_shapes and numpy.broadcast_shapes on random "
        "pairs of 0 to 5 axes with sizes from {1, 1, 2, 3, 5}. An expanded view is asked for its "
        "stride and for the bytes of its storage."
    ),
    claims=(
        Claim(
            "table",
            "The eight pairs of the exercise combine as the table says.",
            "pairs-right",
            "==",
            8,
            kind="exact",
            figure="pairs",
        ),
        Claim(
            "rule",
            "The rule, PyTorch and NumPy agree on every random pair.",
            "disagreement",
            "==",
            0.0,
            kind="exact",
        ),
        Claim(
            "values",
            "Four sums and products have the entries that the rule predicts.",
            "values-right",
            "==",
            4,
            kind="exact",
            figure="stretching",
        ),
        Claim(
            "free",
            "A column of three numbers seen as 3 × 1000 still holds twelve bytes.",
            "bytes",
            "==",
            12,
            kind="exact",
        ),
    ),
    controls=(
        positive("identical", "A shape combines with itself, to itself.", claim="rule"),
        negative(
            "left-alignment",
            "Aligned on the left, the rule is another one.",
            claim="rule",
            must=(">", 0.2),
        ),
        negative(
            "maximum",
            "The larger size of each axis, unchecked, is another rule.",
            claim="rule",
            must=(">", 0.2),
        ),
        negative("copy", "A repeated column is a copy, and takes its memory.", claim="free"),
    ),
    published_errors=(
        PublishedError(
            "Dive into Deep Learning, 2.1.4",
            "broadcasting is said to copy elements",
            "the stride of a stretched axis is 0, and nothing is copied",
        ),
        PublishedError(
            "EE4414, week 1, 2.4.4",
            "the blank of the last exercise asks for one column of three",
            "the product has the shape (3, 2), as its answer says",
        ),
    ),
    source_values=(
        SourceValue("EE4414, week 1, 2.4.4", "shape of the last product", [3, 2], "last-shape"),
    ),
    quick={"pairs": 10_000},
    seconds=(2, 2),
)

Shape = tuple[int, ...]
Rule = Callable[[Shape, Shape], Shape | None]

TABLE: list[tuple[Shape, Shape, Shape | None]] = [
    ((3, 1, 3), (2, 3, 3), None),
    ((6, 3, 1, 7), (2, 7), (6, 3, 2, 7)),
    ((4, 1), (3, 1, 1, 5), (3, 1, 4, 5)),
    ((6, 3, 1, 7), (2, 1, 7), None),
    ((3,), (3, 1, 1, 5), None),
    ((1, 2, 3, 1, 6), (8, 1, 3, 2, 6), (8, 2, 3, 2, 6)),
    ((1, 4), (7, 1), (7, 4)),
    ((2, 5, 1, 7), (9, 2, 3, 2, 1), None),
]


def broadcast_shape(a: Shape, b: Shape) -> Shape | None:
    """The common shape, or None where an axis disagrees."""
    sizes = []
    for p, q in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if p != q and 1 not in (p, q):
            return None
        sizes.append(q if p == 1 else p)
    return tuple(reversed(sizes))


def aligned_left(a: Shape, b: Shape) -> Shape | None:
    found = broadcast_shape(a[::-1], b[::-1])
    return None if found is None else found[::-1]


def maximum(a: Shape, b: Shape) -> Shape | None:
    pairs = zip_longest(reversed(a), reversed(b), fillvalue=1)
    return tuple(reversed([max(pair) for pair in pairs]))


RULES: dict[str, Rule] = {
    "right alignment": broadcast_shape,
    "left-alignment": aligned_left,
    "maximum": maximum,
}


def library(combine: Callable[..., Any], a: Shape, b: Shape) -> Shape | None:
    """What PyTorch or NumPy says of a pair."""
    try:
        return tuple(combine(a, b))
    except (RuntimeError, ValueError):
        return None


def random_shape(rng: np.random.Generator) -> Shape:
    return tuple(rng.choice([1, 1, 2, 3, 5], rng.integers(6)).tolist())


def outer_products() -> list[tuple[torch.Tensor, list[Any]]]:
    """Each product or sum with its entries worked out by hand; the last two rows of the second."""
    a = torch.tensor([[2], [3], [5]])
    first = torch.arange(16).reshape(4, 2, 2) + torch.tensor([[[0, 1], [2, 3]]])
    pairs = torch.tensor([[2, 3], [4, 5], [6, 7]])
    return [
        (torch.tensor([[0], [1], [2]]) + torch.tensor([[0, 1]]), [[0, 1], [1, 2], [2, 3]]),
        (first[-1], [[12, 14], [16, 18]]),
        (a * a.T, [[4, 6, 10], [6, 9, 15], [10, 15, 25]]),
        (pairs * torch.tensor([[1], [2], [3]]), [[2, 3], [8, 10], [18, 21]]),
    ]


def storage_bytes(wide: torch.Tensor) -> int:
    return wide.untyped_storage().nbytes()


def run(context: Context) -> Result:
    result = Result(context)
    rng = context.rng()
    pairs = [(random_shape(rng), random_shape(rng)) for _ in range(context["pairs"])]
    truth = [library(torch.broadcast_shapes, *pair) for pair in pairs]
    numpy_says = [library(np.broadcast_shapes, *pair) for pair in pairs]

    def disagreement(rule: Rule) -> float:
        ours = [rule(*pair) for pair in pairs]
        wrong = [len({*row}) > 1 for row in zip(ours, truth, numpy_says, strict=True)]
        return float(np.mean(wrong))

    result.contrast("disagreement", RULES, disagreement, unit="share of pairs")
    result.measure("compatible", float(np.mean([shape is not None for shape in truth])))
    shapes = {a for a, _ in pairs}
    result.control("identical", float(np.mean([broadcast_shape(a, a) != a for a in shapes])))
    rule = context.method(RULES)
    result.measure("pairs-right", sum(rule(a, b) == combined for a, b, combined in TABLE))

    products = outer_products()
    result.measure("values-right", sum(made.tolist() == entries for made, entries in products))
    result.measure("last-shape", list(products[-1][0].shape))

    column = torch.zeros(3, 1)
    views = {"expanded": column.expand(3, 1000), "copy": column.repeat(1, 1000)}
    result.contrast("bytes", views, storage_bytes, unit="bytes")
    result.measure("stride", column.expand(3, 1000).stride(1))

    result.figure(
        "pairs",
        draw_table,
        title="The eight pairs, aligned on the right",
        alt=(
            "Each pair of shapes in boxes, aligned on the right, above the combined shape. Four "
            "pairs combine; in the other four the axis that disagrees is crossed out."
        ),
        data={
            "first": [str(a) for a, _, _ in TABLE],
            "second": [str(b) for _, b, _ in TABLE],
            "combined": [str(c) if c else "does not combine" for _, _, c in TABLE],
        },
        size=(10.0, 7.6),
        panels=(4, 2),
    )
    result.animation(
        "stretching",
        draw_stretching,
        frames=STAGES,
        title="A column and a row, stretched to one shape",
        alt="A column of three and a row of two grow to tables of 3 × 2, which are then added.",
        caption="No entry is copied: the pale ones are the same memory, read again.",
        size=(5.6, 3.0),
        panels=(1, 3),
        seconds=1.0,
    )
    return result


def draw_table(axes: Any, theme: Any) -> None:
    """One panel for each pair."""
    for ax, (a, b, combined) in zip(axes.flat, TABLE, strict=True):
        width = max(len(a), len(b))
        rows = [(1,) * (width - len(s)) + s for s in (a, b)]
        for place in range(width):
            p, q = rows[0][place], rows[1][place]
            clash = p != q and 1 not in (p, q)
            for level, (shape, padded) in enumerate(zip((a, b), rows, strict=True)):
                missing = place < width - len(shape)
                color = theme.accent if clash else theme.muted if padded[place] == 1 else theme.text
                text = "" if missing else str(padded[place])
                _box(ax, place - width, -level, text, color, dashed=missing)
            text, color = ("✗", theme.accent) if clash else ("", theme.muted)
            if combined is not None:
                text, color = str(combined[place]), theme.color(0)
            _box(ax, place - width, -2.3, text, color, dashed=combined is None)
        ax.set(xlim=(-5.3, 0.1), ylim=(-2.9, 0.6))
        ax.set_aspect("equal")
        ax.set_axis_off()


def _box(ax: Any, x: float, y: float, text: str, color: str, *, dashed: bool = False) -> None:
    """A unit square with a number in it; a dashed one stands for an axis that is not there."""
    style = {"linestyle": ":" if dashed else "-", "linewidth": 1.2}
    ax.add_patch(_rectangle((x + 0.06, y - 0.38), 0.88, 0.76, color, **style))
    ax.text(x + 0.5, y, text, color=color, ha="center", va="center", fontsize=11)


def _rectangle(corner: Any, width: float, height: float, color: str, **style: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle(corner, width, height, fill=False, edgecolor=color, **style)


STAGES = [
    "shapes (3, 1) and (1, 2)",
    "the column is read twice: (3, 2)",
    "the row is read three times: (3, 2)",
    "added, entry by entry",
]


def draw_stretching(axes: Any, theme: Any, stage: int) -> None:
    """Column, row and sum; what a stage has not reached yet is left out."""
    column, row = np.array([[0], [1], [2]]), np.array([[0, 1]])
    shown = [
        np.broadcast_to(column, (3, 2 if stage >= 1 else 1)),
        np.broadcast_to(row, (3 if stage >= 2 else 1, 2)),
        column + row if stage >= 3 else np.empty((0, 0), dtype=int),
    ]
    own = [lambda _, j: j == 0, lambda i, _: i == 0, lambda _i, _j: True]
    for ax, table, is_own, name in zip(axes, shown, own, ("column", "row", "sum"), strict=True):
        for (i, j), entry in np.ndenumerate(table):
            color = theme.color(0) if is_own(i, j) else theme.muted
            _box(ax, j, -i, str(entry), color, dashed=not is_own(i, j))
        ax.set_title(name, fontsize=10, color=theme.text)
        ax.set(xlim=(-0.1, 2.1), ylim=(-2.6, 0.6))
        ax.set_aspect("equal")
        ax.set_axis_off()
