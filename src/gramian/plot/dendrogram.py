"""Which clusters merge at which distance: a dendrogram, folded where a table is large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import FuncFormatter

from gramian._validation import check_int, check_real
from gramian.plot import style
from gramian.plot._arrays import as_finite
from gramian.plot._base import Display
from gramian.plot._merges import Branch, checked_linkage, folded

MOST_NAMED = 60
LEAVES = 40
DEEPEST = 500


class DendrogramDisplay(Display):
    """The merges of a hierarchical clustering, by the distance at which they happen.

    The tree of a large table is folded: only merges are drawn that have at least `min_size` rows
    on both sides, and of these the `most_leaves` − 1 with most rows on the smaller one. A branch
    ends where its rows fall into smaller parts; the dot there is as large as they are many. Rows
    that join one at a time, as they do in single linkage, leave no line.

    Parameters
    ----------
    linkage : ndarray of shape (n - 1, 4)
        In SciPy's layout: the two clusters of each merge, its distance, its number of rows.
    cut : float or None
        Branches have the colours of clusters below this distance.
    min_size, most_leaves : int

    Attributes
    ----------
    linkage, cut, min_size, most_leaves
        As passed.
    n_rows : int
    leaf_rows : ndarray of int64
        Rows of each branch at the bottom, from left to right, where it starts.
    n_clusters : int or None
        Branches that cross the cut.

    Examples
    --------
    >>> from gramian.plot import DendrogramDisplay
    >>> linkage = [[0, 1, 1.0, 2], [2, 3, 1.5, 2], [4, 5, 6.0, 4]]
    >>> display = DendrogramDisplay.from_predictions(linkage, cut=3.0)
    >>> display.n_rows, display.leaf_rows.tolist(), display.n_clusters
    (4, [1, 1, 1, 1], 2)
    """

    def __init__(
        self, linkage: np.ndarray, *, cut: float | None, min_size: int, most_leaves: int
    ) -> None:
        self.linkage, self.cut = linkage, cut
        self.min_size, self.most_leaves = min_size, most_leaves
        self.n_rows = len(linkage) + 1
        self._root = folded(linkage, min_size, most_leaves)
        self._leaves = self._root.leaves()
        for place, leaf in enumerate(self._leaves):
            leaf.x = float(place)
        self._root.centre()
        self.leaf_rows = np.array([leaf.rows for leaf in self._leaves])
        crossing = [b for b in self._root.walk() if cut is not None and b.end < cut <= b.start]
        self._clusters = crossing or [self._root]
        self.n_clusters = None if cut is None else len(crossing)

    @classmethod
    def from_predictions(
        cls,
        linkage: Any,
        *,
        cut: float | None = None,
        min_size: int | None = None,
        most_leaves: int = LEAVES,
    ) -> Self:
        """A display of a linkage.

        Parameters
        ----------
        linkage : array or tensor of shape (n - 1, 4)
            In SciPy's layout.
        cut : float, default=None
            The distance below which branches have the colours of clusters.
        min_size : int, default=None
            Fewest rows of a branch. None takes 1 where all rows can be drawn, else 1 % of them
            and 2 at least.
        most_leaves : int in [2, 500], default=40

        Returns
        -------
        display : DendrogramDisplay

        Raises
        ------
        ValueError
            If `linkage` is no tree, or a parameter is out of its range.
        """
        caller = f"{cls.__name__}.from_predictions"
        tree = checked_linkage(as_finite(linkage, "linkage", caller, ndim=2), caller)
        n = len(tree) + 1
        check_int(most_leaves, "most_leaves", caller, low=2, high=DEEPEST)
        if min_size is None:
            min_size = 1 if n <= most_leaves else max(2, n // 100)
        check_int(min_size, "min_size", caller, low=1)
        height = None if cut is None else check_real(cut, "cut", caller, low=0)
        return cls(tree, cut=height, min_size=min_size, most_leaves=most_leaves)

    def describe(self) -> str:
        """The picture in words."""
        text = (
            f"Dendrogram of {self.n_rows:,} rows with {len(self._leaves)} branches at the bottom; "
            f"the last merge is at distance {self.linkage[-1, 2]:.4g}"
        )
        if self.cut is not None:
            text += f"; {self.n_clusters} branches cross the cut at {self.cut:.4g}"
        return text + "."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The branches at the bottom: rows, and the distances between which they hold together."""
        return {
            "branch": list(range(1, len(self._leaves) + 1)),
            "rows": self.leaf_rows.tolist(),
            "joins others at": [f"{leaf.start:.4g}" for leaf in self._leaves],
            "falls apart at": [f"{leaf.end:.4g}" for leaf in self._leaves],
        }

    def _size(self) -> tuple[float, float]:
        return style.WIDE, 4.8

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        look: dict[str, Any] = {"linewidths": 1.6, "capstyle": "round", "zorder": 2}
        stem = theme.cycle[0] if self.cut is None else theme.muted
        ax.add_collection(LineCollection(self._lines(self._root), colors=stem, **look))
        for rank, cluster in enumerate(self._clusters if self.n_clusters else []):
            below = np.array([np.inf, np.inf if self.cut is None else self.cut])
            lines = np.minimum(self._lines(cluster), below)
            look["zorder"] = 3
            ax.add_collection(LineCollection(list(lines), colors=theme.color(rank), **look))
        colors = self._leaf_colors(theme, stem)
        x, heights = range(len(self._leaves)), [leaf.end for leaf in self._leaves]
        sizes = 8 + 160 * self.leaf_rows / max(self.n_rows / 8, self.leaf_rows.max())
        if self.leaf_rows.max() > 1:
            ax.scatter(x, heights, s=sizes, c=colors, linewidths=0, zorder=4, clip_on=False)
        self._name(ax, theme)

    def _lines(self, top: Branch) -> list[np.ndarray]:
        """Every branch below `top` as a line down, and every merge as a line across."""
        lines = []
        for branch in top.walk():
            lines.append(np.array([[branch.x, branch.start], [branch.x, branch.end]]))
            ends = [child.x for child in branch.children]
            if ends:
                lines.append(np.array([[ends[0], branch.end], [ends[-1], branch.end]]))
        return lines

    def _leaf_colors(self, theme: style.Theme, stem: str) -> list[str]:
        """The colour of each branch at the bottom: that of its cluster, if it is in one."""
        if not self.n_clusters:
            return [stem] * len(self._leaves)
        colors = {
            id(leaf): theme.color(rank)
            for rank, cluster in enumerate(self._clusters)
            for leaf in cluster.leaves()
        }
        return [colors.get(id(leaf), stem) for leaf in self._leaves]

    def _name(self, ax: Axes, theme: style.Theme) -> None:
        top = 1.1 * (self._root.end if self._root.children else self._root.start)
        if self.cut is not None:
            top = max(top, 1.1 * self.cut)
            ax.axhline(self.cut, color=theme.accent, linewidth=1.4, linestyle=(0, (4, 3)))
            text: dict[str, Any] = {
                "xytext": (-4, 4),
                "textcoords": "offset points",
                "ha": "right",
                "color": theme.accent,
            }
            place = (len(self._leaves) - 0.4, self.cut)
            ax.annotate(f"cut at {self.cut:.4g}", place, weight="bold", fontsize=9, **text)
        ax.set_ylim(0, top if top > 0 else 1.0)
        ax.set_xlim(-0.6, len(self._leaves) - 0.4)
        counts = [style.grouped(rows) for rows in self.leaf_rows.tolist()]
        named = len(counts) <= MOST_NAMED and self.leaf_rows.max() > 1
        turned: dict[str, Any] = {"rotation": 90} if sum(map(len, counts)) > 60 else {}
        ax.set_xticks(range(len(counts)) if named else [], counts if named else [], **turned)
        ax.tick_params(axis="x", length=0)
        ax.spines["bottom"].set_visible(False)
        ax.set_xlabel("rows of each branch" if named else f"{len(counts):,} branches")
        ax.set_ylabel("distance")
        ax.grid(axis="y", color=theme.grid)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))
