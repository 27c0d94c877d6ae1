"""Densities along one axis: of each column, and of the log densities themselves."""

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

__all__ = ["LogDensityHistogramDisplay", "MarginalDensityDisplay"]

MOST_CURVES = 8
LONG_TAIL = 3.0


class LogDensityHistogramDisplay(Display):
    """How many rows have which log density, and where the sparsest few of them end.

    Parameters
    ----------
    log_density : ndarray of shape (n,)
        −∞ is allowed and counted apart.
    share : float
        The part of the rows, of least density, that a line cuts off.

    Attributes
    ----------
    threshold : float
        The log density below which ``share`` of the rows lie; −∞ where so many have none.
    n_outside : int
        Rows of density zero.

    Examples
    --------
    >>> from gramian.plot import LogDensityHistogramDisplay
    >>> display = LogDensityHistogramDisplay.from_predictions([-1.0, -2.0, -9.0], share=0.4)
    >>> display.threshold
    -2.0
    """

    def __init__(self, log_density: np.ndarray, share: float) -> None:
        self.log_density, self.share = log_density, share
        self.threshold = float(np.quantile(log_density, share, method="higher"))
        self.n_outside = int(np.isneginf(log_density).sum())

    @classmethod
    def from_predictions(cls, log_density: Any, *, share: float = 0.01) -> Self:
        """A display of log densities.

        Parameters
        ----------
        log_density : array or tensor of shape (n,)
        share : float in [0, 1], default=0.01

        Raises
        ------
        ValueError
            If a log density is NaN or +∞, all are −∞, or ``share`` is out of range.
        """
        caller = f"{cls.__name__}.from_predictions"
        logs = as_array(log_density, "log_density", caller, ndim=1).astype(np.float64)
        if np.isnan(logs).any() or np.isposinf(logs).any() or np.isneginf(logs).all():
            raise ValueError(
                _message(caller, "log_density", "finite somewhere, free of NaN and +inf", logs)
            )
        if not 0 <= share <= 1:
            raise ValueError(_message(caller, "share", "a number in [0, 1]", share))
        return cls(logs, share)

    def describe(self) -> str:
        """The picture in words."""
        finite = self.log_density[np.isfinite(self.log_density)]
        text = (
            f"Histogram of the log densities of {len(self.log_density):,} rows, from "
            f"{finite.min():.4g} to {finite.max():.4g}, median {np.median(self.log_density):.4g}"
        )
        if self.n_outside:
            text += f"; {self.n_outside:,} rows have density zero"
        return text + "."

    def _size(self) -> tuple[float, float]:
        return style.NARROW, 4.0

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        finite = self.log_density[np.isfinite(self.log_density)]
        bins = int(np.clip(2 * np.cbrt(len(finite)), 8, 60))
        heights, edges = np.histogram(finite, bins=bins)
        ax.stairs(heights, edges, fill=True, color=theme.cycle[0], alpha=0.85)
        if heights.max() > 10**LONG_TAIL * max(1, np.median(heights)):
            ax.set_yscale("log")
        if np.isfinite(self.threshold):
            ax.axvline(self.threshold, color=theme.accent, linewidth=1.2, linestyle="--")
            place: dict[str, Any] = {"xytext": (5, -4), "textcoords": "offset points"}
            at = (self.threshold, 1.0)
            look: dict[str, Any] = {"xycoords": ax.get_xaxis_transform(), "va": "top", **place}
            ax.annotate(f"{self.share:.0%} of rows", at, color=theme.text, fontsize=9, **look)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.set_xlabel("log density")
        ax.set_ylabel("rows")
        ax.grid(axis="y", color=theme.grid)


class MarginalDensityDisplay(Display):
    """The density of each column alone, one curve for each, up to eight.

    Parameters
    ----------
    positions : ndarray of shape (m,)
    densities : ndarray of shape (k, m)
    names : list of k str
    axis_name : str

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.plot import MarginalDensityDisplay
    >>> across = np.linspace(-3, 3, 50)
    >>> display = MarginalDensityDisplay.from_predictions(across, [np.exp(-(across**2))], ["a"])
    >>> display.densities.shape
    (1, 50)
    """

    def __init__(
        self,
        positions: np.ndarray,
        densities: np.ndarray,
        names: list[str],
        axis_name: str = "deviations from the mean (σ)",
    ) -> None:
        self.positions, self.densities = positions, densities
        self.names, self.axis_name = names, axis_name

    @classmethod
    def from_predictions(
        cls,
        positions: Any,
        densities: Any,
        names: Sequence[str],
        *,
        axis_name: str = "deviations from the mean (σ)",
    ) -> Self:
        """A display of densities at common positions.

        Parameters
        ----------
        positions : array or tensor of shape (m,)
        densities : array or tensor of shape (k, m), at most 8 curves
        names : sequence of k str
        axis_name : str

        Raises
        ------
        ValueError
            If shapes disagree, a number is not finite, or there are more than 8 curves.
        """
        caller = f"{cls.__name__}.from_predictions"
        across = as_finite(positions, "positions", caller, ndim=1)
        curves = as_finite(densities, "densities", caller, ndim=2)
        if curves.shape[1] != len(across) or len(curves) > MOST_CURVES:
            wanted = f"of shape (k, {len(across)}) with k at most {MOST_CURVES}"
            raise ValueError(_message(caller, "densities", wanted, curves.shape))
        if len(names) != len(curves):
            raise ValueError(_message(caller, "names", f"of length {len(curves)}", len(names)))
        return cls(across, curves, [str(name) for name in names], axis_name)

    def describe(self) -> str:
        """The picture in words."""
        peaks = [
            f"{name} at {self.positions[int(curve.argmax())]:.3g}"
            for name, curve in zip(self.names, self.densities, strict=True)
        ]
        return f"Density curves of {len(peaks)} columns; highest points: {', '.join(peaks)}."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Where each curve is highest, and how high."""
        return {
            "column": self.names,
            "highest at": [f"{self.positions[int(c.argmax())]:.4g}" for c in self.densities],
            "density there": [f"{c.max():.4g}" for c in self.densities],
        }

    def _size(self) -> tuple[float, float]:
        return style.NARROW, 4.0

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        for rank, (name, curve) in enumerate(zip(self.names, self.densities, strict=True)):
            ax.plot(
                self.positions,
                curve,
                color=theme.color(rank),
                linewidth=1.6,
                label=style.plain(name, 20),
            )
        ax.set_ylim(bottom=0)
        ax.margins(x=0)
        ax.set_xlabel(style.plain(self.axis_name, 60))
        ax.set_ylabel("density")
        ax.grid(axis="y", color=theme.grid)
        if len(self.names) > 1:
            ax.legend(loc="best", labelspacing=0.5)
