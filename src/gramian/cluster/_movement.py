"""How the centres' movements move the bounds of the rows.

Let u be at least the distance of a row to its own centre a, and l at most that to any other. Once
every centre j has moved by sⱼ, u + sₐ and l − max sⱼ are bounds again (G. Hamerly, "Making k-means
even faster", SDM 2010). For any radius r the row is at least r − u from centres that are r or more
from a, so only the movement of the others counts (after J. Newling, F. Fleuret, "Fast k-means with
accurate bounds", ICML 2016). Several radii are tried; each gives a bound.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gramian.engine.partition import Bounds

__all__ = ["Bounds", "movement"]

Array = NDArray[np.float64]

GROWTH = 1.3
"""Of the radii, from the nearest other centre's distance on."""

BALLS = 6
"""Radii between the nearest other centre's and infinity, up to `FEW` centres."""

FEW = 256

MOST_WORK = 2**21
"""Products up to which the centres' distances save more than they cost. They are summed by a plain
loop: after a small product a library's threads keep processors busy for milliseconds."""


@np.errstate(over="ignore", invalid="ignore")
def movement(old: Tensor, new: Tensor) -> Tensor:
    """A table (m, 2 levels + 1), float64: movement, radii, and movements inside the radii."""
    before, after = (np.asarray(table, dtype=np.float64) for table in (old, new))
    # a little more, for the roundings of the sum
    moved = np.sqrt(np.square(after - before).sum(1)) * (1 + 1e-9)
    m = len(after)
    radii, inside = [np.full(m, np.inf)], [_largest_other(moved)]
    if m * after.size <= MOST_WORK:
        distances = _distances_below(after)
        nearest = distances.min(1)
        between = [nearest * GROWTH**i for i in range(1, (BALLS if m <= FEW else 0) + 1)]
        active = moved.nonzero()[0]
        near, moves = distances[:, active], moved[active]
        within = [np.where(near < r[:, None], moves, 0.0).max(1, initial=0.0) for r in between]
        radii = [nearest, *between, *radii]
        inside = [np.zeros(m), *within, *inside]
    return torch.from_numpy(np.stack([moved, *radii, *inside], axis=1))


def _largest_other(moved: Array) -> Array:
    """For each number the largest of the others; 0 if there are none."""
    if len(moved) == 1:
        return np.zeros(1)
    second, first = np.argsort(moved)[-2:]
    others = np.full(len(moved), moved[first])
    others[first] = moved[second]
    return others


def _distances_below(centers: Array) -> Array:
    """At most the distances between centres; infinite on the diagonal."""
    centers = centers - centers.mean(0)
    lengths = np.square(centers).sum(1)
    sizes = lengths[:, None] + lengths
    products = np.einsum("if,jf->ij", centers, centers)
    # products err by their length times the unit roundoff, relative to the sizes
    error = 4e-16 * (centers.shape[1] + 10)
    squared = sizes * (1 - error) - 2 * products
    # what has overflowed excludes nothing
    known = np.where(np.isfinite(squared) & (squared > 0), squared, 0.0)
    distances = np.sqrt(known) * (1 - 1e-12)
    np.fill_diagonal(distances, np.inf)
    return distances
