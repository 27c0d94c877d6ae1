"""What the pictures of an iteration share: rows that stay, and points that wander among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from gramian._validation import _message
from gramian.plot._arrays import as_array, as_finite, as_names, names_of
from gramian.plot._moving import MovingDisplay
from gramian.plot._view import View, name_axes

MOST_ROWS = 4_000
MOST_TRAILS = 400


class PathDisplay(MovingDisplay):
    """Rows that stay and points that wander: a frame for each iteration, the start included."""

    frames: list[str]

    def __init__(self, X: np.ndarray, path: np.ndarray, *, feature_names: Sequence[str]) -> None:
        view = View(X, feature_names)
        self.X, self.path, self.axis_names = X, path, view.axis_names
        self._shown = evenly(len(X), MOST_ROWS)
        self._positions = view.positions[self._shown]
        places = view.place(path.reshape(-1, path.shape[2]))
        self._places = places.reshape(*path.shape[:2], 2)
        steps = np.linalg.norm(np.diff(path.astype(np.float64), axis=0), axis=2)
        self.movement = np.concatenate([np.zeros((1, path.shape[1])), steps])
        self.frames = [self._label(frame) for frame in range(len(path))]

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """For each iteration the points that moved, and how far the farthest of them did."""
        return {
            "iteration": list(range(len(self.path))),
            "moved": (self.movement > 0).sum(1).tolist(),
            "largest movement": [f"{value:.4g}" for value in self.movement.max(1)],
        }

    def _label(self, frame: int) -> str:
        return f"iteration {frame}" if frame else "start"

    def _frame_axes(self, ax: Axes) -> None:
        """The same rectangle for every frame."""
        everything = np.concatenate([self._positions, self._places.reshape(-1, 2)])
        low, high = everything.min(0), everything.max(0)
        room = np.where(high > low, 0.05 * (high - low), 1.0)
        (left, bottom), (right, top) = low - room, high + room
        ax.set(xlim=(left, right), ylim=(bottom, top))
        name_axes(ax, self.axis_names)

    def _draw_rows(self, ax: Axes, colors: Any) -> None:
        size = float(np.clip(12_000 / len(self._shown), 4.0, 22.0))
        x, y = self._positions.T
        ax.scatter(x, y, s=size, c=colors, linewidths=0, zorder=2)

    def _draw_trails(self, ax: Axes, frame: int, colors: Sequence[Any], **look: Any) -> None:
        """The way that the points came, of 400 of them where there are more."""
        chosen = evenly(self.path.shape[1], MOST_TRAILS)
        ways = self._places[: frame + 1, chosen].transpose(1, 0, 2)
        ax.add_collection(LineCollection(list(ways), colors=[colors[k] for k in chosen], **look))


def checked_path(
    X: Any, path: Any, name: str, feature_names: Sequence[str] | None, caller: str
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Rows, places by iteration with the features of the rows, and feature names."""
    points = as_finite(X, "X", caller, ndim=2)
    d = points.shape[1]
    if isinstance(path, Sequence):
        path = np.stack([as_array(places, name, caller, ndim=2) for places in path])
    places = as_finite(path, name, caller, ndim=3)
    if places.shape[2] != d:
        constraint = f"an array of shape (n_iterations, k, {d})"
        raise ValueError(_message(caller, name, constraint, places.shape))
    names = names_of(X) if feature_names is None else feature_names
    return points, places, as_names(names, d, caller)


def evenly(n: int, most: int) -> np.ndarray:
    """At most so many of n row numbers, from the first to the last."""
    return np.linspace(0, n - 1, min(n, most)).astype(np.int64)
