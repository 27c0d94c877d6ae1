"""Pictures of a regression: predictions against the truth, what is left, and the chosen path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import as_array, as_finite
from gramian.plot._base import Display

__all__ = ["PredictionDisplay", "ResidualDisplay", "RidgePathDisplay"]

RASTERISE_ABOVE = 20_000
MOST_DRAWN = 50_000


class _Pairs(Display):
    """Truth and prediction of each row.

    Parameters
    ----------
    truth, predicted : ndarray of shape (n,), float64
    name : str
        Of the target.
    """

    def __init__(self, truth: np.ndarray, predicted: np.ndarray, name: str) -> None:
        self.truth, self.predicted, self.name = truth, predicted, name

    @classmethod
    def from_predictions(cls, truth: Any, predicted: Any, *, name: str = "target") -> Self:
        """A display of targets and what was predicted for them.

        Parameters
        ----------
        truth, predicted : array or tensor of shape (n,)
        name : str, default="target"

        Raises
        ------
        ValueError
            If shapes disagree or a number is not finite.
        """
        caller = f"{cls.__name__}.from_predictions"
        true = as_finite(truth, "truth", caller, ndim=1).astype(np.float64)
        said = as_finite(predicted, "predicted", caller, ndim=1).astype(np.float64)
        if len(true) != len(said):
            raise ValueError(_message(caller, "predicted", f"of length {len(true)}", len(said)))
        return cls(true, said, str(name))

    @property
    def rmse(self) -> float:
        """Root of the mean squared difference."""
        return float(np.sqrt(np.square(self.truth - self.predicted).mean()))

    def _scatter(self, ax: Axes, theme: style.Theme, across: np.ndarray, up: np.ndarray) -> None:
        """The rows, fainter the more there are, an even selection of very many."""
        step = -(-len(across) // MOST_DRAWN)
        opacity = float(np.clip(60 / np.sqrt(len(across)), 0.08, 0.75))
        ax.scatter(
            across[::step],
            up[::step],
            s=12 if len(across) < 2000 else 6,
            color=theme.cycle[0],
            alpha=opacity,
            linewidths=0,
            rasterized=len(across) > RASTERISE_ABOVE,
        )
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(6))
            axis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))
        ax.grid(color=theme.grid)


class PredictionDisplay(_Pairs):
    """Prediction against truth; on the line they agree.

    Examples
    --------
    >>> from gramian.plot import PredictionDisplay
    >>> PredictionDisplay.from_predictions([1.0, 2.0], [1.0, 4.0]).rmse
    1.4142135623730951
    """

    def describe(self) -> str:
        """The picture in words."""
        low, high = self.truth.min(), self.truth.max()
        return (
            f"Predictions of {self.name} against the truth for {len(self.truth):,} rows; the truth "
            f"lies from {low:.4g} to {high:.4g}, the root mean squared error is {self.rmse:.4g}."
        )

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        ends = [
            min(self.truth.min(), self.predicted.min()),
            max(self.truth.max(), self.predicted.max()),
        ]
        ax.plot(ends, ends, color=theme.accent, linewidth=1.2, linestyle="--", zorder=3)
        self._scatter(ax, theme, self.truth, self.predicted)
        name = style.plain(self.name, 24)
        ax.set_xlabel(f"{name}, true")
        ax.set_ylabel(f"{name}, predicted")


class ResidualDisplay(_Pairs):
    """Truth less prediction, against the prediction: what the model has not learnt.

    Examples
    --------
    >>> from gramian.plot import ResidualDisplay
    >>> ResidualDisplay.from_predictions([1.0, 2.0], [1.0, 4.0]).residual.tolist()
    [0.0, -2.0]
    """

    @property
    def residual(self) -> np.ndarray:
        """Truth less prediction, (n,)."""
        return self.truth - self.predicted

    def describe(self) -> str:
        """The picture in words."""
        low, middle, high = np.quantile(self.residual, [0.05, 0.5, 0.95])
        return (
            f"Residuals of {self.name} against the prediction for {len(self.truth):,} rows: "
            f"median {middle:.4g}, nine tenths from {low:.4g} to {high:.4g}."
        )

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Quantiles of the residuals."""
        levels = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0]
        return {
            "share of rows": [f"{level:.0%}" for level in levels],
            "residual": [f"{value:.4g}" for value in np.quantile(self.residual, levels)],
        }

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        ax.axhline(0, color=theme.accent, linewidth=1.2, linestyle="--", zorder=3)
        self._scatter(ax, theme, self.predicted, self.residual)
        ax.set_xlabel(f"{style.plain(self.name, 24)}, predicted")
        ax.set_ylabel("true − predicted")


