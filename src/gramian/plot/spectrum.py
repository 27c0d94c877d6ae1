"""How much each component carries, and which columns go along with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import as_finite, as_names, fitted, names_of
from gramian.plot._base import Display

__all__ = ["ComponentCorrelationDisplay", "SpectrumDisplay"]

MOST_FEATURES = 30
MOST_COMPONENTS = 30


class SpectrumDisplay(Display):
    """Share of the variance that each component carries, and their sum so far.

    Parameters
    ----------
    shares : ndarray of shape (k,)
        Of the variance of all components, falling.

    Attributes
    ----------
    shares
        As passed.
    cumulated : ndarray of shape (k,)

    Examples
    --------
    >>> from gramian.plot import SpectrumDisplay
    >>> SpectrumDisplay.from_predictions([0.5, 0.25]).cumulated.tolist()
    [0.5, 0.75]
    """

    def __init__(self, shares: np.ndarray) -> None:
        self.shares, self.cumulated = shares, np.cumsum(shares)

    @classmethod
    def from_predictions(cls, shares: Any) -> Self:
        """A display of shares.

        Parameters
        ----------
        shares : array or tensor of shape (k,), non-negative

        Returns
        -------
        display : SpectrumDisplay

        Raises
        ------
        ValueError
            If a share is negative or not finite.
        """
        caller = f"{cls.__name__}.from_predictions"
        values = as_finite(shares, "shares", caller, ndim=1)
        if values.min() < 0:
            raise ValueError(_message(caller, "shares", "at least 0", float(values.min())))
        return cls(values)

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """A display of a fitted decomposition.

        Parameters
        ----------
        estimator : fitted object with ``explained_variance_ratio_``, such as `KernelPCA`

        Returns
        -------
        display : SpectrumDisplay

        Raises
        ------
        ValueError
            If it is not fitted.
        """
        caller = f"{cls.__name__}.from_estimator"
        return cls.from_predictions(fitted(estimator, "explained_variance_ratio_", caller))

    def describe(self) -> str:
        """The picture in words."""
        return (
            f"Bars of the variance's shares in {len(self.shares)} components, the first "
            f"{self.shares[0]:.1%}, with the sum so far as a line up to {self.cumulated[-1]:.1%}."
        )

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Component, share and sum so far."""
        return {
            "component": list(range(1, len(self.shares) + 1)),
            "share": [f"{value:.2%}" for value in self.shares],
            "cumulated": [f"{value:.2%}" for value in self.cumulated],
        }

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        place = np.arange(1, len(self.shares) + 1)
        ax.bar(place, self.shares, width=0.72, color=theme.cycle[0], label="each")
        ax.plot(place, self.cumulated, color=theme.cycle[1], marker="o", lw=2, ms=4, label="so far")
        ax.set_xlim(0.4, len(self.shares) + 0.6)
        ax.set_ylim(0, min(1.0, 1.12 * float(self.cumulated[-1])) or 1.0)
        ax.set_xlabel("component")
        ax.set_ylabel("share of the variance")
        ax.xaxis.set_major_locator(MaxNLocator(12, integer=True))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
        ax.grid(axis="y", color=theme.grid)
        ax.legend(loc="upper left")


