"""The bandwidth of mean shift from distances between neighbours, or from the spread."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from torch import Tensor

from gramian._input import take_rows, take_weights
from gramian._sums import ordered_sum
from gramian._validation import check_choice, check_int, check_real
from gramian.gram import Gram
from gramian.neighbors._blocks import pair_limit
from gramian.pairwise import Euclidean

__all__ = ["estimate_bandwidth", "mean_kth_distance"]


class _Bandwidth(BaseEstimator):
    """Stands for `estimate_bandwidth` where a table is checked."""


def estimate_bandwidth(
    X: Any,
    *,
    quantile: float = 0.3,
    n_samples: int | None = None,
    random_state: Any = 0,
    n_jobs: int | None = None,
    sample_weight: Any = None,
    rule: str = "quantile",
) -> np.float64:
    """A bandwidth for `MeanShift`: the mean distance from a row to its k-th nearest row.

    k is ``quantile`` × the number of rows, rounded down, at least 1; a row counts as its own first
    neighbour. Follows ``sklearn.cluster.estimate_bandwidth``.

    Silverman's rule is σ (4 / ((d + 2) n))^(1/(d + 4)), with σ² the mean variance of the features:
    the standard deviation of the Gaussian kernel that estimates a Gaussian density best. Clusters
    make σ larger than their own spread, and the bandwidth too wide. The bandwidth that the rows
    themselves find likeliest is ``KernelDensity(bandwidth="loo").fit(X).bandwidth_``.

    Parameters
    ----------
    X : array-like, data frame or Tensor of shape (n, d)
    quantile : float in [0, 1], default=0.3
        0.5 stands for the median of all distances.
    n_samples : int, optional
        Use that many rows, drawn without replacement; all rows otherwise.
    random_state : None, int, numpy RandomState or Generator, or torch.Generator, default=0
        Draws them: the rows that scikit-learn draws, for an int or a ``RandomState``.
    n_jobs : int, optional
        Accepted for compatibility; the engine follows ``torch.get_num_threads()``.
    sample_weight : array-like or Tensor of shape (n,), optional
        An integer weight is worth as many equal rows. Not in scikit-learn.
    rule : {"quantile", "silverman"}, default="quantile"
        Not in scikit-learn.

    Returns
    -------
    numpy.float64
        In the unit of X; 0 where most rows have k − 1 duplicates.

    Raises
    ------
    ValueError, TypeError
        If X, the weights or a parameter is unusable.

    Notes
    -----
    By neighbours O(n² d) time, and memory the engine's budget and a block of neighbour lists. By
    Silverman's rule O(n d) time and memory.

    References
    ----------
    .. [1] B. W. Silverman, "Density Estimation for Statistics and Data Analysis", Chapman and Hall,
       1986, equation 4.14.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.cluster import estimate_bandwidth
    >>> X = np.array([[1, 1], [2, 1], [1, 0], [4, 7], [3, 5], [3, 6]])
    >>> round(float(estimate_bandwidth(X, quantile=0.5)), 2)
    1.62
    """
    caller = "estimate_bandwidth"
    check_real(quantile, "quantile", caller, low=0, high=1)
    check_choice(rule, "rule", caller, ("quantile", "silverman"))
    if n_samples is not None:
        check_int(n_samples, "n_samples", caller, low=1)
    if n_jobs is not None:
        check_int(n_jobs, "n_jobs", caller)
    rows = take_rows(_Bandwidth(), X, reset=True, accept_sparse=False)
    weights = None if sample_weight is None else take_weights(rows, sample_weight, caller)
    x = rows.tensor
    assert x is not None
    if n_samples is not None:
        chosen = torch.from_numpy(_permutation(random_state, len(rows))[:n_samples])
        x = x[chosen.to(rows.device)]
        weights = None if weights is None else weights[chosen.to(rows.device)]
    if rule == "silverman":
        return np.float64(_silverman(x, weights))
    return np.float64(mean_kth_distance(x, weights, quantile))


def _silverman(x: Tensor, weights: Tensor | None) -> float:
    """Silverman's rule for a Gaussian kernel."""
    n, d = x.shape
    w = x.new_ones(n, dtype=torch.float64) if weights is None else weights.double()
    total = float(ordered_sum(w))
    # about a row, so that far-off data keep their digits
    centred = x.double() - x[0].double()
    centred -= ordered_sum(centred * w[:, None]) / total
    variance = float(ordered_sum(centred.square().sum(1) * w)) / (total * d)
    return variance**0.5 * (4 / ((d + 2) * total)) ** (1 / (d + 4))


def mean_kth_distance(x: Tensor, weights: Tensor | None, quantile: float) -> float:
    """Weighted mean over rows of the radius that holds ``quantile`` of all rows, by weight."""
    if weights is not None:
        x, weights = x[weights > 0], weights[weights > 0]
    n = len(x)
    share = (n if weights is None else float(weights.sum())) * quantile
    share = max(1.0, float(int(share)))
    k = n
    if weights is None:
        k = int(share)
    else:
        # however the weights fall, the lightest rows that reach the share are enough neighbours
        heavy = weights.sort().values.cumsum(0) >= share
        k = min(n, int((~heavy).sum()) + 1)
    total = 0.0
    step = max(1, pair_limit() // k)
    for start in range(0, n, step):
        block = slice(start, min(n, start + step))
        distances, indices = Gram(x[block], x, Euclidean()).topk(k)
        if weights is None:
            total += float(ordered_sum(distances[:, -1]).cpu())
        else:
            reached = weights[indices].cumsum(1) >= share
            reached[:, -1] = True
            last = reached.int().argmax(1)
            radius = distances.gather(1, last[:, None])[:, 0].double()
            total += float(ordered_sum(radius * weights[block]).cpu())
    return total / (n if weights is None else float(weights.sum()))


def _permutation(random_state: Any, n: int) -> np.ndarray:
    """A random order of n rows, without touching any global state."""
    if isinstance(random_state, torch.Generator):
        return torch.randperm(n, generator=random_state).numpy()
    if random_state is None:
        random_state = np.random.RandomState(secrets.randbits(32))
    elif not isinstance(random_state, np.random.RandomState | np.random.Generator):
        remedy = "Pass None, an int, a NumPy generator or a torch.Generator."
        seed = check_int(
            random_state,
            "random_state",
            "estimate_bandwidth",
            low=0,
            high=2**32 - 1,
            remedy=remedy,
        )
        random_state = np.random.RandomState(seed)
    return random_state.permutation(n)
