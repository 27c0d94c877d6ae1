"""Learning curves: what a training run measured, over epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import as_array
from gramian.plot._base import Display

_DASHES = ("-", "--", "-.", ":")


class LearningCurveDisplay(Display):
    """Any number of curves over epochs, one look each.

    Parameters
    ----------
    curves : dict of str to (x, y), ndarrays of shape (m,)
        x counts epochs. Values that are not finite are left out of the picture.

    Attributes
    ----------
    curves
        As passed.

    Examples
    --------
    >>> from gramian.plot import LearningCurveDisplay
    >>> display = LearningCurveDisplay.from_predictions({"val_loss": ([1, 2], [0.9, 0.4])})
    >>> display.describe()
    'Learning curves over 2 epochs: val_loss from 0.9 to 0.4.'
    """

    def __init__(self, curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
        self.curves = curves

    @classmethod
    def from_predictions(cls, curves: Mapping[str, tuple[Any, Any]]) -> Self:
        """A display of named curves.

        Parameters
        ----------
        curves : mapping of str to (x, y)
            Arrays of equal length, x counting epochs.

        Returns
        -------
        display : LearningCurveDisplay

        Raises
        ------
        ValueError
            If there is no curve, or x and y differ in length.
        """
        caller = f"{cls.__name__}.from_predictions"
        if not curves:
            raise ValueError(_message(caller, "curves", "at least one curve", dict(curves)))
        found = {}
        for name, (x, y) in curves.items():
            across = as_array(x, name, caller, ndim=1).astype(np.float64)
            height = as_array(y, name, caller, ndim=1).astype(np.float64)
            if len(across) != len(height):
                equal = "of equal length in x and y"
                raise ValueError(_message(caller, name, equal, (len(across), len(height))))
            found[str(name)] = (across, height)
        return cls(found)

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """A display of a `gramian.train.History`, or of anything with ``curves()``.

        Parameters
        ----------
        estimator : object with ``curves()``, giving names to (x, y)

        Returns
        -------
        display : LearningCurveDisplay
        """
        return cls.from_predictions(estimator.curves())

    def describe(self) -> str:
        """The picture in words."""
        last = max(float(x[-1]) for x, _ in self.curves.values())
        ends = [f"{name} from {y[0]:.4g} to {y[-1]:.4g}" for name, (_, y) in self.curves.items()]
        return f"Learning curves over {last:.4g} epochs: {'; '.join(ends)}."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """First, best low, best high and last value of each curve."""
        found = [y[np.isfinite(y)] for _, y in self.curves.values()]
        cells = [
            [f"{v:.4g}" for v in (y[0], y.min(), y.max(), y[-1])] if len(y) else ["nan"] * 4
            for y in found
        ]
        names = ("first", "lowest", "highest", "last")
        table: dict[str, Sequence[Any]] = {"series": list(self.curves)}
        return table | {name: [row[i] for row in cells] for i, name in enumerate(names)}

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        for i, (name, (x, y)) in enumerate(self.curves.items()):
            shown = np.isfinite(y)
            look: dict[str, Any] = {"color": theme.color(i), "linewidth": 2}
            look["linestyle"] = _DASHES[i // len(theme.cycle) % len(_DASHES)]
            mark = "o" if shown.sum() == 1 else None
            ax.plot(x[shown], y[shown], marker=mark, label=style.plain(name), **look)
        ax.set_xlabel("epoch")
        ax.grid(axis="y", color=theme.grid)
        ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, min_n_ticks=1))
        ax.legend()
