"""The images that a classifier gets wrong, the surest mistakes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Self

import numpy as np
import torch
from matplotlib.axes import Axes

from gramian._validation import _message, check_int
from gramian.plot import style
from gramian.plot._arrays import as_finite
from gramian.plot._base import Display
from gramian.plot.images import MOST_TILES, ImageGridDisplay


class WrongPredictionsDisplay(Display):
    """A gallery of wrongly classified images: what each was called, and on it what it is.

    Parameters
    ----------
    images : ndarray of shape (n, height, width), n <= 120
    predicted, truth : list of n str
    indices : ndarray of shape (n,), int64
        Rows of the images in the data.
    confidence : ndarray of shape (n,), float64
        Probability that the model gave to its wrong answer, descending.
    n_wrong, n_rows : int
        Of all the data.

    Attributes
    ----------
    images, predicted, truth, indices, confidence, n_wrong, n_rows
        As passed.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.plot import WrongPredictionsDisplay
    >>> scores = np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 3.0]])
    >>> display = WrongPredictionsDisplay.from_predictions(np.zeros((3, 28, 28)), [0, 0, 0], scores)
    >>> display.indices.tolist(), display.predicted, display.truth
    ([2, 1], ['1', '1'], ['0', '0'])
    """

    def __init__(
        self,
        images: np.ndarray,
        *,
        predicted: list[str],
        truth: list[str],
        indices: np.ndarray,
        confidence: np.ndarray,
        n_wrong: int,
        n_rows: int,
    ) -> None:
        self.images, self.predicted, self.truth = images, predicted, truth
        self.indices, self.confidence = indices, confidence
        self.n_wrong, self.n_rows = n_wrong, n_rows

    @classmethod
    def from_predictions(
        cls, images: Any, y: Any, scores: Any, *, names: Sequence[str] | None = None, most: int = 24
    ) -> Self:
        """A display of the mistakes in a table of scores.

        Parameters
        ----------
        images : array or tensor of shape (n, height, width) or (n, 1, height, width)
        y : array or tensor of shape (n,), integers
        scores : array or tensor of shape (n, n_classes)
            Any real scores, such as logits; the largest wins.
        names : sequence of n_classes str, default=None
        most : int, default=24
            Images to show, at most 120.

        Returns
        -------
        display : WrongPredictionsDisplay

        Raises
        ------
        ValueError
            If shapes disagree, or nothing is wrong.
        """
        caller = f"{cls.__name__}.from_predictions"
        check_int(most, "most", caller, low=1, high=MOST_TILES)
        if np.ndim(images) == 4:
            images = images[:, 0]
        pixels = as_finite(images, "images", caller, ndim=3)
        labels = as_finite(y, "y", caller, ndim=1).astype(np.int64)
        table = as_finite(scores, "scores", caller, ndim=2).astype(np.float64)
        if not len(pixels) == len(labels) == len(table):
            lengths = (len(pixels), len(labels), len(table))
            equal = "as many as y and rows of scores"
            raise ValueError(_message(caller, "images", equal, lengths))
        predicted = table.argmax(1)
        wrong = np.flatnonzero(predicted != labels)
        if not len(wrong):
            raise ValueError(_message(caller, "scores", "wrong for some row", "only right ones"))
        shifted = np.exp(table[wrong] - table[wrong].max(1, keepdims=True))
        confidence = 1.0 / shifted.sum(1)
        order = np.argsort(-confidence, kind="stable")[:most]
        chosen = wrong[order]
        called = [str(i) for i in range(table.shape[1])] if names is None else list(names)
        return cls(
            pixels[chosen],
            predicted=[str(called[i]) for i in predicted[chosen]],
            truth=[str(called[i]) for i in labels[chosen]],
            indices=chosen,
            confidence=confidence[order],
            n_wrong=len(wrong),
            n_rows=len(labels),
        )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        names: Sequence[str] | None = None,
        most: int = 24,
        batch_size: int = 1024,
    ) -> Self:
        """A display of the mistakes of a model.

        Parameters
        ----------
        estimator : callable
            Gives scores of shape (m, n_classes) for a tensor of m images; called in batches,
            without gradients.
        X : tensor of shape (n, height, width) or (n, 1, height, width)
        y : array or tensor of shape (n,), integers
        names : sequence of str, default=None
        most : int, default=24
        batch_size : int, default=1024

        Returns
        -------
        display : WrongPredictionsDisplay
        """
        caller = f"{cls.__name__}.from_estimator"
        check_int(batch_size, "batch_size", caller, low=1)
        images = torch.as_tensor(X)
        with torch.no_grad():
            scores = torch.cat([estimator(part).cpu() for part in images.split(batch_size)])
        return cls.from_predictions(images, y, scores, names=names, most=most)

    def describe(self) -> str:
        """The picture in words."""
        pairs = zip(self.predicted, self.truth, strict=True)
        first = "; ".join(f"{wrong} for {right}" for wrong, right in islice(pairs, 6))
        return (
            f"{len(self.images)} of {self.n_wrong:,} wrongly classified images among "
            f"{self.n_rows:,}, the surest mistakes first: {first}."
        )

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Row, answer, truth and confidence of each image."""
        return {
            "row": self.indices.tolist(),
            "predicted": self.predicted,
            "true": self.truth,
            "confidence": [f"{value:.1%}" for value in self.confidence],
        }

    def _grid(self) -> ImageGridDisplay:
        return ImageGridDisplay(self.images, titles=self.predicted)

    def _size(self) -> tuple[float, float]:
        return self._grid()._size()

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        grid = self._grid()
        grid._draw(ax, theme)
        tag: dict[str, Any] = {"facecolor": theme.surface, "edgecolor": "none", "pad": 1.0}
        for image, right in zip(ax.images, self.truth, strict=True):
            left, _, bottom, _ = image.get_extent()
            text = f"is {style.plain(right, 14)}"
            ax.text(left, bottom, text, va="bottom", fontsize=7.5, color=theme.accent, bbox=tag)
