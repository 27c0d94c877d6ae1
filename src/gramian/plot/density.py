"""Rows coloured by their density, with contours where there are two features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.ticker import MaxNLocator

from gramian._validation import _message, check_int
from gramian.plot import style
from gramian.plot._arrays import as_array, as_finite, as_names, names_of
from gramian.plot._base import Display
from gramian.plot._principal import PrincipalPlane

__all__ = ["DensityDisplay", "DensityGrid"]

SHARES = (0.95, 0.75, 0.5, 0.25)
"""Of the rows, that lie inside the contours, from the outermost in."""
MOST_DRAWN = 60_000
RASTERISE_ABOVE = 20_000


@dataclass(frozen=True)
class DensityGrid:
    """Log densities on a grid over the plane.

    Attributes
    ----------
    across : ndarray of shape (width,)
    up : ndarray of shape (height,)
    log_density : ndarray of shape (height, width)
    """

    across: np.ndarray
    up: np.ndarray
    log_density: np.ndarray


class DensityDisplay(Display):
    """Rows as points, the darker the denser; contours hold 25, 50, 75 and 95 % of the rows.

    Two features are drawn as they are, with contours; more are shown in the plane of their first
    two principal axes, without. Up to 60 000 points are drawn, an even selection.

    Parameters
    ----------
    positions : ndarray of shape (n, 2)
    log_density : ndarray of shape (n,)
        At each row; −∞ is allowed.
    grid : DensityGrid, optional
        What contours are drawn from.
    axis_names : tuple of two str

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import KernelDensity
    >>> from gramian.plot import DensityDisplay
    >>> X = np.random.default_rng(0).normal(size=(50, 2))
    >>> display = DensityDisplay.from_estimator(KernelDensity().fit(X), X, resolution=20)
    >>> display.grid.log_density.shape
    (20, 20)
    """

    def __init__(
        self,
        positions: np.ndarray,
        log_density: np.ndarray,
        *,
        grid: DensityGrid | None = None,
        axis_names: tuple[str, str] = ("x0", "x1"),
    ) -> None:
        self.positions, self.log_density = positions, log_density
        self.grid, self.axis_names = grid, axis_names

    @classmethod
    def from_predictions(
        cls,
        X: Any,
        log_density: Any,
        *,
        grid: DensityGrid | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> Self:
        """A display of rows and the log densities at them.

        Parameters
        ----------
        X : array, tensor or data frame of shape (n, d), d >= 2
        log_density : array or tensor of shape (n,)
        grid : DensityGrid, optional
            For two features.
        feature_names : sequence of d str, optional

        Returns
        -------
        display : DensityDisplay

        Raises
        ------
        ValueError
            If shapes disagree, X is not finite or has one feature, or a log density is NaN.
        """
        caller = f"{cls.__name__}.from_predictions"
        points = as_finite(X, "X", caller, ndim=2)
        if points.shape[1] < 2:
            remedy = "Draw one feature with MarginalDensityDisplay."
            raise ValueError(_message(caller, "X", "of two features or more", points.shape, remedy))
        logs = as_array(log_density, "log_density", caller, ndim=1).astype(np.float64)
        if len(logs) != len(points):
            raise ValueError(_message(caller, "log_density", f"of length {len(points)}", len(logs)))
        if np.isnan(logs).any():
            raise ValueError(_message(caller, "log_density", "free of NaN", logs.shape))
        given = names_of(X) if feature_names is None else feature_names
        names = as_names(given, points.shape[1], caller)
        if points.shape[1] == 2:
            return cls(points, logs, grid=grid, axis_names=(names[0], names[1]))
        plane = PrincipalPlane(points)
        across, up = plane.shares
        titles = (
            f"first principal axis ({across:.0%} of the variance)",
            f"second principal axis ({up:.0%})",
        )
        return cls(plane.project(points), logs, axis_names=titles)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        feature_names: Sequence[str] | None = None,
        resolution: int = 120,
    ) -> Self:
        """A display of a fitted density at the rows of X, and of its contours about them.

        Parameters
        ----------
        estimator : fitted object with ``score_samples``
        X : array, tensor or data frame of shape (n, d), d >= 2
        feature_names : sequence of d str, optional
        resolution : int, default=120
            Points of the grid along each axis.
        """
        caller = f"{cls.__name__}.from_estimator"
        check_int(resolution, "resolution", caller, low=2)
        points = as_finite(X, "X", caller, ndim=2)
        logs = np.asarray(estimator.score_samples(X))
        grid = None
        if points.shape[1] == 2:
            low, high = points.min(0), points.max(0)
            room = np.where(high > low, 0.12 * (high - low), 1.0)
            across, up = np.linspace(low - room, high + room, resolution).T
            cells = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
            values = np.asarray(estimator.score_samples(cells.astype(points.dtype)))
            grid = DensityGrid(across, up, values.reshape(resolution, resolution))
        names = names_of(X) if feature_names is None else feature_names
        return cls.from_predictions(points, logs, grid=grid, feature_names=names)

    def levels(self) -> dict[float, float]:
        """For each share of the rows, the log density that so many reach, in rising order."""
        found = {s: float(np.quantile(self.log_density, 1 - s, method="lower")) for s in SHARES}
        levels: dict[float, float] = {}
        for share, level in found.items():
            if np.isfinite(level) and level not in levels.values():
                levels[share] = level
        return levels

    def describe(self) -> str:
        """The picture in words."""
        low, high = self.log_density.min(), self.log_density.max()
        lines = " with contours of the density" if self.grid is not None else ""
        return (
            f"Scatter plot of {len(self.positions):,} rows coloured by log density, from {low:.4g} "
            f"to {high:.4g}{lines}; across: {self.axis_names[0]}; up: {self.axis_names[1]}."
        )

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The log densities that shares of the rows reach."""
        levels = self.levels()
        return {
            "share of rows": [f"{share:.0%}" for share in levels],
            "log density at least": [f"{level:.4g}" for level in levels.values()],
        }

    def _size(self) -> tuple[float, float]:
        return style.WIDE, 5.6

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        n = len(self.positions)
        # the densest last, so that they are seen
        order = np.argsort(self.log_density, kind="stable")
        shown = order[np.linspace(0, n - 1, min(n, MOST_DRAWN)).astype(np.int64)]
        finite = self.log_density[np.isfinite(self.log_density)]
        low, high = np.quantile(finite, [0.02, 1.0]) if len(finite) else (0.0, 1.0)
        x, y = self.positions[shown].T
        image = ax.scatter(
            x,
            y,
            c=np.maximum(self.log_density[shown], low),
            cmap=_visible(theme),
            vmin=low,
            vmax=high if high > low else low + 1,
            s=float(np.clip(50_000 / n, 3.5, 30.0)),
            linewidths=0,
            rasterized=n > RASTERISE_ABOVE,
        )
        if self.grid is not None:
            self._draw_contours(ax, theme)
        bar = ax.figure.colorbar(image, ax=ax, pad=0.015, aspect=24)
        bar.outline.set_visible(False)
        if bar.solids is not None:  # as vectors its cells show seams
            bar.solids.set_rasterized(True)
        bar.ax.yaxis.set_major_locator(MaxNLocator(5))
        bar.set_label("log density", color=theme.text)
        ax.set_xlabel(style.plain(self.axis_names[0], 60))
        ax.set_ylabel(style.plain(self.axis_names[1], 60))

    def _draw_contours(self, ax: Axes, theme: style.Theme) -> None:
        """Lines that hold shares of the rows, each with its share written on it."""
        assert self.grid is not None
        levels = self.levels()
        # what is zero, or far below the outermost line, must not bend the lines
        floor = min(levels.values(), default=0.0) - 20.0
        values = np.maximum(self.grid.log_density, floor)
        inside = {v: s for s, v in levels.items() if values.min() < v < values.max()}
        if not inside:
            return
        halo: list[AbstractPathEffect] = [withStroke(linewidth=2.6, foreground=theme.surface)]
        look: dict[str, Any] = {"colors": theme.text, "linewidths": 1.1, "linestyles": "solid"}
        grid = self.grid
        drawn = ax.contour(
            grid.across, grid.up, values, levels=sorted(inside), zorder=3, path_effects=halo, **look
        )
        texts = {level: f"{share:.0%}" for level, share in inside.items()}
        for text in ax.clabel(drawn, fmt=texts, fontsize=8.5, inline_spacing=2, zorder=4):
            text.set_path_effects(halo)


def _visible(theme: style.Theme) -> Colormap:
    """The theme's sequential colours without those that the page would swallow."""
    whole = theme.colormap("sequential")
    return LinearSegmentedColormap.from_list("visible", whole(np.linspace(0.3, 1.0, 128)), N=128)
