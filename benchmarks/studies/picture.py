"""A picture of curves on logarithmic axes, written whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.ticker import LogFormatter

from gramian.plot import style
from gramian.report import write_atomically

__all__ = ["draw"]


def draw(
    path: Path,
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    x: str,
    y: str,
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
) -> None:
    """Measured points joined by curves, and straight lines beside them, with a legend."""
    theme = style.LIGHT
    with mpl.rc_context(theme.rc()):
        figure = style.figure(style.NARROW, 4.0)
        axes = figure.add_subplot()
        for i, (name, (xs, ys)) in enumerate(curves.items()):
            axes.plot(xs, ys, marker=style.MARKERS[i], color=theme.color(i), label=name)
        for i, (name, (xs, ys)) in enumerate((lines or {}).items()):
            axes.plot(xs, ys, linestyle="--", color=theme.color(i), label=name)
        axes.set(xscale="log", yscale="log", xlabel=x, ylabel=y)
        for axis in (axes.xaxis, axes.yaxis):  # plain numbers, not powers
            axis.set_major_formatter("{x:,.12g}")
            axis.set_minor_formatter(LogFormatter())
        axes.grid(visible=True, which="major")
        axes.legend()
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=150)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, buffer.getvalue())
    print(f"picture: {path}")
