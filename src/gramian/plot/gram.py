"""A block of a Gram or distance matrix, reordered by cluster."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gramian._validation import _message, check_choice
from gramian.plot import style
from gramian.plot._arrays import Clusters, as_finite, as_labels, fitted
from gramian.plot._base import Display

LARGEST = 512
MOST_NAMED = 20
KINDS = ("distance", "similarity")


class GramDisplay(Display):
    """A square block of pair values whose rows and columns are ordered by cluster.

    Good clusters show as blocks on the diagonal: dark where two points belong together. Noise
    comes last. The caller samples the rows, such as with ``G.block(rows, rows)``.

    Parameters
    ----------
    matrix : ndarray of shape (m, m), m <= 512
        Already in the order of `labels`.
    labels : ndarray of shape (m,), int64
    kind : {"distance", "similarity"}
        Whether a small or a large value means near.
    name : str
        Written at the colour bar.

    Attributes
    ----------
    matrix : ndarray of shape (m, m)
        The block in drawing order.
    labels : ndarray of shape (m,), int64
        Labels in drawing order.
    order : ndarray of shape (m,), int64
        Row of the caller's block at each drawn place.
    kind, name
        As passed.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.plot import GramDisplay
    >>> D = np.array([[0.0, 9.0, 1.0], [9.0, 0.0, 8.0], [1.0, 8.0, 0.0]])
    >>> display = GramDisplay.from_predictions(D, [0, 1, 0])
    >>> display.order.tolist(), display.matrix[0].tolist()
    ([0, 2, 1], [0.0, 1.0, 9.0])
    """

    def __init__(
        self, matrix: np.ndarray, labels: np.ndarray, *, kind: str = "distance", name: str = ""
    ) -> None:
        ranks = Clusters.of(labels).ranks
        self.order = np.argsort(np.where(ranks < 0, len(labels), ranks), kind="stable")
        self.matrix = matrix[np.ix_(self.order, self.order)]
        self.labels, self.kind, self.name = labels[self.order], kind, name or kind
        self._clusters = Clusters.of(self.labels)

    @classmethod
    def from_predictions(
        cls, matrix: Any, labels: Any, *, kind: str = "distance", name: str = ""
    ) -> Self:
        """A display of a block of pair values.

        Parameters
        ----------
        matrix : array or tensor of shape (m, m), m <= 512
        labels : array or tensor of shape (m,), integers
            Negative means noise.
        kind : {"distance", "similarity"}, default="distance"
        name : str, default=""
            What the values are, such as "Euclidean distance"; empty means `kind`.

        Returns
        -------
        display : GramDisplay

        Raises
        ------
        ValueError
            If the matrix is not square, too large or not finite, or the labels do not fit.
        """
        caller = f"{cls.__name__}.from_predictions"
        block = as_finite(matrix, "matrix", caller, ndim=2)
        if block.shape[0] != block.shape[1]:
            raise ValueError(_message(caller, "matrix", "square", block.shape))
        if len(block) > LARGEST:
            remedy = "Sample the rows and pass that block."
            constraint = f"at most {LARGEST} rows wide"
            raise ValueError(_message(caller, "matrix", constraint, block.shape, remedy))
        check_choice(kind, "kind", caller, KINDS)
        return cls(block, as_labels(labels, caller, n_rows=len(block)), kind=kind, name=name)

    @classmethod
    def from_estimator(
        cls, estimator: Any, matrix: Any, rows: Any, *, kind: str = "distance", name: str = ""
    ) -> Self:
        """A display of the block of the given rows under a fitted clusterer's ``labels_``.

        Parameters
        ----------
        estimator : fitted object with ``labels_``
        matrix : array or tensor of shape (m, m), m <= 512
        rows : array or tensor of shape (m,), integers
            Which of the fitted rows the block holds.
        kind : {"distance", "similarity"}, default="distance"
        name : str, default=""

        Returns
        -------
        display : GramDisplay

        Raises
        ------
        ValueError
            If the estimator is not fitted, a row is out of range, or the shapes disagree.
        """
        caller = f"{cls.__name__}.from_estimator"
        labels = as_labels(fitted(estimator, "labels_", caller), caller)
        chosen = as_finite(rows, "rows", caller, ndim=1)
        if chosen.min() < 0 or chosen.max() >= len(labels):
            constraint = f"row numbers in [0, {len(labels) - 1}]"
            raise ValueError(_message(caller, "rows", constraint, chosen))
        picked = labels[chosen.astype(np.int64)]
        return cls.from_predictions(matrix, picked, kind=kind, name=name)

    def describe(self) -> str:
        """The picture in words, with the mean value inside and between clusters."""
        text = (
            f"Heat map of the {self.name} between {len(self.labels)} points, "
            f"ordered by {self._clusters.describe()}"
        )
        ranks = self._clusters.ranks
        same = (ranks[:, None] == ranks[None, :]) & (ranks[:, None] >= 0)
        other = (ranks[:, None] != ranks[None, :]) & (ranks[:, None] >= 0) & (ranks[None, :] >= 0)
        if same.any() and other.any():
            inside, between = self.matrix[same].mean(), self.matrix[other].mean()
            text += f"; mean {inside:.3g} within clusters, {between:.3g} between them"
        return text + "."

    def _size(self) -> tuple[float, float]:
        return style.NARROW, 4.8

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        m, clusters = len(self.labels), self._clusters
        colors = theme.colormap("sequential")
        if self.kind == "distance":
            colors = colors.reversed()
        extent = (0, m, m, 0)
        image = ax.imshow(self.matrix, cmap=colors, extent=extent, interpolation="nearest")
        ends = np.cumsum([*clusters.counts, clusters.n_noise][: len(clusters) + 1])
        starts = np.concatenate([[0], ends[:-1]])
        strip = max(0.022 * m, 0.02)
        names = [str(name) for name in clusters.names] + (["noise"] if clusters.n_noise else [])
        for rank, (start, end) in enumerate(zip(starts, ends, strict=True)):
            if end == start:
                continue
            color = theme.color(rank) if rank < len(clusters) else theme.noise
            look: dict[str, Any] = {"facecolor": color, "clip_on": False, "linewidth": 0}
            ax.add_patch(Rectangle((-1.8 * strip, start), strip, end - start, **look))
            ax.add_patch(Rectangle((start, -1.8 * strip), end - start, strip, **look))
        if len(names) <= 60:
            lines: dict[str, Any] = {"color": theme.surface, "linewidth": 0.9, "alpha": 0.9}
            ax.hlines(ends[:-1], 0, m, **lines)
            ax.vlines(ends[:-1], 0, m, **lines)
        few = len(names) <= MOST_NAMED
        middles = [(a + b) / 2 for a, b in zip(starts, ends, strict=True) if b > a]
        ax.set_yticks(middles if few else [], names if few else [])
        ax.set_xticks([])
        ax.tick_params(axis="y", length=0, pad=17)
        ax.set_xlim(0, m)
        ax.set_ylim(m, 0)
        ax.spines[:].set_visible(False)
        ax.set_xlabel(f"{m} points, ordered by cluster")
        ax.set_ylabel("cluster" if few else f"{len(clusters)} clusters", labelpad=7 if few else 20)
        bar = ax.figure.colorbar(image, ax=ax, shrink=0.82, pad=0.03, aspect=28)
        bar.outline.set_visible(False)
        if bar.solids is not None:  # as vectors its cells show seams
            bar.solids.set_rasterized(True)
        bar.set_label(style.plain(self.name, 48), color=theme.text)
        bar.ax.yaxis.set_major_locator(MaxNLocator(5))
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))
