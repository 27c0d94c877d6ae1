"""A grid of small images, such as the centres of clusters of images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes

from gramian._validation import _message
from gramian.plot import style
from gramian.plot._arrays import Clusters, as_finite, as_labels, fitted
from gramian.plot._base import Display

MOST_TILES = 120
GAP, TITLE = 0.12, 0.22
"""Room between tiles, and above a tile with a title, as shares of the tile's height."""


class ImageGridDisplay(Display):
    """Grey images side by side, each with its title, all on one brightness scale.

    Parameters
    ----------
    images : ndarray of shape (n, height, width), n <= 120
    titles : list of n str, or None

    Attributes
    ----------
    images, titles
        As passed.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.plot import ImageGridDisplay
    >>> ImageGridDisplay.from_predictions(np.zeros((5, 784))).images.shape
    (5, 28, 28)
    """

    def __init__(self, images: np.ndarray, *, titles: list[str] | None = None) -> None:
        self.images, self.titles = images, titles

    @classmethod
    def from_predictions(
        cls,
        images: Any,
        *,
        titles: Sequence[object] | None = None,
        shape: tuple[int, int] = (28, 28),
    ) -> Self:
        """A display of images.

        Parameters
        ----------
        images : array or tensor of shape (n, height, width) or (n, height * width), n <= 120
        titles : sequence of n objects, default=None
        shape : tuple of two int, default=(28, 28)
            Height and width of images that come as rows.

        Returns
        -------
        display : ImageGridDisplay

        Raises
        ------
        ValueError
            If the images are too many, not finite or of another size, or the titles do not fit.
        """
        caller = f"{cls.__name__}.from_predictions"
        pixels = as_finite(images, "images", caller, ndim=2 if np.ndim(images) == 2 else 3)
        if pixels.ndim == 2:
            if pixels.shape[1] != math.prod(shape):
                constraint = f"rows of {math.prod(shape)} pixels"
                raise ValueError(_message(caller, "images", constraint, pixels.shape))
            pixels = pixels.reshape(-1, *shape)
        if len(pixels) > MOST_TILES:
            constraint = f"at most {MOST_TILES} images"
            raise ValueError(_message(caller, "images", constraint, len(pixels)))
        names = None if titles is None else [str(title) for title in titles]
        if names is not None and len(names) != len(pixels):
            raise ValueError(_message(caller, "titles", f"of length {len(pixels)}", len(names)))
        return cls(pixels, titles=names)

    @classmethod
    def from_estimator(cls, estimator: Any, *, shape: tuple[int, int] = (28, 28)) -> Self:
        """A display of the cluster centres, with the size of each cluster.

        Parameters
        ----------
        estimator : fitted object with ``cluster_centers_`` and ``labels_``
        shape : tuple of two int, default=(28, 28)

        Returns
        -------
        display : ImageGridDisplay

        Raises
        ------
        ValueError
            If the estimator is not fitted or its centres are no images of that shape.
        """
        caller = f"{cls.__name__}.from_estimator"
        centers = fitted(estimator, "cluster_centers_", caller)
        clusters = Clusters.of(as_labels(fitted(estimator, "labels_", caller), caller))
        sizes = dict(zip(clusters.names.tolist(), clusters.counts.tolist(), strict=True))
        titles = [f"{i} · {style.grouped(sizes.get(i, 0))}" for i in range(len(centers))]
        return cls.from_predictions(centers, titles=titles, shape=shape)

    def describe(self) -> str:
        """The picture in words."""
        n, height, width = self.images.shape
        text = f"Grid of {n} images of {height} by {width} pixels"
        return text + (f": {', '.join(self.titles[:12])}." if self.titles else ".")

    def _layout(self) -> tuple[int, int]:
        """Rows and columns of the grid, about three times as wide as high."""
        n = len(self.images)
        columns = min(n, max(5, math.ceil(math.sqrt(2.4 * n))))
        return math.ceil(n / columns), columns

    def _size(self) -> tuple[float, float]:
        rows, columns = self._layout()
        height, width = self._cell()
        breadth = style.WIDE if columns > 5 else style.NARROW
        return breadth, (breadth - 0.2) * rows * height / (columns * width) + 0.2

    def _cell(self) -> tuple[float, float]:
        """Height and width of a tile with its margins, in pixels of the images."""
        _, height, width = self.images.shape
        room = GAP + (TITLE if self.titles else 0)
        return height * (1 + room), width + GAP * height

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        rows, columns = self._layout()
        n, height, width = self.images.shape
        cell_height, cell_width = self._cell()
        gap = GAP * height
        low, high = float(self.images.min()), float(self.images.max())
        look: dict[str, Any] = {
            "cmap": theme.images,
            "vmin": low,
            "vmax": high if high > low else low + 1.0,
        }
        for index in range(n):
            row, column = divmod(index, columns)
            left, bottom = column * cell_width, (row + 1) * cell_height - gap
            extent = (left, left + width, bottom, bottom - height)
            ax.imshow(self.images[index], extent=extent, interpolation="nearest", **look)
            if self.titles is not None:
                place = (left + width / 2, bottom - height - 0.04 * height)
                text = style.plain(self.titles[index], 14)
                ax.text(*place, text, ha="center", va="bottom", fontsize=8.5, color=theme.text)
        ax.set_xlim(-gap / 2, columns * cell_width - gap / 2)
        ax.set_ylim(rows * cell_height - gap / 2, -gap / 2)
        ax.set_aspect("equal")
        ax.set_axis_off()
