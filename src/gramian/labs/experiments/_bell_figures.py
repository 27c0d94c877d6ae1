"""The pictures of bell-polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from gramian import train
from gramian.labs import Result
from gramian.labs.experiments._bell import GRID

__all__ = ["draw_all"]


def draw_all(
    result: Result,
    sweep: train.Sweep,
    best: dict[str, list[int]],
    ratios: dict[str, np.ndarray],
    lines: dict[str, list[tuple[Tensor, Tensor]]],
) -> None:
    """Curves, ratios, sweeps."""
    curves = {name: sweep[runs[0]]["val_loss"] for name, runs in best.items()}
    result.figure(
        "curves",
        lambda ax, theme: draw_curves(ax, theme, curves),
        title="Error on validation points while learning",
        alt="Falling curves: B₆ and B₆ in other names end lowest, the twins above them.",
        data={"epoch": list(range(1, 1 + len(curves["bell"]))), **curves},
    )
    result.figure(
        "ratios",
        lambda ax, theme: draw_ratios(ax, theme, ratios),
        title="Error over that of B₆ with the same first weights",
        alt="Dots for each polynomial: twins above 1, B₆ in other names around 1.",
        data=ratios,
    )
    result.figure(
        "sweeps",
        lambda axes, theme: draw_sweeps(axes, theme, lines),
        title="One variable at a time, the others being 1",
        alt=(
            "Six panels for B₆ above six for a twin. Dots lie on the lines, but for the variables "
            "of the upper row that hardly move B₆."
        ),
        caption=(
            "Lines are true, dots predicted, in standard deviations of each polynomial. Scales "
            "differ: x₆ moves B₆ by no more than 2, where values are in the hundreds."
        ),
        size=(10.0, 4.2),
        panels=(2, 6),
    )


def draw_curves(ax: Any, theme: Any, curves: dict[str, list[float]]) -> None:
    """Twins in one colour."""
    for name, values in curves.items():
        rank = {"bell": 0, "renamed": 1}.get(name, 2)
        label = None if name.startswith("twin") and name != "twin-1" else name.partition("-")[0]
        ax.semilogy(range(1, 1 + len(values)), values, color=theme.color(rank), label=label)
    ax.set(xlabel="epoch", ylabel="NMSE on validation points")
    ax.legend()


def draw_ratios(ax: Any, theme: Any, ratios: dict[str, Any]) -> None:
    """One row of dots for each polynomial."""
    rows = [name for name in ratios if name != "bell"]
    for row, name in enumerate(rows):
        ax.scatter(ratios[name], [row] * len(ratios[name]), color=theme.color(row), s=26)
    ax.axvline(1.0, color=theme.muted, linewidth=1)
    ax.axvline(1.5, color=theme.accent, linewidth=1, linestyle="--")
    ax.set_yticks(range(len(rows)), rows)
    ax.invert_yaxis()
    ax.set_xlabel("NMSE / NMSE of B₆")


def draw_sweeps(axes: Any, theme: Any, lines: dict[str, list[tuple[Tensor, Tensor]]]) -> None:
    """A row for each polynomial, a column for each variable."""
    for row, (name, six) in zip(axes, lines.items(), strict=True):
        for i, (ax, (truth, predicted)) in enumerate(zip(row, six, strict=True)):
            ax.plot(GRID.numpy(), truth.numpy(), color=theme.color(0))
            ax.plot(GRID[::4].numpy(), predicted[::4].numpy(), "o", ms=3.5, color=theme.color(1))
            if row is axes[0]:
                ax.set_title(f"x{'₁₂₃₄₅₆'[i]}", fontsize=10, color=theme.text)
        row[0].set_ylabel(name)
