"""Estimates with intervals and p-values, as claims are judged by them."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from gramian._validation import check_int
from gramian.symmetry.verdicts._bootstrap import BCa

__all__ = [
    "Estimate",
    "equivalence",
    "mcnemar",
    "mean",
    "paired_times",
    "permutation",
    "sign_flip",
    "wilson",
]

N_BOOTSTRAP = 4999
N_FLIPS = 9999
MOST_EXACT = 14
"""Pairs up to which every sign pattern is counted."""


@dataclass(frozen=True)
class Estimate:
    """A measured value with what is known of its error.

    Attributes
    ----------
    value : value
    interval : tuple of two float, or None
    level : float or None
        Confidence of the interval; of one-sided bounds, that of each.
    method : str
        How the interval was made.
    n : int or None
        Number of observations.
    seeds : list of int or None
    p : float or None
        One-sided p-value of "the value is not above 0".
    """

    value: Any
    interval: tuple[float, float] | None = None
    level: float | None = None
    method: str = ""
    n: int | None = None
    seeds: list[int] | None = None
    p: float | None = None


def wilson(successes: int, n: int, level: float = 0.99) -> Estimate:
    """A rate with Wilson's interval.

    Source: E. B. Wilson, J. Am. Stat. Assoc. 22(158), 1927.

    Examples
    --------
    >>> from gramian.labs import statistics
    >>> low, high = statistics.wilson(9, 10, level=0.95).interval
    >>> round(low, 3), round(high, 3)
    (0.596, 0.982)
    """
    from scipy.stats import binomtest

    check_int(n, "n", "wilson", low=1)
    check_int(successes, "successes", "wilson", low=0, high=n)
    found = binomtest(successes, n).proportion_ci(level, method="wilson")
    interval = float(found.low), float(found.high)
    return Estimate(successes / n, interval, level, "Wilson", n)


def mean(values: ArrayLike, level: float = 0.99, seeds: Sequence[int] | None = None) -> Estimate:
    """A mean with Student's interval; of one value, without."""
    from scipy.stats import t

    data = np.asarray(values, dtype=float)
    check_int(data.size, "number of values", "mean", low=1)
    center = float(data.mean())
    if data.size == 1:
        return Estimate(center, n=1, seeds=_listed(seeds))
    half = float(t.ppf((1 + level) / 2, data.size - 1) * data.std(ddof=1) / math.sqrt(data.size))
    interval = center - half, center + half
    return Estimate(center, interval, level, "Student", data.size, _listed(seeds))


def equivalence(
    values: ArrayLike, level: float = 0.95, seeds: Sequence[int] | None = None
) -> Estimate:
    """A mean with one-sided BCa bootstrap bounds on both sides.

    For a claim of the form "below δ": it holds where the upper bound is below δ. That a
    difference is not significant would prove nothing.
    """
    data = torch.as_tensor(np.asarray(values, dtype=float))
    n = check_int(len(data), "number of values", "equivalence", low=2)
    rows = torch.randint(n, (N_BOOTSTRAP, n), generator=torch.Generator().manual_seed(0))
    left_out = (data.sum() - data) / (n - 1)
    found = BCa.of(float(data.mean()), data[rows].mean(1), left_out)
    interval = found.bound(1 - level), found.bound(level)
    method = "BCa bootstrap, one-sided"
    return Estimate(float(data.mean()), interval, level, method, n, _listed(seeds))


def sign_flip(differences: ArrayLike, seeds: Sequence[int] | None = None) -> Estimate:
    """The mean of paired differences, and the p-value that their signs are a matter of chance.

    One-sided, against a mean above 0. All sign patterns are counted for up to 14 pairs, so that
    eight pairs reach 1/256 at best; beyond, 9999 patterns are drawn.

    Raises
    ------
    ValueError
        If there are fewer than eight pairs.
    """
    data = np.asarray(differences, dtype=float)
    n = check_int(data.size, "number of pairs", "sign_flip", low=8)
    if n <= MOST_EXACT:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=n)))  # the first is the data
    else:
        drawn = np.random.default_rng(0).choice((-1.0, 1.0), (N_FLIPS, n))
        signs = np.vstack([np.ones(n), drawn])
    sums = signs @ data
    p = float((sums >= sums[0] - 1e-12 * np.abs(data).sum()).mean())
    center = mean(data, level=0.98)
    method = "Student; p by sign flips"
    return Estimate(center.value, center.interval, 0.98, method, n, _listed(seeds), p)


def mcnemar(ours: Any, theirs: Any) -> Estimate:
    """The difference of two rates on the same rows, and its exact one-sided p-value.

    Source: Q. McNemar, Psychometrika 12(2), 1947, in its exact binomial form.

    Parameters
    ----------
    ours, theirs : arrays of n bool
        Whether each row was right; the alternative is that `ours` is right more often.
    """
    from scipy.stats import binomtest

    a, b = np.asarray(ours, dtype=bool), np.asarray(theirs, dtype=bool)
    if a.shape != b.shape or a.ndim != 1 or not a.size:
        raise ValueError(
            f"mcnemar: theirs must be as many hits as ours, got {b.shape} beside {a.shape}."
        )
    won, lost = int((a & ~b).sum()), int((b & ~a).sum())
    p = binomtest(won, won + lost, alternative="greater").pvalue if won + lost else 1.0
    difference = mean(a.astype(float) - b, level=0.98) if a.size > 1 else Estimate(float(won))
    method = "normal; exact McNemar p"
    return Estimate(difference.value, difference.interval, 0.98, method, a.size, p=float(p))


def permutation(observed: float, null: Any) -> Estimate:
    """The observed value, and p = (1 + b) / (1 + B): how often the null is as large."""
    drawn = np.asarray(null, dtype=float)
    check_int(drawn.size, "number of draws", "permutation", low=1)
    p = (1 + int((drawn >= observed).sum())) / (1 + drawn.size)
    return Estimate(float(observed), method="permutation", n=drawn.size, p=p)


def paired_times(ours: Callable[[], Any], theirs: Callable[[], Any], repeats: int = 7) -> Estimate:
    """How many times as long `theirs` takes: the median over interleaved pairs, with quartiles.

    Each is called once before the clock starts; who begins changes from pair to pair. Calls of
    less than some milliseconds are repeated inside one timing.
    """
    check_int(repeats, "repeats", "paired_times", low=7)
    calls = [(ours, _loops(ours)), (theirs, _loops(theirs))]
    ratios = []
    for pair in range(repeats):
        seconds = [0.0, 0.0]
        for who in (0, 1) if pair % 2 == 0 else (1, 0):
            seconds[who] = _seconds(*calls[who])
        ratios.append(seconds[1] / seconds[0])
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75]).tolist()
    return Estimate(middle, (low, high), 0.5, "quartiles of interleaved pairs", repeats)


def _listed(seeds: Sequence[int] | None) -> list[int] | None:
    return None if seeds is None else [int(seed) for seed in seeds]


def _seconds(call: Callable[[], Any], loops: int) -> float:
    """Seconds per call."""
    started = time.perf_counter()
    for _ in range(loops):
        call()
    return (time.perf_counter() - started) / loops


def _loops(call: Callable[[], Any]) -> int:
    """How many calls take about five milliseconds; the first call is not counted."""
    call()
    return max(1, min(10_000, int(5e-3 / max(_seconds(call, 1), 1e-9))))
