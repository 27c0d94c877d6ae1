"""How ``--eps auto`` and ``--bandwidth auto`` are chosen; every rule is said in the report.

eps. The curve is the sorted distance from each row to its ``min_samples``-th nearest row, itself
counted: DBSCAN's core rows at a given eps are those below it. The first candidate is the knee of
the curve (the point farthest below the chord between its ends). Quantiles of the curve are the
others. Each candidate is fitted, and scored by the share of pairs of rows that lie in two
different clusters,

    separated = (1 − noise)² − Σ (share of cluster i)²,

which is 0 for a single cluster, and small where most rows are noise or lie in one giant. A
candidate is degenerate if it gives fewer than two clusters, or noise for half of the rows or more.
The best-scored candidate that is not degenerate wins, the larger eps on a tie. Above `SCAN_ROWS`
rows, where a fit takes time, the candidates are tried from the knee downwards and the first that
is not degenerate is taken.

bandwidth. scikit-learn's rule: the mean distance to the nearest 30 % of the rows. It often leaves
nearly all rows in one cluster, so smaller shares are tried too, on up to `TRIAL_ROWS` rows drawn at
random. The largest share wins for which at least two clusters hold 5 % of the rows each, and there
is less than one cluster for every second row; failing that, the share whose second cluster is
largest. For the Gaussian kernel, whose bandwidth is a standard deviation, the distance is divided
by √(d + 2): then both kernels have the same mean squared radius.

Both values are rounded to four digits before they are used, so that what a report prints is what
was fitted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from gramian.cluster._suggest_eps import CURVE_ROWS, k_distances, knee

__all__ = ["Choice", "choose_bandwidth", "choose_eps", "degenerate", "knee", "separated"]

EPS_QUANTILES = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3)
EPS_QUANTILES_LARGE = (0.8, 0.6, 0.4)
BANDWIDTH_QUANTILES = (0.3, 0.2, 0.1, 0.05, 0.02)
SCAN_ROWS = 5_000
TRIAL_ROWS = 500
SUBSTANTIAL = 0.05
"""Share of the rows that makes a cluster of mean shift count."""


@dataclass(frozen=True)
class Choice:
    """A value that was chosen, and why.

    Attributes
    ----------
    name : {"eps", "bandwidth"}
    value : float
    how : str
        One or two sentences.
    tried : list of dict
        The candidates, each with what it gave.
    model : estimator
        Fitted at ``value``.
    distances : ndarray of shape (m,) or None
        The k-distance curve.
    """

    name: str
    value: float
    how: str
    tried: list[dict[str, Any]]
    model: Any
    distances: np.ndarray | None = field(default=None)


def separated(labels: np.ndarray) -> float:
    """Share of the pairs of rows that lie in two different clusters."""
    shares = np.bincount(labels[labels >= 0]) / len(labels)
    return float(shares.sum() ** 2 - np.square(shares).sum())


def degenerate(labels: np.ndarray) -> bool:
    """Whether there are fewer than two clusters, or noise for half of the rows or more."""
    return bool(labels.max() < 1 or (labels < 0).mean() >= 0.5)


def choose_eps(X: np.ndarray, min_samples: int, fit: Callable[[float], Any], seed: int) -> Choice:
    """An eps for DBSCAN by the rule above.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    min_samples : int in [1, n]
    fit : callable
        ``fit(eps)`` returns a fitted DBSCAN.
    seed : int
        Picks the rows of the curve where there are more than `CURVE_ROWS`.
    """
    curve = k_distances(torch.from_numpy(X), min_samples, torch.Generator().manual_seed(seed))
    place = knee(curve)
    scan = len(X) <= SCAN_ROWS
    quantiles = EPS_QUANTILES if scan else EPS_QUANTILES_LARGE
    named = {_rounded(curve[place]): f"knee, at {(place + 1) / len(curve):.0%} of the curve"}
    for q in quantiles:
        value = _rounded(np.quantile(curve, q))
        if scan or value < _rounded(curve[place]):
            named.setdefault(value, f"{q:.0%} of the curve")
    named.pop(0.0, None)
    if not named:
        named = {0.5: "scikit-learn's default, as most rows have duplicates"}
    tried: list[dict[str, Any]] = []
    best: tuple[bool, float, float] | None = None
    for value, origin in named.items():
        model = fit(value)
        labels = np.asarray(model.labels_)
        bad, score = degenerate(labels), separated(labels)
        tried.append(
            {
                "eps": value,
                "origin": origin,
                "clusters": int(labels.max()) + 1,
                "noise": float((labels < 0).mean()),
                "separated": score,
            }
        )
        if best is None or (not bad, score, value) > best:
            best, chosen, chosen_origin = (not bad, score, value), model, origin
        if not bad and not scan:
            break
    assert best is not None
    value = best[2]
    how = f"eps = {value:.4g} ({chosen_origin}), "
    if not best[0]:
        how += (
            f"the best of {len(tried)} candidates, yet none gave two clusters with less than half "
            "of the rows as noise. Set --eps or --min-samples by hand."
        )
    elif scan:
        how += (
            f"which separates most pairs of rows ({best[1]:.1%}) among {len(tried)} candidates: "
            "the knee of the curve of distances to the nearest rows, and its quantiles."
        )
    else:
        how += (
            "the first candidate from the knee of the curve downwards that gives at least two "
            "clusters and less than half noise."
        )
    return Choice("eps", value, how, tried, chosen, curve)


def choose_bandwidth(
    X: np.ndarray,
    kernel: str,
    fit: Callable[[float, np.ndarray | None], Any],
    seed: int,
    weight: np.ndarray | None = None,
) -> Choice:
    """A bandwidth for mean shift by the rule above; the distances are those of 2 000 rows at most.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    kernel : {"flat", "gaussian"}
    fit : callable
        ``fit(bandwidth, rows)`` returns a MeanShift fitted to these rows of ``X``; None means all.
    seed : int
    weight : ndarray of shape (n,), optional
    """
    unit = 1.0 if kernel == "flat" else float(np.sqrt(X.shape[1] + 2))
    of = "" if kernel == "flat" else " divided by √(d + 2)"
    trial = None
    if len(X) > TRIAL_ROWS:
        trial = np.sort(np.random.default_rng(seed).choice(len(X), TRIAL_ROWS, replace=False))
    tried: list[dict[str, Any]] = []
    best: tuple[bool, float, dict[str, Any], Any] | None = None
    for value, quantile in _bandwidths(X, unit, seed, weight).items():
        model = fit(value, trial)
        labels = np.asarray(model.labels_)
        shares = np.sort(np.bincount(labels) / len(labels))[::-1]
        second = float(shares[1]) if len(shares) > 1 else 0.0
        if len(shares) >= max(len(labels) / 2, 3):
            second = 0.0
        entry = {
            "bandwidth": value,
            "share of rows": quantile,
            "clusters": len(shares),
            "second cluster": second,
        }
        tried.append(entry)
        good = second >= SUBSTANTIAL
        if best is None or good or second > best[1]:
            best = (good, second, entry, model)
        if good:
            break
    if best is None:
        how = "bandwidth = 1, as the nearest rows lie at distance 0 (few rows, or equal ones)."
        return Choice("bandwidth", 1.0, how, tried, fit(1.0, None))
    good, second, entry, model = best
    value = entry["bandwidth"]
    how = (
        f"bandwidth = {value:.4g}, the mean distance to the nearest {entry['share of rows']:.0%} "
        f"of the rows{of} (scikit-learn's rule"
    )
    if good:
        how += ")" if len(tried) == 1 else "; larger shares left nearly all rows in one cluster)"
    elif second > 0:
        how += "), yet no share gave two clusters with 5% of the rows each"
    else:
        how += "), yet no share gave more than one cluster. Set --bandwidth by hand"
    on = "" if trial is None else f" Tried on {len(trial):,} rows drawn at random."
    if trial is not None:
        model = fit(value, None)
    return Choice("bandwidth", value, f"{how}.{on}", tried, model)


def _bandwidths(
    X: np.ndarray, unit: float, seed: int, weight: np.ndarray | None
) -> dict[float, float]:
    """Candidates, the widest first, each with the share of the rows that it comes from."""
    from gramian.cluster._bandwidth import estimate_bandwidth

    found: dict[float, float] = {}
    for quantile in BANDWIDTH_QUANTILES:
        estimate = estimate_bandwidth(
            X,
            quantile=quantile,
            n_samples=min(len(X), CURVE_ROWS),
            random_state=seed,
            sample_weight=weight,
        )
        found.setdefault(_rounded(float(estimate) / unit), quantile)
    found.pop(0.0, None)
    return found


def _rounded(value: float) -> float:
    """The value to four significant digits."""
    return float(f"{value:.4g}")
