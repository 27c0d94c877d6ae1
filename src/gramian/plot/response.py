"""How the output of a model follows one feature while the others stand still."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from matplotlib.axes import Axes

from gramian._validation import _message, check_int
from gramian.plot import style
from gramian.plot._arrays import as_finite, as_names
from gramian.plot._base import Display

MOST_FEATURES = 12


class ResponseDisplay(Display):
    """One curve per feature: the output while that feature runs and the others keep a value.

    Parameters
    ----------
    x : ndarray of shape (k, m)
        Values that each of k features takes.
    response : ndarray of shape (k, m)
    names : list of k str
    reference : ndarray of shape (k, m) or None
        The true function at the same places, drawn dashed.

    Attributes
    ----------
    x, response, names, reference
        As passed.

    Examples
    --------
    >>> import torch
    >>> from gramian.plot import ResponseDisplay
    >>> X = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    >>> display = ResponseDisplay.from_estimator(lambda x: x[:, 0] * x[:, 1], X, resolution=3)
    >>> display.response.tolist()
    [[0.0, 2.0, 4.0], [1.0, 2.0, 3.0]]
    """

    def __init__(
        self,
        x: np.ndarray,
        response: np.ndarray,
        names: list[str],
        reference: np.ndarray | None = None,
    ) -> None:
        self.x, self.response, self.names, self.reference = x, response, names, reference

    @classmethod
    def from_predictions(
        cls, x: Any, response: Any, *, names: Sequence[str] | None = None, reference: Any = None
    ) -> Self:
        """A display of sweeps.

        Parameters
        ----------
        x, response : array or tensor of shape (k, m), k <= 12
        names : sequence of k str, default=None
        reference : array or tensor of shape (k, m), default=None

        Returns
        -------
        display : ResponseDisplay

        Raises
        ------
        ValueError
            If shapes disagree, there are too many features, or a number is not finite.
        """
        caller = f"{cls.__name__}.from_predictions"
        across = as_finite(x, "x", caller, ndim=2)
        found = [as_finite(response, "response", caller, ndim=2)]
        if reference is not None:
            found.append(as_finite(reference, "reference", caller, ndim=2))
        for name, values in zip(("response", "reference"), found, strict=False):
            if values.shape != across.shape:
                raise ValueError(_message(caller, name, f"of shape {across.shape}", values.shape))
        if len(across) > MOST_FEATURES:
            constraint = f"of at most {MOST_FEATURES} features"
            raise ValueError(_message(caller, "x", constraint, len(across)))
        labels = as_names(names, len(across), caller)
        return cls(across, found[0], labels, found[1] if len(found) > 1 else None)

    @classmethod
    def from_estimator(
        cls,
        estimator: Callable[[torch.Tensor], Any] | Any,
        X: Any,
        *,
        features: Sequence[int] | None = None,
        at: Any = None,
        resolution: int = 100,
        names: Sequence[str] | None = None,
        truth: Callable[[torch.Tensor], Any] | None = None,
    ) -> Self:
        """A display of what a model answers along each feature.

        Parameters
        ----------
        estimator : callable on tensors of shape (m, d), or object with ``predict``
            Gives m numbers.
        X : array or tensor of shape (n, d)
            Each feature runs from its least to its largest value here.
        features : sequence of int, default=None
            Which features; None takes the first twelve.
        at : array of shape (d,), default=None
            Where the others stand still; None takes the means of `X`.
        resolution : int, default=100
            Points of a sweep.
        names : sequence of str, default=None
            One for each feature drawn.
        truth : callable, default=None
            The function that was to be learned.

        Returns
        -------
        display : ResponseDisplay
        """
        caller = f"{cls.__name__}.from_estimator"
        check_int(resolution, "resolution", caller, low=2)
        rows = as_finite(X, "X", caller, ndim=2).astype(np.float64)
        chosen = list(range(min(rows.shape[1], MOST_FEATURES))) if features is None else features
        chosen = [check_int(i, "features", caller, low=0, high=rows.shape[1] - 1) for i in chosen]
        base = rows.mean(0) if at is None else as_finite(at, "at", caller, ndim=1)
        if len(base) != rows.shape[1]:
            raise ValueError(_message(caller, "at", f"of length {rows.shape[1]}", len(base)))
        sweeps = np.repeat(base[None, None], len(chosen), 0).repeat(resolution, 1)
        for i, feature in enumerate(chosen):
            low, high = rows[:, feature].min(), rows[:, feature].max()
            sweeps[i, :, feature] = np.linspace(low, high, resolution)
        flat = sweeps.reshape(-1, rows.shape[1])
        shape = sweeps.shape[:2]
        answer = _answers(estimator, flat, caller).reshape(shape)
        reference = None if truth is None else _answers(truth, flat, caller).reshape(shape)
        x = np.stack([sweeps[i, :, feature] for i, feature in enumerate(chosen)])
        labels = [f"x{i}" for i in chosen] if names is None else names
        return cls.from_predictions(x, answer, names=labels, reference=reference)

    def describe(self) -> str:
        """The picture in words."""
        spans = np.ptp(self.response, axis=1)
        widest = self.names[int(spans.argmax())]
        text = f"Response along {len(self.names)} features; it varies most, by {spans.max():.4g}, "
        text += f"along {widest}"
        if self.reference is not None:
            error = np.abs(self.response - self.reference).max()
            text += f". The largest distance from the true function is {error:.4g}"
        return text + "."

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Range of each feature and of the response along it."""
        return {
            "feature": self.names,
            "from": [f"{row[0]:.4g}" for row in self.x],
            "to": [f"{row[-1]:.4g}" for row in self.x],
            "lowest response": [f"{row.min():.4g}" for row in self.response],
            "highest response": [f"{row.max():.4g}" for row in self.response],
        }

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        for i, name in enumerate(self.names):
            color = theme.color(i)
            dash = "-" if i < len(theme.cycle) else "--"
            label = style.plain(name)
            ax.plot(self.x[i], self.response[i], dash, color=color, linewidth=2, label=label)
            if self.reference is not None:
                ax.plot(self.x[i], self.reference[i], ":", color=color, linewidth=1.4)
        ax.set_xlabel("value of the feature")
        ax.set_ylabel("response")
        ax.grid(axis="y", color=theme.grid)
        ax.legend(title="dotted: true" if self.reference is not None else None)


def _answers(estimator: Any, rows: np.ndarray, caller: str) -> np.ndarray:
    """One number per row."""
    if hasattr(estimator, "predict"):
        answer = np.asarray(estimator.predict(rows), dtype=np.float64)
    else:
        with torch.no_grad():
            found = torch.as_tensor(estimator(torch.from_numpy(rows).float()))
        answer = found.detach().cpu().double().numpy()
    if answer.size != len(rows):
        raise ValueError(_message(caller, "estimator", "one number per row", answer.shape))
    return answer.reshape(-1)
