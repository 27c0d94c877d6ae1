"""The frames of an orbit: where one element of a group carries the units, and their Gramian."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from gramian.plot import style
from gramian.plot._moving import MovingPicture
from gramian.symmetry.discovery._identify import GroupAnalysis

__all__ = ["OrbitPicture"]

MOST_NAMED = 30
"""With more units their numbers would touch."""
LEVELS = 32
"""Shades of the table: a frame has few colours, and the marks need theirs."""


class OrbitPicture(MovingPicture):
    """A frame for each element: the Gramian of the carried units, and the way of each unit."""

    size = (style.WIDE, 5.0)

    def __init__(self, analysis: GroupAnalysis, table: np.ndarray, seconds: float) -> None:
        self.analysis, self.table, self.seconds = analysis, table, seconds
        others = (f"element {n} of {analysis.order}" for n in range(2, analysis.order + 1))
        self.frames = ["the identity", *others]
        self._units = np.array([unit for orbit in analysis.orbits for unit in orbit])

    def figure(self, frame: int, theme: str) -> Figure:
        sent = self.analysis.permutations[frame].numpy()[self._units]
        ends = np.argsort(self._units)[sent]  # place to place
        with style.theme(theme) as colors, mpl.rc_context(colors.rc()):
            figure = style.figure(*self.size)
            left, right = figure.subplots(1, 2)
            figure.suptitle(f"{self.analysis.name}: {self.frames[frame]}", fontsize=11)
            self._draw_table(left, colors, ends)
            self._draw_ring(right, colors, ends)
        return figure

    def _draw_table(self, ax: Axes, theme: style.Theme, ends: np.ndarray) -> None:
        """The Gramian after every unit has gone to its new row and column."""
        units = self._units[np.argsort(ends)]
        colors = theme.colormap("sequential").resampled(LEVELS)
        table = self.table[np.ix_(units, units)]
        ax.imshow(table, cmap=colors, interpolation="nearest")
        named = len(units) <= MOST_NAMED
        first = int(ends[0])
        ax.set_xticks([])
        ax.set_yticks(range(len(units)) if named else [first], units if named else units[[first]])
        ax.tick_params(axis="y", length=0)
        ax.spines[:].set_visible(True)
        ax.get_yticklabels()[first if named else 0].set(color=theme.accent, weight="bold")
        ax.set(xlabel="the Gramian of the carried units", ylabel="unit in this row")

    def _draw_ring(self, ax: Axes, theme: style.Theme, ends: np.ndarray) -> None:
        """Each unit at its first place, with an arrow to the place that it takes."""
        n = len(ends)
        named = n <= MOST_NAMED
        angle = 2 * np.pi * np.arange(n) / n
        spots = np.column_stack([np.sin(angle), np.cos(angle)])
        for start in range(n - 1, -1, -1):  # the first unit's on top
            if ends[start] == start:
                continue
            arrow = FancyArrowPatch(
                spots[start],
                spots[ends[start]],
                arrowstyle="-|>" if named or start == 0 else "-",
                mutation_scale=11,
                shrinkA=5,
                shrinkB=6,
                color=theme.tint(theme.muted, 0.55) if start else theme.accent,
                linewidth=1.8 if start == 0 else 1.0 if named else 0.6,
                zorder=1 if start else 2,
            )
            ax.add_patch(arrow)
        ax.scatter(spots[:, 0], spots[:, 1], s=30 if named else 12, color=theme.color(0), zorder=3)
        x, y = spots[ends[0]]
        ax.scatter(x, y, s=70, color=theme.accent, zorder=4)
        for unit, (x, y) in zip(self._units if named else [], spots, strict=False):
            number = ax.text(1.13 * x, 1.13 * y, unit, ha="center", va="center", fontsize=9)
            if unit == self._units[0]:
                number.set(color=theme.accent, weight="bold")
        ax.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), aspect="equal", xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.set_xlabel("where each unit goes")
