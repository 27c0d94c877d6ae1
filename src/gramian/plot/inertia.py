"""Inertia against the number of clusters; silhouette and gap below it where they are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import as_array, as_finite, fitted
from gramian.plot._base import Display


class InertiaCurveDisplay(Display):
    """Inertia against the number of clusters, with the chosen number marked.

    Silhouette and gap, which are largest where the clusters are best, get a panel each below it.

    Parameters
    ----------
    n_clusters : ndarray of shape (m,), int64
    inertia : ndarray of shape (m,)
    silhouette, gap, gap_error : ndarray of shape (m,) or None
        NaN where there is none, as for the silhouette of a single cluster.
    chosen : int or None
        One of `n_clusters`.

    Attributes
    ----------
    n_clusters, inertia, silhouette, gap, gap_error, chosen
        As passed, sorted by `n_clusters`.

    References
    ----------
    .. [1] R. Tibshirani, G. Walther, T. Hastie, "Estimating the number of clusters in a data set
       via the gap statistic", J. R. Stat. Soc. B 63(2), 2001.

    Examples
    --------
    >>> from gramian.plot import InertiaCurveDisplay
    >>> display = InertiaCurveDisplay.from_predictions([3, 2], [4.0, 9.0], chosen=3)
    >>> display.n_clusters.tolist(), display.inertia.tolist()
    ([2, 3], [9.0, 4.0])
    """

    def __init__(
        self,
        n_clusters: np.ndarray,
        inertia: np.ndarray,
        *,
        silhouette: np.ndarray | None = None,
        gap: np.ndarray | None = None,
        gap_error: np.ndarray | None = None,
        chosen: int | None = None,
    ) -> None:
        order = np.argsort(n_clusters, kind="stable")
        self.n_clusters, self.inertia, self.chosen = n_clusters[order], inertia[order], chosen
        self.silhouette = None if silhouette is None else silhouette[order]
        self.gap = None if gap is None else gap[order]
        self.gap_error = None if gap_error is None else gap_error[order]

    @classmethod
    def from_predictions(
        cls,
        n_clusters: Any,
        inertia: Any,
        *,
        silhouette: Any = None,
        gap: Any = None,
        gap_error: Any = None,
        chosen: int | None = None,
    ) -> Self:
        """A display of inertias, and of what else is known of each number of clusters.

        Parameters
        ----------
        n_clusters : array of shape (m,), integers without repeats
        inertia : array of shape (m,)
        silhouette : array of shape (m,), default=None
            Mean silhouettes; NaN where there is none.
        gap : array of shape (m,), default=None
            Gap statistics; NaN where there is none.
        gap_error : array of shape (m,), default=None
            Their standard errors, drawn as bars; only beside `gap`.
        chosen : int, default=None
            The marked one of `n_clusters`.

        Returns
        -------
        display : InertiaCurveDisplay

        Raises
        ------
        ValueError
            If shapes disagree, an inertia is not finite, `gap_error` stands alone, or `chosen` is
            not among `n_clusters`.
        """
        caller = f"{cls.__name__}.from_predictions"
        k = as_finite(n_clusters, "n_clusters", caller, ndim=1)
        curves = {"inertia": as_finite(inertia, "inertia", caller, ndim=1)}
        if gap_error is not None and gap is None:
            raise ValueError(_message(caller, "gap_error", "left out where gap is", gap_error))
        for name, given in {"silhouette": silhouette, "gap": gap, "gap_error": gap_error}.items():
            if given is not None:
                curves[name] = as_array(given, name, caller, ndim=1)
        for name, values in curves.items():
            if len(values) != len(k):
                raise ValueError(_message(caller, name, f"of length {len(k)}", len(values)))
        if chosen is not None and chosen not in k:
            raise ValueError(_message(caller, "chosen", "one of n_clusters", chosen))
        return cls(k.astype(np.int64), chosen=None if chosen is None else int(chosen), **curves)

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
        for name, curve in (("silhouette", self.silhouette), ("gap", self.gap)):
            if curve is not None and np.isfinite(curve).any():
                text += f"; the {name} is largest at {k[np.nanargmax(curve)]}"
        return text + (f"; {self.chosen} is marked." if self.chosen is not None else ".")

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Number of clusters, and what is known of each."""
        inertia = [f"{value:.6g}" for value in self.inertia]
        columns = {"clusters": self.n_clusters.tolist(), "inertia": inertia}
        further = {"silhouette": self.silhouette, "gap": self.gap, "error of gap": self.gap_error}
        for name, values in further.items():
            if values is not None:
                columns[name] = [f"{value:.4g}" if np.isfinite(value) else "" for value in values]
        return columns

    def _panels(self) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
        """The curves that are drawn, from above, each with its error."""
        panels: dict[str, tuple[np.ndarray, np.ndarray | None]] = {"inertia": (self.inertia, None)}
        if self.silhouette is not None:
            panels["silhouette"] = (self.silhouette, None)
        if self.gap is not None:
            panels["gap"] = (self.gap, self.gap_error)
        return panels

    def _size(self) -> tuple[float, float]:
        n = len(self._panels())
        return style.NARROW, 4.0 if n == 1 else 0.7 + 1.9 * n

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        panels = self._panels()
        n = len(panels)
        if n > 1:
            ax.set_axis_off()
        height = 1 / (n + 0.12 * (n - 1))
        for place, (name, (values, error)) in enumerate(panels.items()):
            low = 1 - (place + 1) * height - 0.12 * place * height
            panel = ax if n == 1 else ax.inset_axes((0, max(low, 0.0), 1, height))
            self._draw_curve(panel, theme, values, error)
            panel.set_ylabel(name)
            panel.margins(y=0.15)  # the ring of the chosen one stays whole
            room = 0.05 * max(float(np.ptp(self.n_clusters)), 1.0)
            panel.set_xlim(self.n_clusters[0] - room, self.n_clusters[-1] + room)
            panel.xaxis.set_major_locator(MaxNLocator(9, integer=True, min_n_ticks=1))
            if place == 0:
                panel.set_ylim(0, 1.08 * max(float(self.inertia.max()), 1e-300))
                self._name_chosen(panel, theme)
            if place < n - 1:
                panel.tick_params(labelbottom=False)
        panel.set_xlabel("number of clusters k")

    def _draw_curve(
        self, ax: Axes, theme: style.Theme, values: np.ndarray, error: np.ndarray | None
    ) -> None:
        color = theme.cycle[0]
        ax.plot(self.n_clusters, values, color=color, linewidth=2, zorder=2)
        ax.plot(self.n_clusters, values, "o", color=color, markersize=5, zorder=3)
        if error is not None:
            ax.errorbar(self.n_clusters, values, error, fmt="none", ecolor=color, capsize=3)
        if self.chosen is not None:
            height = float(values[self.n_clusters == self.chosen][0])
            ring: dict[str, Any] = {"markersize": 13, "markerfacecolor": "none"}
            ring |= {"markeredgewidth": 2, "zorder": 4}
            ax.plot([self.chosen], [height], "o", color=theme.accent, **ring)
        ax.grid(axis="y", color=theme.grid)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))

    def _name_chosen(self, ax: Axes, theme: style.Theme) -> None:
        if self.chosen is not None:
            place = (self.chosen, float(self.inertia[self.n_clusters == self.chosen][0]))
            look: dict[str, Any] = {"xytext": (10, 10), "textcoords": "offset points"}
            ax.annotate(f"k = {self.chosen}", place, weight="bold", color=theme.accent, **look)
