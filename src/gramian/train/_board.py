"""Curves that grow while a program runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple

from gramian._validation import check_int
from gramian.train._callback import Callback
from gramian.train._faces import Face, best_face, in_notebook
from gramian.train._hyper import HyperParameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gramian.train._history import History
    from gramian.train._trainer import Trainer

__all__ = ["Point", "ProgressBoard"]

INTERVAL = 0.5
"""Least number of seconds between two pictures."""

SHARE = 40
"""The board waits this many times as long as it drew: it takes at most 1/41 of the time."""


class Point(NamedTuple):
    """One drawn point."""

    x: float
    y: float


class ProgressBoard(HyperParameters, Callback):
    """A plot of any number of series to which points are added.

    Parameters
    ----------
    xlabel, ylabel : str, default=None
    xlim, ylim : pair of float, default=None
        None follows the points.
    xscale, yscale : {"linear", "log", ...}, default="linear"
    ls : sequence of str
        Line styles, taken in turn.
    colors : sequence of colours, default=None
        Taken in turn; None takes the theme's.
    fig : matplotlib Figure, default=None
    axes : matplotlib Axes, default=None
        Where to draw; None makes a figure when it is wanted.
    figsize : pair of float, default=(3.5, 2.5)
        Inches.
    display : bool, default=True
        Whether `draw` shows the board, in a notebook. A figure can be had and saved anyway.

    Attributes
    ----------
    data : dict of str to list of Point
        The drawn points of every series.
    figure : matplotlib Figure
        Brought up to date whenever it is read; its lines are moved, never added again.

    Notes
    -----
    As the subscriber of a trainer it looks at the clock once per step, and draws at most twice a
    second and for at most 1/41 of the time. What it has not shown it can still draw later.

    Examples
    --------
    >>> import math
    >>> from gramian.train import ProgressBoard
    >>> board = ProgressBoard("x", display=False)
    >>> for i in range(100):
    ...     board.draw(i / 10, math.sin(i / 10), "sin", every_n=2)
    ...     board.draw(i / 10, math.cos(i / 10), "cos", every_n=10)
    >>> [len(points) for points in board.data.values()]
    [50, 10]
    """

    everywhere = False
    fig: Any
    axes: Any
    xlim: Sequence[float] | None

    def __init__(
        self,
        xlabel: str | None = None,
        ylabel: str | None = None,
        xlim: Sequence[float] | None = None,
        ylim: Sequence[float] | None = None,
        xscale: str = "linear",
        yscale: str = "linear",
        ls: Sequence[str] = ("-", "--", "-.", ":"),
        colors: Sequence[Any] | None = None,
        fig: Any = None,
        axes: Any = None,
        figsize: tuple[float, float] = (3.5, 2.5),
        display: bool = True,
    ) -> None:
        self.save_hyperparameters()
        self._waiting: dict[str, list[Point]] = {}
        self._drawn: dict[str, list[Point]] = {}
        self._lines: dict[str, Any] = {}
        self._history: History | None = None
        self._train_points = 2
        self._batches: int | None = None
        self._face: Face | None = None
        self._due = 0.0

    def draw(self, x: Any, y: Any, label: str, every_n: int = 1) -> None:
        """Add a point, or the mean of every `every_n` points, to a series.

        Parameters
        ----------
        x, y : numbers
        label : str
            Name of the series.
        every_n : int, default=1
            Less than 1 counts as 1.
        """
        every_n = max(1, check_int(every_n, "every_n", "ProgressBoard.draw"))
        waiting = self._waiting.setdefault(label, [])
        waiting.append(Point(float(x), float(y)))
        if len(waiting) < every_n:
            return
        xs, ys = zip(*waiting, strict=True)
        mean = Point(sum(xs) / len(xs), sum(ys) / len(ys))
        self._drawn.setdefault(label, []).append(mean)
        waiting.clear()
        if self.display and in_notebook() and time.perf_counter() >= self._due:
            self._show("", epoch_done=False)

    def follow(self, history: History) -> None:
        """Show the series of a history, from now on."""
        self._history, self._batches = history, None

    def curves(self) -> dict[str, tuple[Sequence[float], Sequence[float]]]:
        """x and y of every series: those drawn by hand, then those of the history followed."""
        found: dict[str, tuple[Sequence[float], Sequence[float]]] = {
            label: ([p.x for p in points], [p.y for p in points])
            for label, points in self._drawn.items()
        }
        if self._history is not None:
            found |= self._history.curves(self._train_points, batches=self._batches)
        return found

    @property
    def data(self) -> dict[str, list[Point]]:
        """The points of every series."""
        return {
            label: [Point(*pair) for pair in zip(x, y, strict=True)]
            for label, (x, y) in self.curves().items()
        }

    @property
    def figure(self) -> Figure:
        """The picture as it should be now."""
        import matplotlib as mpl

        from gramian.plot import style

        if self.axes is None:
            self.fig = self.fig or style.figure(*self.figsize)
            with mpl.rc_context(style.current().rc()):
                self.axes = self.fig.add_subplot()
        theme, ax = style.current(self.axes), self.axes
        known = len(self._lines)
        for i, (label, (x, y)) in enumerate(self.curves().items()):
            if label not in self._lines:
                color = (self.colors or theme.cycle)[i % len(self.colors or theme.cycle)]
                look = {"color": color, "linestyle": self.ls[i % len(self.ls)], "label": label}
                self._lines[label] = ax.plot([], [], **look)[0]
            self._lines[label].set_data(x, y)
        self._frame(ax)
        if len(self._lines) > known:
            ax.legend(frameon=False)
        figure: Figure = ax.figure.canvas.figure
        return figure

    def _frame(self, ax: Any) -> None:
        """Scales, limits and labels."""
        ax.set_xscale(self.xscale)
        ax.set_yscale(self.yscale)
        ax.relim()
        ax.autoscale_view()
        if self.xlim:
            ax.set_xlim(self.xlim)
        if self.ylim:
            ax.set_ylim(self.ylim)
        ax.set_xlabel(self.xlabel or ("epoch" if self._history is not None else ""))
        ax.set_ylabel(self.ylabel or "")

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture; the ending of the name chooses the format."""
        self.figure.savefig(path)

    def on_fit_start(self, trainer: Trainer) -> None:
        """Begin to show a run."""
        self.follow(trainer.history)
        self._train_points = trainer.model.plot_train_per_epoch
        self._batches = trainer.num_train_batches
        self._face, self._due = best_face(), time.perf_counter() + INTERVAL

    def on_step_end(self, trainer: Trainer) -> None:
        """Show the run if it is time."""
        if time.perf_counter() >= self._due:
            self._show(_progress(trainer), epoch_done=False)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Say where the run is, and show it if it is time."""
        if time.perf_counter() >= self._due or not in_notebook():
            self._show(_progress(trainer), epoch_done=True)

    def on_fit_end(self, trainer: Trainer) -> None:
        """Show the end."""
        if self._face is not None:
            self._show(_progress(trainer), epoch_done=False)
            self._face.close()
            self._face = None

    def _show(self, text: str, *, epoch_done: bool) -> None:
        """Show the curves and note when the next picture is due."""
        began = time.perf_counter()
        if self._face is None:
            self._face = best_face()
        self._face.show(self, text, epoch_done=epoch_done)
        now = time.perf_counter()
        self._due = now + max(INTERVAL, SHARE * (now - began))


def _progress(trainer: Trainer) -> str:
    """How far the run is."""
    text = f"epoch {trainer.epoch}/{trainer.max_epochs}"
    position, batches = trainer.train_dataloader.position, trainer.num_train_batches
    if position and batches:
        text += f", batch {position}/{batches}"
    return text
