"""The curve of distances to the k-th neighbour, with its knee and the radius that was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from gramian._validation import _message, check_int, check_real
from gramian.plot import style
from gramian.plot._arrays import as_finite, fitted
from gramian.plot._base import Display

STEPS = 500


class KDistanceDisplay(Display):
    """Sorted distance to the k-th neighbour, with its knee and the chosen eps marked.

    The knee is where neighbourhoods stop being dense. Left of the marked eps lie the points that
    have `n_neighbors` others within eps.

    Parameters
    ----------
    distances : ndarray of shape (n,), ascending
    n_neighbors : int
        Which neighbour the distances lead to.
    eps : float or None
    knee : int or None
        Place in `distances`.

    Attributes
    ----------
    distances, n_neighbors, eps, knee
        As passed, `distances` sorted.
    share_within : float or None
        Share of the points whose distance is at most `eps`.

    References
    ----------
    .. [1] M. Ester et al., "A density-based algorithm for discovering clusters", KDD 1996,
       section 4.2.

    Examples
    --------
    >>> from gramian.plot import KDistanceDisplay
    >>> KDistanceDisplay.from_predictions([0.1, 5.0, 0.2, 0.3], n_neighbors=4, eps=0.5).share_within
    0.75
    """

    def __init__(
        self,
        distances: np.ndarray,
        *,
        n_neighbors: int,
        eps: float | None = None,
        knee: int | None = None,
    ) -> None:
        self.distances = np.sort(distances)
        self.n_neighbors, self.eps, self.knee = n_neighbors, eps, knee
        self.share_within = None if eps is None else float((self.distances <= eps).mean())

    @classmethod
    def from_predictions(
        cls,
        distances: Any,
        *,
        n_neighbors: int,
        eps: float | None = None,
        knee: int | None = None,
    ) -> Self:
        """A display of distances to the k-th neighbour.

        Parameters
        ----------
        distances : array or tensor of shape (n,)
            In any order, not negative.
        n_neighbors : int
            Which neighbour they lead to.
        eps : float, default=None
            The marked radius.
        knee : int, default=None
            The marked place among the sorted distances.

        Returns
        -------
        display : KDistanceDisplay

        Raises
        ------
        ValueError
            If a distance is negative or not finite, `eps` is negative, or `knee` is no place
            among the distances.
        """
        caller = f"{cls.__name__}.from_predictions"
        values = as_finite(distances, "distances", caller, ndim=1)
        if values.min() < 0:
            raise ValueError(_message(caller, "distances", "at least 0", values.min().item()))
        n_neighbors = check_int(n_neighbors, "n_neighbors", caller, low=1)
        radius = None if eps is None else check_real(eps, "eps", caller, low=0)
        if knee is not None:
            knee = check_int(knee, "knee", caller, low=0, high=len(values) - 1)
        return cls(values, n_neighbors=n_neighbors, eps=radius, knee=knee)

    @classmethod
    def from_estimator(cls, estimator: Any, distances: Any) -> Self:
        """A display with ``eps`` and ``min_samples`` taken from a density-based clusterer.

        Parameters
        ----------
        estimator : object with ``eps`` and ``min_samples``
        distances : array or tensor of shape (n,)
            Distance of each point to its ``min_samples``-th nearest, itself counted.

        Returns
        -------
        display : KDistanceDisplay

        Raises
        ------
        ValueError
            If the estimator lacks the parameters or a distance is impossible.
        """
        caller = f"{cls.__name__}.from_estimator"
        k = fitted(estimator, "min_samples", caller)
        return cls.from_predictions(distances, n_neighbors=k, eps=fitted(estimator, "eps", caller))

    def describe(self) -> str:
        """The picture in words."""
        text = (
            f"Sorted distances of {len(self.distances):,} points to neighbour "
            f"{self.n_neighbors}, from {self.distances[0]:.4g} to {self.distances[-1]:.4g}"
        )
        if self.knee is not None:
            text += f"; the knee is at {self.distances[self.knee]:.4g}"
        if self.eps is not None:
            text += f"; eps = {self.eps:.4g} is marked, {self.share_within:.1%} lie within"
        return text + "."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Deciles of the distances."""
        levels = np.linspace(0, 1, 11)
        deciles = np.quantile(self.distances, levels)
        return {
            "share of points": [f"{level:.0%}" for level in levels],
            "distance": [f"{value:.4g}" for value in deciles],
        }

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        n = len(self.distances)
        chosen = np.unique(np.linspace(0, n - 1, min(n, STEPS)).astype(np.int64))
        share, heights = 100 * (chosen + 1) / n, self.distances[chosen]
        ax.fill_between(share, 0, heights, color=theme.cycle[0], alpha=0.12, linewidth=0)
        ax.plot(share, heights, color=theme.cycle[0], linewidth=2)
        top = float(heights[-1])
        if self.eps is not None:
            top = max(min(top, 12 * self.eps), 1.15 * self.eps)
            ax.axhline(self.eps, color=theme.accent, linewidth=1.4, linestyle=(0, (4, 3)))
            text = f"eps = {self.eps:.4g}: {self.share_within:.1%} of the points within"
            look: dict[str, Any] = {
                "xytext": (4, 5),
                "textcoords": "offset points",
                "color": theme.accent,
            }
            ax.annotate(text, (0, self.eps), weight="bold", fontsize=9, **look)
        if self.knee is not None:
            place = (100 * (self.knee + 1) / n, float(self.distances[self.knee]))
            top = max(top, 1.15 * place[1])
            ring: dict[str, Any] = {"markersize": 12, "markerfacecolor": "none"}
            ax.plot(*place, "o", color=theme.accent, markeredgewidth=2, zorder=4, **ring)
            beside: dict[str, Any] = {"xytext": (-9, 7), "textcoords": "offset points"}
            ax.annotate("knee", place, ha="right", color=theme.accent, fontsize=9, **beside)
        ax.set_xlim(0, 100)
        ax.set_ylim(0, 1.04 * top if top > 0 else 1.0)
        ax.set_xlabel("points, sorted (%)")
        ax.set_ylabel(f"distance to neighbour {self.n_neighbors}")
        ax.grid(axis="y", color=theme.grid)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))
