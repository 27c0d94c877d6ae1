"""What many runs give: their histories, settings and models, as a table and as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gramian.train._history import History, direction
from gramian.train._module import Module

if TYPE_CHECKING:
    import polars as pl

    from gramian.train._sweep_display import SweepDisplay

__all__ = ["Run", "Sweep"]


class Run(NamedTuple):
    """The settings of one run."""

    init: str
    lr: float
    seed: int

    def __str__(self) -> str:
        named = f"init={self.init}, " if self.init else ""
        return f"({named}lr={self.lr:g}, seed={self.seed})"


class Sweep(list[History]):
    """The histories of many runs.

    Attributes
    ----------
    runs : list of Run
        ``init``, ``lr`` and ``seed`` of each history; ``init`` is "" where there is only one.
    models : list of Module
        The trained models, in the same order.

    Examples
    --------
    >>> import torch
    >>> from gramian import train as d2l
    >>> data = d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2, random_state=0)
    >>> def build(lr, seed):
    ...     return d2l.LinearRegressionScratch(2, lr, random_state=seed)
    >>> sweep = d2l.fit_many(build, data, lrs=[0.01, 0.03], seeds=[0], max_epochs=2)
    >>> sweep.table().columns
    ['lr', 'seed', 'epochs', 'best_epoch', 'train_loss', 'val_loss']
    """

    def __init__(
        self, histories: Sequence[History], runs: Sequence[Run], models: Sequence[Module]
    ) -> None:
        super().__init__(histories)
        self.runs, self.models = list(runs), list(models)

    def table(self, monitor: str | None = None, *, mode: str | None = None) -> pl.DataFrame:
        """One row per run: its settings, its best epoch, and every measure at its end.

        Parameters
        ----------
        monitor : str, default=None
            Column of the histories that tells which epoch is best; None takes "val_loss", or
            "train_loss" where nothing was validated.
        mode : {"min", "max"} or None, default=None
            As in `History.best_epoch`.

        Returns
        -------
        table : DataFrame
            "init" where there are several; a run without a finite value has no best epoch.
        """
        import polars as pl

        monitor = self._monitor(monitor)
        rows = []
        for run, history in zip(self.runs, self, strict=True):
            known = any(math.isfinite(value) for value in history.epochs.get(monitor, []))
            best = history.best_epoch(monitor, mode) if known else None
            ends = {name: history.epochs.get(name, [math.nan])[-1] for name in self._measures}
            rows.append(run._asdict() | {"epochs": len(history), "best_epoch": best} | ends)
        table = pl.DataFrame(rows, infer_schema_length=None)
        return table if table["init"].n_unique() > 1 else table.drop("init")

    def best(
        self,
        monitor: str | None = None,
        *,
        mode: str | None = None,
        init: str | None = None,
        seed: int | None = None,
    ) -> int:
        """The run that ended best, as a place in the list; the first of equals.

        Parameters
        ----------
        monitor, mode
            As in `table`.
        init : str, default=None
            Only among the runs of this initialisation.
        seed : int, default=None
            Only among the runs of this seed.

        Raises
        ------
        ValueError
            If no such run ended with a finite value.
        """
        monitor = self._monitor(monitor)
        sign = direction(monitor, mode, "Sweep.best")
        ends = {
            i: sign * value
            for i, (run, value) in enumerate(zip(self.runs, self.ends(monitor), strict=True))
            if value == value and init in (None, run.init) and seed in (None, run.seed)
        }
        finite = {i: value for i, value in ends.items() if math.isfinite(value)}
        if not finite:
            raise ValueError(f"Sweep.best: {monitor} must be finite in at least one run, got none.")
        return max(finite, key=finite.__getitem__)

    def ends(self, monitor: str) -> list[float]:
        """The last value of a column in every run; nan where a run has none."""
        return [(history.epochs.get(monitor) or [math.nan])[-1] for history in self]

    def plot(self, ax: Any = None, *, monitor: str | None = None) -> SweepDisplay:
        """Draw where the runs ended against their learning rates.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
        monitor : str, default=None
            As in `table`.

        Returns
        -------
        display : SweepDisplay
        """
        from gramian.train._sweep_display import SweepDisplay

        return SweepDisplay.from_estimator(self, monitor=monitor).plot(ax)

    @property
    def _measures(self) -> list[str]:
        """The columns of the histories that are measures, in the order of their appearance."""
        others = ("epoch", "learning_rate", "seconds")
        found = (name for history in self for name in history.epochs if name not in others)
        return list(dict.fromkeys(found))

    def _monitor(self, monitor: str | None) -> str:
        """The column to judge by; raises if no history has it."""
        if monitor is None:
            return "val_loss" if "val_loss" in self._measures else "train_loss"
        if monitor not in self._measures:
            known = ", ".join(self._measures)
            raise ValueError(f"Sweep: monitor must be one of {known}, got {monitor!r}.")
        return monitor
