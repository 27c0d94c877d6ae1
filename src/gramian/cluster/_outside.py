"""The least edges that leave parts of the rows, by looking at all rows outside them.

A part's rows come in groups that lie close together, each around one of them, its pivot: the parts
that were there when this was first asked for. By the triangle inequality most rows of a group look
only at the columns near its pivot; the few others of all parts look at all rows together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from torch import Tensor

from gramian.cluster._edges import Edges, joined, least_of_each, ordered
from gramian.cluster._reachability import Reachability, take
from gramian.neighbors._balls import distances_in_blocks, split
from gramian.neighbors._blocks import bounded_blocks
from gramian.neighbors._tree import wider

__all__ = ["Outside"]

_FEW_PAIRS = 2**21
"""Rows times columns up to which edges are listed at once."""

_FEWEST_IN_GROUP = 64
"""Rows of a group that is worth a look at its pivot's distances."""


class _Groups(NamedTuple):
    """``pivot[g]`` is the pivot of group g, and ``of[i]`` row i's group, −1 for none."""

    pivot: np.ndarray
    of: np.ndarray


def _groups_of(part: np.ndarray, core: np.ndarray) -> _Groups:
    """One group for each large part, around its densest row."""
    densest = np.lexsort((core, part))
    names, first, sizes = np.unique(part[densest], return_index=True, return_counts=True)
    large = sizes >= _FEWEST_IN_GROUP
    group = np.full(len(part), -1)
    group[names[large]] = np.arange(large.sum())
    return _Groups(densest[first[large]], group[part])


