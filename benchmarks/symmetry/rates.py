"""Rates over many draws: as a table, as a picture, as a record."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import NormalDist
from typing import Any

import torch
from matplotlib.axes import Axes

from benchmarks.machine import describe
from gramian.plot import style
from gramian.report import write_atomically

__all__ = ["Rates", "binomial_interval", "picture", "rate", "record", "show"]

Rates = Mapping[str, Sequence[tuple[float, float]]]
"""Of every line its points: what was varied, and the rate there."""


def rate(event: Callable[[int], bool], trials: int) -> float:
    """How often an event happens over the seeds 0, 1, …"""
    return sum(event(seed) for seed in range(trials)) / trials


def binomial_interval(share: float, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Where an observed rate lies with probability ``level`` if the true one is ``share``."""
    half = NormalDist().inv_cdf((1 + level) / 2) * (share * (1 - share) / trials) ** 0.5
    return share - half, share + half


def show(title: str, across: str, rates: Rates) -> None:
    """The rates as a table."""
    columns = [at for at, _ in next(iter(rates.values()))]
    print(f"\n{title:28}" + "".join(f"{f'{across} {at:g}':>22}" for at in columns))
    for name, line in rates.items():
        print(f"{name:28}" + "".join(f"{found:22.3f}" for _, found in line), flush=True)


def picture(
    path: Path,
    panels: Mapping[str, Rates],
    x: Sequence[str],
    y: str,
    *,
    band: tuple[float, float] | None = None,
) -> None:
    """The rates as curves, one panel beside the other; `x` names their axes."""
    theme = style.LIGHT
    figure = style.figure(style.WIDE, 4.6)
    axes: Sequence[Axes] = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    names = list(dict.fromkeys(name for rates in panels.values() for name in rates))
    for ax, (title, rates), across in zip(axes, panels.items(), x, strict=True):
        for name, line in rates.items():
            rank = names.index(name)
            color, marker = theme.color(rank), style.MARKERS[rank // 8]
            ax.plot(*zip(*line, strict=True), color=color, marker=marker, lw=1.6, ms=5, label=name)
        if band:
            ax.axhspan(*band, color=theme.grid, zorder=0, label="5 %, 95 % interval")
        ax.set(title=title, xlabel=across, ylim=(0, None if band else 1.03))
    axes[0].set_ylabel(y)
    handles: dict[str, Any] = {}
    for ax in axes:
        shown, labels = ax.get_legend_handles_labels()
        handles.update(zip(labels, shown, strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=6, fontsize=8)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    print(write_atomically(path, content.getvalue()))


def record(path: Path, command: str, **found: Any) -> None:
    """What was asked, on which machine, and every number, as JSON."""
    about: dict[str, Any] = {
        "command": f"python -m benchmarks.symmetry {command}",
        "machine": describe(str(date.today()), torch.get_num_threads()),
    }
    text = json.dumps(about | found, indent=1, ensure_ascii=False) + "\n"
    print(write_atomically(path, text.encode()))
