"""Where rows of any number of features are drawn in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from gramian.plot import style
from gramian.plot._principal import PrincipalPlane


class View:
    """Two features as they are, one spread out for legibility, more in their principal plane.

    Attributes
    ----------
    positions : ndarray of shape (n, 2)
        Where each row is drawn.
    axis_names : tuple of two str
        The second is empty for one feature.
    """

    def __init__(self, X: np.ndarray, names: Sequence[str]) -> None:
        n, d = X.shape
        self._plane = None
        self.axis_names = (names[0], names[1] if d == 2 else "")
        if d > 2:
            self._plane = PrincipalPlane(X)
            first, second = self._plane.shares
            self.axis_names = (
                f"first principal axis ({first:.0%} of the variance)",
                f"second principal axis ({second:.0%})",
            )
        self.positions = np.column_stack([X[:, 0], _spread(n)]) if d == 1 else self.place(X)

    def place(self, others: np.ndarray) -> np.ndarray:
        """Positions of other points with the same features; a single one at half height."""
        if self._plane is not None:
            return self._plane.project(others)
        if others.shape[1] == 2:
            return others
        return np.column_stack([others[:, 0], np.full(len(others), 0.5)])


def _spread(n: int) -> np.ndarray:
    """Evenly filling heights in [0, 1) for a single feature: multiples of the golden ratio."""
    return np.arange(n) * ((5**0.5 - 1) / 2) % 1.0


def name_axes(ax: Axes, axis_names: tuple[str, str]) -> None:
    """Labels of both axes; heights without a name are no values, so they get no ticks."""
    ax.set_xlabel(style.plain(axis_names[0], 60))
    ax.set_ylabel(style.plain(axis_names[1], 60))
    if not axis_names[1]:
        ax.set_yticks([])
        ax.set_ylim(-0.6, 1.6)
