"""A lab's moving picture: a function that draws one frame, and a label for each."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from gramian.labs.frame.drawing import DrawFrame, drawn
from gramian.plot._moving import MovingPicture

__all__ = ["Animation"]


@dataclass(frozen=True)
class Animation(MovingPicture):
    """Frames drawn by a function on axes of their own."""

    draw: DrawFrame
    frames: list[str]
    size: tuple[float, float]
    panels: tuple[int, int]
    seconds: float

    def figure(self, frame: int, theme: str) -> Figure:
        """One frame as it stands on a page of that theme."""
        return drawn(lambda ax, colors: self.draw(ax, colors, frame), theme, self)
