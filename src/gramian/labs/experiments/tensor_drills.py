"""Can every basic operation on tensors be done and predicted?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from textwrap import fill
from typing import Any

import numpy as np
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
from gramian.labs.experiments._drills import (
    DRILLS,
    GROUPS,
    Drill,
    accepted,
    answer,
    by_hand,
    drills_of,
    touched,
)

D2L = "Dive into Deep Learning"
COURSE = "EE4414, week 1"
LAB3 = "Advanced topics in machine learning (University of Trieste), lab 3"

LAB = Lab(
    name="tensor-drills",
    topic="arithmetic",
    question="Can every basic operation on tensors be done and predicted?",
    answer=f"Yes: all {len(DRILLS)} answers are those worked out by hand.",
    source=f"IN3310, week 2, task 0; {D2L}, 2.1 and 2.3; {COURSE}; {LAB3}",
    method=(
        f"Each of {len(DRILLS)} drills is a line of code with an answer that was worked out by "
        "hand. A drill is right where value, shape and type agree; a Python number is no tensor, "
        "and where an operation is impossible the answer is the name of the exception.\n\n"
        "Every drill has a wrong line too, with a mistake that is often made: an axis lost, "
        "stack for cat, reshape for permute, ∗ for @, a copy for a view. None of them may be "
        "taken for right.\n\n"
        "Whether two arrays share memory is told by their addresses."
    ),
    claims=tuple(
        Claim(
            group, text, f"right-{group}", "==", len(drills_of(group)), kind="exact", figure=group
        )
        for group, text in GROUPS.items()
    ),
    controls=(
        *(
            positive(f"by-hand-{group}", "The answers as typed are accepted.", claim=group)
            for group in GROUPS
        ),
        *(
            negative(f"mistakes-{group}", "No wrong line is accepted.", claim=group, must=("==", 0))
            for group in GROUPS
        ),
    ),
    published_errors=(
        PublishedError(
            COURSE,
            "the shape (3) is given as the answer where a column (3, 1) is asked for, and the "
            "last write lacks its “= 1”",
            "shapes are compared axis by axis, and writes are carried out",
        ),
        PublishedError(
            COURSE,
            "an integer matrix stands where reals are asked for, and “stack to matrices” gives "
            "three axes",
            "types and numbers of axes are part of every answer",
        ),
        PublishedError(
            COURSE,
            "cuda.device(0) is a context manager and current_device() a number, and neither is "
            "a device",
            "a tensor goes to torch.device and back",
        ),
        PublishedError(
            f"{D2L}, 2.1",
            "id() compares Python objects, which says nothing about memory",
            "addresses of the data are compared",
        ),
        PublishedError(
            f"{D2L}, 2.1",
            "torch.tensor is printed with three rows as three arguments, a TypeError",
            "that error is one of the drills",
        ),
        PublishedError(
            LAB3,
            "permute is said to change memory, and x ∗ x to be a power of the matrix",
            "permute changes strides; x ∗ x goes entry by entry, x @ x is the power",
        ),
    ),
    source_values=(
        SourceValue(f"{D2L}, 2.1", "sum of a table", 66.0, "the-sum-of-all"),
        SourceValue(
            f"{D2L}, 2.1",
            "exponentials",
            [1, 2.7183, 7.3891, 20.0855, 54.5981],
            "exponentials",
            tolerance=5e-5,
        ),
        SourceValue(f"{D2L}, 2.3", "a matrix and a vector", [5.0, 14.0], "a-matrix-and-a-vector"),
        SourceValue(COURSE, "A Bᵀ", [[29, 56], [56, 110]], "a-bᵀ"),
        SourceValue(COURSE, "column by column", [1, 4, 2, 5, 3, 6], "column-by-column"),
        SourceValue(
            COURSE,
            "shape of Z[1, :, 2:3]",
            [3],
            "shape-of-the-same-as-a-column",
            note="A slice keeps its axis: (3, 1).",
        ),
    ),
    seconds=(5, 5),
)

COLUMNS = 4


def run(context: Context) -> Result:
    result = Result(context)
    ways: dict[str, Callable[[Drill], Any]] = {
        "right": lambda drill: answer(drill.right, context.device),
        "by-hand": by_hand,
        "mistakes": lambda drill: answer(drill.wrong, context.device),
    }
    for group in GROUPS:
        drills = drills_of(group)
        cases = {f"{name}-{group}": way for name, way in ways.items()}
        result.contrast(
            f"right-{group}",
            cases,
            lambda way, drills=drills: sum(accepted(way(drill), drill) for drill in drills),
        )
        answers = [ways["right"](drill) for drill in drills]
        record_printed(result, drills, answers)
        rows = -(-len(drills) // COLUMNS)
        result.figure(
            group,
            partial(draw_answers, drills, answers),
            title=group.capitalize(),
            alt=f"One panel for each drill: {'; '.join(drill.task for drill in drills)}.",
            data={
                "drill": [drill.task for drill in drills],
                "code": [drill.right for drill in drills],
                "answer": [in_words(found) for found in answers],
                "mistake": [drill.wrong for drill in drills],
            },
            size=(10.0, 1.7 * rows),
            panels=(rows, COLUMNS),
        )
    return result


def record_printed(result: Result, drills: list[Drill], answers: list[Any]) -> None:
    """Measure the answers that a source prints."""
    wanted = {value.measurement for value in result.context.lab.source_values}
    for drill, found in zip(drills, answers, strict=True):
        name = drill.task.lower().replace(" ", "-")
        if name in wanted:
            result.measure(name, found)
        if f"shape-of-{name}" in wanted:
            result.measure(f"shape-of-{name}", list(found.shape))


def in_words(found: Any) -> str:
    """An answer as text, tensors with their type."""
    if not isinstance(found, Tensor):
        return repr(found) if not isinstance(found, str) else found
    return f"{found.tolist()}, {str(found.dtype).removeprefix('torch.')}"


def draw_answers(drills: list[Drill], answers: list[Any], axes: Any, theme: Any) -> None:
    """One panel for each drill: its answer, or the entries that it reads or writes."""
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, drill, found in zip(axes.flat, drills, answers, strict=False):
        ax.set_title(fill(drill.task, 30), fontsize=9, color=theme.text)
        if not isinstance(found, Tensor):
            ax.text(
                0.5,
                0.5,
                fill(in_words(found), 24),
                ha="center",
                va="center",
                fontsize=8,
                color=theme.text,
            )
        elif drill.group == "index":
            draw_cells(ax, theme, *touched(drill.right))
        else:
            entries = found.cpu().numpy()
            draw_cells(ax, theme, entries, np.zeros(entries.shape, dtype=bool))


def draw_cells(ax: Any, theme: Any, entries: np.ndarray, marked: np.ndarray) -> None:
    """Entries in a grid, blocks side by side, the marked ones on a ground of colour."""
    blocks = np.reshape(entries, (1,) * (3 - entries.ndim) + entries.shape)
    grounds = np.reshape(marked, blocks.shape)
    n_blocks, rows, columns = blocks.shape
    for (b, i, j), entry in np.ndenumerate(blocks):
        x = b * (columns + 0.6) + j
        ground = theme.accent if grounds[b, i, j] else theme.surface
        cell = {"boxstyle": "square,pad=0.35", "facecolor": ground, "edgecolor": "none"}
        color = theme.surface if grounds[b, i, j] else theme.text
        text = f"{entry:.5g}" if entry.dtype != bool else ("yes" if entry else "no")
        ax.text(x, -i, text, ha="center", va="center", fontsize=7.5, color=color, bbox=cell)
    width = n_blocks * (columns + 0.6)
    ax.set(xlim=(width / 2 - 5.6, width / 2 + 4.1), ylim=(-max(rows, 3) + 0.3, 0.7))
