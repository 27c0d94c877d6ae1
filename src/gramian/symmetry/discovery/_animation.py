"""The orbit as a moving picture: each element of the group takes the units one step further."""

from __future__ import annotations

import os
import tempfile
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gramian._validation import _message, check_real
from gramian.symmetry.discovery._identify import GroupAnalysis

__all__ = ["animate_orbit"]

MOST_FRAMES = 60
LARGEST = 128


def animate_orbit(
    analysis: GroupAnalysis, G: Any, path: str | PathLike[str], *, seconds: float = 0.8
) -> Path:
    """Write a GIF in which each element of the group permutes rows and columns of the Gramian.

    On the left the Gramian in the order of the group, its first unit marked: the marks wander
    through the orbit and the table never changes. On the right where each unit goes.

    Parameters
    ----------
    analysis : GroupAnalysis
        Of `identify_group`.
    G : Tensor or array of shape (h, h), h ≤ 128
        The Gramian that was analysed.
    path : path
        A GIF; written to a temporary name first.
    seconds : float, default=0.8
        Of each frame; > 0.

    Returns
    -------
    path : Path

    Raises
    ------
    ValueError
        If `G` has another shape, or is too large.

    Notes
    -----
    Needs no display and no ffmpeg. A group of more than 60 elements is thinned evenly, from the
    identity to the last.

    Examples
    --------
    >>> import tempfile, torch
    >>> from gramian.symmetry import animate_orbit, cyclic_shifts, identify_group
    >>> W = cyclic_shifts(5).orbit(torch.tensor([3.0, 1.0, 0.5, 0.0, -1.0]))
    >>> found = identify_group(W @ W.T, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     animate_orbit(found, W @ W.T, folder + "/orbit.gif").stat().st_size > 1000
    True
    """
    from matplotlib.animation import FuncAnimation

    from gramian.plot import style

    caller = "animate_orbit"
    check_real(seconds, "seconds", caller, low=0, low_open=True)
    table = torch.as_tensor(G).detach().cpu().double().numpy()
    h = analysis.permutations.shape[1]
    if table.shape != (h, h) or h > LARGEST:
        constraint = f"of shape ({h}, {h}), at most {LARGEST} wide"
        raise ValueError(_message(caller, "G", constraint, table.shape))
    order = np.array([unit for orbit in analysis.orbits for unit in orbit])
    place = np.argsort(order)  # of each unit in the picture
    steps = np.linspace(0, analysis.order - 1, min(analysis.order, MOST_FRAMES)).round().astype(int)
    theme = style.LIGHT
    figure = style.figure(style.WIDE, 4.6)
    left, right = figure.subplots(1, 2)
    angle = 2 * np.pi * np.arange(h) / h
    spots = np.column_stack([np.sin(angle), np.cos(angle)])

    def draw(step: int) -> list[Any]:
        sent = place[analysis.permutations[step].numpy()[order]]  # place to place
        left.clear()
        right.clear()
        arranged = table[np.ix_(order[sent], order[sent])]
        left.imshow(arranged, cmap=theme.colormap("sequential"))
        left.set_xticks([])
        left.set_yticks(range(h), order[sent] if h <= 30 else [""] * h)
        left.set_title(f"{analysis.name}: element {step} of {analysis.order}", fontsize=10)
        for start, end in enumerate(sent):
            ends = spots[[start, end]]
            right.plot(*ends.T, color=theme.grid if start else theme.accent, zorder=1 + (not start))
        right.scatter(*spots.T, color=theme.cycle[0], s=22, zorder=3)
        right.scatter(*spots[sent[0]], color=theme.accent, s=60, zorder=4)
        right.set_aspect("equal")
        right.set_axis_off()
        return []

    target = Path(path)
    handle, name = tempfile.mkstemp(suffix=".gif", dir=target.parent)
    os.close(handle)
    try:
        made = FuncAnimation(figure, draw, frames=steps.tolist(), interval=1000 * seconds)
        made.save(name, writer="pillow", dpi=80)
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
    return target
