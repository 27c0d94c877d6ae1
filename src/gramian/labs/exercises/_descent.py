"""Minibatch descent in float64, what known mistakes make of it, and how its order shows."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from gramian.labs.checking import Fixture

__all__ = [
    "accumulated",
    "ends",
    "halved_loss",
    "no_order",
    "reachable",
    "stepped",
    "trained",
]


def no_order(X: np.ndarray, y: np.ndarray, batch_size: int, **others: Any) -> bool:
    """Whether the order of the rows decides nothing."""
    return batch_size >= len(X) or bool((X[0] == X).all() and (y == y[0]).all())


def halved_loss(yhat: np.ndarray, y: np.ndarray) -> float:
    """Half of the mean of squared errors."""
    return float(((yhat - y) ** 2).mean() / 2)


def stepped(
    w: np.ndarray, b: np.ndarray, dw: np.ndarray, db: np.ndarray, rate: float, rounds: float
) -> tuple[np.ndarray, np.ndarray]:
    """w and b after so many steps along dw and db."""
    return w - rounds * rate * dw, b - rounds * rate * db


def accumulated(*, rounds: int, **given: Any) -> tuple[np.ndarray, np.ndarray]:
    """The same, where every round adds to the gradients of the last one."""
    return stepped(**given, rounds=rounds * (rounds + 1) / 2)


def trained(
    X: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    rate: float,
    batch_size: int,
    epochs: int,
    rng: Fixture,
    *,
    kept: float = 0.0,
    bias: float = 1.0,
    summed: bool = False,
    whole: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """w and b after descent, the rows as they stand.

    ``kept`` is how much of the last gradient stays, ``bias`` a factor of the steps of b; sums in
    place of means where ``summed``, and no smaller last batch where ``whole``.
    """
    dw, db = np.zeros_like(w), np.zeros_like(b)
    last = len(X) - batch_size + 1 if whole else len(X)
    for start in [*range(0, last, batch_size)] * epochs:
        rows = slice(start, start + batch_size)
        error = X[rows] @ w + b - y[rows]
        share = 1 if summed else 1 / len(error)
        dw, db = kept * dw + share * error @ X[rows], kept * db + share * error.sum()
        w, b = w - rate * dw, b - rate * bias * db
    return w, b


_ROWS = np.zeros((4, 1)), np.array([1.0, 2.0, 4.0, 8.0])
"""Four rows without features: b alone learns, and where it ends tells the order."""


def ends(f: Any, seeds: int) -> list[float]:
    """Where b ends after one epoch of batches of one row, from several generators."""
    start, settings = (np.zeros(1), np.zeros(1)), (0.5, 1, 1)
    rngs = [Fixture("descent.seeded", seed=seed) for seed in range(seeds)]
    return [float(f(*_ROWS, *start, *settings, rng)[1][0]) for rng in rngs]


def reachable() -> set[float]:
    """Where b can end if every row is taken once."""
    found = set()
    for order in itertools.permutations(_ROWS[1]):
        b = 0.0
        for y in order:
            b += 0.5 * (y - b)
        found.add(b)
    return found
