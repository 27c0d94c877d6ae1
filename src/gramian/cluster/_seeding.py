"""First centres of k-means: greedy k-means++ and a weighted random choice.

Source: D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007,
with the several trials per centre that its authors recommend.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS, Rows
from gramian._sums import ordered_sum, weighted_total
from gramian.cluster._assignment import assign, blocks, pieces
from gramian.engine.partition import potential

__all__ = ["closest_to", "draw", "extend", "plus_plus", "random_rows"]

BLOCK = 2**12
"""Rows whose mass is summed at once when one of them is drawn."""


def plus_plus(rows: Rows, weights: Tensor, n_clusters: int, generator: torch.Generator) -> Tensor:
    """Row numbers chosen by greedy k-means++, (k,), the first of them by weight alone."""
    chosen = draw(weights, 1, generator)
    further = extend(rows, weights, rows.take(chosen), n_clusters, generator)
    return torch.cat([chosen, further])


def extend(
    rows: Rows, weights: Tensor, centers: Tensor, n_clusters: int, generator: torch.Generator
) -> Tensor:
    """Numbers of the rows by which greedy k-means++ makes ``centers`` up to ``n_clusters``.

    Each is drawn in proportion to weight × squared distance to the nearest centre; of 2 + ⌊log k⌋
    trials the one that lowers the inertia most stays.
    """
    if len(centers) >= n_clusters:
        return torch.empty(0, dtype=torch.int64, device=weights.device)
    trials = 2 + int(math.log(n_clusters))
    chosen = torch.empty(0, dtype=torch.int64, device=weights.device)
    closest, scale = closest_to(rows, centers, weights)
    left = weighted_total(weights, closest)
    for _ in range(len(centers), n_clusters):
        # nothing is left where every row is chosen already, or the twin of one
        candidates = draw(weights * closest if left > 0 else weights, trials, generator)
        left, best = _take_best(rows, candidates, weights, closest, scale)
        chosen = torch.cat([chosen, best])
    return chosen


def random_rows(weights: Tensor, n_clusters: int, generator: torch.Generator) -> Tensor:
    """Different row numbers, (k,), drawn one after the other in proportion to weight.

    The k smallest of independent exponential times with the weights as rates (P. Efraimidis,
    P. Spirakis, "Weighted random sampling with a reservoir", 2006). Rows without weight come last.
    """
    first: list[tuple[Tensor, Tensor]] = []
    start = 0
    for w in weights.split(BLOCK_ELEMENTS):
        uniform = torch.rand(len(w), generator=generator, dtype=torch.float64)
        times = -torch.log1p(-uniform) / w.cpu()
        times[w.cpu() == 0] = torch.inf
        ordered = times.sort(stable=True)
        first.append((ordered.values[:n_clusters], ordered.indices[:n_clusters] + start))
        start += len(w)
    times, rows = (torch.cat(parts) for parts in zip(*first, strict=True))
    return rows[times.sort(stable=True).indices[:n_clusters]].to(weights.device)


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


def closest_to(
    rows: Rows, centers: Tensor, weights: Tensor, scale: float | None = None
) -> tuple[Tensor, float]:
    """Squared distances to the nearest centre, and the scale that they are multiplied with, twice.

    The scale is a power of two that brings the farthest row near 1, so that squares of float32
    neither overflow nor vanish; only ratios matter here.
    """
    if scale is None:
        farthest = max(float(squared.max()) for _, squared in _squared(rows, centers, weights))
        scale = 2.0 ** -(math.frexp(farthest)[1] // 2)
    kind = rows.dtype if rows.dtype.itemsize >= 4 else torch.float32
    closest = torch.empty(len(rows), dtype=kind, device=rows.device)
    for span, squared in _squared(rows, centers, weights):
        closest[span] = squared.mul_(scale).mul_(scale)
    return closest, scale


def _squared(rows: Rows, centers: Tensor, weights: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Squared distances to the nearest centre, block by block."""
    for span, part in blocks(rows):
        squared = assign(part, centers, weights[span], values=True).squared
        assert squared is not None
        yield span, squared


def _take_best(
    rows: Rows, candidates: Tensor, weights: Tensor, closest: Tensor, scale: float
) -> tuple[float, Tensor]:
    """The least of the candidates' potentials, and who it is, (1,); ``closest`` then knows it."""
    parts, points = list(blocks(rows)), rows.take(candidates)
    total = torch.zeros(len(candidates), dtype=torch.float64, device=weights.device)
    for span, part in parts:
        left, squared = _try(part, points, weights[span], closest[span], scale)
        total += left
    best = int(total.argmin())
    for span, part in parts:
        if len(parts) > 1:
            # distances of the blocks before the last were too many to keep
            _, squared = _try(part, points[best, None], weights[span], closest[span], scale)
        torch.minimum(closest[span], squared[best if len(parts) == 1 else 0], out=closest[span])
    return float(total[best]), candidates[best, None]


def _try(
    rows: Rows, points: Tensor, weights: Tensor, closest: Tensor, scale: float
) -> tuple[Tensor, Tensor]:
    """Potentials of points that may become centres, (t,), and squared distances to them, (t, n)."""
    points = points.to(closest.dtype)
    found = [
        potential(block, points, weights[span], closest[span], scale)
        for span, block in pieces(rows, closest.dtype)
    ]
    if len(found) == 1:
        return found[0]
    totals, squared = zip(*found, strict=True)
    return ordered_sum(torch.stack(totals)), torch.cat(squared, dim=1)