class RidgePathDisplay(Display):
    """Error against the ridge, one curve for each bandwidth, with the chosen pair marked.

    Parameters
    ----------
    alphas : ndarray of shape (a,), rising
    bandwidths : list of float or None
    errors : ndarray of shape (len(bandwidths), a)
        NaN where there is none.
    error_name : str

    Attributes
    ----------
    chosen : tuple of two int
        Curve and place of the least error.

    Examples
    --------
    >>> from gramian.plot import RidgePathDisplay
    >>> display = RidgePathDisplay.from_predictions([1.0, 0.1], [2.0], [[3.0, 1.0]])
    >>> display.alphas.tolist(), display.chosen
    ([0.1, 1.0], (0, 0))
    """

    def __init__(
        self,
        alphas: np.ndarray,
        bandwidths: list[float] | None,
        errors: np.ndarray,
        error_name: str,
    ) -> None:
        self.alphas, self.bandwidths = alphas, bandwidths
        self.errors, self.error_name = errors, error_name
        place = np.unravel_index(int(np.nanargmin(errors)), errors.shape)
        self.chosen = int(place[0]), int(place[1])

    @classmethod
    def from_predictions(
        cls,
        alphas: Any,
        bandwidths: Any,
        errors: Any,
        *,
        error_name: str = "leave-one-out error",
    ) -> Self:
        """A display of errors.

        Parameters
        ----------
        alphas : array of shape (a,), positive
        bandwidths : array of shape (b,), or None for a kernel without one
        errors : array of shape (b, a), or (1, a) without bandwidths
        error_name : str, default="leave-one-out error"

        Raises
        ------
        ValueError
            If shapes disagree, an alpha is not positive, or no error is a number.
        """
        caller = f"{cls.__name__}.from_predictions"
        ridges = as_finite(alphas, "alphas", caller, ndim=1).astype(np.float64)
        table = as_array(errors, "errors", caller, ndim=2).astype(np.float64)
        widths = None
        if bandwidths is not None:
            widths = as_finite(bandwidths, "bandwidths", caller, ndim=1).tolist()
        shape = (1 if widths is None else len(widths), len(ridges))
        if table.shape != shape:
            raise ValueError(_message(caller, "errors", f"of shape {shape}", table.shape))
        if not (ridges > 0).all():
            raise ValueError(_message(caller, "alphas", "positive", float(ridges.min())))
        table = np.where(np.isfinite(table), table, np.nan)
        if np.isnan(table).all():
            raise ValueError(_message(caller, "errors", "finite somewhere", table))
        order = np.argsort(ridges, kind="stable")
        return cls(ridges[order], widths, table[:, order], error_name)

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """A display of a fitted `KernelRidgeCV` without a scorer."""
        results = estimator.cv_results_
        alphas = np.unique(results["param_alpha"])
        shape = (-1, len(results["param_alpha"]) // _curves(results["param_bandwidth"]))
        named = estimator.bandwidth_ is not None
        widths = results["param_bandwidth"].reshape(shape)[:, 0] if named else None
        errors = np.sqrt(np.maximum(-results["mean_test_score"], 0)).reshape(shape)
        ridges = results["param_alpha"].reshape(shape)[0] if len(alphas) else alphas
        return cls.from_predictions(
            ridges, widths, errors, error_name="root mean squared leave-one-out error"
        )

    def describe(self) -> str:
        """The picture in words."""
        curve, place = self.chosen
        text = (
            f"Curves of the {self.error_name} against the ridge, from {self.alphas[0]:.3g} to "
            f"{self.alphas[-1]:.3g}; the least, {self.errors[self.chosen]:.4g}, is at "
            f"{self.alphas[place]:.3g}"
        )
        if self.bandwidths is not None:
            text += f" and bandwidth {self.bandwidths[curve]:.4g}"
        return f"{text}."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The least error of each curve."""
        best = [int(np.nanargmin(row)) if np.isfinite(row).any() else 0 for row in self.errors]
        widths = ["none"] if self.bandwidths is None else [f"{h:.4g}" for h in self.bandwidths]
        return {
            "bandwidth": widths,
            "best ridge": [f"{self.alphas[j]:.4g}" for j in best],
            "error there": [f"{row[j]:.6g}" for row, j in zip(self.errors, best, strict=True)],
        }

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        for rank, row in enumerate(self.errors):
            label = None
            if self.bandwidths is not None:
                label = f"bandwidth {self.bandwidths[rank]:.3g}"
            ax.plot(
                self.alphas,
                row,
                style.MARKERS[rank // 8 % 6] + "-",
                color=theme.color(rank),
                linewidth=1.6,
                markersize=3.5,
                label=label,
            )
        curve, place = self.chosen
        ring: dict[str, Any] = {"markersize": 13, "markerfacecolor": "none", "markeredgewidth": 2}
        at = (self.alphas[place], self.errors[curve, place])
        ax.plot(*at, "o", color=theme.accent, zorder=5, **ring)
        ax.set_xscale("log")
        ax.set_ylim(bottom=0)
        ax.set_xlabel("ridge (alpha)")
        ax.set_ylabel(self.error_name)
        ax.grid(color=theme.grid)
        if self.bandwidths is not None:
            ax.legend(loc="best", labelspacing=0.4)


def _curves(bandwidths: np.ndarray) -> int:
    """How many runs of one bandwidth there are."""
    if np.isnan(bandwidths).all():
        return 1
    return 1 + int((bandwidths[1:] != bandwidths[:-1]).sum())
