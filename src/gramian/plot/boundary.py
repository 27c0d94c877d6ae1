"""What a classifier of two features decides, over the plane."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from matplotlib.axes import Axes

from gramian._validation import _message, check_int, check_real
from gramian.plot import style
from gramian.plot._arrays import as_finite
from gramian.plot._base import Display

MOST_POINTS = 2000


class DecisionBoundaryDisplay(Display):
    """The class decided at every point of a rectangle, with labelled points on it.

    Parameters
    ----------
    decision : ndarray of shape (height, width), int64
        Class by row (of x1, ascending) and column (of x0, ascending).
    extent : tuple of four float
        Least and largest x0, least and largest x1.
    X : ndarray of shape (n, 2)
    y : ndarray of shape (n,), int64

    Attributes
    ----------
    decision, extent, X, y
        As passed.
    accuracy : float
        Share of the points that lie in the region of their class.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.plot import DecisionBoundaryDisplay
    >>> X, y = np.array([[-1.0, 0.0], [1.0, 0.5], [2.0, -1.0]]), [0, 1, 1]
    >>> display = DecisionBoundaryDisplay.from_estimator(lambda x: x[:, 0] > 0, X, y)
    >>> display.describe()
    'Regions of 2 classes over the plane and 3 points, 100.0% of them in their own region.'
    """

    def __init__(
        self,
        decision: np.ndarray,
        extent: tuple[float, float, float, float],
        X: np.ndarray,
        y: np.ndarray,
    ) -> None:
        self.decision, self.extent, self.X, self.y = decision, extent, X, y
        self.accuracy = float((self._decided_at(X) == y).mean())

    @classmethod
    def from_predictions(cls, decision: Any, extent: Sequence[float], X: Any, y: Any) -> Self:
        """A display of classes on a grid.

        Parameters
        ----------
        decision : array or tensor of shape (height, width), integers
        extent : four float
            Least and largest x0, least and largest x1.
        X : array or tensor of shape (n, 2)
        y : array or tensor of shape (n,), integers

        Returns
        -------
        display : DecisionBoundaryDisplay

        Raises
        ------
        ValueError
            If shapes disagree, a number is not finite or the extent is empty.
        """
        caller = f"{cls.__name__}.from_predictions"
        grid = as_finite(decision, "decision", caller, ndim=2).astype(np.int64)
        left, right, bottom, top = (float(side) for side in extent)
        if not (left < right and bottom < top):
            raise ValueError(_message(caller, "extent", "least before largest", tuple(extent)))
        points, labels = _labelled(X, y, caller)
        return cls(grid, (left, right, bottom, top), points, labels)

    @classmethod
    def from_estimator(
        cls,
        estimator: Callable[[Any], Any] | Any,
        X: Any,
        y: Any,
        *,
        resolution: int = 200,
        margin: float = 0.15,
    ) -> Self:
        """A display of what a model decides around the points.

        Parameters
        ----------
        estimator : callable, or object with ``predict``
            ``predict`` gives classes. A callable gets a float32 tensor of shape (m, 2) and gives
            classes, scores of shape (m, k), of which the largest wins, or one real number per
            row, of which the sign decides (class 1 above 0).
        X : array or tensor of shape (n, 2)
        y : array or tensor of shape (n,), integers
            Labels −1 and 1 count as 0 and 1 where a sign decides.
        resolution : int, default=200
            Points of the grid along each axis.
        margin : float, default=0.15
            Room around the points, as a share of their spread.

        Returns
        -------
        display : DecisionBoundaryDisplay

        Raises
        ------
        ValueError
            If shapes disagree or the model gives another shape.
        """
        caller = f"{cls.__name__}.from_estimator"
        check_int(resolution, "resolution", caller, low=2)
        check_real(margin, "margin", caller, low=0)
        points, labels = _labelled(X, y, caller)
        low, high = points.min(0), points.max(0)
        room = np.where(high > low, margin * (high - low), 1.0)
        low, high = low - room, high + room
        axes = [np.linspace(a, b, resolution) for a, b in zip(low, high, strict=True)]
        grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
        classes, by_sign = _classes(estimator, grid, caller)
        if by_sign:
            labels = np.maximum(labels, 0)
        extent = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
        return cls(classes.reshape(resolution, resolution), extent, points, labels)

    def describe(self) -> str:
        """The picture in words."""
        n_classes = len(np.unique(np.append(self.decision, self.y)))
        return (
            f"Regions of {n_classes} classes over the plane and {len(self.X):,} points, "
            f"{self.accuracy:.1%} of them in their own region."
        )

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Share of the area and number of points of each class."""
        classes = np.unique(np.append(self.decision, self.y))
        return {
            "class": classes.tolist(),
            "area": [f"{(self.decision == c).mean():.1%}" for c in classes],
            "points": [int((self.y == c).sum()) for c in classes],
        }

    def _decided_at(self, X: np.ndarray) -> np.ndarray:
        """The class of the grid point nearest to each row."""
        left, right, bottom, top = self.extent
        height, width = self.decision.shape
        across = np.rint((X[:, 0] - left) / (right - left) * (width - 1))
        up = np.rint((X[:, 1] - bottom) / (top - bottom) * (height - 1))
        column = across.clip(0, width - 1).astype(np.int64)
        decided: np.ndarray = self.decision[up.clip(0, height - 1).astype(np.int64), column]
        return decided

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        classes = np.unique(np.append(self.decision, self.y)).tolist()
        picture = np.empty((*self.decision.shape, 3))
        for rank, label in enumerate(classes):
            picture[self.decision == label] = theme.tint(theme.color(rank), 0.28)
        look: dict[str, Any] = {"origin": "lower", "interpolation": "nearest", "aspect": "auto"}
        ax.imshow(picture, extent=self.extent, **look)
        shown = np.linspace(0, len(self.X) - 1, min(len(self.X), MOST_POINTS)).astype(int)
        for rank, label in enumerate(classes):
            own = shown[self.y[shown] == label]
            marker = style.MARKERS[rank % len(style.MARKERS)]
            dots: dict[str, Any] = {"s": 22, "edgecolors": theme.surface, "linewidths": 0.6}
            color = theme.color(rank)
            ax.scatter(*self.X[own].T, color=color, marker=marker, label=str(label), **dots)
        ax.set_xlabel("x0")
        ax.set_ylabel("x1")
        ax.legend(title="class", loc="best", frameon=True, facecolor=theme.surface)


