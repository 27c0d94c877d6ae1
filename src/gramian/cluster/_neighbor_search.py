"""How DBSCAN finds its neighbours: boxes, the engine, a tree, or scikit-learn's own blocks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.neighbors import sort_graph_by_row_values
from torch import Tensor

from gramian._input import Rows
from gramian.cluster._blocks import cluster_by_blocks
from gramian.cluster._density import components, walk
from gramian.cluster._nearest_core import (
    nearest_by_compiled_tree,
    nearest_by_engine,
    nearest_by_lists,
    nearest_in_table,
)
from gramian.cluster._neighborhoods import (
    EngineNeighborhoods,
    ExplicitNeighborhoods,
    Neighborhoods,
)
from gramian.cluster._tree import TreeNeighborhoods, nearest_by_tree
from gramian.neighbors._distances import Distances, plain
from gramian.pairwise._base import Elementary

__all__ = ["NeighborSearch"]


@dataclass(frozen=True)
class NeighborSearch(Distances):
    """The search within ``eps`` that an estimator's parameters ask for."""

    eps: float

    def clusters(
        self, rows: Rows, radii: Sequence[float], min_samples: int, weights: Tensor | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Labels and core mask of ``rows``, both (radii, n), for radii that rise."""
        if self.algorithm == "auto" and rows.tensor is not None:
            metric = self.pair_function(rows.sparse, "DBSCAN")
            if metric is not None:
                found = cluster_by_blocks(rows.tensor, metric, radii, min_samples, weights)
                if found is not None:
                    return found
        each = [replace(self, eps=eps)._by_lists(rows, min_samples, weights) for eps in radii]
        labels, core = zip(*each, strict=True)
        return np.stack(labels), np.stack(core)

    def _by_lists(
        self, rows: Rows, min_samples: int, weights: Tensor | None
    ) -> tuple[np.ndarray, np.ndarray]:
        near = self.neighborhoods(rows)
        sizes, totals = near.sizes(weights)
        core = totals >= min_samples
        # only a precomputed relation can be one-sided
        join = walk if self.precomputed else components
        return join(near, core, sizes), core

    def neighborhoods(self, rows: Rows) -> Neighborhoods:
        """Who lies within eps of whom among ``rows``."""
        metric = self.pair_function(rows.sparse, "DBSCAN")
        if metric is not None:
            assert rows.tensor is not None
            tree = self.tree_for(rows.tensor, metric)
            if tree is None:
                return EngineNeighborhoods(rows.tensor, metric, self.eps)
            assert isinstance(metric, Elementary)
            return TreeNeighborhoods(
                rows.tensor, metric, self.eps, algorithm=tree, leaf_size=self.leaf_size
            )
        table = plain(rows.given)
        if self.precomputed and rows.sparse:
            table = _with_diagonal(table)
        return ExplicitNeighborhoods(table, self.explicit_model(self.eps).fit(table))

    def nearest_core(self, rows: Rows, core: np.ndarray, core_rows: Any) -> np.ndarray:
        """The place in ``core`` of each row's nearest core row within eps, or −1.

        ``core`` are the core rows' numbers in the fit and ``core_rows`` the rows themselves.
        """
        if self.precomputed:
            return nearest_in_table(plain(rows.given), core, self.eps)
        metric = self.pair_function(rows.sparse or sparse.issparse(core_rows), "DBSCAN")
        if metric is None:
            there = plain(core_rows)
            return nearest_by_lists(self.explicit_model(self.eps).fit(there), plain(rows.given))
        x, there = rows.beside(core_rows, "DBSCAN.predict")
        if self.compiled_tree_for(there, metric):
            assert isinstance(metric, Elementary)
            return nearest_by_compiled_tree(x, there, metric, self.eps)
        tree = self.tree_for(there, metric)
        if tree is None:
            return nearest_by_engine(x, there, metric, self.eps)
        assert isinstance(metric, Elementary)
        return nearest_by_tree(x, there, metric, self.eps, algorithm=tree, leaf_size=self.leaf_size)


def _with_diagonal(graph: Any) -> Any:
    """A copy of a sparse distance graph in which every row is its own neighbour."""
    graph = graph.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sparse.SparseEfficiencyWarning)
        graph.setdiag(graph.diagonal())
    return sort_graph_by_row_values(graph, warn_when_not_sorted=False)
