"""First centres of k-means: greedy k-means++ and a weighted random choice.

Source: D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007,
with the several trials per centre that its authors recommend.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gramian._input import Rows
from gramian._sums import ordered_sum, weighted_total
from gramian.cluster._assignment import assign, pieces
from gramian.engine.partition import potential

__all__ = ["draw", "plus_plus", "random_rows"]

BLOCK = 2**12
"""Rows whose mass is summed at once when one of them is drawn."""


def plus_plus(rows: Rows, weights: Tensor, n_clusters: int, generator: torch.Generator) -> Tensor:
    """Row numbers chosen by greedy k-means++, (k,).

    Each further row is drawn in proportion to weight × squared distance to the nearest chosen
    one; of 2 + ⌊log k⌋ trials the one that lowers the inertia most stays.
    """
    trials = 2 + int(math.log(n_clusters))
    chosen = draw(weights, 1, generator)
    closest, scale = _from_one(rows, chosen, weights)
    left = weighted_total(weights, closest)
    for _ in range(1, n_clusters):
        # nothing is left where every row is chosen already, or the twin of one
        candidates = draw(weights * closest if left > 0 else weights, trials, generator)
        total, squared = _try(rows, candidates, weights, closest, scale)
        best = total.argmin()
        left = float(total[best])
        torch.minimum(closest, squared[best], out=closest)
        chosen = torch.cat([chosen, candidates[best, None]])
    return chosen


def random_rows(weights: Tensor, n_clusters: int, generator: torch.Generator) -> Tensor:
    """Different row numbers, (k,), drawn one after the other in proportion to weight.

    The k smallest of independent exponential times with the weights as rates (P. Efraimidis,
    P. Spirakis, "Weighted random sampling with a reservoir", 2006). Rows without weight come last.
    """
    uniform = torch.rand(len(weights), generator=generator, dtype=torch.float64)
    times = -torch.log1p(-uniform) / weights.cpu()
    times[weights.cpu() == 0] = torch.inf
    return times.sort(stable=True).indices[:n_clusters].to(weights.device)


def draw(mass: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Row numbers drawn with replacement in proportion to ``mass`` ≥ 0, (count,).

    The block is found first, then the row in it, so that no running sum of n rows is kept. A row
    without mass is never drawn.
    """
    whole = len(mass) // BLOCK * BLOCK
    blocks = mass.split(BLOCK)
    sizes = [ordered_sum(mass[:whole].view(-1, BLOCK), dim=1)] if whole else []
    if whole < len(mass):
        sizes.append(ordered_sum(mass[whole:])[None])
    ends = torch.cat(sizes).cpu().cumsum(0)
    targets = torch.rand(count, generator=generator, dtype=torch.float64) * ends[-1]
    found = []
    for target in targets:
        place = _first_above(ends, target)
        before = ends[place - 1] if place else 0.0
        inside = _first_above(blocks[place].cpu().cumsum(0), target - before)
        found.append(place * BLOCK + inside)
    return torch.tensor(found, device=mass.device)


def _first_above(running: Tensor, target: Tensor) -> int:
    """Where a running sum first exceeds ``target``; where it last rises if rounding hides that."""
    last_rise = torch.searchsorted(running, running[-1:])
    return int(torch.minimum(torch.searchsorted(running, target[None], right=True), last_rise))


def _from_one(rows: Rows, chosen: Tensor, weights: Tensor) -> tuple[Tensor, float]:
    """Squared distances to the first centre, and the scale that they are multiplied with, twice.

    The scale is a power of two that brings the farthest row near 1, so that squares of float32
    neither overflow nor vanish; only ratios matter here.
    """
    squared = assign(rows, rows.take(chosen), weights, values=True).squared
    assert squared is not None
    scale = 2.0 ** -(math.frexp(float(squared.max()))[1] // 2)
    kind = rows.dtype if rows.dtype.itemsize >= 4 else torch.float32
    return (squared * scale * scale).to(kind), scale


def _try(
    rows: Rows, candidates: Tensor, weights: Tensor, closest: Tensor, scale: float
) -> tuple[Tensor, Tensor]:
    """Potentials of the candidates, (t,), and squared distances to them, (t, n)."""
    points = rows.take(candidates).to(closest.dtype)
    found = [
        potential(block, points, weights[span], closest[span], scale)
        for span, block in pieces(rows, closest.dtype)
    ]
    if len(found) == 1:
        return found[0]
    totals, squared = zip(*found, strict=True)
    return ordered_sum(torch.stack(totals)), torch.cat(squared, dim=1)
