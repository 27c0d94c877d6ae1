"""The bandwidth that the rows themselves find likeliest, each judged by the others.

Source: M. Rudemo, "Empirical choice of histograms and kernel density estimators", Scandinavian
Journal of Statistics 9(2), 1982; B. W. Silverman, "Density Estimation for Statistics and Data
Analysis", Chapman and Hall, 1986, section 3.4.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor

from gramian._sums import ordered_sum, weighted_total
from gramian.gram import Gram
from gramian.kernel_methods.density._estimate import Estimate
from gramian.pairwise import Euclidean

__all__ = ["best_bandwidth", "distinct", "mean_log_likelihood"]

TOLERANCE = 1e-4
"""Of the logarithm of the bandwidth."""
STEP = 2.0
"""Ratio of the bandwidths that are tried before the best of them is refined."""
MOST_STEPS = 100
"""Tried beyond the bandwidths between which a Gaussian has its maximum."""
LEAST = 1e-280
"""Squared bandwidth, so that rows whose squared distance underflows do not stop the search."""
_WORST = -1e200


def distinct(rows: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Each row once, with the sum of its weights, (m,), float64.

    Raises
    ------
    ValueError
        If all rows are equal.
    """
    unique, place = torch.unique(rows, dim=0, return_inverse=True)
    if len(unique) == 1:
        raise ValueError(
            "KernelDensity: X must have two rows that differ to leave one out, got one row "
            f"{len(rows)} times. Give a number as bandwidth."
        )
    lengths = torch.bincount(place, minlength=len(unique))
    if weights is None:
        return unique, lengths.double()
    grouped = weights.double()[place.argsort(stable=True)]
    return unique, torch.segment_reduce(grouped, "sum", lengths=lengths)


def mean_log_likelihood(estimate: Estimate) -> float:
    """Weighted mean over the rows of the log density that the others give them."""
    logs = estimate.log_density_of_others()
    if not bool(torch.isfinite(logs).all()):
        return -math.inf
    masses = estimate.masses
    return weighted_total(masses, logs) / float(ordered_sum(masses))


def best_bandwidth(rows: Tensor, weights: Tensor, at: Callable[[float], Estimate]) -> float:
    """The bandwidth of greatest leave-one-out likelihood.

    Parameters
    ----------
    rows : Tensor of shape (n, d), distinct, n ≥ 2
    weights : Tensor of shape (n,)
    at : callable
        The estimate on these rows at a bandwidth.

    Raises
    ------
    ValueError
        If the likelihood grows, or stays zero, however wide or narrow the kernel is.

    Notes
    -----
    Bandwidths a factor `STEP` apart are tried from end to end, then Brent's method refines the
    best between its neighbours. Each try is one pass over all pairs; some twenty do.
    """
    tried: dict[float, float] = {}

    def value(log_width: float) -> float:
        if log_width not in tried:
            tried[log_width] = max(_WORST, mean_log_likelihood(at(math.exp(log_width))))
        return tried[log_width]

    step = math.log(STEP)
    low, high = (math.log(width) for width in _bracket(rows, weights))
    scale = [low + i * step for i in range(math.ceil((high - low) / step) + 1)]
    for _ in range(MOST_STEPS):
        best = max(scale, key=value)
        if value(best) == _WORST or best == scale[-1]:
            scale.append(scale[-1] + step)
        elif best == scale[0]:
            scale.insert(0, scale[0] - step)
        else:
            break
    else:
        raise ValueError(
            "KernelDensity.fit: bandwidth must be a number where the leave-one-out likelihood has "
            "no maximum, got 'loo'. Give a number or use a kernel that falls with the distance."
        )
    minimize_scalar(
        lambda log_width: -value(float(log_width)),
        bounds=(best - step, best + step),
        method="bounded",
        options={"xatol": TOLERANCE},
    )
    return math.exp(max(tried, key=value))


def _bracket(rows: Tensor, weights: Tensor) -> tuple[float, float]:
    """About between which bandwidths the likelihood of a Gaussian kernel has all its maxima.

    Where its derivative is zero, h² d is a mean over rows of means of squared distances to the
    others, weighted by the kernel: at least that of the nearest, at most that of all.
    """
    share, d = weights / ordered_sum(weights), rows.shape[1]
    nearest = Gram(rows, kernel=Euclidean()).topk(2)[0][:, 1].double()
    centred = rows.double() - rows[0].double()
    centred -= share @ centred
    low = math.sqrt(max(LEAST, float(share @ nearest.square()) / d))
    return low, max(low, math.sqrt(2 * float(share @ centred.square_().sum(1)) / d))
