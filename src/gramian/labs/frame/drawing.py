"""Pictures that a lab draws itself: a function of axes and theme, drawn for light and dark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Draw", "DrawFrame", "Drawing", "drawn"]

Draw = Callable[[Any, Any], None]
DrawFrame = Callable[[Any, Any, int], None]


@dataclass(frozen=True)
class Drawing:
    """A drawing function with its size in inches and its rows and columns of axes."""

    draw: Draw
    size: tuple[float, float]
    panels: tuple[int, int]

    def themed(self) -> dict[str, Figure]:
        """Figures for "light" and for "dark" pages."""
        return {name: drawn(self.draw, name, self) for name in ("light", "dark")}


def drawn(draw: Draw, theme_name: str, canvas: Any) -> Figure:
    """A figure in one theme, of the size and with the panels of `canvas`."""
    import matplotlib as mpl

    from gramian.plot import style

    with style.theme(theme_name) as theme, mpl.rc_context(theme.rc()):
        figure = style.figure(*canvas.size)
        draw(figure.subplots(*canvas.panels), theme)
    return figure
