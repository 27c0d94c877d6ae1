"""How well each point lies in its cluster: the silhouette, one blade for each cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import Clusters, as_array, as_labels, fitted
from gramian.plot._base import Display

MOST_NAMED = 24
STEPS = 400


class SilhouetteDisplay(Display):
    """Silhouette values, sorted within each cluster, with the mean as a dashed line.

    Noise has no silhouette: rows with a negative label are left out, and their values may be
    NaN. Blades of more than 400 points are drawn from 400 of their quantiles.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Silhouette of each row, in [-1, 1].
    labels : ndarray of shape (n,), int64

    Attributes
    ----------
    values, labels
        As passed.
    clusters : ndarray of shape (k,), int64
    cluster_means : ndarray of shape (k,), float64
        Mean silhouette of each cluster.
    mean : float
        Mean over all rows that are not noise; NaN if there is none.

    References
    ----------
    .. [1] P. J. Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20, 1987,
       doi:10.1016/0377-0427(87)90125-7.

    Examples
    --------
    >>> from gramian.plot import SilhouetteDisplay
    >>> display = SilhouetteDisplay.from_predictions([0.5, 0.75, 0.25], [0, 0, 1])
    >>> display.mean, display.cluster_means.tolist()
    (0.5, [0.625, 0.25])
    """

    def __init__(self, values: np.ndarray, labels: np.ndarray) -> None:
        self.values, self.labels = values, labels
        self._clusters = Clusters.of(labels)
        self.clusters = self._clusters.names
        inside = self._clusters.ranks >= 0
        kept, ranks = values[inside].astype(np.float64), self._clusters.ranks[inside]
        sums = np.bincount(ranks, weights=kept, minlength=len(self.clusters))
        self.cluster_means = sums / self._clusters.counts
        self.mean = float(sums.sum() / len(kept)) if len(kept) else float("nan")
        order = np.lexsort((kept, ranks))
        self._blades = np.split(kept[order], np.cumsum(self._clusters.counts)[:-1])

    @classmethod
    def from_predictions(cls, values: Any, labels: Any) -> Self:
        """A display of silhouette values.

        Parameters
        ----------
        values : array or tensor of shape (n,)
            Such as `sklearn.metrics.silhouette_samples` returns.
        labels : array or tensor of shape (n,), integers
            Negative means noise.

        Returns
        -------
        display : SilhouetteDisplay

        Raises
        ------
        ValueError
            If shapes disagree, or a value outside the noise is not in [-1, 1].
        TypeError
            If `values` are not real or `labels` not integers.
        """
        caller = f"{cls.__name__}.from_predictions"
        values = as_array(values, "values", caller, ndim=1)
        labels = as_labels(labels, caller, n_rows=len(values))
        wrong = (labels >= 0) & ~(np.abs(values) <= 1 + 1e-6)
        if wrong.any():
            raise ValueError(_message(caller, "values", "in [-1, 1]", values[wrong][0].item()))
        return cls(values, labels)

    @classmethod
    def from_estimator(cls, estimator: Any, values: Any) -> Self:
        """A display of `values` under a fitted clusterer's ``labels_``.

        Parameters
        ----------
        estimator : fitted object with ``labels_``
        values : array or tensor of shape (n,)
            Silhouette of each row that it was fitted on.

        Returns
        -------
        display : SilhouetteDisplay

        Raises
        ------
        ValueError
            If the estimator is not fitted or the shapes disagree.
        """
        labels = fitted(estimator, "labels_", f"{cls.__name__}.from_estimator")
        return cls.from_predictions(values, labels)

    def describe(self) -> str:
        """The picture in words."""
        text = f"Silhouette plot of {self._clusters.describe()}"
        if len(self.clusters):
            text += f"; mean {self.mean:.3f}"
        if len(self.clusters) > 1:
            low, high = self.cluster_means.min(), self.cluster_means.max()
            text += f", means of the clusters from {low:.3f} to {high:.3f}"
        return text + "."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Cluster, points and mean silhouette."""
        return {
            "cluster": self.clusters.tolist(),
            "points": self._clusters.counts.tolist(),
            "mean silhouette": [f"{mean:.3f}" for mean in self.cluster_means],
        }

    def _size(self) -> tuple[float, float]:
        return style.NARROW, 4.6

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        total = max(int(self._clusters.counts.sum()), 1)
        gap = 0.25 * total / max(len(self.clusters), 4)
        gap = gap if len(self.clusters) <= 60 else 0.0
        base, middles = gap, []
        for rank, blade in enumerate(self._blades if len(self.clusters) else []):
            values = np.quantile(blade, np.linspace(0, 1, min(len(blade), STEPS)))
            values = np.repeat(values, 2)
            heights = np.repeat(np.linspace(base, base + len(blade), len(values) // 2 + 1), 2)[1:-1]
            color = theme.color(rank)
            ax.fill_betweenx(heights, 0, values, color=color, alpha=0.85, linewidth=0)
            middles.append(base + len(blade) / 2)
            base += len(blade) + gap
        lowest = min((blade[0] for blade in self._blades if len(blade)), default=0.0)
        ax.set_xlim(max(-1.02, min(0.0, lowest) - 0.04), 1.02)
        ax.set_ylim(max(base, 1.0), 0)
        ax.axvline(0, color=theme.muted, linewidth=0.8)
        if len(self.clusters):
            ax.axvline(self.mean, color=theme.accent, linewidth=1.4, linestyle=(0, (4, 3)))
            ax.annotate(
                f"mean {self.mean:.2f}".replace("-", "\u2212"),
                (self.mean, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=9,
                color=theme.accent,
            )
        named = len(self.clusters) <= MOST_NAMED
        ax.set_yticks(middles if named else [], self.clusters.tolist() if named else [])
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.grid(axis="x", color=theme.grid)
        ax.set_xlabel("silhouette")
        ax.set_ylabel("cluster" if named else f"{len(self.clusters)} clusters, by number")
