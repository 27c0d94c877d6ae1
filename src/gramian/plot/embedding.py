"""Rows in the plane of two components, coloured by what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import as_finite, fitted
from gramian.plot._base import Display

__all__ = ["EmbeddingDisplay"]

RASTERISE_ABOVE = 20_000
MOST_DRAWN = 120_000
MOST_CLASSES = 12
OTHERS = "others"


class EmbeddingDisplay(Display):
    """An embedding as a scatter plot; a label colours it by class, or by value on a scale.

    Numbers with more than 12 different values are a scale. Of more than 12 classes the 11 largest
    keep their names, the others share one grey. Above 120 000 rows an even selection is drawn.

    Parameters
    ----------
    positions : ndarray of shape (n, 2)
    label : ndarray of shape (n,) or None
        Text or numbers.
    label_name : str
    axis_names : tuple of two str

    Attributes
    ----------
    positions, label, label_name, axis_names
        As passed.
    classes_ : list of str or None
        Names in the legend, in order; None for a scale or without a label.

    Examples
    --------
    >>> from gramian.plot import EmbeddingDisplay
    >>> display = EmbeddingDisplay.from_predictions([[0.0, 1.0], [2.0, 0.0]], label=["a", "b"])
    >>> display.classes_, display.axis_names
    (['a', 'b'], ('component 1', 'component 2'))
    """

    def __init__(
        self,
        positions: np.ndarray,
        *,
        label: np.ndarray | None = None,
        label_name: str = "label",
        axis_names: tuple[str, str] = ("component 1", "component 2"),
    ) -> None:
        self.positions, self.label = positions, label
        self.label_name, self.axis_names = label_name, axis_names
        self.classes_: list[str] | None = None
        self._codes = np.zeros(len(positions), dtype=np.int64)
        self._counts, self._n_named = np.array([len(positions)]), 1
        if label is not None:
            self._sort_classes(label)

    @classmethod
    def from_predictions(
        cls,
        embedding: Any,
        *,
        label: Any = None,
        label_name: str = "label",
        axis_names: Sequence[str] = ("component 1", "component 2"),
    ) -> Self:
        """A display of the first two columns of an embedding.

        Parameters
        ----------
        embedding : array or tensor of shape (n, k)
            A single column is spread upwards for legibility.
        label : array of shape (n,), default=None
        label_name : str, default="label"
        axis_names : sequence of two str

        Returns
        -------
        display : EmbeddingDisplay

        Raises
        ------
        ValueError
            If shapes disagree, or the embedding is empty or not finite.
        """
        caller = f"{cls.__name__}.from_predictions"
        points = as_finite(embedding, "embedding", caller, ndim=2)
        if label is not None:
            label = np.asarray(label)
            if label.shape != (len(points),):
                raise ValueError(_message(caller, "label", f"of length {len(points)}", label.shape))
        names = (str(axis_names[0]), str(axis_names[1]))
        if points.shape[1] == 1:
            spread = np.arange(len(points)) * ((5**0.5 - 1) / 2) % 1.0
            points, names = np.column_stack([points[:, 0], spread]), (names[0], "")
        return cls(points[:, :2], label=label, label_name=label_name, axis_names=names)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, *, label: Any = None, label_name: str = "label"
    ) -> Self:
        """A display of the rows of `X` under a fitted transformer.

        Parameters
        ----------
        estimator : fitted object with ``transform`` and ``eigenvalues_``, such as `KernelPCA`
        X : array, tensor or data frame of shape (n, d)
        label : array of shape (n,), default=None
        label_name : str, default="label"

        Returns
        -------
        display : EmbeddingDisplay

        Raises
        ------
        ValueError
            If the estimator is not fitted or the shapes disagree.
        """
        fitted(estimator, "eigenvalues_", f"{cls.__name__}.from_estimator")
        found = estimator.transform(X)
        return cls.from_predictions(found, label=label, label_name=label_name)

    def describe(self) -> str:
        """The picture in words."""
        text = (
            f"Scatter plot of {len(self.positions):,} rows; across: {self.axis_names[0]}; up: "
            f"{self.axis_names[1] or 'spread for legibility'}"
        )
        if self.classes_ is not None:
            count = len(self.classes_)
            text += f"; coloured by {self.label_name}, {count} class{'es' if count > 1 else ''}"
        elif self.label is not None:
            text += f"; coloured by {self.label_name} on a scale"
        return text + "."

    def _size(self) -> tuple[float, float]:
        return style.WIDE, 5.6

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        n = len(self.positions)
        shown = np.unique(np.linspace(0, n - 1, min(n, MOST_DRAWN)).astype(np.int64))
        look: dict[str, Any] = {
            "s": float(np.clip(50_000 / n, 3.5, 32.0)),
            "alpha": float(np.clip(0.9 - 0.1 * np.log10(max(n / 500, 1)), 0.5, 0.9)),
            "linewidths": 0.4 if n <= 3_000 else 0,
            "edgecolors": theme.surface if n <= 3_000 else "none",
            "rasterized": n > RASTERISE_ABOVE,
        }
        if self.label is not None and self.classes_ is None:
            self._draw_scale(ax, theme, shown, look)
        else:
            self._draw_classes(ax, theme, shown, look)
        ax.set_xlabel(style.plain(self.axis_names[0], 60))
        ax.set_ylabel(style.plain(self.axis_names[1], 60))
        if not self.axis_names[1]:
            ax.set_yticks([])
            ax.set_ylim(-0.6, 1.6)
        ax.margins(0.04)

    def _draw_classes(
        self, ax: Axes, theme: style.Theme, shown: np.ndarray, look: dict[str, Any]
    ) -> None:
        """Every class in its colour and shape, and a legend."""
        names = self.classes_
        for code in range(len(self._counts)):
            xy = self.positions[shown[self._codes[shown] == code]]
            marker, color = self._look(code, theme)
            ax.scatter(xy[:, 0], xy[:, 1], color=color, marker=marker, **look)
        if names is None:
            return
        points: dict[str, Any] = {"linestyle": "none", "markersize": 7, "markeredgewidth": 0}
        handles = []
        for code, (name, count) in enumerate(zip(names, self._counts, strict=True)):
            marker, color = self._look(code, theme)
            text = f"{style.plain(name)} · {style.grouped(count)}"
            handles += ax.plot([], [], marker=marker, color=color, label=text, **points)
        place: dict[str, Any] = {"loc": "upper right"}
        if self._owns_figure:
            place = {"bbox_to_anchor": (1.01, 1.0), "loc": "upper left", "borderaxespad": 0}
        title = style.plain(self.label_name)
        ax.legend(handles=handles, title=title, labelspacing=0.7, handletextpad=0.3, **place)

    def _look(self, code: int, theme: style.Theme) -> tuple[str, str]:
        """Marker and colour of a class; those without a name are grey."""
        if code == self._n_named:
            return "o", theme.noise
        return style.MARKERS[code // len(theme.cycle)], theme.color(code)

    def _draw_scale(
        self, ax: Axes, theme: style.Theme, shown: np.ndarray, look: dict[str, Any]
    ) -> None:
        """Values on a colour scale between their 1st and 99th percentile."""
        assert self.label is not None
        values = self.label[shown].astype(np.float64)
        known = np.isfinite(values)
        low, high = np.quantile(values[known], [0.01, 0.99])
        xy = self.positions[shown]
        ax.scatter(xy[~known, 0], xy[~known, 1], color=theme.noise, **look)
        # the palest colour of the map would vanish on the page
        seen = LinearSegmentedColormap.from_list("seen", theme.sequential[1:], N=128)
        scale: dict[str, Any] = {"cmap": seen, "vmin": low, "vmax": high}
        drawn = ax.scatter(xy[known, 0], xy[known, 1], c=values[known], **scale, **look)
        extend = "both" if values[known].min() < low or values[known].max() > high else "neither"
        bar = ax.figure.colorbar(drawn, ax=ax, pad=0.015, aspect=24, extend=extend)
        bar.outline.set_visible(False)
        if bar.solids is not None:  # as vectors its cells show seams
            bar.solids.set(rasterized=True, alpha=1)
        bar.ax.yaxis.set_major_locator(MaxNLocator(5))
        bar.set_label(style.plain(self.label_name), color=theme.text)

    def _sort_classes(self, label: np.ndarray) -> None:
        """Number the classes in order, the small ones last; leave the numbers of a scale alone."""
        if label.dtype.kind == "f":
            label = np.where(np.isnan(label), np.inf, label)
        values, codes, counts = np.unique(
            label if label.dtype.kind in "biuf" else label.astype(str),
            return_inverse=True,
            return_counts=True,
        )
        if label.dtype.kind in "iuf" and len(values) > MOST_CLASSES:
            return
        order = np.argsort(-counts, kind="stable")
        kept = np.sort(order if len(order) <= MOST_CLASSES else order[: MOST_CLASSES - 1])
        rank = np.full(len(order), len(kept))
        rank[kept] = np.arange(len(kept))
        missing = values.dtype.kind == "f" and np.isinf(values)
        self.classes_ = np.where(missing, "missing", values.astype(str))[kept].tolist()
        self._n_named = len(kept)
        if len(kept) < len(order):
            self.classes_.append(OTHERS)
        self._codes = rank[codes.reshape(-1)]
        self._counts = np.bincount(self._codes)
