"""The picture of a sweep: where runs ended against their learning rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from matplotlib.axes import Axes

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._base import Display

if TYPE_CHECKING:
    from gramian.train._sweep import Sweep

__all__ = ["SweepDisplay"]


class SweepDisplay(Display):
    """One point per run, and a line through the medians of each initialisation.

    Parameters
    ----------
    lrs : ndarray of shape (n_runs,)
    values : ndarray of shape (n_runs,)
        Values that are not finite are left out of the picture, but counted in its title.
    inits : sequence of n_runs str
    monitor : str
        What the values are.

    Attributes
    ----------
    lrs, values, inits, monitor
        As passed.

    Examples
    --------
    >>> from gramian.train import SweepDisplay
    >>> display = SweepDisplay.from_predictions([0.1, 0.1, 1.0], [3.0, 1.0, 5.0], "val_loss")
    >>> display.describe()
    'val_loss of 3 runs against the learning rate: median 2 at 0.1, 5 at 1.'
    """

    def __init__(
        self, lrs: np.ndarray, values: np.ndarray, inits: Sequence[str], monitor: str
    ) -> None:
        self.lrs, self.values, self.inits, self.monitor = lrs, values, list(inits), monitor

    @classmethod
    def from_predictions(
        cls, lrs: Any, values: Any, monitor: str, *, inits: Sequence[str] | None = None
    ) -> Self:
        """A display of rates and results.

        Parameters
        ----------
        lrs : array of shape (n_runs,)
        values : array of shape (n_runs,)
        monitor : str
        inits : sequence of n_runs str, default=None

        Raises
        ------
        ValueError
            If there is no run, or the lengths differ.
        """
        x, y = np.asarray(lrs, dtype=np.float64), np.asarray(values, dtype=np.float64)
        names = [""] * len(x) if inits is None else list(inits)
        if not len(x) or len({len(x), len(y), len(names)}) > 1:
            equal = "of equal length, at least 1, for rates, values and initialisations"
            found = (len(x), len(y), len(names))
            raise ValueError(_message(f"{cls.__name__}.from_predictions", "values", equal, found))
        return cls(x, y, names, monitor)

    @classmethod
    def from_estimator(cls, estimator: Sweep, *, monitor: str | None = None) -> Self:
        """A display of what `fit_many` gave.

        Parameters
        ----------
        estimator : Sweep
        monitor : str, default=None
            As in `Sweep.table`.
        """
        chosen = estimator._monitor(monitor)
        runs = estimator.runs
        lrs, inits = [run.lr for run in runs], [run.init for run in runs]
        return cls.from_predictions(lrs, estimator.ends(chosen), chosen, inits=inits)

    def medians(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Per initialisation the rates, ascending, and the median of the finite values at each."""
        names, finite = np.array(self.inits), np.isfinite(self.values)
        found = {}
        for name in dict.fromkeys(self.inits):
            own = (names == name) & finite
            rates = np.unique(self.lrs[own])
            medians = [float(np.median(self.values[own & (self.lrs == rate)])) for rate in rates]
            found[name] = (rates, np.array(medians))
        return found

    def describe(self) -> str:
        """The picture in words."""
        lines = []
        for name, (rates, medians) in self.medians().items():
            ends = ", ".join(f"{y:.4g} at {x:g}" for x, y in zip(rates, medians, strict=True))
            lines.append(f"{name} median {ends or 'nowhere'}".strip())
        text = f"{self.monitor} of {len(self.lrs)} runs against the learning rate"
        return f"{text}: {'; '.join(lines)}{self._lost()}."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Initialisation, rate and value of every run."""
        values = [f"{value:.4g}" for value in self.values]
        named = {"init": self.inits} if len(set(self.inits)) > 1 else {}
        return named | {"lr": [f"{lr:g}" for lr in self.lrs], self.monitor: values}

    def _lost(self) -> str:
        lost = int((~np.isfinite(self.values)).sum())
        return f"; {lost} not finite" if lost else ""

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        medians = self.medians()
        for i, (name, (rates, line)) in enumerate(medians.items()):
            own = np.isfinite(self.values) & (np.array(self.inits) == name)
            look: dict[str, Any] = {"color": theme.color(i)}
            ax.plot(self.lrs[own], self.values[own], "o", markersize=4, alpha=0.6, **look)
            ax.plot(rates, line, linewidth=2, label=style.plain(name) or "median", **look)
        ax.set_xscale("log")
        ax.set_xlabel("learning rate")
        ax.set_ylabel(style.plain(self.monitor))
        ax.set_title(f"{len(self.lrs)} runs{self._lost()}")
        ax.grid(axis="y", color=theme.grid)
        if len(medians) > 1:
            ax.legend()
