"""Where the rows of HDBSCAN lie: with a metric of the engine's, or with a table of distances.

A space tells the minimum spanning tree of its rows' mutual reachability, and to which of them new
rows attach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from torch import Tensor

from gramian._config import config_context, current
from gramian.cluster._edges import Edges
from gramian.cluster._prim import prim
from gramian.cluster._reachability import Reachability, take
from gramian.cluster._reachability_tree import reachability_tree
from gramian.gram import Gram
from gramian.neighbors._blocks import row_limit
from gramian.neighbors._core_values import core_from_lists
from gramian.neighbors._spanning_tree import has_spanning_tree, spanning_tree
from gramian.pairwise import Euclidean
from gramian.pairwise._base import PairFunction

__all__ = ["Attached", "DistanceTable", "EngineSpace", "RowSpace", "Space", "TableSpace", "Tree"]

_MOST_FEATURES = 15
"""Of a k-d tree that saves enough pairs to beat the engine."""

_EXTRA_NEIGHBORS = 5
"""Asked for beyond ``min_samples`` when a new row looks for the row that it attaches to."""


class Tree(NamedTuple):
    """A minimum spanning tree of mutual reachability, and the core distances, (n,)."""

    edges: Edges
    core: np.ndarray


class Attached(NamedTuple):
    """For each new row the fitted row of least mutual reachability, and that, each (q,)."""

    row: np.ndarray
    reachability: np.ndarray


class Space(Protocol):
    """n fitted rows and their distances."""

    def tree(self, min_samples: int, weights: np.ndarray | None) -> Tree:
        """The spanning tree of the rows."""

    def attach(
        self, queries: Any, core: np.ndarray, min_samples: int, weights: np.ndarray | None
    ) -> Attached:
        """Where new rows attach; ties go to the nearer row, then to the smaller index.

        A new row's core distance is that to its ``min_samples``-th nearest fitted row.
        """


@runtime_checkable
class RowSpace(Space, Protocol):
    """A space that holds the rows themselves."""

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Distances between fitted rows, (len(a), len(b))."""

    def nearest(self, queries: Any, members: np.ndarray) -> np.ndarray:
        """Distance from each new row to the nearest of the fitted rows ``members``, (q,)."""


@dataclass(frozen=True)
class EngineSpace:
    """Rows whose distances the engine computes; exact, and nothing of size n × n is stored."""

    x: Tensor
    metric: PairFunction
    alpha: float

    def tree(self, min_samples: int, weights: np.ndarray | None) -> Tree:
        reachability = Reachability.of(self.metric, self.alpha)
        if self._tree_pays(min_samples):
            edges, core = _by_tree(self.x, min_samples, self.alpha, weights)
        else:
            # Borůvka's rounds need weights that are the same from both ends
            with config_context(precision="exact"):
                edges, core = reachability_tree(self.x, reachability, min_samples, weights)
        distances = edges._replace(weight=reachability.distance(edges.weight))
        return Tree(distances, reachability.distance(core))

    def _tree_pays(self, min_samples: int) -> bool:
        """Whether a k-d tree is likely to beat the engine, and fits the memory budget."""
        n, d = self.x.shape
        listed = min(n, min_samples)
        return (
            type(self.metric) is Euclidean
            and d <= _MOST_FEATURES
            and has_spanning_tree(self.x)
            and 8 * n * (d + 3 * listed + 30) <= current().memory // 4
        )

    def attach(
        self, queries: Tensor, core: np.ndarray, min_samples: int, weights: np.ndarray | None
    ) -> Attached:
        # no squares here: core distances come as distances
        reachability = Reachability(self.metric, 1.0 / self.alpha, squared=False)
        n, k = len(self.x), min(len(self.x), min_samples + _EXTRA_NEIGHBORS)
        row, weight = np.zeros(len(queries), dtype=np.int64), np.full(len(queries), np.inf)
        asking = np.arange(len(queries))
        while len(asking):
            here = take(queries, asking)
            values, index = reachability.lists(here, self.x, k)
            own = reachability.core_values(here, self.x, values, index, min_samples, weights)
            values = values * reachability.scale
            row[asking], weight[asking] = _nearest(values, index, own, core)
            # beyond a list's end nothing is nearer than its last
            open_ = weight[asking] > np.maximum(own, values[:, -1])
            asking = asking[open_] if k < n else asking[:0]
            k = min(2 * k, n)
        return Attached(row, weight)

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        distances: np.ndarray = Gram(self.x[a], self.x[b], self.metric).dense().cpu().numpy()
        return distances

    def nearest(self, queries: Tensor, members: np.ndarray) -> np.ndarray:
        distances: np.ndarray = Gram(queries, self.x[members], self.metric).min()[0].cpu().numpy()
        return distances


@dataclass(frozen=True)
class DistanceTable:
    """A table of distances, made a block of rows at a time.

    Attributes
    ----------
    shape : (rows, columns)
    rows : callable
        From a slice of the rows to their distances, (b, columns), float64.
    """

    shape: tuple[int, int]
    rows: Callable[[slice], np.ndarray]

    def __len__(self) -> int:
        return self.shape[0]

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Blocks within the memory budget, each with its place."""
        n, width = self.shape
        step = row_limit(width)
        for start in range(0, n, step):
            block = slice(start, min(n, start + step))
            yield block, self.rows(block)


@dataclass(frozen=True)
class TableSpace:
    """Rows whose distances to each other are a table, (n, n)."""

    table: DistanceTable
    alpha: float

    def tree(self, min_samples: int, weights: np.ndarray | None) -> Tree:
        n = len(self.table)
        core = np.empty(n)
        for block, values in self.table.blocks():
            core[block] = core_from_lists(*_sorted(values), min_samples, weights)

        def weights_from(row: int) -> np.ndarray:
            apart = self.table.rows(slice(row, row + 1))[0] / self.alpha
            return np.maximum(np.maximum(core, apart), core[row])

        return Tree(prim(n, weights_from), core)

    def attach(
        self, queries: DistanceTable, core: np.ndarray, min_samples: int, weights: np.ndarray | None
    ) -> Attached:
        row, weight = np.zeros(len(queries), dtype=np.int64), np.full(len(queries), np.inf)
        for block, values in queries.blocks():
            sorted_, index = _sorted(values)
            own = core_from_lists(sorted_, index, min_samples, weights)
            row[block], weight[block] = _nearest(sorted_ / self.alpha, index, own, core)
        return Attached(row, weight)


def _by_tree(
    x: Tensor, min_samples: int, alpha: float, weights: np.ndarray | None
) -> tuple[Edges, np.ndarray]:
    """The spanning tree and the core values, as `reachability_tree` has them."""
    found = spanning_tree(x, min_samples, alpha=alpha, weights=weights)
    edges = Edges(found.left.numpy(), found.right.numpy(), found.weight.numpy())
    return edges, found.core.numpy()


def _nearest(
    values: np.ndarray, index: np.ndarray, own: np.ndarray, core: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The first of the least reachabilities in each list, and what it is."""
    weight = np.maximum(np.maximum(values, own[:, None]), core[index])
    place = weight.argmin(axis=1)[:, None]
    rows, weights = (np.take_along_axis(table, place, axis=1)[:, 0] for table in (index, weight))
    return rows, weights


def _sorted(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row's values, rising, and their places; equal values keep their order."""
    index = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(values, index, axis=1), index
