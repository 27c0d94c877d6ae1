"""Regression problems whose answer is known: draws of a Gaussian process, Friedman's function."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Problem", "friedman", "process"]

FEATURES = 2000


@dataclass(frozen=True)
class Problem:
    """Rows to fit and rows to test, the values without noise, and the noise's deviation.

    ``bandwidth`` and ``alpha`` are those of a Gaussian kernel that suits it: for a draw of a
    process they are the process's own, so that no other regression does better.
    """

    name: str
    points: NDArray[np.float32]
    targets: NDArray[np.float64]
    new_points: NDArray[np.float32]
    new_values: NDArray[np.float64]
    noise: float
    bandwidth: float
    alpha: float


def process(n: int, d: int = 9, *, noise: float = 0.3, bandwidth: float = 1.0) -> Problem:
    """A function drawn from a Gaussian process of variance 1 on the unit cube.

    It is √(2/m) Σ w cos(ω·x + b) with normal ω / bandwidth: random Fourier features (Rahimi and
    Recht, 2007), of which each finite sum is itself a function that can be evaluated anywhere.
    """
    rng = np.random.default_rng(0)
    frequencies = rng.normal(size=(d, FEATURES)) / bandwidth
    phases = rng.uniform(0, 2 * math.pi, FEATURES)
    weights = rng.normal(size=FEATURES) * math.sqrt(2 / FEATURES)

    def draw(count: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        points = rng.random((count, d), dtype=np.float32)
        parts = np.array_split(points.astype(np.float64), max(1, count // 4096))
        values = [np.cos(part @ frequencies + phases) @ weights for part in parts]
        return points, np.concatenate(values)

    points, values = draw(n)
    targets = values + noise * rng.normal(size=n)
    return Problem("process", points, targets, *draw(2000), noise, bandwidth, noise**2)


def friedman(n: int, d: int = 9, *, noise: float = 1.0) -> Problem:
    """Friedman's first function of five of the features (Annals of Statistics 19(1), 1991)."""
    rng = np.random.default_rng(0)

    def draw(count: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        x = rng.random((count, d), dtype=np.float32)
        wide = x.astype(np.float64)
        values = 10 * np.sin(math.pi * wide[:, 0] * wide[:, 1]) + 20 * (wide[:, 2] - 0.5) ** 2
        return x, values + 10 * wide[:, 3] + 5 * wide[:, 4] - 14.4  # its mean on the cube

    points, values = draw(n)
    targets = values + noise * rng.normal(size=n)
    return Problem("friedman", points, targets, *draw(2000), noise, 1.0, 0.1)
