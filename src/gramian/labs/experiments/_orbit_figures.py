"""The pictures of symmetry-discovery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from gramian.labs import Result
from gramian.labs.experiments._plane_orbits import ACCEPTED, CIRCULANT, Reading

__all__ = ["draw_all", "draw_recovery"]


def draw_all(result: Result, readings: Mapping[str, list[Reading]]) -> None:
    """The Gramian in two orders, its spectrum, its group, and what every run is worth."""
    runs = readings["C₁₂"]
    one = next((run for run in runs if run.named), runs[0])
    tables = {
        "units as trained": one.gramian.numpy(),
        "units by angle": one.gramian[one.order][:, one.order].numpy(),
    }
    result.figure(
        "gramians",
        lambda axes, theme: draw_tables(axes, theme, tables),
        title="The Gramian of a net trained on orbits of C₁₂",
        alt="Two tables: without pattern in the order of training, bands along the diagonal after.",
        size=(8.4, 3.8),
        panels=(1, 2),
    )
    spectrum = np.abs(np.fft.rfft(tables["units by angle"][0]))
    result.figure(
        "spectrum",
        lambda ax, theme: ax.bar(range(len(spectrum)), spectrum, color=theme.color(0)),
        title="Spectrum of a row of the ordered Gramian",
        alt="Bars: one frequency, that of a single turn, carries nearly all.",
        data={"frequency": list(range(len(spectrum))), "size": spectrum},
        size=(4.6, 3.2),
    )
    if one.group is not None:
        table = one.group.cayley_table.numpy()
        result.figure(
            "cayley",
            lambda ax, theme: ax.imshow(table, cmap=theme.colormap("sequential")),
            title=f"Cayley table of the group that was named, {one.group.name}",
            alt="A table of colours in which every row is the one above, moved by one place.",
            size=(4.0, 3.8),
        )
    evidence = {
        name: ([run.circulance for run in own], [run.kept for run in own])
        for name, own in readings.items()
    }
    result.figure(
        "evidence",
        lambda ax, theme: draw_evidence(ax, theme, evidence),
        title="What Gramians suggest, and what data say",
        alt=(
            "A dot for each run. Many kinds are far to the right, circulant; only runs on orbits "
            "of C₁₂ with true labels are also at the top."
        ),
        data={
            f"{name}, {part}": values
            for name, pair in evidence.items()
            for part, values in zip(("circulance", "kept"), pair, strict=True)
        },
    )
    result.animation(
        "orbit",
        lambda axes, theme, frame: draw_orbit(axes, theme, one, frame),
        frames=[f"turn {k}" for k in range(13)],
        title="The generator takes units to units, and held-out points to points",
        alt="Two pictures of points on circles; marked ones move round by one place in each frame.",
        size=(8.0, 4.0),
        panels=(1, 2),
    )


def draw_recovery(
    ax: Any, theme: Any, levels: Sequence[float], curves: dict[str, list[float]]
) -> None:
    """One line for each group."""
    for k, (name, shares) in enumerate(curves.items()):
        ax.semilogx(levels, shares, color=theme.color(k), marker="o", label=name)
    ax.set(xlabel="noise on every weight", ylabel="share of draws", ylim=(-0.03, 1.03))
    ax.legend()


def draw_tables(axes: Any, theme: Any, tables: dict[str, Any]) -> None:
    """Both on one scale."""
    bound = max(float(np.abs(table).max()) for table in tables.values())
    for ax, (name, table) in zip(axes, tables.items(), strict=True):
        image = ax.imshow(table, cmap=theme.colormap("diverging"), vmin=-bound, vmax=bound)
        ax.set_title(name, fontsize=10, color=theme.text)
    axes[0].figure.colorbar(image, ax=axes, shrink=0.8)


def draw_evidence(ax: Any, theme: Any, evidence: Mapping[str, Any]) -> None:
    """Circulance across, kept points upwards."""
    for k, (name, (across, up)) in enumerate(evidence.items()):
        ax.scatter(across, up, s=30, color=theme.color(k), label=name, alpha=0.85)
    ax.axhline(ACCEPTED, color=theme.accent, linestyle="--", linewidth=1)
    ax.axvline(CIRCULANT, color=theme.muted, linestyle=":", linewidth=1)
    ax.set(xlabel="circulance of the Gramian, units by angle", ylabel="share of points kept")
    ax.legend(loc="center left")


def draw_orbit(axes: Any, theme: Any, one: Reading, frame: int) -> None:
    """Units on the left, held-out points on the right, after so many turns."""
    move = torch.linalg.matrix_power(one.generator, frame)
    for ax, points, name in zip(
        axes, (one.weight, one.points), ("weights", "held-out points"), strict=True
    ):
        moved = points @ move.T
        ax.scatter(*points.T.numpy(), s=40, facecolors="none", edgecolors=theme.muted)
        ax.scatter(*moved.T.numpy(), s=10, color=theme.color(0))
        ax.scatter(*moved[:1].T.numpy(), s=70, color=theme.accent)
        reach = 1.15 * float(points.abs().max())
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        ax.set_title(name, fontsize=10, color=theme.text)
