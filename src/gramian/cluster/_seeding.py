"""First centres of k-means: greedy k-means++ and a weighted random choice.

Source: D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007,
with the several trials per centre that its authors recommend.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gramian.cluster._input import BLOCK_ELEMENTS, Rows
from gramian.cluster._sums import ordered_sum
from gramian.engine.exact import form_table

__all__ = ["draw", "plus_plus", "random_rows"]


def plus_plus(rows: Rows, weights: Tensor, n_clusters: int, generator: torch.Generator) -> Tensor:
    """Row numbers chosen by greedy k-means++, (k,).

    Each further row is drawn in proportion to weight × squared distance to the nearest chosen
    one; of 2 + ⌊log k⌋ trials the one that lowers the inertia most stays.
    """
    trials = 2 + int(math.log(n_clusters))
    closest = torch.full((len(rows),), torch.inf, dtype=torch.float64, device=rows.device)
    chosen = draw(weights, 1, generator)
    _approach(rows, chosen, closest)
    for _ in range(1, n_clusters):
        mass = weights * closest
        if not bool(mass.any()):  # every row is chosen already, or the twin of one
            mass = weights
        candidates = draw(mass, trials, generator)
        best = candidates[_potentials(rows, weights, candidates, closest).argmin(), None]
        _approach(rows, best, closest)
        chosen = torch.cat([chosen, best])
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
    blocks = mass.split(BLOCK_ELEMENTS)
    sizes = [float(ordered_sum(block)) for block in blocks]
    ends = torch.tensor(sizes, dtype=torch.float64).cumsum(0)
    targets = torch.rand(count, generator=generator, dtype=torch.float64) * ends[-1]
    found = []
    for target in targets:
        place = _first_above(ends, target)
        before = ends[place - 1] if place else 0.0
        inside = _first_above(blocks[place].cpu().cumsum(0), target - before)
        found.append(place * BLOCK_ELEMENTS + inside)
    return torch.tensor(found, device=mass.device)


def _first_above(running: Tensor, target: Tensor) -> int:
    """Where a running sum first exceeds ``target``; where it last rises if rounding hides that."""
    last_rise = torch.searchsorted(running, running[-1:])
    return int(torch.minimum(torch.searchsorted(running, target[None], right=True), last_rise))


def _approach(rows: Rows, chosen: Tensor, closest: Tensor) -> None:
    """Lower ``closest``, the squared distances to the chosen rows, by one more of them."""
    point = rows.take(chosen)
    for span in rows.spans():
        squared = _squared_distances(rows, span, point)[:, 0]
        torch.minimum(closest[span], squared, out=closest[span])


def _potentials(rows: Rows, weights: Tensor, candidates: Tensor, closest: Tensor) -> Tensor:
    """Inertia that would be left after choosing each of the candidates, (trials,)."""
    points = rows.take(candidates)
    total = torch.zeros(len(candidates), dtype=torch.float64, device=rows.device)
    for span in rows.spans():
        left = torch.minimum(_squared_distances(rows, span, points), closest[span, None])
        total += ordered_sum(left.mul_(weights[span, None]))
    return total


def _squared_distances(rows: Rows, span: slice, points: Tensor) -> Tensor:
    """Of a block of rows to a handful of points, float64; a row is at 0 from itself."""
    # a few columns do not fill a tile of the engine: the direct sums are faster, and exact
    return form_table("squared_euclidean", rows.take(span).double(), points.double())
