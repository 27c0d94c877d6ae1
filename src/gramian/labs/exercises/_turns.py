"""What turns and round images answer in float64, and what known mistakes make of them."""

from __future__ import annotations

import numpy as np

__all__ = ["sampled", "share_between_rings"]


def sampled(
    x: np.ndarray, angles: np.ndarray, *, centre: float = 0.0, sign: float = 1.0
) -> np.ndarray:
    """Bilinear samples; ``centre`` moves the centre of the turn, by pixels both ways."""
    s = x.shape[1]
    padded = np.pad(x, ((0, 0), (s, s), (s, s)))
    middle = (s - 1) / 2 + centre
    down, right = np.mgrid[:s, :s] - middle
    turned = np.empty_like(x)
    for i, angle in enumerate(sign * np.deg2rad(angles)):
        # y points downwards, so the place that comes to (right, down) is turned clockwise
        column = np.cos(angle) * right - np.sin(angle) * down + middle
        row = np.sin(angle) * right + np.cos(angle) * down + middle
        row, column = (np.clip(each, -s + 1.0, 2.0 * s - 2.0) + s for each in (row, column))
        r, c = np.floor(row + 1e-9).astype(int), np.floor(column + 1e-9).astype(int)
        u, v = row - r, column - c
        image = padded[i]
        turned[i] = (
            (1 - u) * (1 - v) * image[r, c]
            + (1 - u) * v * image[r, c + 1]
            + u * (1 - v) * image[r + 1, c]
            + u * v * image[r + 1, c + 1]
        )
    return turned


def share_between_rings(
    W: np.ndarray, *, centre: float = 0.0, whole: bool = False, scaled: bool = False
) -> float:
    """The radial share, or what learners make of it."""
    s = W.shape[1]
    down, right = np.mgrid[:s, :s] - (s - 1) / 2 - centre
    radius = np.sqrt(down**2 + right**2)
    disc = np.ones_like(radius, dtype=bool) if whole else radius <= (s - 1) / 2
    inside, ring = W[:, disc], radius[disc].astype(int)
    if scaled:
        inside = inside / inside.std(axis=1, keepdims=True)
    between = np.stack([inside[:, ring == r].mean(axis=1) for r in ring], axis=1)
    center = inside.mean(axis=1, keepdims=True)
    return float(((between - center) ** 2).sum() / ((inside - center) ** 2).sum())
