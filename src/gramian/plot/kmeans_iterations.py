"""The iterations of k-means: centres on their way, rows in the colour of the nearest one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import as_finite
from gramian.plot._paths import PathDisplay, checked_path

GRID = (150, 200)
"""Points up and across at which the regions of the plane are decided."""


class KMeansIterationsDisplay(PathDisplay):
    """The iterations of k-means: rows in the colour of the nearest centre, and the centres' way.

    Each frame shows the centres that an iteration starts from. Of two features the region of
    each centre is tinted, so that its boundaries are seen; more features are shown in the plane
    of their first two principal axes, where regions have no sharp boundary.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        At most 4 000 rows, evenly taken, are drawn.
    path : ndarray of shape (n_iterations, k, d)
        The centres of each iteration.
    inertia : ndarray of shape (n_iterations,) or None
    feature_names : sequence of d str

    Attributes
    ----------
    X, path, inertia
        As passed.
    frames : list of str
        A label for each iteration.
    movement : ndarray of shape (n_iterations, k)
        How far each centre moved to get there.

    Examples
    --------
    >>> import numpy as np
    >>> import gramian as gm
    >>> X = np.array([[0.0, 0], [0, 1], [9, 9], [9, 8]])
    >>> states = []
    >>> model = gm.KMeans(2, init=X[:2], callback=states.append).fit(X)
    >>> display = gm.KMeansIterationsDisplay.from_states(X, states)
    >>> display.frames
    ['start: inertia 275', 'iteration 1: inertia 32', 'iteration 2: inertia 1']
    """

    def __init__(
        self,
        X: np.ndarray,
        path: np.ndarray,
        *,
        inertia: np.ndarray | None = None,
        feature_names: Sequence[str],
    ) -> None:
        self.inertia = inertia
        super().__init__(X, path, feature_names=feature_names)

    @classmethod
    def from_predictions(
        cls,
        X: Any,
        centers: Any,
        *,
        inertia: Any = None,
        feature_names: Sequence[str] | None = None,
    ) -> Self:
        """A display of centres by iteration.

        Parameters
        ----------
        X : array, tensor or data frame of shape (n, d)
        centers : array or tensor of shape (n_iterations, k, d), or sequence of (k, d)
        inertia : array of shape (n_iterations,), default=None
        feature_names : sequence of d str, default=None
            Column names are used where `X` has them.

        Returns
        -------
        display : KMeansIterationsDisplay

        Raises
        ------
        ValueError
            If shapes disagree, or an array is empty or not finite.
        """
        caller = f"{cls.__name__}.from_predictions"
        points, path, names = checked_path(X, centers, "centers", feature_names, caller)
        values = None if inertia is None else as_finite(inertia, "inertia", caller, ndim=1)
        if values is not None and len(values) != len(path):
            raise ValueError(_message(caller, "inertia", f"of length {len(path)}", len(values)))
        return cls(points, path, inertia=values, feature_names=names)

    @classmethod
    def from_states(
        cls,
        X: Any,
        states: Sequence[Any],
        *,
        run: int | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> Self:
        """A display of what the callback of `gramian.KMeans` was told.

        Parameters
        ----------
        X : array, tensor or data frame of shape (n, d)
        states : sequence of IterationState
            Such as ``KMeans(..., callback=states.append)`` collects.
        run : int, default=None
            Which of the ``n_init`` runs; None takes the one that ends with the least inertia.
        feature_names : sequence of d str, default=None

        Returns
        -------
        display : KMeansIterationsDisplay

        Raises
        ------
        ValueError
            If there is no such run, or the centres have other features than the rows.
        """
        caller = f"{cls.__name__}.from_states"
        ends = {state.run: state.inertia for state in states}
        if not ends:
            raise ValueError(_message(caller, "states", "at least one state", states))
        chosen = min(ends, key=lambda number: ends[number]) if run is None else run
        if chosen not in ends:
            raise ValueError(_message(caller, "run", f"one of {sorted(ends)}", run))
        kept = [state for state in states if state.run == chosen]
        return cls.from_predictions(
            X,
            [state.centers for state in kept],
            inertia=[state.inertia for state in kept],
            feature_names=feature_names,
        )

    def describe(self) -> str:
        """The picture in words."""
        n_steps, k, _ = self.path.shape
        text = f"{k} centres move through {n_steps - 1} iterations among {len(self.X):,} rows"
        if self.inertia is not None:
            text += f"; the inertia goes from {self.inertia[0]:.4g} to {self.inertia[-1]:.4g}"
        return text + "."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """For each iteration the inertia, the centres that moved, and the largest movement."""
        columns = dict(super().columns())
        if self.inertia is not None:
            columns["inertia"] = [f"{value:.6g}" for value in self.inertia]
        return columns

    def _label(self, frame: int) -> str:
        text = super()._label(frame)
        return text if self.inertia is None else f"{text}: inertia {self.inertia[frame]:.4g}"

    def _draw_frame(self, ax: Axes, theme: style.Theme, frame: int) -> None:
        self._frame_axes(ax)
        centers = self.path[frame]
        if self.X.shape[1] == 2:
            self._draw_regions(ax, theme, centers)
        nearest = _nearest(self.X[self._shown], centers)
        self._draw_rows(ax, [theme.color(k) for k in nearest])
        trail = [theme.text] * len(centers)
        self._draw_trails(ax, frame, trail, linewidths=1.0, alpha=0.7, zorder=3)
        look: dict[str, Any] = {"marker": "X", "s": 95, "linewidths": 1.4, "zorder": 4}
        places = self._places[frame]
        ax.scatter(*places.T, color=theme.text, edgecolors=theme.surface, **look)

    def _draw_regions(self, ax: Axes, theme: style.Theme, centers: np.ndarray) -> None:
        """The part of the plane that is nearest to each centre."""
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        up, across = np.linspace(bottom, top, GRID[0]), np.linspace(left, right, GRID[1])
        grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
        tints = np.array([theme.tint(theme.color(k), 0.2) for k in range(len(centers))])
        picture = tints[_nearest(grid, centers)].reshape(*GRID, 3)
        look: dict[str, Any] = {"origin": "lower", "interpolation": "nearest", "aspect": "auto"}
        ax.imshow(picture, extent=(left, right, bottom, top), zorder=0, **look)


def _nearest(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Index of the nearest centre of each point, in float64."""
    middle = centers.mean(0, dtype=np.float64)
    x, c = points - middle, centers - middle
    nearest: np.ndarray = (np.square(c).sum(1) - 2 * x @ c.T).argmin(1)
    return nearest