class ComponentCorrelationDisplay(Display):
    """Correlation of each column with each component.

    Up to 30 columns are drawn, those with the strongest correlations, and up to 30 components.
    A component of a curved kernel need not follow any column: a faint row says so.

    Parameters
    ----------
    correlation : ndarray of shape (k, d)
        0 where a column or a component never varies.
    feature_names : list of d str

    Attributes
    ----------
    correlation, feature_names
        As passed.
    shown_features : ndarray of int64
        Which columns are drawn, in this order.

    Examples
    --------
    >>> from gramian.plot import ComponentCorrelationDisplay
    >>> made = ComponentCorrelationDisplay.from_predictions([[0.0], [1.0]], [[3.0], [1.0]])
    >>> made.correlation.round(6).tolist()
    [[-1.0]]
    """

    def __init__(self, correlation: np.ndarray, *, feature_names: list[str]) -> None:
        self.correlation, self.feature_names = correlation, feature_names
        strength = np.abs(correlation).max(0)
        self.shown_features = np.sort(np.argsort(-strength, kind="stable")[:MOST_FEATURES])

    @classmethod
    def from_predictions(
        cls, X: Any, embedding: Any, *, feature_names: Sequence[str] | None = None
    ) -> Self:
        """A display of the correlations between a table and its embedding.

        Parameters
        ----------
        X : array, tensor or data frame of shape (n, d)
        embedding : array or tensor of shape (n, k)
        feature_names : sequence of d str, default=None
            Column names are used where `X` has them.

        Returns
        -------
        display : ComponentCorrelationDisplay

        Raises
        ------
        ValueError
            If shapes disagree, or a table is empty or not finite.
        """
        caller = f"{cls.__name__}.from_predictions"
        points = as_finite(X, "X", caller, ndim=2)
        found = as_finite(embedding, "embedding", caller, ndim=2)
        if len(found) != len(points):
            raise ValueError(_message(caller, "embedding", f"of {len(points)} rows", found.shape))
        names = names_of(X) if feature_names is None else feature_names
        names = as_names(names, points.shape[1], caller)
        correlation = _unit(found[:, :MOST_COMPONENTS]).T @ _unit(points)
        return cls(np.clip(correlation, -1, 1), feature_names=names)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, *, feature_names: Sequence[str] | None = None
    ) -> Self:
        """A display of `X` and what a fitted transformer makes of it.

        Parameters
        ----------
        estimator : fitted object with ``transform`` and ``eigenvalues_``, such as `KernelPCA`
        X : array, tensor or data frame of shape (n, d)
        feature_names : sequence of d str, default=None

        Returns
        -------
        display : ComponentCorrelationDisplay

        Raises
        ------
        ValueError
            If the estimator is not fitted.
        """
        fitted(estimator, "eigenvalues_", f"{cls.__name__}.from_estimator")
        return cls.from_predictions(X, estimator.transform(X), feature_names=feature_names)

    def describe(self) -> str:
        """The picture in words, with the strongest correlation."""
        row, column = np.unravel_index(np.abs(self.correlation).argmax(), self.correlation.shape)
        return (
            f"Heat map of the correlations of {len(self.shown_features)} columns with "
            f"{len(self.correlation)} components; strongest: component {row + 1} and "
            f"{self.feature_names[column]}, {self.correlation[row, column]:+.2f}."
        )

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The drawn correlations, one row for each component."""
        table: dict[str, Sequence[Any]] = {"component": list(range(1, len(self.correlation) + 1))}
        for column in self.shown_features:
            values = self.correlation[:, column]
            table[self.feature_names[column]] = [f"{value:+.2f}" for value in values]
        return table

    def _size(self) -> tuple[float, float]:
        return style.WIDE, float(np.clip(0.42 * len(self.correlation) + 2.2, 3.2, 8.5))

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        shown = self.correlation[:, self.shown_features]
        look: dict[str, Any] = {"cmap": theme.colormap("diverging"), "vmin": -1, "vmax": 1}
        image = ax.pcolormesh(shown, edgecolors=theme.surface, linewidth=1.5, **look)
        ax.set_ylim(len(shown), 0)
        if shown.size <= 160:
            for (row, column), value in np.ndenumerate(shown):
                text = f"{round(float(value), 2) + 0.0:.2f}".replace("-", "\u2212")
                place: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8.5}
                color = style.legible(image.to_rgba(value))
                ax.text(column + 0.5, row + 0.5, text, color=color, **place)
        names = [style.plain(self.feature_names[i], 22) for i in self.shown_features]
        slant: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
        upright = len(names) * max(len(name) for name in names) <= 80
        ax.set_xticks(np.arange(len(names)) + 0.5, names, **({} if upright else slant))
        ax.set_yticks(np.arange(len(shown)) + 0.5, [str(i + 1) for i in range(len(shown))])
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_ylabel("component")
        bar = ax.figure.colorbar(image, ax=ax, pad=0.015, aspect=24)
        bar.outline.set_visible(False)
        if bar.solids is not None:  # as vectors its cells show seams
            bar.solids.set_rasterized(True)
        bar.set_label("correlation", color=theme.text)


def _unit(table: np.ndarray) -> np.ndarray:
    """Columns less their mean, of length one; zero where they never vary."""
    wide = table.astype(np.float64)
    mean = wide.mean(0)
    wide -= mean
    length = np.sqrt(np.square(wide).sum(0))
    still = length <= 1e-12 * np.sqrt(len(wide)) * np.maximum(np.abs(mean), 1e-300)
    found: np.ndarray = wide / np.where(still, np.inf, length)
    return found
