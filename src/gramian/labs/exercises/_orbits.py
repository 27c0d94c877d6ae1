"""Tables, maps and truths of the exercise of symmetry-discovery."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from gramian.labs.checking import Draw

__all__ = [
    "circles",
    "circulant",
    "commutes",
    "is_circulant",
    "is_group",
    "is_orthogonal",
    "keeps",
    "reordered",
    "ring",
    "row_loss",
    "shows",
    "turn",
    "two_rings",
]

SMALL = 1e-6


def circles(n: int, radii: list[float], steps: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points on circles with their labels; n steps all round where no other number is given."""
    angles = [2 * np.pi * k / (steps or n) for k in range(n)]
    points = [[r * np.cos(angle), r * np.sin(angle)] for r in radii for angle in angles]
    return np.array(points), np.array([k for k in range(len(radii)) for _ in range(n)])


def turn(n: int) -> np.ndarray:
    """The turn by one n-th of a circle."""
    angle = 2 * np.pi / n
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def ring(n: int) -> np.ndarray:
    """Ones between neighbours on a ring."""
    return np.roll(np.eye(n), 1, axis=0) + np.roll(np.eye(n), -1, axis=0)


def two_rings() -> np.ndarray:
    """Of three and of four, with equal sorted rows."""
    table = 2 * np.eye(7)
    table[:3, :3] += ring(3)
    table[3:, 3:] += ring(4)
    return table


def circulant(draw: Draw, h: int) -> np.ndarray:
    """The Gramian of all rolls of a vector whose entries are powers of two: exact in any order."""
    w = 2.0 ** draw.rng.permutation(h) / 4
    rolls = np.stack([np.roll(w, k) for k in range(h)])
    return rolls @ rolls.T


def reordered(draw: Draw, G: np.ndarray) -> np.ndarray:
    """Rows and columns in another order, which is not circulant."""
    while True:
        order = draw.rng.permutation(len(G))
        table = G[np.ix_(order, order)]
        if not is_circulant(table):
            return table


def row_loss(G: np.ndarray, *, order: bool = True) -> float:
    """Mean squared difference of rows from the mean row, sorted or not."""
    rows = np.sort(G, axis=1) if order else G
    return float(rows.var(axis=0).mean())


def is_circulant(G: np.ndarray) -> bool:
    return bool(np.abs(G - np.roll(np.roll(G, 1, axis=0), 1, axis=1)).max() < SMALL)


def shows(G: np.ndarray) -> bool:
    """Whether entries off the diagonal differ."""
    return bool(np.ptp(G[~np.eye(len(G), dtype=bool)]) >= SMALL)


def is_group(G: np.ndarray) -> bool:
    return shows(G) and any(
        is_circulant(G[np.ix_((0, *rest), (0, *rest))]) for rest in permutations(range(1, len(G)))
    )


def keeps(generator: np.ndarray, X: np.ndarray, y: np.ndarray) -> bool:
    """Whether every point lands on one with the same label."""
    for x, label in zip(X, y, strict=True):
        gaps = np.abs(X - generator @ x).max(axis=1)
        if not ((gaps < 1e-4) & (y == label)).any():
            return False
    return True


def is_orthogonal(generator: np.ndarray) -> bool:
    return bool(np.abs(generator.T @ generator - np.eye(2)).max() < 1e-5)


def commutes(generator: np.ndarray, X: np.ndarray) -> bool:
    """Whether the map commutes with the covariance of the data."""
    C = X.T @ X
    return bool(np.abs(C @ generator - generator @ C).max() < 1e-5)
