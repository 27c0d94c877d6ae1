"""What every display shares: drawing onto given axes or onto a figure of its own."""

from __future__ import annotations

import copy
import io
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gramian._validation import _message
from gramian.plot import style


class Display(ABC):
    """A picture in scikit-learn's form: values are stored first and drawn by `plot`.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the last drawing.
    figure_ : matplotlib Figure
        Figure of the last drawing.
    """

    ax_: Axes
    figure_: Figure
    _owns_figure: bool

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the stored values.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure of the fitting size, without pyplot. Given axes
            keep their own style.

        Returns
        -------
        self : display
            With ``ax_`` and ``figure_`` set.

        Raises
        ------
        TypeError
            If `ax` is neither None nor matplotlib axes.
        """
        caller = f"{type(self).__name__}.plot"
        if ax is not None and not isinstance(ax, Axes):
            raise TypeError(_message(caller, "ax", "matplotlib axes or None", ax))
        theme = style.current(ax)
        self._owns_figure = ax is None
        with mpl.rc_context(theme.rc()):
            self.ax_ = style.figure(*self._size()).add_subplot() if ax is None else ax
            self._draw(self.ax_, theme)
        self.figure_ = self.ax_.figure.canvas.figure
        return self

    def themed(self) -> dict[str, Figure]:
        """Figures for "light" and for "dark" pages; the display itself stays as it is."""
        figures = {}
        for name in ("light", "dark"):
            with style.theme(name):
                figures[name] = copy.copy(self).plot().figure_
        return figures

    @abstractmethod
    def describe(self) -> str:
        """The picture in words: the alternative text that a report gives it."""

    def columns(self) -> Mapping[str, Sequence[Any]] | None:
        """The drawn numbers as columns of a small table; None where they are too many."""
        return None

    def _size(self) -> tuple[float, float]:
        return style.NARROW, 4.0

    @abstractmethod
    def _draw(self, ax: Axes, theme: style.Theme) -> None: ...

    def _repr_png_(self) -> bytes | None:
        """PNG bytes for a notebook, once the display has been drawn."""
        if not hasattr(self, "figure_"):
            return None
        target = io.BytesIO()
        self.figure_.savefig(target, format="png")
        return target.getvalue()
