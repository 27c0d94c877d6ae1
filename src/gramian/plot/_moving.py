"""Pictures that move: frames with a label each, as PNG one by one and as one GIF."""

from __future__ import annotations

import copy
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from gramian._files import write_atomically
from gramian._validation import check_choice, check_int
from gramian.plot import style
from gramian.plot._base import Display

MOST_FRAMES = 40
DPI, COLORS, GIF_COLORS = 120, 64, 256
REST_MS = 2000
"""How long a GIF stays on its last frame, at least."""


def few_colors(image: Image.Image, count: int) -> Image.Image:
    """At most so many colours, by an octree: cuts at the median give away that of a few dots."""
    return image.quantize(count, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


class MovingPicture(ABC):
    """Frames that are drawn one at a time, for light and for dark pages.

    Attributes
    ----------
    frames : sequence of str
        A label for each frame.
    size : tuple of two float
        Width and height in inches.
    seconds : float
        Of each frame when played.
    """

    frames: Sequence[str]
    size: tuple[float, float]
    seconds: float

    @abstractmethod
    def figure(self, frame: int, theme: str) -> Figure:
        """One frame as it stands on a page of that theme."""

    def thinned(self, most: int) -> list[int]:
        """At most so many frames, evenly from the first to the last."""
        count = min(len(self.frames), most)
        return np.linspace(0, len(self.frames) - 1, count).round().astype(int).tolist()

    def png(self, frame: int, theme: str) -> bytes:
        """One frame with at most 64 colours: frames are many, and lines and areas need few."""
        figure = self.figure(frame, theme)
        figure.set_dpi(DPI)
        canvas: Any = figure.canvas
        canvas.draw()  # at once, where savefig would lay the figure out twice
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        target = io.BytesIO()
        few_colors(image, COLORS).save(target, format="png", optimize=True)
        return target.getvalue()

    def gif(self, pngs: Sequence[bytes]) -> bytes:
        """Frames as one GIF, three quarters as wide, that repeats and rests on the last frame."""
        frames = [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
        size = frames[-1].size
        smaller = (size[0] * 3 // 4, size[1] * 3 // 4)
        frames = [few_colors(frame.resize(smaller), GIF_COLORS) for frame in frames]
        times = [round(1000 * self.seconds)] * len(frames)
        times[-1] = max(times[-1], REST_MS)
        target = io.BytesIO()
        frames[0].save(
            target, format="gif", save_all=True, append_images=frames[1:], duration=times, loop=0
        )
        return target.getvalue()

    def write_gif(
        self,
        path: str | os.PathLike[str],
        *,
        theme: str = "light",
        most_frames: int = MOST_FRAMES,
    ) -> Path:
        """Write the frames as a GIF; the file appears whole or not at all.

        Parameters
        ----------
        path : path
            An existing file is replaced.
        theme : {"light", "dark"}, default="light"
        most_frames : int, default=40
            More frames are thinned evenly; the first and the last stay.

        Returns
        -------
        path : Path

        Raises
        ------
        ValueError
            If `theme` is neither, or `most_frames` is below 2.
        OSError
            If the folder is missing or cannot be written to.
        """
        caller = f"{type(self).__name__}.write_gif"
        check_choice(theme, "theme", caller, ("light", "dark"))
        check_int(most_frames, "most_frames", caller, low=2)
        pngs = [self.png(frame, theme) for frame in self.thinned(most_frames)]
        return write_atomically(path, self.gif(pngs))


class MovingDisplay(MovingPicture, Display):
    """A display of several frames: `plot` draws one, `write_gif` and a report draw them all."""

    size = (style.NARROW, 4.4)
    seconds = 0.6
    _frame = -1

    def plot(self, ax: Axes | None = None, *, frame: int = -1) -> Self:
        """Draw one frame.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure of the fitting size, without pyplot.
        frame : int, default=-1
            Negative counts from the last.

        Returns
        -------
        self : display
            With ``ax_`` and ``figure_`` set.

        Raises
        ------
        ValueError
            If there is no such frame.
        TypeError
            If `ax` is neither None nor matplotlib axes.
        """
        n = len(self.frames)
        caller = f"{type(self).__name__}.plot"
        self._frame = check_int(frame, "frame", caller, low=-n, high=n - 1) % n
        return super().plot(ax)

    def figure(self, frame: int, theme: str) -> Figure:
        with style.theme(theme):
            return copy.copy(self).plot(frame=frame).figure_

    def _size(self) -> tuple[float, float]:
        return self.size

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        self._draw_frame(ax, theme, self._frame)

    @abstractmethod
    def _draw_frame(self, ax: Axes, theme: style.Theme, frame: int) -> None: ...
