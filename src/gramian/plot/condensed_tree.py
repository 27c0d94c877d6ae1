"""Clusters by density: the condensed tree of HDBSCAN as an icicle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import as_array, as_finite, fitted
from gramian.plot._base import Display
from gramian.plot._icicle import Band, bands, check_tree

MOST_STEPS = 6_000
"""Of all bands together; each keeps 8 at least."""

SHOWN = 0.99
"""Share of the rows whose end is inside the picture."""


class CondensedTreeDisplay(Display):
    """How clusters part and lose rows as the density rises, with the selected ones marked.

    Every band is a cluster, as wide as it has rows at that density; where it parts, its parts
    hang below it. Selected clusters have the colours of their labels and an outline, what lies
    below one has its colour, paler, and everything else is grey.

    Parameters
    ----------
    parent, child : ndarray of shape (m,), int64
        The cluster that each line leaves, and the row or cluster that leaves it. The smallest
        parent is the root, and nodes below it are rows; a cluster has a smaller number than the
        clusters that part from it.
    lambda_val : ndarray of shape (m,)
        The density, 1 / distance, at which it does; infinite among equal rows.
    child_size : ndarray of shape (m,)
        Rows of the child, or their weight.
    selected : ndarray of shape (k,), int64
        Nodes of the selected clusters, in the order of their labels.

    Attributes
    ----------
    parent, child, lambda_val, child_size, selected
        As passed.
    n_rows : int
    n_clusters : int
        Bands, the root included.

    References
    ----------
    .. [1] R. J. G. B. Campello, D. Moulavi, J. Sander, "Density-based clustering based on
       hierarchical density estimates", PAKDD 2013.

    Examples
    --------
    >>> from gramian.plot import CondensedTreeDisplay
    >>> display = CondensedTreeDisplay.from_predictions(
    ...     parent=[4, 4, 5, 5, 6, 6],
    ...     child=[5, 6, 0, 1, 2, 3],
    ...     lambda_val=[0.5, 0.5, 2.0, 2.0, 1.0, 1.0],
    ...     child_size=[2, 2, 1, 1, 1, 1],
    ...     selected=[5, 6],
    ... )
    >>> display.n_rows, display.n_clusters, display.columns()["stability"]
    (4, 3, ['3', '1'])
    """

    def __init__(
        self,
        parent: np.ndarray,
        child: np.ndarray,
        lambda_val: np.ndarray,
        child_size: np.ndarray,
        *,
        selected: np.ndarray,
    ) -> None:
        self.parent, self.child = parent, child
        self.lambda_val, self.child_size, self.selected = lambda_val, child_size, selected
        self._bands = bands(parent, child, lambda_val, child_size)
        self.n_rows, self.n_clusters = int((child < parent.min()).sum()), len(self._bands)

    @classmethod
    def from_predictions(
        cls, parent: Any, child: Any, lambda_val: Any, child_size: Any, *, selected: Any = ()
    ) -> Self:
        """A display of a condensed tree.

        Parameters
        ----------
        parent, child : array or tensor of shape (m,), integers
        lambda_val : array or tensor of shape (m,)
            At least 0; may be infinite.
        child_size : array or tensor of shape (m,)
            Above 0.
        selected : array or tensor of shape (k,), integers, default=()
            Cluster i of the labels is ``selected[i]``.

        Returns
        -------
        display : CondensedTreeDisplay

        Raises
        ------
        ValueError
            If shapes disagree, the lines are no tree, a number is impossible, or a selected node
            is no cluster of it.
        """
        caller = f"{cls.__name__}.from_predictions"
        nodes = {"parent": parent, "child": child}
        arrays = {
            name: as_finite(values, name, caller, ndim=1).astype(np.int64)
            for name, values in nodes.items()
        }
        arrays["lambda_val"] = as_array(lambda_val, "lambda_val", caller, ndim=1)
        arrays["child_size"] = as_finite(child_size, "child_size", caller, ndim=1)
        check_tree(arrays, caller)
        if not (arrays["lambda_val"] >= 0).all():
            raise ValueError(_message(caller, "lambda_val", "at least 0", arrays["lambda_val"]))
        if not (arrays["child_size"] > 0).all():
            raise ValueError(_message(caller, "child_size", "above 0", arrays["child_size"]))
        chosen = np.asarray(selected, dtype=np.int64).reshape(-1)
        if not np.isin(chosen, arrays["parent"]).all():
            raise ValueError(_message(caller, "selected", "nodes of clusters", chosen))
        return cls(**arrays, selected=chosen)

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """A display of the tree of a fitted `gramian.HDBSCAN`.

        Parameters
        ----------
        estimator : fitted object with ``condensed_tree_``

        Returns
        -------
        display : CondensedTreeDisplay

        Raises
        ------
        ValueError
            If the estimator is not fitted.
        """
        caller = f"{cls.__name__}.from_estimator"
        tree = fitted(estimator, "condensed_tree_", caller)
        columns = (tree.parent, tree.child, tree.lambda_val, tree.child_size)
        return cls.from_predictions(*columns, selected=tree.selected)

    def describe(self) -> str:
        """The picture in words."""
        text = f"Condensed tree of {self.n_rows:,} rows with {self.n_clusters:,} clusters"
        if len(self.selected):
            text += f", of which {len(self.selected)} are selected"
        return text + "; across: rows; down: density."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The selected clusters, or all: rows, densities of birth and end, and stability."""
        nodes = self.selected.tolist() or list(self._bands)
        chosen = [self._bands[node] for node in nodes]
        return {
            "cluster": list(range(len(chosen))) if len(self.selected) else nodes,
            "rows": [f"{band.size:,.6g}" for band in chosen],
            "parts at": [f"{band.birth:.4g}" for band in chosen],
            "ends at": [f"{band.levels.max():.4g}" for band in chosen],
            "stability": [f"{band.stability:.4g}" for band in chosen],
        }

    def _size(self) -> tuple[float, float]:
        return style.WIDE, 5.2

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        top, whole = self._top(), next(iter(self._bands.values())).size
        rank = {node: place for place, node in enumerate(self.selected.tolist())}
        under: dict[int, int] = {}  # the selected cluster that each cluster is in
        most = max(8, MOST_STEPS // self.n_clusters)
        for node, band in self._bands.items():
            above = under.get(band.parent)
            inside = rank.get(node, above)
            if inside is not None:
                under[node] = inside
            color = theme.noise if inside is None else theme.color(inside)
            marked = node in rank
            look: dict[str, Any] = {
                "alpha": 1.0 if marked else 0.45,
                "edgecolors": theme.text if marked else theme.surface,
                "linewidths": 1.2 if marked else 0.5,
                "zorder": 3 if marked else 2,
            }
            shape = _outline(band, top, most)
            ax.add_collection(PolyCollection([shape], facecolors=color, **look))
        self._number(ax, theme, top)
        ax.set_xlim(-0.01 * whole, 1.01 * whole)
        ax.set_ylim(top, 0)
        ax.xaxis.set_major_locator(MaxNLocator(6))
        ax.set_xlabel("rows")
        ax.set_ylabel("density λ = 1 / distance")
        ax.grid(axis="y", color=theme.grid)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: style.short(value)))

    def _top(self) -> float:
        """A density that nearly all rows end before, and at which every cluster is there."""
        finite = self.lambda_val[np.isfinite(self.lambda_val)]
        if not len(finite):
            return 1.0
        latest = max((b.birth for b in self._bands.values() if np.isfinite(b.birth)), default=0.0)
        top = 1.05 * max(float(np.quantile(finite, SHOWN)), 1.15 * latest)
        return top if top > 0 else 1.0

    def _number(self, ax: Axes, theme: style.Theme, top: float) -> None:
        """The label of each selected cluster, where its band begins."""
        ground: dict[str, Any] = {"boxstyle": "round,pad=0.2", "fc": theme.surface, "ec": "none"}
        for label, node in enumerate(self.selected.tolist()):
            band = self._bands[node]
            place = (band.center, min(band.birth, top))
            look: dict[str, Any] = {"xytext": (0, 3), "textcoords": "offset points"}
            look |= {"ha": "center", "va": "bottom", "weight": "bold", "fontsize": 8.5}
            ax.annotate(str(label), place, color=theme.text, bbox=ground, zorder=5, **look)


def _outline(band: Band, top: float, most: int) -> np.ndarray:
    """The corners of a band, (m, 2): steps where it loses rows, symmetric about its centre."""
    levels = np.minimum(np.append(band.birth, band.levels), top)
    widths = np.append(band.size, band.widths)
    chosen = np.unique(np.linspace(0, len(levels) - 1, min(len(levels), most)).astype(np.int64))
    levels, widths = levels[chosen], widths[chosen]
    # above a level the band is as wide as after the level before it
    heights = np.repeat(levels, 2)[1:]
    half = np.repeat(widths, 2)[:-1] / 2
    right = np.column_stack([band.center + half, heights])
    left = np.column_stack([band.center - half, heights])[::-1]
    return np.concatenate([right, left])