def _labelled(X: Any, y: Any, caller: str) -> tuple[np.ndarray, np.ndarray]:
    """Points of the plane and their labels."""
    points = as_finite(X, "X", caller, ndim=2).astype(np.float64)
    if points.shape[1] != 2:
        raise ValueError(_message(caller, "X", "of shape (n, 2)", points.shape))
    labels = as_finite(y, "y", caller, ndim=1).astype(np.int64)
    if len(labels) != len(points):
        raise ValueError(_message(caller, "y", f"of length {len(points)}", len(labels)))
    return points, labels


def _classes(estimator: Any, grid: np.ndarray, caller: str) -> tuple[np.ndarray, bool]:
    """Class numbers of every row, and whether a sign decided."""
    if hasattr(estimator, "predict"):
        return np.asarray(estimator.predict(grid)).astype(np.int64).reshape(-1), False
    with torch.no_grad():
        answer = torch.as_tensor(estimator(torch.from_numpy(grid).float())).detach().cpu()
    if len(answer) != len(grid) or answer.ndim > 2:
        shape = f"one answer per row, ({len(grid)},) or ({len(grid)}, k)"
        raise ValueError(_message(caller, "estimator", shape, tuple(answer.shape)))
    if answer.ndim == 2 and answer.shape[1] > 1:
        return answer.argmax(1).numpy(), False
    values = answer.reshape(-1)
    if values.dtype.is_floating_point:
        return (values > 0).long().numpy(), True
    return values.long().numpy(), False
