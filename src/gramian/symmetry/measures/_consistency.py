"""How often a prediction survives a transform.

Source of the interval: E. B. Wilson, J. Am. Stat. Assoc. 22(158), 1927.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any, NamedTuple

from gramian._validation import _message
from gramian.symmetry.verdicts._features import Transform, as_samples, features_of, moved

__all__ = ["Consistency", "prediction_consistency"]


class Consistency(NamedTuple):
    """Share of samples that keep their predicted class, with its 95 % interval."""

    share: float
    interval: tuple[float, float]
    n: int


def prediction_consistency(phi: Callable[[Any], Any], x: Any, g: Transform) -> Consistency:
    """Share of samples whose predicted class is the same before and after a transform.

    Parameters
    ----------
    phi : callable or nn.Module
        Maps a batch to scores of shape (n, n_classes).
    x : Tensor or array of shape (n, ...), floating
    g : callable
        Maps a batch to a batch, such as a shift by whole pixels.

    Returns
    -------
    consistency : Consistency
        ``share``, ``interval`` (Wilson, 95 %) and ``n``.

    Raises
    ------
    TypeError, ValueError
        If `x` is not a finite table, or `phi` does not give scores of at least two classes.

    Notes
    -----
    Speaks of labels only: it feels nothing as long as scores move inside their margin.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import prediction_consistency
    >>> x = torch.tensor([[3.0, 0.0], [0.0, 1.0], [2.0, 0.0]])
    >>> prediction_consistency(lambda rows: rows, x, lambda rows: rows + torch.tensor([0.0, 2.5])).n
    3
    """
    caller = "prediction_consistency"
    samples = as_samples(x, caller, least=1)
    before = features_of(phi, samples, caller)
    after = features_of(phi, moved(g, samples, caller), caller)
    if before.ndim != 2 or before.shape[1] < 2:
        constraint = "scores of shape (n, n_classes) with at least 2 classes"
        raise ValueError(_message(caller, "phi", constraint, tuple(before.shape)))
    n = len(samples)
    share = float((before.argmax(1) == after.argmax(1)).double().mean())
    z = NormalDist().inv_cdf(0.975)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Consistency(share, (max(0.0, middle - half), min(1.0, middle + half)), n)
