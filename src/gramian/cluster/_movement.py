"""How the centres' movements move the bounds of the rows.

Let u be at least the distance of a row to its own centre a, and l at most that to any other. Once
every centre j has moved by sⱼ, u + sₐ and l − max sⱼ are bounds again (G. Hamerly, "Making k-means
even faster", SDM 2010). For any radius r the row is at least r − u from centres that are r or more
from a, so only the movement of the others counts (after J. Newling, F. Fleuret, "Fast k-means with
accurate bounds", ICML 2016). Several radii are tried; each gives a bound.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.engine.partition import Bounds

__all__ = ["Bounds", "movement"]

GROWTH = 1.3
"""Of the radii, from the nearest other centre's distance on."""

BALLS = 6
"""Radii between the nearest other centre's and infinity, up to `FEW` centres."""

FEW = 256
MANY = 2048
"""From so many centres on their distances cost more than they save."""


def movement(old: Tensor, new: Tensor) -> Tensor:
    """A table (m, 2 levels + 1), float64: movement, radii, and movements inside the radii."""
    old, new = old.double(), new.double()
    # a little more, for the roundings of the sum
    moved = (new - old).square().sum(1).sqrt_() * (1 + 1e-9)
    m = len(new)
    radii = [torch.full((m,), torch.inf, dtype=torch.float64)]
    inside = [_largest_other(moved)]
    if m <= MANY:
        distances = _distances_below(new)
        nearest = distances.min(1).values
        balls = BALLS if m <= FEW else 0
        between = [nearest * GROWTH**i for i in range(1, balls + 1)]
        active = moved.nonzero()[:, 0]
        near = distances[:, active]
        within = [_largest_inside(near < r[:, None], moved[active]) for r in between]
        radii = [nearest, *between, *radii]
        inside = [torch.zeros_like(moved), *within, *inside]
    return torch.stack([moved, *radii, *inside], dim=1)


def _largest_inside(inside: Tensor, moved: Tensor) -> Tensor:
    """The largest number in each row of the table ``inside``; 0 if there is none."""
    if not len(moved):
        return moved.new_zeros(len(inside))
    return moved.where(inside, 0.0).amax(1)


def _largest_other(moved: Tensor) -> Tensor:
    """For each number the largest of the others; 0 if there are none."""
    if len(moved) == 1:
        return torch.zeros_like(moved)
    top = moved.topk(2)
    others = top.values[0].expand(len(moved)).clone()
    others[top.indices[0]] = top.values[1]
    return others


def _distances_below(centers: Tensor) -> Tensor:
    """At most the distances between centres; infinite on the diagonal."""
    centers = centers - centers.mean(0)
    lengths = centers.square().sum(1)
    sizes = lengths[:, None] + lengths
    # products err by their length times the unit roundoff, relative to the sizes
    error = 4e-16 * (centers.shape[1] + 10)
    squared = sizes * (1 - error) - 2 * (centers @ centers.T)
    return squared.clamp_(min=0).sqrt_().mul_(1 - 1e-12).fill_diagonal_(torch.inf)
