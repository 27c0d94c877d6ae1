"""The minimum spanning tree of mutual reachability, for any number of features.

Every row brings a list of its nearest rows. Most least edges are found there; for a part of the
rows whose lists end before its least edge is sure, the engine looks among all rows outside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gramian.cluster._boruvka import boruvka
from gramian.cluster._edges import Edges, joined, ordered
from gramian.cluster._reachability import Reachability
from gramian.neighbors._blocks import bounded_blocks
from gramian.neighbors._tree import wider

__all__ = ["reachability_tree"]

_EXTRA_NEIGHBORS = 5
"""In a list beyond ``min_samples``: those only tell the core distance."""


def reachability_tree(
    x: Tensor, reachability: Reachability, min_samples: int, weights: np.ndarray | None = None
) -> tuple[Edges, np.ndarray]:
    """The tree, its weights in values of ``reachability``, and the core values, (n,).

    Parameters
    ----------
    x : Tensor of shape (n, d), float64
        Finite.
    reachability : Reachability
    min_samples : int in [1, n], or of any size with weights
    weights : ndarray of shape (n,), positive, optional
        A core distance reaches as far as ``min_samples`` in weight.

    Notes
    -----
    O(n² d) time for the lists and about as much for each halving of the parts that are far from
    all others; O(n (min_samples + d)) memory and the engine's budget.
    """
    n = len(x)
    k = min(n, min_samples + _EXTRA_NEIGHBORS)
    values, index = reachability.lists(x, None, k)
    core = reachability.core_values(x, x, values, index, min_samples, weights)
    values = values * reachability.scale
    reach = np.maximum(core, values[:, -1]) if k < n else np.full(n, np.inf)
    listed = _listed(values, index, core)
    tree = boruvka(n, listed, reach, _Outside(x, reachability, core, reach))
    return tree, core


def _listed(values: np.ndarray, index: np.ndarray, core: np.ndarray) -> Edges:
    """The edges of neighbour lists, each once, sorted."""
    n, k = index.shape
    rows, there, values = np.repeat(np.arange(n), k), index.reshape(-1), values.reshape(-1)
    other = rows != there
    rows, there, values = rows[other], there[other], values[other]
    key, first = np.unique(np.minimum(rows, there) * n + np.maximum(rows, there), return_index=True)
    left, right = np.divmod(key, n)
    weight = np.maximum(np.maximum(core[left], core[right]), values[first])
    order = np.argsort(weight, kind="stable")
    return Edges(left[order], right[order], weight[order])


@dataclass(frozen=True)
class _Outside:
    """The least edges that leave parts of the rows, by looking at all rows outside them."""

    x: Tensor
    reachability: Reachability
    core: np.ndarray
    reach: np.ndarray

    def __call__(self, part: np.ndarray, bound: np.ndarray, known: Edges) -> Edges:
        """The least edge of every part but the largest, which the others will join."""
        names, sizes = np.unique(part, return_counts=True)
        names = np.delete(names, sizes.argmax())
        found = [self._least(part == name, bound[name], part, known, name) for name in names]
        edges = joined(found)
        # two parts may have one least edge
        once = np.append(True, (np.diff(edges.left) != 0) | (np.diff(edges.right) != 0))
        return edges.take(once)

    def _least(
        self, inside: np.ndarray, bound: float, part: np.ndarray, known: Edges, name: int
    ) -> Edges:
        """The least edge between ``inside`` and the other rows."""
        rows, rest = np.flatnonzero(inside & (self.reach <= bound)), np.flatnonzero(~inside)
        there = self._take(rest)
        near, place = self.reachability.table(self._take(rows), there).min()
        nearest = np.maximum(near.cpu().numpy() * self.reachability.scale, self.core[rows])
        weight = np.maximum(nearest, self.core[rest[place.cpu().numpy()]])
        bound = min(bound, float(weight.min()))
        mine = known.take((part[known.left] == name) | (part[known.right] == name))
        found = [mine.take(slice(0, 1))]
        open_ = rows[nearest <= bound]
        if len(open_):
            found += self._within(open_, rest, there, bound)
        return joined(found).take(slice(0, 1))

    def _within(
        self, rows: np.ndarray, rest: np.ndarray, there: Tensor, bound: float
    ) -> list[Edges]:
        """The least edges of at most ``bound`` from ``rows``, a block of them at a time."""
        radius = float(wider(bound / self.reachability.scale))
        sizes = self.reachability.table(self._take(rows), there).count(radius).cpu().numpy()
        found = []
        for block in bounded_blocks(sizes, there.shape[1]):
            here = rows[block]
            table = self.reachability.table(self._take(here), there)
            indptr, place, values = (part.cpu().numpy() for part in table.neighbors(radius))
            left, right = np.repeat(here, np.diff(indptr)), rest[place]
            core = np.maximum(self.core[left], self.core[right])
            weight = np.maximum(core, values * self.reachability.scale)
            found.append(ordered(left, right, weight).take(slice(0, 1)))
        return found

    def _take(self, index: np.ndarray) -> Tensor:
        return self.x[torch.from_numpy(index).to(self.x.device)]
