"""A radius for DBSCAN from the curve of distances to the k-th nearest row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian._input import take_rows
from gramian._validation import as_generator, check_int
from gramian.cluster._dbscan import DBSCAN
from gramian.gram import Gram
from gramian.pairwise import Euclidean

__all__ = ["CURVE_ROWS", "EpsSuggestion", "k_distances", "knee", "suggest_eps"]

CURVE_ROWS = 2_000
"""Rows of the curve at most: the knee of a sample lies where that of all rows does."""


@dataclass(frozen=True)
class EpsSuggestion:
    """What `suggest_eps` finds.

    Attributes
    ----------
    eps : float
        The curve at its knee.
    curve : ndarray of shape (m,), float64
        Distances from m of the rows to their ``min_samples``-th nearest, rising: at a given eps
        the core rows are those below it.
    knee : int
        Place of the knee in the curve.
    min_samples : int
    """

    eps: float
    curve: np.ndarray
    knee: int
    min_samples: int


def suggest_eps(X: Any, min_samples: int = 5, *, random_state: Any = None) -> EpsSuggestion:
    """A radius for `DBSCAN`: the knee of the k-distance curve.

    The curve is the sorted Euclidean distance from each row to its ``min_samples``-th nearest row,
    itself counted. Its knee, the point farthest below the chord between its ends, is where rows in
    clusters end and scattered rows begin. It is a suggestion: clusters of different densities have
    a knee each.

    Parameters
    ----------
    X : array-like, data frame or Tensor of shape (n_samples, n_features)
    min_samples : int, default=5
        That of the `DBSCAN` to come; at most n_samples.
    random_state : None, int, numpy RandomState or Generator, or torch.Generator, default=None
        Draws 2000 rows for the curve where there are more.

    Returns
    -------
    EpsSuggestion

    Raises
    ------
    ValueError, TypeError
        If X or ``min_samples`` is unusable.

    Notes
    -----
    O(min(n, 2000) n d) time; memory within the engine's budget. Where a row has ``min_samples``
    equal ones its distance is 0; ``eps`` is 0 only if that holds for every row.
    `gramian.plot.KDistanceDisplay` draws the curve.

    References
    ----------
    .. [1] M. Ester, H.-P. Kriegel, J. Sander, X. Xu, "A density-based algorithm for discovering
       clusters in large spatial databases with noise", KDD 1996, section 4.2.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.cluster import suggest_eps
    >>> X = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0], [50.0]])
    >>> found = suggest_eps(X, min_samples=2)
    >>> found.curve
    array([ 1.,  1.,  1.,  1.,  1.,  1., 38.])
    >>> found.eps, found.knee
    (1.0, 5)
    """
    caller = "suggest_eps"
    rows = take_rows(DBSCAN(), X, reset=True, accept_sparse=False)
    assert rows.tensor is not None
    check_int(min_samples, "min_samples", caller, low=1, high=len(rows))
    curve = k_distances(rows.tensor, min_samples, as_generator(random_state, caller))
    place = knee(curve)
    return EpsSuggestion(float(curve[place]), curve, place, min_samples)


def k_distances(x: Tensor, k: int, generator: torch.Generator) -> np.ndarray:
    """Sorted distances to the k-th nearest row, itself counted, of up to `CURVE_ROWS` rows."""
    rows = x
    if len(x) > CURVE_ROWS:
        chosen = torch.randperm(len(x), generator=generator)[:CURVE_ROWS]
        rows = x[chosen.sort().values.to(x.device)]
    nearest, _ = Gram(rows, x, Euclidean()).topk(k)
    return np.sort(nearest[:, -1].double().cpu().numpy())


def knee(curve: np.ndarray) -> int:
    """Place in a sorted curve that lies farthest below the chord between its ends."""
    rise = curve[-1] - curve[0]
    if rise <= 0:
        return len(curve) - 1
    return int((np.linspace(0, 1, len(curve)) - (curve - curve[0]) / rise).argmax())
