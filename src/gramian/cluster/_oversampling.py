"""First centres of k-means by k-means||: a few passes, each of which draws many rows at once.

Source: B. Bahmani, B. Moseley, A. Vattani, R. Kumar, S. Vassilvitskii, "Scalable k-means++",
VLDB 2012, algorithm 2, with five rounds of 2 k rows each, as its authors found to be enough.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS, Rows
from gramian._sums import weighted_total
from gramian.cluster._assignment import assign
from gramian.cluster._seeding import closest_to, draw, plus_plus

__all__ = ["oversample"]

ROUNDS = 5
OVERSAMPLING = 2
"""Rows drawn in a round, as a multiple of the clusters."""


def oversample(rows: Rows, weights: Tensor, n_clusters: int, generator: torch.Generator) -> Tensor:
    """Row numbers, (k,): greedy k-means++ among drawn rows, each as heavy as the rows nearest it.

    In each round a row is drawn with probability 2 k × its share of the inertia that is left.
    """
    chosen = draw(weights, 1, generator)
    closest, scale = closest_to(rows, rows.take(chosen), weights)
    for _ in range(ROUNDS):
        left = weighted_total(weights, closest)
        if not left > 0:
            break
        fresh = _coins(weights, closest, OVERSAMPLING * n_clusters / left, generator)
        if len(fresh):
            chosen = torch.cat([chosen, fresh])
            found, _ = closest_to(rows, rows.take(fresh), weights, scale)
            torch.minimum(closest, found, out=closest)
    if len(chosen) < n_clusters:
        # too few different rows for rounds to find: k-means++ copes with any
        return plus_plus(rows, weights, n_clusters, generator)
    table = rows.take(chosen)
    mass = assign(rows, table, weights).mass
    drawn = replace(rows, given=table, tensor=table)
    return chosen[plus_plus(drawn, mass, n_clusters, generator)]


def _coins(weights: Tensor, closest: Tensor, factor: float, generator: torch.Generator) -> Tensor:
    """Row numbers, each drawn with probability ``factor`` × weight × squared distance."""
    found, start = [], 0
    for w, c in zip(weights.split(BLOCK_ELEMENTS), closest.split(BLOCK_ELEMENTS), strict=True):
        uniform = torch.rand(len(w), generator=generator, dtype=torch.float64).to(w.device)
        found.append((uniform < factor * w * c).nonzero()[:, 0] + start)
        start += len(w)
    return torch.cat(found)
