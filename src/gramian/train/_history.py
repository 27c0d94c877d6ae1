"""What a run measured: one row per epoch, and every value of every step."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from operator import mul
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gramian._validation import check_choice

if TYPE_CHECKING:
    import polars as pl

    from gramian.plot.learning import LearningCurveDisplay

__all__ = ["History", "direction"]

_HIGHER_IS_BETTER = ("acc", "accuracy", "auc", "f1", "precision", "r2", "recall", "score")


def direction(monitor: str, mode: str | None, caller: str) -> int:
    """1 if a larger value of ``monitor`` is better, else -1; "acc" and the like are larger."""
    if mode is None:
        return 1 if monitor.rpartition("_")[2] in _HIGHER_IS_BETTER else -1
    return 1 if check_choice(mode, "mode", caller, ("min", "max")) == "max" else -1


class _Series:
    """Values of one name; those of late stay tensors until somebody wants to read them."""

    def __init__(self) -> None:
        self.pending: list[Any] = []
        self.values, self.first = array("d"), 0
        """Where the running epoch begins."""
        self.rows = array("q")
        """Of the running epoch: its mean is all that needs them."""

    def flush(self, name: str) -> None:
        if self.pending:
            self.values.extend(_floats(self.pending, name))
            self.pending = []


def _floats(values: list[Any], name: str) -> list[float]:
    """The numbers behind 0-d tensors, fetched at once, and plain numbers."""
    try:
        found = torch.stack(values).double().reshape(-1).tolist()
    except (TypeError, RuntimeError):  # not tensors of one kind
        found = [
            x for v in values for x in torch.as_tensor(v, dtype=torch.float64).flatten().tolist()
        ]
    if len(found) != len(values):
        raise ValueError(
            f"History.record: {name} must be one number per batch, got a tensor of several. "
            "Average it first."
        )
    return found


class History:
    """The measurements of one run, as columns.

    Attributes
    ----------
    epochs : dict of str to list
        One entry per epoch: ``"epoch"`` counts from 1; series such as ``"train_loss"`` and
        ``"val_acc"`` hold the mean over the rows of that epoch, nan where nothing was recorded;
        ``"learning_rate"`` (of the epoch's end) and ``"seconds"`` (its wall time).
    steps : dict of str to ndarray of shape (n_batches,), float64
        Every recorded value, in order.

    Notes
    -----
    Recording costs one detached tensor; values leave their device together, when a column or a
    step is read. Memory: 8 bytes per value.

    Examples
    --------
    >>> from gramian.train import History
    >>> history = History()
    >>> for loss, rows in ((4.0, 3), (8.0, 1)):
    ...     history.record("train_loss", loss, rows)
    >>> history.end_epoch(learning_rate=0.1, seconds=0.5)
    >>> history["train_loss"], history.steps["train_loss"]
    ([5.0], array([4., 8.]))
    """

    def __init__(self) -> None:
        self.epochs: dict[str, list[Any]] = {"epoch": []}
        self._series: dict[str, _Series] = {}

    def record(self, name: str, value: Tensor | float, rows: int = 1) -> None:
        """Note the mean of a quantity over a batch.

        Parameters
        ----------
        name : str
        value : 0-d Tensor or float
            Detached and kept on its device.
        rows : int, default=1
            Rows of the batch: the weight of the value in the epoch's mean.
        """
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = _Series()
        series.pending.append(value.detach() if isinstance(value, Tensor) else value)
        series.rows.append(rows)

    def extend(self, name: str, values: Sequence[float], rows: Sequence[int]) -> None:
        """Note the means of a quantity over many batches at once.

        Parameters
        ----------
        name : str
        values : sequence of float
        rows : sequence of int
            Rows of each batch.
        """
        series = self._series.setdefault(name, _Series())
        series.flush(name)
        series.values.extend(values)
        series.rows.extend(rows)

    def flush(self) -> None:
        """Fetch the values that are still on their device.

        Raises
        ------
        ValueError
            If one of them is not a single number.
        """
        for name, series in self._series.items():
            series.flush(name)

    def end_epoch(self, *, learning_rate: float, seconds: float) -> None:
        """Add the means of the running epoch as a row and begin the next."""
        self.flush()
        row: dict[str, Any] = {"epoch": len(self) + 1}
        for name, series in self._series.items():
            # plain sums: an epoch may be a single batch, and then arrays cost more than they save
            weighted = sum(map(mul, series.values[series.first :], series.rows))
            row[name] = weighted / total if (total := sum(series.rows)) > 0 else math.nan
            series.first, series.rows = len(series.values), array("q")
        row |= {"learning_rate": learning_rate, "seconds": seconds}
        for name in row:
            if name not in self.epochs:
                self.epochs[name] = [math.nan] * len(self)
        for name, column in self.epochs.items():
            column.append(row.get(name, math.nan))

    def live(self, name: str) -> array[float]:
        """The values of one series as they are kept, not a copy; empty if there is none."""
        series = self._series.get(name)
        if series is None:
            return array("d")
        series.flush(name)
        return series.values

    @property
    def steps(self) -> dict[str, np.ndarray]:
        """Every recorded value of every series."""
        self.flush()
        return {name: np.array(series.values) for name, series in self._series.items()}

    def __len__(self) -> int:
        return len(self.epochs["epoch"])

    def __getitem__(self, name: str) -> list[Any]:
        """A column of ``epochs``; ``KeyError`` with the names there are."""
        if name not in self.epochs:
            raise KeyError(
                f"History: column must be one of {', '.join(self.epochs)}, got {name!r}."
            )
        return self.epochs[name]

    def best_epoch(self, monitor: str = "val_loss", mode: str | None = None) -> int:
        """The epoch, counted from 1, in which a column was best; the first of equals.

        Parameters
        ----------
        monitor : str, default="val_loss"
        mode : {"min", "max"} or None, default=None
            None takes the largest of an accuracy or score, else the smallest.

        Raises
        ------
        KeyError
            If there is no such column.
        ValueError
            If no epoch has a number in it.
        """
        caller = "History.best_epoch"
        values = direction(monitor, mode, caller) * np.array(self[monitor], dtype=np.float64)
        if not np.isfinite(values).any():
            raise ValueError(f"{caller}: {monitor} must hold a finite number, got none.")
        return int(np.nanargmax(np.where(np.isfinite(values), values, np.nan))) + 1

    def to_polars(self) -> pl.DataFrame:
        """``epochs`` as a data frame."""
        import polars as pl

        return pl.DataFrame(self.epochs)

    def plot(self, ax: Any = None, *, names: Sequence[str] | None = None) -> LearningCurveDisplay:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
        names : sequence of str, default=None
            Series to draw; None draws all.

        Returns
        -------
        display : LearningCurveDisplay
        """
        from gramian.plot.learning import LearningCurveDisplay

        curves = self.curves()
        chosen = curves if names is None else {name: curves[name] for name in names}
        return LearningCurveDisplay.from_predictions(chosen).plot(ax)

    def curves(
        self, train_points: int = 2, *, batches: int | None = None
    ) -> dict[str, tuple[list[float], list[float]]]:
        """Points of every series, over epochs.

        Parameters
        ----------
        train_points : int, default=2
            Points per epoch of the series that are recorded while training; each is the mean of
            its window. At most one per batch.
        batches : int, default=None
            Batches of an epoch, for the epoch that still runs; None takes those of the last one.

        Returns
        -------
        curves : dict of str to (x, y)
            x counts epochs: k after k epochs.
        """
        self.flush()
        found = {}
        for name, series in self._series.items():
            if name.startswith("train_"):
                found[name] = self._windows(series, train_points, batches)
            else:
                column = self.epochs.get(name, [])
                known = [(i + 1.0, v) for i, v in enumerate(column) if not math.isnan(v)]
                found[name] = ([x for x, _ in known], [y for _, y in known])
        return {name: curve for name, curve in found.items() if curve[0]}

    def _windows(
        self, series: _Series, points: int, batches: int | None
    ) -> tuple[list[float], list[float]]:
        """Means of a training series over windows of equal length."""
        values, done = np.asarray(series.values), series.first
        per_epoch = batches or (done // len(self) if len(self) else len(values))
        size = max(1, per_epoch // max(1, points))
        if not len(values) or not per_epoch:
            return [], []
        starts = np.arange(0, len(values), size)
        counts = np.diff(np.append(starts, len(values)))
        y = np.add.reduceat(values, starts) / counts
        x = (starts + counts) / per_epoch
        return x.tolist(), y.tolist()

    def state_dict(self) -> dict[str, Any]:
        """Everything `load_state_dict` needs to go on with the same columns."""
        self.flush()
        series = {
            name: {
                "values": torch.from_numpy(np.array(s.values, dtype=np.float64)),
                "rows": torch.from_numpy(np.array(s.rows, dtype=np.int64)),
                "first": s.first,
            }
            for name, s in self._series.items()
        }
        return {"epochs": {k: list(v) for k, v in self.epochs.items()}, "series": series}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Become the history that `state_dict` described."""
        self.epochs = {name: list(column) for name, column in state["epochs"].items()}
        self._series = {}
        for name, saved in state["series"].items():
            series = self._series[name] = _Series()
            series.values.frombytes(saved["values"].numpy().tobytes())
            series.rows.frombytes(saved["rows"].numpy().tobytes())
            series.first = saved["first"]

    def __repr__(self) -> str:
        n = len(self)
        last = {k: v[-1] for k, v in self.epochs.items() if n and k not in ("epoch", "seconds")}
        shown = ", ".join(f"{name} {value:.4g}" for name, value in last.items())
        return f"History({n} epoch{'' if n == 1 else 's'}{': ' + shown if shown else ''})"
