"""The climb of mean shift: seeds on their way to the modes of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes

from gramian.plot import style
from gramian.plot._arrays import Clusters, as_labels
from gramian.plot._paths import PathDisplay, checked_path, evenly

MOST_DRAWN = 4_000


class MeanShiftIterationsDisplay(PathDisplay):
    """The climb of mean shift: the rows in grey, and the seeds on their way to the modes.

    More than two features are shown in the plane of their first two principal axes.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        At most 4 000 rows, evenly taken, are drawn.
    path : ndarray of shape (n_iterations, n_seeds, d)
        The position of each seed in each iteration. At most 4 000 are drawn.
    labels : ndarray of shape (n_seeds,), int64
        The cluster of each seed, which gives its colour; negative means noise.
    feature_names : sequence of d str

    Attributes
    ----------
    X, path, labels
        As passed.
    frames : list of str
        A label for each iteration.
    movement : ndarray of shape (n_iterations, n_seeds)
        How far each seed moved to get there.

    Examples
    --------
    >>> from gramian.plot import MeanShiftIterationsDisplay
    >>> positions = [[[0.0], [2.0]], [[0.5], [1.5]], [[1.0], [1.0]], [[1.0], [1.0]]]
    >>> MeanShiftIterationsDisplay.from_predictions([[0.0], [2.0]], positions).frames
    ['start', 'iteration 1: 2 of 2 moved', 'iteration 2: 2 of 2 moved', 'iteration 3: 0 of 2 moved']
    """

    def __init__(
        self,
        X: np.ndarray,
        path: np.ndarray,
        labels: np.ndarray,
        *,
        feature_names: Sequence[str],
    ) -> None:
        self.labels = labels
        super().__init__(X, path, feature_names=feature_names)

    @classmethod
    def from_predictions(
        cls,
        X: Any,
        positions: Any,
        labels: Any = None,
        *,
        feature_names: Sequence[str] | None = None,
    ) -> Self:
        """A display of seeds by iteration.

        Parameters
        ----------
        X : array, tensor or data frame of shape (n, d)
        positions : array or tensor of shape (n_iterations, n_seeds, d), or sequence of (n_seeds, d)
        labels : array or tensor of shape (n_seeds,), integers, default=None
            The cluster of each seed; None draws all alike.
        feature_names : sequence of d str, default=None
            Column names are used where `X` has them.

        Returns
        -------
        display : MeanShiftIterationsDisplay

        Raises
        ------
        ValueError
            If shapes disagree, or an array is empty or not finite.
        """
        caller = f"{cls.__name__}.from_predictions"
        points, path, names = checked_path(X, positions, "positions", feature_names, caller)
        n_seeds = path.shape[1]
        given = np.zeros(n_seeds, dtype=np.int64) if labels is None else labels
        return cls(points, path, as_labels(given, caller, n_rows=n_seeds), feature_names=names)

    def describe(self) -> str:
        """The picture in words."""
        n_steps, n_seeds, _ = self.path.shape
        return (
            f"{n_seeds:,} seeds climb among {len(self.X):,} rows in {n_steps - 1} iterations, "
            f"to {Clusters.of(self.labels).describe()}."
        )

    def _label(self, frame: int) -> str:
        text, n_moved = super()._label(frame), int((self.movement[frame] > 0).sum())
        return f"{text}: {n_moved:,} of {self.path.shape[1]:,} moved" if frame else text

    def _draw_frame(self, ax: Axes, theme: style.Theme, frame: int) -> None:
        self._frame_axes(ax)
        self._draw_rows(ax, [theme.tint(theme.noise, 0.45)])
        ranks = Clusters.of(self.labels).ranks
        colors = [theme.color(rank) if rank >= 0 else theme.noise for rank in ranks]
        trails = [theme.tint(color, 0.6) for color in colors]
        self._draw_trails(ax, frame, trails, linewidths=0.8, zorder=3)
        shown = evenly(len(colors), MOST_DRAWN)
        look: dict[str, Any] = {"s": 36, "linewidths": 0.6, "edgecolors": theme.surface}
        x, y = self._places[frame, shown].T
        ax.scatter(x, y, c=[colors[seed] for seed in shown], zorder=4, **look)
