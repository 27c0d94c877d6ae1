"""Points coloured by cluster, in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import (
    Clusters,
    as_finite,
    as_labels,
    as_names,
    labels_for,
    names_of,
)
from gramian.plot._base import Display
from gramian.plot._view import View, name_axes

RASTERISE_ABOVE = 20_000
MOST_DRAWN = 120_000
LEAST_PER_CLUSTER = 400
LONGEST_LEGEND = 12
MOST_NUMBERED = 40


class ClusterScatterDisplay(Display):
    """Points coloured by cluster; noise is grey and lies below.

    Two features are drawn as they are, more are shown in the plane of their first two principal
    axes, computed in float64. Above 20 000 points the point layer is rasterised; above 120 000
    an even selection is drawn that keeps up to 400 points of every small cluster, and at least
    one of each. The stored values are never thinned.

    Parameters
    ----------
    positions : ndarray of shape (n, 2)
        Where each row is drawn.
    labels : ndarray of shape (n,), int64
        Cluster of each row; negative means noise.
    centers : ndarray of shape (k, 2) or None
        Marked with crosses.
    axis_names : tuple of two str

    Attributes
    ----------
    positions, labels, centers, axis_names
        As passed.
    clusters_ : Clusters
        Names and sizes of the clusters and the count of noise points.
    n_drawn_ : int
        Points drawn by the last `plot`.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.plot import ClusterScatterDisplay
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [9.0, 9.0]])
    >>> display = ClusterScatterDisplay.from_predictions(X, [0, 0, 1]).plot()
    >>> display.n_drawn_, display.axis_names
    (3, ('x0', 'x1'))
    """

    def __init__(
        self,
        positions: np.ndarray,
        labels: np.ndarray,
        *,
        centers: np.ndarray | None = None,
        axis_names: tuple[str, str] = ("x0", "x1"),
    ) -> None:
        self.positions, self.labels = positions, labels
        self.centers, self.axis_names = centers, axis_names
        self.clusters_ = Clusters.of(labels)

    @classmethod
    def from_predictions(
        cls,
        X: Any,
        labels: Any,
        *,
        centers: Any = None,
        feature_names: Sequence[str] | None = None,
    ) -> Self:
        """A display of the rows of `X` under the given labels.

        Parameters
        ----------
        X : array, tensor or data frame of shape (n, d)
        labels : array or tensor of shape (n,), integers
            Negative means noise.
        centers : array or tensor of shape (k, d), default=None
        feature_names : sequence of d str, default=None
            Column names are used where `X` has them.

        Returns
        -------
        display : ClusterScatterDisplay

        Raises
        ------
        ValueError
            If shapes disagree, or an array is empty or not finite.
        TypeError
            If `X` is not real or `labels` are not integers.
        """
        caller = f"{cls.__name__}.from_predictions"
        points = as_finite(X, "X", caller, ndim=2)
        labels = as_labels(labels, caller, n_rows=len(points))
        d = points.shape[1]
        names = as_names(names_of(X) if feature_names is None else feature_names, d, caller)
        middles = None if centers is None else as_finite(centers, "centers", caller, ndim=2)
        if middles is not None and middles.shape[1] != d:
            constraint = f"an array of shape (k, {d})"
            raise ValueError(_message(caller, "centers", constraint, middles.shape))
        view = View(points, names)
        middles = None if middles is None else view.place(middles)
        return cls(view.positions, labels, centers=middles, axis_names=view.axis_names)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, *, feature_names: Sequence[str] | None = None
    ) -> Self:
        """A display of `X` under a fitted clusterer's labels, with its centres if it has any.

        Parameters
        ----------
        estimator : fitted object with ``labels_``
            Where `X` has another number of rows than ``labels_``, ``predict`` is called.
        X : array, tensor or data frame of shape (n, d)
        feature_names : sequence of d str, default=None

        Returns
        -------
        display : ClusterScatterDisplay

        Raises
        ------
        ValueError
            If the estimator is not fitted or the shapes disagree.
        """
        labels = labels_for(estimator, X, f"{cls.__name__}.from_estimator")
        centers = getattr(estimator, "cluster_centers_", None)
        return cls.from_predictions(X, labels, centers=centers, feature_names=feature_names)

    def describe(self) -> str:
        """The picture in words."""
        return (
            f"Scatter plot of {len(self.labels):,} points in {self.clusters_.describe()}; "
            f"across: {self.axis_names[0]}; up: {self.axis_names[1] or 'spread for legibility'}."
        )

    def _size(self) -> tuple[float, float]:
        return style.WIDE, 5.6

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        clusters, n = self.clusters_, len(self.labels)
        rasterized = n > RASTERISE_ABOVE
        size = float(np.clip(50_000 / n, 3.5, 32.0))
        self.n_drawn_ = 0

        def points(chosen: np.ndarray, **look: Any) -> None:
            self.n_drawn_ += len(chosen)
            xy = self.positions[chosen]
            ax.scatter(xy[:, 0], xy[:, 1], rasterized=rasterized, **look)

        if clusters.n_noise:
            noise = self._thinned(-1)
            points(noise, s=size * 0.6, color=theme.noise, alpha=0.7, linewidths=0, zorder=1)
        alpha = float(np.clip(0.9 - 0.1 * np.log10(max(n / 500, 1)), 0.5, 0.9))
        edge: dict[str, Any] = {"linewidths": 0}
        if n <= 3_000:
            edge = {"linewidths": 0.4, "edgecolors": theme.surface}
        n_looks = len(theme.cycle) * len(style.MARKERS)
        members: dict[int, list[np.ndarray]] = {}
        for rank in np.argsort(-clusters.counts, kind="stable"):
            members.setdefault(int(rank) % n_looks, []).append(self._thinned(int(rank)))
        for slot, parts in members.items():
            color = theme.color(slot)
            marker = style.MARKERS[slot // len(theme.cycle)]
            chosen = np.concatenate(parts)
            points(chosen, s=size, color=color, marker=marker, alpha=alpha, zorder=2, **edge)
        if self.centers is not None:
            cross: dict[str, Any] = {"marker": "X", "s": 95, "linewidths": 1.4, "zorder": 4}
            x, y = self.centers[:, 0], self.centers[:, 1]
            ax.scatter(x, y, color=theme.text, edgecolors=theme.surface, **cross)
        self._label(ax, theme)

    def _thinned(self, rank: int) -> np.ndarray:
        """Row numbers of a cluster (-1: noise) that are drawn, evenly taken from all of them."""
        rows = self._rows_by_rank()[rank + 1]
        share = min(1.0, MOST_DRAWN / len(self.labels))
        least = max(1, min(LEAST_PER_CLUSTER, MOST_DRAWN // (len(self.clusters_) + 1)))
        quota = min(len(rows), max(least, int(share * len(rows))))
        return rows[np.linspace(0, len(rows) - 1, quota).astype(np.int64)] if quota else rows

    def _rows_by_rank(self) -> list[np.ndarray]:
        """Row numbers of the noise, then of every cluster; sorted once."""
        if not hasattr(self, "_rows"):
            order = np.argsort(self.clusters_.ranks, kind="stable")
            ends = np.cumsum([self.clusters_.n_noise, *self.clusters_.counts])
            self._rows = np.split(order, ends[:-1])
        return self._rows

    def _label(self, ax: Axes, theme: style.Theme) -> None:
        """Axis names, and a legend or, for many clusters, their numbers in place."""
        name_axes(ax, self.axis_names)
        ax.margins(0.04)
        clusters = self.clusters_
        if len(clusters) <= LONGEST_LEGEND:
            self._legend(ax, theme)
        elif len(clusters) <= MOST_NUMBERED:
            ground: dict[str, Any] = {
                "boxstyle": "round,pad=0.2",
                "fc": theme.surface,
                "ec": "none",
                "alpha": 0.75,
            }
            for rank, name in enumerate(clusters.names):
                x, y = np.median(self.positions[self._thinned(rank)], axis=0)
                look: dict[str, Any] = {
                    "fontsize": 8,
                    "weight": "bold",
                    "color": theme.text,
                    "bbox": ground,
                }
                ax.text(x, y, str(name), ha="center", va="center", zorder=5, **look)

    def _legend(self, ax: Axes, theme: style.Theme) -> None:
        """Name, look and size of every cluster; beside the axes where there is room for it."""
        clusters, handles = self.clusters_, []
        look: dict[str, Any] = {"linestyle": "none", "markersize": 7, "markeredgewidth": 0}
        for rank, (name, count) in enumerate(zip(clusters.names, clusters.counts, strict=True)):
            marker = style.MARKERS[rank // len(theme.cycle)]
            text = f"cluster {name} · {style.grouped(count)}"
            handles += ax.plot([], [], marker=marker, color=theme.color(rank), label=text, **look)
        if clusters.n_noise:
            text = f"noise · {style.grouped(clusters.n_noise)}"
            handles += ax.plot([], [], marker="o", color=theme.noise, label=text, **look)
        if self.centers is not None:
            handles += ax.plot([], [], marker="X", color=theme.text, label="centres", **look)
        beside: dict[str, Any] = {
            "bbox_to_anchor": (1.01, 1.0),
            "loc": "upper left",
            "borderaxespad": 0,
        }
        place = beside if self._owns_figure else {"loc": "upper right"}
        ax.legend(handles=handles, labelspacing=0.7, handletextpad=0.3, **place)
