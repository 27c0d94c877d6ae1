"""HDBSCAN on a sparse graph of distances: what is not stored is no neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components

from gramian.cluster._boruvka import boruvka
from gramian.cluster._edges import ordered
from gramian.cluster._spaces import Attached, DistanceTable, TableSpace, Tree

__all__ = ["GraphSpace"]


@dataclass(frozen=True)
class GraphSpace:
    """A symmetric sparse matrix of distances, CSR, (n, n).

    A row counts among its own neighbours only where its zero is stored.
    """

    graph: Any
    alpha: float

    def tree(self, min_samples: int, weights: np.ndarray | None) -> Tree:
        """The tree of the stored edges; ``ValueError`` where they do not connect all rows."""
        n = self.graph.shape[0]
        core = self._core_distances(min_samples, np.ones(n) if weights is None else weights)
        parts: Any = connected_components(self.graph, directed=False, return_labels=False)
        if parts > 1:
            raise ValueError(
                f"HDBSCAN.fit: X must be a connected graph, got {parts} connected components. "
                "HDBSCAN cannot be performed on a disconnected graph: store more distances."
            )
        edges = self.graph.tocoo()
        apart = edges.row != edges.col
        row, column, value = edges.row[apart], edges.col[apart], edges.data[apart]
        weight = np.maximum(np.maximum(core[row], core[column]), value / self.alpha)
        listed = ordered(row.astype(np.int64), column.astype(np.int64), weight)
        return Tree(boruvka(n, listed, np.full(n, np.inf)), core)

    def attach(
        self, queries: Any, core: np.ndarray, min_samples: int, weights: np.ndarray | None
    ) -> Attached:
        """As from a dense table, with infinite distances where none is stored."""

        def rows(block: slice) -> np.ndarray:
            graph = queries[block].tocoo()
            dense = np.full(graph.shape, np.inf)
            dense[graph.row, graph.col] = graph.data
            return dense

        table = DistanceTable(queries.shape, rows)
        return TableSpace(table, self.alpha).attach(table, core, min_samples, weights)

    def _core_distances(self, min_samples: int, weights: np.ndarray) -> np.ndarray:
        """The first stored distance at which each row's neighbours weigh ``min_samples``."""
        graph = self.graph.tocoo()
        n = graph.shape[0]
        order = np.lexsort((graph.data, graph.row))
        row, weight = graph.row[order], np.cumsum(weights[graph.col[order]])
        stored = np.bincount(row, minlength=n)
        ends = np.cumsum(stored)
        before = np.append(0.0, weight)[ends - stored]
        enough = np.flatnonzero(weight - before[row] >= min_samples)
        found, first = np.unique(row[enough], return_index=True)
        if len(found) < n:
            raise ValueError(
                f"HDBSCAN.fit: X must store {min_samples} neighbours of every row (min_samples), "
                f"got {n - len(found)} rows with less. There exists points with fewer than "
                f"{min_samples} neighbors: store more distances or lower min_samples."
            )
        core: np.ndarray = graph.data[order][enough[first]].astype(np.float64)
        return core
