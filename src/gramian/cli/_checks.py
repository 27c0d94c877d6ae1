"""Promises that can be checked in a second: exact searches, exact sums, the same bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian.gram import Gram
from gramian.labs import threads
from gramian.pairwise import Euclidean, Gaussian

__all__ = ["SUM_ERROR", "Check", "brute_distances", "run_checks"]

SHIFTS = (0.0, 1e3, 1e5)
SUM_ERROR = 2e-6
"""Relative error allowed to a sum of positive terms."""


@dataclass(frozen=True)
class Check:
    """A promise, whether it was kept, and the numbers."""

    name: str
    passed: bool
    detail: str


def brute_distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Squared distances in float64, summed in feature order: the truth that searches must meet."""
    total = np.zeros((len(x), len(y)))
    for j in range(x.shape[1]):
        total += np.square(x[:, j, None].astype(np.float64) - y[None, :, j].astype(np.float64))
    return total


def run_checks(seed: int = 0, *, n: int = 2_000, m: int = 300, d: int = 8) -> list[Check]:
    """Exactness of searches at three translations, accuracy of sums, and equal bits."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)).astype(np.float32)
    y = rng.normal(size=(m, d)).astype(np.float32)
    checks = [_exact(x + np.float32(shift), y + np.float32(shift), shift) for shift in SHIFTS]
    checks += [_counts(x, y), _sums(x, y)]
    gram = Gram(x, y, Gaussian(bandwidth=1.0))
    right = rng.normal(size=(m, 2)).astype(np.float32)
    checks.append(_same_bits("product", lambda: gram @ right))
    checks.append(_same_bits("labels", lambda: Gram(x, y).argmin(dim=1)))
    return checks


def _exact(x: np.ndarray, y: np.ndarray, shift: float) -> Check:
    """Nearest and second nearest rows against float64 brute force."""
    truth = np.argsort(brute_distances(x, y), axis=1, kind="stable")[:, :2]
    wrong = int((Gram(x, y).argmin(dim=1) != truth[:, 0]).sum())
    wrong += int((Gram(x, y).topk(2)[1] != truth).any(1).sum())
    name = f"nearest rows equal float64 brute force, data shifted by {shift:g}"
    return Check(name, wrong == 0, f"{wrong} of {2 * len(x):,} answers differ")


def _counts(x: np.ndarray, y: np.ndarray) -> Check:
    """Rows within a radius that is itself one of the distances."""
    distances = np.sqrt(brute_distances(x, y))
    radius = float(np.median(distances))
    found = Gram(x, y, Euclidean()).count(radius)
    wrong = int((found != (distances <= radius).sum(1)).sum())
    name = "rows within a radius equal float64 brute force"
    return Check(name, wrong == 0, f"{wrong} of {len(x):,} counts differ")


def _sums(x: np.ndarray, y: np.ndarray) -> Check:
    """Sums of a Gaussian against float64."""
    truth = np.exp(-0.5 * brute_distances(x, y)).sum(1)
    found = np.asarray(Gram(x, y, Gaussian(bandwidth=1.0)).sum(dim=1), dtype=np.float64)
    error = float((np.abs(found - truth) / truth).max())
    return Check(
        "Gaussian sums agree with float64",
        error <= SUM_ERROR,
        f"largest relative error {error:.1e}, allowed {SUM_ERROR:.0e}",
    )


def _same_bits(what: str, compute: Callable[[], Any]) -> Check:
    with threads(1):
        one = np.asarray(compute())
    with threads(2):
        two = np.asarray(compute())
    same = one.tobytes() == two.tobytes()
    return Check(
        f"{what}: the same bits with one and two threads",
        same,
        "every bit equal" if same else f"{int((one != two).sum()):,} entries differ",
    )
