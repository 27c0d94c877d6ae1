"""How DBSCAN's neighbours are found: the engine, a tree, or scikit-learn's explicit blocks."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.neighbors import NearestNeighbors, sort_graph_by_row_values
from torch import Tensor

from gramian._input import Rows
from gramian.cluster._nearest_core import nearest_by_engine, nearest_by_lists, nearest_in_table
from gramian.cluster._neighborhoods import (
    EngineNeighborhoods,
    ExplicitNeighborhoods,
    Neighborhoods,
)
from gramian.cluster._tree import TREES, TreeNeighborhoods, has_tree, nearest_by_tree, tree_pays
from gramian.pairwise._base import Elementary, PairFunction
from gramian.pairwise.names import METRIC_NAMES

__all__ = ["NeighborSearch"]

_MINKOWSKI = {1.0: "manhattan", 2.0: "euclidean", math.inf: "chebyshev"}


@dataclass(frozen=True)
class NeighborSearch:
    """The search within ``eps`` that an estimator's parameters ask for."""

    eps: float
    metric: Any
    metric_params: dict[str, Any] | None
    algorithm: str
    leaf_size: int
    p: float | None
    n_jobs: int | None

    @property
    def precomputed(self) -> bool:
        """Whether the rows are distances already."""
        return isinstance(self.metric, str) and self.metric == "precomputed"

    def neighborhoods(self, rows: Rows) -> Neighborhoods:
        """Who lies within eps of whom among ``rows``."""
        metric = self._engine_metric(rows.sparse)
        if metric is not None:
            assert rows.tensor is not None
            tree = self._tree_for(rows.tensor, metric)
            if tree is None:
                return EngineNeighborhoods(rows.tensor, metric, self.eps)
            assert isinstance(metric, Elementary)
            return TreeNeighborhoods(
                rows.tensor, metric, self.eps, algorithm=tree, leaf_size=self.leaf_size
            )
        table = _plain(rows.given)
        if self.precomputed and rows.sparse:
            table = _with_diagonal(table)
        return ExplicitNeighborhoods(table, self._explicit_model().fit(table))

    def nearest_core(self, rows: Rows, core: np.ndarray, core_rows: Any) -> np.ndarray:
        """The place in ``core`` of each row's nearest core row within eps, or −1.

        ``core`` are the core rows' numbers in the fit and ``core_rows`` the rows themselves.
        """
        if self.precomputed:
            return nearest_in_table(_plain(rows.given), core, self.eps)
        metric = self._engine_metric(rows.sparse or sparse.issparse(core_rows))
        if metric is None:
            there = _plain(core_rows)
            return nearest_by_lists(self._explicit_model().fit(there), _plain(rows.given))
        x, there = rows.beside(core_rows, "DBSCAN.predict")
        tree = self._tree_for(there, metric)
        if tree is None:
            return nearest_by_engine(x, there, metric, self.eps)
        assert isinstance(metric, Elementary)
        return nearest_by_tree(x, there, metric, self.eps, algorithm=tree, leaf_size=self.leaf_size)

    def _engine_metric(self, is_sparse: bool) -> PairFunction | None:
        """The pair function that the engine computes; None where blocks are explicit."""
        if isinstance(self.metric, PairFunction):
            if is_sparse:
                raise TypeError(
                    "DBSCAN: X must be dense where metric is a PairFunction, got a sparse matrix. "
                    "Pass X.toarray() or name the metric."
                )
            return self.metric
        if is_sparse or self.metric_params:
            return None
        name = self.metric
        if isinstance(name, str) and name == "minkowski":
            name = _MINKOWSKI.get(2.0 if self.p is None else float(self.p))
        if not isinstance(name, str) or name not in METRIC_NAMES:
            return None
        metric = METRIC_NAMES[name]()
        # a tree that does not know the metric is scikit-learn's to refuse
        return None if self.algorithm in TREES and not has_tree(metric) else metric

    def _tree_for(self, x: Tensor, metric: PairFunction) -> str | None:
        """Which tree to ask; None for the engine."""
        if self.algorithm in TREES and has_tree(metric) and x.device.type == "cpu":
            return self.algorithm
        return "kd_tree" if self.algorithm == "auto" and tree_pays(x, metric) else None

    def _explicit_model(self) -> NearestNeighbors:
        p = 2 if self.p is None and "p" not in (self.metric_params or {}) else self.p
        return NearestNeighbors(
            radius=self.eps,
            algorithm=self.algorithm,
            leaf_size=self.leaf_size,
            metric=self.metric,
            metric_params=self.metric_params,
            p=p,
            n_jobs=self.n_jobs,
        )


def _plain(table: Any) -> Any:
    """A table in the form that scikit-learn computes with; a copy only for tensors elsewhere."""
    if not isinstance(table, Tensor):
        return table
    table = table.cpu()
    return (table if table.dtype in (torch.float32, torch.float64) else table.float()).numpy()


def _with_diagonal(graph: Any) -> Any:
    """A copy of a sparse distance graph in which every row is its own neighbour."""
    graph = graph.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sparse.SparseEfficiencyWarning)
        graph.setdiag(graph.diagonal())
    return sort_graph_by_row_values(graph, warn_when_not_sorted=False)
