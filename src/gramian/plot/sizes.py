"""How many points each cluster has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gramian.plot import style
from gramian.plot._arrays import Clusters, as_labels, fitted
from gramian.plot._base import Display

MOST_NAMED = 20


class ClusterSizesDisplay(Display):
    """One bar for each cluster, with its count; noise is a hatched grey bar.

    Up to 20 clusters get a named bar with count and share. More are drawn as thin bars from the
    largest to the smallest, on a logarithmic scale where sizes differ by more than 30 times.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        Negative means noise.

    Attributes
    ----------
    clusters : ndarray of shape (k,), int64
        Cluster numbers in ascending order.
    counts : ndarray of shape (k,), int64
        Points in each.
    n_noise : int

    Examples
    --------
    >>> from gramian.plot import ClusterSizesDisplay
    >>> display = ClusterSizesDisplay.from_predictions([0, 0, 1, -1])
    >>> display.counts.tolist(), display.n_noise
    ([2, 1], 1)
    """

    def __init__(self, labels: np.ndarray) -> None:
        self._clusters = Clusters.of(labels)
        self.clusters, self.counts = self._clusters.names, self._clusters.counts
        self.n_noise = self._clusters.n_noise

    @classmethod
    def from_predictions(cls, labels: Any) -> Self:
        """A display of the given labels.

        Parameters
        ----------
        labels : array or tensor of shape (n,), integers
            Negative means noise.

        Returns
        -------
        display : ClusterSizesDisplay

        Raises
        ------
        ValueError
            If `labels` are empty or not one-dimensional.
        TypeError
            If `labels` are not integers.
        """
        return cls(as_labels(labels, f"{cls.__name__}.from_predictions"))

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """A display of a fitted clusterer's ``labels_``; ValueError where it has none."""
        caller = f"{cls.__name__}.from_estimator"
        return cls(as_labels(fitted(estimator, "labels_", caller), caller))

    def describe(self) -> str:
        """The picture in words."""
        text = f"Bar chart of the sizes of {self._clusters.describe()}"
        if len(self.counts):
            text += f", from {self.counts.min():,} to {self.counts.max():,} points"
        return text + "."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Cluster, points and share of all rows."""
        names, counts = self._bars()
        shares = [f"{count / sum(counts):.1%}" for count in counts]
        return {"cluster": names, "points": counts, "share": shares}

    def _bars(self) -> tuple[list[str], list[int]]:
        """Names and counts of all bars, the noise last."""
        names, counts = [str(name) for name in self.clusters], self.counts.tolist()
        if self.n_noise:
            names, counts = [*names, "noise"], [*counts, self.n_noise]
        return names, counts

    def _size(self) -> tuple[float, float]:
        n_bars = len(self.counts) + (self.n_noise > 0)
        return style.NARROW, 4.0 if len(self.counts) > MOST_NAMED else max(4.0, 0.3 * n_bars + 0.9)

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        if len(self.counts) > MOST_NAMED:
            self._draw_many(ax, theme)
        else:
            self._draw_named(ax, theme)

    def _draw_named(self, ax: Axes, theme: style.Theme) -> None:
        """Horizontal bars with a name and a count."""
        names, counts = self._bars()
        colors = [theme.color(rank) for rank in range(len(self.counts))]
        bars = ax.barh(
            range(len(counts)),
            counts,
            height=0.5 if len(counts) < 5 else 0.68,
            color=[*colors, theme.noise][: len(counts)],
        )
        if self.n_noise:
            bars[-1].set(facecolor="none", edgecolor=theme.noise, hatch="////")
        for y, count in enumerate(counts):
            text = f"{style.grouped(count)}  ({count / sum(counts):.1%})"
            look: dict[str, Any] = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"}
            ax.annotate(text, (count, y), color=theme.text, fontsize=9, **look)
        ax.set_yticks(range(len(counts)), names)
        ax.set_ylim(len(counts) - 0.4, -0.6)
        ax.set_xlim(0, 1.32 * max(counts))
        ax.set_xlabel("points")
        ax.set_ylabel("cluster")
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))

    def _draw_many(self, ax: Axes, theme: style.Theme) -> None:
        """Thin bars in order of size, as one filled stair."""
        ordered = np.sort(self.counts)[::-1]
        edges = np.arange(len(ordered) + 1) + 0.5
        ax.stairs(ordered, edges, fill=True, color=theme.cycle[0], alpha=0.85)
        if ordered[0] > 30 * ordered[-1]:
            ax.set_yscale("log")
            ax.set_ylim(0.8, 1.6 * ordered[0])
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))
        ax.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set_xlim(0.5, len(ordered) + 0.5)
        ax.set_xlabel(f"{style.grouped(len(ordered))} clusters, largest first")
        ax.set_ylabel("points")
        ax.grid(axis="y", color=theme.grid)
        if self.n_noise:
            text = f"noise: {style.grouped(self.n_noise)} points"
            ax.text(0.98, 0.96, text, transform=ax.transAxes, ha="right", va="top", fontsize=9)
