"""What sets the clusters apart: their means for each feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gramian.plot import style
from gramian.plot._arrays import (
    Clusters,
    as_finite,
    as_labels,
    as_names,
    labels_for,
    names_of,
    row_chunks,
)
from gramian.plot._base import Display

MOST_FEATURES = 30
MOST_CLUSTERS = 40
MOST_WRITTEN = 160


class ProfileDisplay(Display):
    """Cluster means of each feature, in standard deviations from the mean of all rows.

    Up to 30 features are drawn, those in which the clusters differ most, and up to 40 clusters,
    the largest. Noise counts in the mean of all rows and gets a row of its own.

    Parameters
    ----------
    profile : ndarray of shape (k, d), float64
        Deviations in standard deviations; 0 for a feature that never varies.
    row_names : list of k str
        Names of the clusters, "noise" last where there is any.
    counts : ndarray of shape (k,), int64
        Rows in each.
    feature_names : list of d str

    Attributes
    ----------
    profile, row_names, counts, feature_names
        As passed.
    shown_features, shown_rows : ndarray of int64
        Which columns and rows of `profile` are drawn, in this order.

    Examples
    --------
    >>> from gramian.plot import ProfileDisplay
    >>> display = ProfileDisplay.from_predictions([[0.0], [2.0]], [0, 1], feature_names=["age"])
    >>> display.profile.tolist()
    [[-1.0], [1.0]]
    """

    def __init__(
        self,
        profile: np.ndarray,
        *,
        row_names: list[str],
        counts: np.ndarray,
        feature_names: list[str],
    ) -> None:
        self.profile, self.row_names, self.counts = profile, row_names, counts
        self.feature_names = feature_names
        spread = profile.max(0) - profile.min(0)
        differing = np.argsort(-spread, kind="stable")[:MOST_FEATURES]
        self.shown_features = np.sort(differing)
        self.shown_rows = np.sort(np.argsort(-counts, kind="stable")[:MOST_CLUSTERS])

    @classmethod
    def from_predictions(
        cls, X: Any, labels: Any, *, feature_names: Sequence[str] | None = None
    ) -> Self:
        """A display of the means of the rows of `X` under the given labels.

        Parameters
        ----------
        X : array, tensor or data frame of shape (n, d)
        labels : array or tensor of shape (n,), integers
            Negative means noise.
        feature_names : sequence of d str, default=None
            Column names are used where `X` has them.

        Returns
        -------
        display : ProfileDisplay

        Raises
        ------
        ValueError
            If shapes disagree, or `X` is empty or not finite.

        Notes
        -----
        Two passes over the rows in float64, O(n d) time and O(k d) memory beyond 16 MiB.
        """
        caller = f"{cls.__name__}.from_predictions"
        points = as_finite(X, "X", caller, ndim=2)
        labels = as_labels(labels, caller, n_rows=len(points))
        d = points.shape[1]
        names = as_names(names_of(X) if feature_names is None else feature_names, d, caller)
        clusters = Clusters.of(labels)
        rows = np.where(clusters.ranks < 0, len(clusters), clusters.ranks)
        row_names = [str(name) for name in clusters.names]
        counts = clusters.counts
        if clusters.n_noise:
            row_names, counts = [*row_names, "noise"], np.append(counts, clusters.n_noise)
        profile = _deviations(points, rows, counts)
        return cls(profile, row_names=row_names, counts=counts, feature_names=names)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, *, feature_names: Sequence[str] | None = None
    ) -> Self:
        """A display of `X` under a fitted clusterer's labels.

        Parameters
        ----------
        estimator : fitted object with ``labels_``
            Where `X` has another number of rows than ``labels_``, ``predict`` is called.
        X : array, tensor or data frame of shape (n, d)
        feature_names : sequence of d str, default=None

        Returns
        -------
        display : ProfileDisplay

        Raises
        ------
        ValueError
            If the estimator is not fitted or the shapes disagree.
        """
        labels = labels_for(estimator, X, f"{cls.__name__}.from_estimator")
        return cls.from_predictions(X, labels, feature_names=feature_names)

    def describe(self) -> str:
        """The picture in words, with the strongest deviation."""
        row, column = np.unravel_index(np.abs(self.profile).argmax(), self.profile.shape)
        value = self.profile[row, column]
        side = "above" if value >= 0 else "below"
        kind = "the noise" if self.row_names[row] == "noise" else f"cluster {self.row_names[row]}"
        return (
            f"Heat map of cluster means in {len(self.shown_features)} of "
            f"{len(self.feature_names)} features; strongest: {kind} lies {abs(value):.2g} standard "
            f"deviations {side} the mean in {self.feature_names[column]}."
        )

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The drawn deviations, one row for each cluster."""
        shown = self.profile[np.ix_(self.shown_rows, self.shown_features)]
        table: dict[str, Sequence[Any]] = {"cluster": [self.row_names[i] for i in self.shown_rows]}
        for place, column in enumerate(self.shown_features):
            table[self.feature_names[column]] = [f"{value:+.2f}" for value in shown[:, place]]
        return table

    def _size(self) -> tuple[float, float]:
        return style.WIDE, float(np.clip(0.42 * len(self.shown_rows) + 2.2, 3.2, 8.5))

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        shown = self.profile[np.ix_(self.shown_rows, self.shown_features)]
        limit = float(np.clip(np.abs(shown).max(), 0.5, 3.0))
        look: dict[str, Any] = {"cmap": theme.colormap("diverging"), "vmin": -limit, "vmax": limit}
        image = ax.pcolormesh(shown, edgecolors=theme.surface, linewidth=1.5, **look)
        ax.set_ylim(len(shown), 0)
        if shown.size <= MOST_WRITTEN:
            for (row, column), value in np.ndenumerate(shown):
                color = style.legible(image.to_rgba(value))
                text = f"{round(float(value), 1) + 0.0:.1f}".replace("-", "\u2212")
                place: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8.5}
                ax.text(column + 0.5, row + 0.5, text, color=color, **place)
        names = [style.plain(self.feature_names[i], 22) for i in self.shown_features]
        slant: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
        upright = len(names) * max(len(name) for name in names) <= 80
        ax.set_xticks(np.arange(len(names)) + 0.5, names, **({} if upright else slant))
        ax.set_yticks(np.arange(len(shown)) + 0.5, [self.row_names[i] for i in self.shown_rows])
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_ylabel("cluster")
        extend = "both" if np.abs(shown).max() > limit else "neither"
        bar = ax.figure.colorbar(image, ax=ax, pad=0.015, aspect=24, extend=extend)
        bar.outline.set_visible(False)
        if bar.solids is not None:  # as vectors its cells show seams
            bar.solids.set_rasterized(True)
        bar.ax.yaxis.set_major_locator(MaxNLocator(5))
        bar.set_label("deviation (σ)", color=theme.text)


def _deviations(points: np.ndarray, rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Means of each group in standard deviations from the mean of all, float64 (k, d)."""
    n, d = points.shape
    totals = torch.zeros(len(counts), d, dtype=torch.float64)
    for chunk in row_chunks(points):
        block = torch.from_numpy(np.array(points[chunk], dtype=np.float64))
        totals.index_add_(0, torch.from_numpy(rows[chunk]), block)
    sums = totals.numpy()
    mean = sums.sum(0) / n
    squares = np.zeros(d)
    for chunk in row_chunks(points):
        squares += np.square(points[chunk] - mean).sum(0)
    deviation = np.sqrt(squares / n)
    scale = np.where(deviation > 1e-12 * np.maximum(np.abs(mean), 1e-300), deviation, np.inf)
    return (sums / counts[:, None] - mean) / scale
