"""Curves that help to choose a parameter: inertia against k, distance to the k-th neighbour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gramian._validation import _message, check_int, check_real
from gramian.plot import style
from gramian.plot._arrays import as_finite, fitted
from gramian.plot._base import Display

STEPS = 500


class InertiaCurveDisplay(Display):
    """Inertia against the number of clusters, with the chosen number marked.

    Parameters
    ----------
    n_clusters : ndarray of shape (m,), int64, ascending
    inertia : ndarray of shape (m,)
    chosen : int or None
        One of `n_clusters`.

    Attributes
    ----------
    n_clusters, inertia, chosen
        As passed, sorted by `n_clusters`.

    Examples
    --------
    >>> from gramian.plot import InertiaCurveDisplay
    >>> display = InertiaCurveDisplay.from_predictions([3, 2], [4.0, 9.0], chosen=3)
    >>> display.n_clusters.tolist(), display.inertia.tolist()
    ([2, 3], [9.0, 4.0])
    """

    def __init__(
        self, n_clusters: np.ndarray, inertia: np.ndarray, *, chosen: int | None = None
    ) -> None:
        order = np.argsort(n_clusters, kind="stable")
        self.n_clusters, self.inertia, self.chosen = n_clusters[order], inertia[order], chosen

    @classmethod
    def from_predictions(cls, n_clusters: Any, inertia: Any, *, chosen: int | None = None) -> Self:
        """A display of inertias.

        Parameters
        ----------
        n_clusters : array of shape (m,), integers without repeats
        inertia : array of shape (m,)
        chosen : int, default=None
            The marked one of `n_clusters`.

        Returns
        -------
        display : InertiaCurveDisplay

        Raises
        ------
        ValueError
            If shapes disagree, a value is not finite, or `chosen` is not among `n_clusters`.
        """
        caller = f"{cls.__name__}.from_predictions"
        k = as_finite(n_clusters, "n_clusters", caller, ndim=1)
        values = as_finite(inertia, "inertia", caller, ndim=1)
        if len(k) != len(values):
            raise ValueError(_message(caller, "inertia", f"of length {len(k)}", len(values)))
        if chosen is not None and chosen not in k:
            raise ValueError(_message(caller, "chosen", "one of n_clusters", chosen))
        return cls(k.astype(np.int64), values, chosen=None if chosen is None else int(chosen))

    @classmethod
    def from_estimator(cls, estimator: Any, *, chosen: int | None = None) -> Self:
        """A display of several fitted estimators, one for each number of clusters.

        Parameters
        ----------
        estimator : sequence of fitted objects with ``cluster_centers_`` and ``inertia_``
        chosen : int, default=None

        Returns
        -------
        display : InertiaCurveDisplay

        Raises
        ------
        ValueError
            If one of them is not fitted.
        """
        caller = f"{cls.__name__}.from_estimator"
        each = estimator if isinstance(estimator, Sequence) else [estimator]
        k = [len(fitted(one, "cluster_centers_", caller)) for one in each]
        inertia = [float(fitted(one, "inertia_", caller)) for one in each]
        return cls.from_predictions(k, inertia, chosen=chosen)

    def describe(self) -> str:
        """The picture in words."""
        k, values = self.n_clusters, self.inertia
        text = (
            f"Curve of inertia against the number of clusters, "
            f"from {values[0]:.4g} at {k[0]} to {values[-1]:.4g} at {k[-1]}"
        )
        return text + (f"; {self.chosen} is marked." if self.chosen is not None else ".")

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Number of clusters and inertia."""
        inertia = [f"{value:.6g}" for value in self.inertia]
        return {"clusters": self.n_clusters.tolist(), "inertia": inertia}

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        color = theme.cycle[0]
        ax.plot(self.n_clusters, self.inertia, color=color, linewidth=2, zorder=2)
        ax.plot(self.n_clusters, self.inertia, "o", color=color, markersize=5, zorder=3)
        ax.set_ylim(0, 1.08 * max(float(self.inertia.max()), 1e-300))
        if self.chosen is not None:
            height = float(self.inertia[np.flatnonzero(self.n_clusters == self.chosen)[0]])
            ring: dict[str, Any] = {
                "markersize": 13,
                "markerfacecolor": "none",
                "markeredgewidth": 2,
            }
            ax.plot([self.chosen], [height], "o", color=theme.accent, zorder=4, **ring)
            look: dict[str, Any] = {
                "xytext": (10, 10),
                "textcoords": "offset points",
                "color": theme.accent,
            }
            ax.annotate(f"k = {self.chosen}", (self.chosen, height), weight="bold", **look)
        ax.set_xlabel("number of clusters k")
        ax.set_ylabel("inertia")
        ax.grid(axis="y", color=theme.grid)
        ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, min_n_ticks=1))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))


class KDistanceDisplay(Display):
    """Sorted distance to the k-th neighbour, with the chosen eps marked.

    The knee of the curve is where neighbourhoods stop being dense: left of the marked eps lie
    the points that have `n_neighbors` others within eps.

    Parameters
    ----------
    distances : ndarray of shape (n,), ascending
    n_neighbors : int
        Which neighbour the distances lead to.
    eps : float or None

    Attributes
    ----------
    distances, n_neighbors, eps
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
        self, distances: np.ndarray, *, n_neighbors: int, eps: float | None = None
    ) -> None:
        self.distances = np.sort(distances)
        self.n_neighbors, self.eps = n_neighbors, eps
        self.share_within = None if eps is None else float((self.distances <= eps).mean())

    @classmethod
    def from_predictions(
        cls, distances: Any, *, n_neighbors: int, eps: float | None = None
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

        Returns
        -------
        display : KDistanceDisplay

        Raises
        ------
        ValueError
            If a distance is negative or not finite, or `eps` is negative.
        """
        caller = f"{cls.__name__}.from_predictions"
        values = as_finite(distances, "distances", caller, ndim=1)
        if values.min() < 0:
            raise ValueError(_message(caller, "distances", "at least 0", values.min().item()))
        n_neighbors = check_int(n_neighbors, "n_neighbors", caller, low=1)
        radius = None if eps is None else check_real(eps, "eps", caller, low=0)
        return cls(values, n_neighbors=n_neighbors, eps=radius)

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
        ax.set_xlim(0, 100)
        ax.set_ylim(0, 1.04 * top if top > 0 else 1.0)
        ax.set_xlabel("points, sorted (%)")
        ax.set_ylabel(f"distance to neighbour {self.n_neighbors}")
        ax.grid(axis="y", color=theme.grid)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))