@dataclass
class Outside:
    """A search for `boruvka`.

    Attributes
    ----------
    x : Tensor of shape (n, d), float64
    reachability : Reachability
    core, reach : ndarray of shape (n,)
        Core values, and the values below which every edge of a row is listed.
    """

    x: Tensor
    reachability: Reachability
    core: np.ndarray
    reach: np.ndarray
    _groups: _Groups | None = field(default=None, init=False)

    def __call__(self, part: np.ndarray, bound: np.ndarray, known: Edges) -> Edges:
        """The least edge of every part but the largest, which the others will join."""
        names, sizes = np.unique(part, return_counts=True)
        names = np.delete(names, sizes.argmax())
        least, found = bound.copy(), [known]
        asking = np.flatnonzero(np.isin(part, names) & (self.reach <= bound[part]))
        if self.reachability.has_triangles and self.x.device.type == "cpu":
            asking = self._by_groups(asking, part, least, found)
        together = []
        for rows in _of_each(asking, part):
            if np.isfinite(least[part[rows[0]]]) and len(rows) * len(self.x) <= _FEW_PAIRS:
                together.append(rows)
            else:
                there = np.flatnonzero(part != part[rows[0]])
                found.append(self._nearest(rows, there, part, least))
        if together:
            self._listed(np.concatenate(together), part, least, found)
        edges = joined(found)
        return edges.take(np.unique(least_of_each(edges, part)[names]))

    def _by_groups(
        self, asking: np.ndarray, part: np.ndarray, least: np.ndarray, found: list[Edges]
    ) -> np.ndarray:
        """Find what is near the pivots of groups; gives the rows that look further."""
        if self._groups is None:
            self._groups = _groups_of(part, self.core)
        groups = self._groups
        bounded = np.isfinite(least[part[asking]]) & (groups.of[asking] >= 0)
        left = [asking[~bounded]]
        key = part * len(groups.pivot) + groups.of
        several = list(_of_each(asking[bounded], key))
        left += [rows for rows in several if len(rows) < _FEWEST_IN_GROUP]
        several = [rows for rows in several if len(rows) >= _FEWEST_IN_GROUP]
        pivots = np.array([groups.pivot[groups.of[rows[0]]] for rows in several], dtype=np.int64)
        n = len(self.x)
        distances = distances_in_blocks(
            pivots, n, lambda rows: self.reachability.distances_from(self.x, rows)
        )
        for rows, distance in zip(several, distances, strict=True):
            name = part[rows[0]]
            within = self.reachability.distance(least[name] / self.reachability.scale)
            open_ = np.where((part == name) | (self.core > least[name]), np.inf, distance)
            near, columns, far = split(rows, distance[rows] + within, open_)
            if len(near) and len(columns):
                found.append(self._nearest(near, columns, part, least))
            left.append(far)
        rows = np.sort(np.concatenate(left))
        return rows[self.reach[rows] <= least[part[rows]]]

    def _nearest(
        self, rows: np.ndarray, columns: np.ndarray, part: np.ndarray, least: np.ndarray
    ) -> Edges:
        """The least edge of a part's ``rows`` to ``columns``, if it is not above ``least``."""
        name = part[rows[0]]
        there = take(self.x, columns)
        found = []
        if len(rows) * len(columns) > _FEW_PAIRS or not np.isfinite(least[name]):
            near, place = self.reachability.table(take(self.x, rows), there).min()
            nearest = np.maximum(near.cpu().numpy() * self.reachability.scale, self.core[rows])
            other = columns[place.cpu().numpy()]
            weight = np.maximum(nearest, self.core[other])
            least[name] = min(least[name], weight.min())
            rows = rows[nearest <= least[name]]
        if not len(rows):
            return self._edges(rows, rows, np.empty(0))
        radius = self._radius(least[name])
        sizes = self.reachability.table(take(self.x, rows), there).count(radius).cpu().numpy()
        for block in bounded_blocks(sizes, there.shape[1]):
            here = rows[block]
            table = self.reachability.table(take(self.x, here), there)
            indptr, place, values = (one.cpu().numpy() for one in table.neighbors(radius))
            left = np.repeat(here, np.diff(indptr))
            edges = self._edges(left, columns[place], values)
            found.append(edges.take(slice(0, 1)))
        edges = joined(found).take(slice(0, 1))
        if len(edges.weight):
            least[name] = min(least[name], edges.weight[0])
        return edges

    def _listed(
        self, rows: np.ndarray, part: np.ndarray, least: np.ndarray, found: list[Edges]
    ) -> None:
        """The least edges of all parts of ``rows``, as the columns of few searches among all
        rows: a search packs its columns in every call."""
        rows = rows[np.argsort(least[part[rows]], kind="stable")]
        step = max(1, _FEW_PAIRS // len(self.x))
        for start in range(0, len(rows), step):
            here = rows[start : start + step]
            here = here[self.reach[here] <= least[part[here]]]
            if not len(here):
                continue
            table = self.reachability.table(self.x, take(self.x, here))
            radius = self._radius(least[part[here]].max())
            indptr, place, values = (one.cpu().numpy() for one in table.neighbors(radius))
            there = np.repeat(np.arange(len(self.x)), np.diff(indptr))
            outside = part[here[place]] != part[there]
            edges = self._edges(here[place[outside]], there[outside], values[outside])
            first = least_of_each(edges, part)
            edges = edges.take(np.unique(first[first < len(edges.weight)]))
            np.minimum.at(least, part[edges.left], edges.weight)
            np.minimum.at(least, part[edges.right], edges.weight)
            found.append(edges)

    def _radius(self, bound: float) -> float:
        return float(wider(bound / self.reachability.scale))

    def _edges(self, here: np.ndarray, there: np.ndarray, values: np.ndarray) -> Edges:
        core = np.maximum(self.core[here], self.core[there])
        return ordered(here, there, np.maximum(core, values * self.reachability.scale))


def _of_each(rows: np.ndarray, key: np.ndarray) -> Iterator[np.ndarray]:
    """``rows``, which rise, by their keys."""
    order = rows[np.argsort(key[rows], kind="stable")]
    yield from np.split(order, np.flatnonzero(np.diff(key[order])) + 1) if len(rows) else ()
