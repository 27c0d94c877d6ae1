"""The orbit as a moving picture: each element of the group takes the units one step further."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import torch

from gramian._validation import _message, check_real
from gramian.symmetry.discovery._identify import GroupAnalysis

__all__ = ["animate_orbit"]

LARGEST = 128


def animate_orbit(
    analysis: GroupAnalysis, G: Any, path: str | PathLike[str], *, seconds: float = 0.8
) -> Path:
    """Write a GIF in which each element of the group permutes rows and columns of the Gramian.

    On the left the Gramian in the order of the group: the unit that is marked wanders through
    the rows, and the table never changes. On the right where each unit goes.

    Parameters
    ----------
    analysis : GroupAnalysis
        Of `identify_group`.
    G : Tensor or array of shape (h, h), h ≤ 128
        The Gramian that was analysed.
    path : path
        A GIF; the file appears whole or not at all.
    seconds : float, default=0.8
        Of each frame; > 0. The last one stays for two seconds at least.

    Returns
    -------
    path : Path

    Raises
    ------
    ValueError
        If `G` has another shape, or is too large.
    OSError
        If the folder is missing or cannot be written to.

    Notes
    -----
    Needs no display and no ffmpeg. A group of more than 40 elements is thinned evenly, from the
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
    from gramian.symmetry.discovery._orbit_picture import OrbitPicture

    caller = "animate_orbit"
    check_real(seconds, "seconds", caller, low=0, low_open=True)
    table = torch.as_tensor(G).detach().cpu().double().numpy()
    h = analysis.permutations.shape[1]
    if table.shape != (h, h) or h > LARGEST:
        constraint = f"of shape ({h}, {h}), at most {LARGEST} wide"
        raise ValueError(_message(caller, "G", constraint, table.shape))
    return OrbitPicture(analysis, table, seconds).write_gif(path)
