"""HDBSCAN with distances that the engine does not know: by scikit-learn, or by a callable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.metrics import DistanceMetric, pairwise_distances
from sklearn.metrics.pairwise import PAIRWISE_BOOLEAN_FUNCTIONS

from gramian import _config
from gramian.cluster._spaces import Attached, DistanceTable, TableSpace, Tree
from gramian.gram import Gram
from gramian.pairwise._base import PairFunction

__all__ = ["ExplicitSpace"]

_OF_TREES = ("infinity", "p", "pyfunc", "sokalmichener")
"""Metrics that scikit-learn's trees know and its ``pairwise_distances`` does not."""


@dataclass(frozen=True)
class ExplicitSpace:
    """Rows whose distances are tables of another maker.

    Attributes
    ----------
    x : ndarray, CSR matrix or Tensor of shape (n, d)
    metric : str, callable or PairFunction
    params : dict
    alpha : float
    n_jobs : int or None
    """

    x: Any
    metric: Any
    params: dict[str, Any]
    alpha: float
    n_jobs: int | None

    def tree(self, min_samples: int, weights: np.ndarray | None) -> Tree:
        n = self.x.shape[0]
        table = self._table(self.x)
        # once made, the whole table serves every row
        if 8 * n * n <= _config.current().memory // 4:
            whole = table.rows(slice(0, n))
            table = DistanceTable((n, n), lambda block: whole[block])
        return TableSpace(table, self.alpha).tree(min_samples, weights)

    def attach(
        self, queries: Any, core: np.ndarray, min_samples: int, weights: np.ndarray | None
    ) -> Attached:
        table = self._table(queries)
        return TableSpace(table, self.alpha).attach(table, core, min_samples, weights)

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return self._pairwise(self.x[a], self.x[b])

    def nearest(self, queries: Any, members: np.ndarray) -> np.ndarray:
        near = [values[:, members].min(axis=1) for _, values in self._table(queries).blocks()]
        return np.concatenate(near)

    def _pairwise(self, a: Any, b: Any) -> np.ndarray:
        """Distances between the rows of two tables, float64."""
        if isinstance(self.metric, PairFunction):
            return Gram(a, b, self.metric).dense().double().cpu().numpy()
        if self.metric in _OF_TREES:
            measure = DistanceMetric.get_metric(self.metric, **self._params)
            return np.asarray(measure.pairwise(a, b), dtype=np.float64)
        if self.metric in PAIRWISE_BOOLEAN_FUNCTIONS and not sparse.issparse(a):
            a, b = a.astype(bool), b.astype(bool)
        found = pairwise_distances(a, b, metric=self.metric, n_jobs=self.n_jobs, **self._params)
        return np.asarray(found, dtype=np.float64)

    def _table(self, queries: Any) -> DistanceTable:
        shape = (queries.shape[0], self.x.shape[0])
        return DistanceTable(shape, lambda block: self._pairwise(queries[block], self.x))

    @cached_property
    def _params(self) -> dict[str, Any]:
        """The metric's parameters, where need be from the fitted rows, as SciPy takes them."""
        params = dict(self.params)
        if self.metric == "seuclidean":
            params.setdefault("V", np.var(self.x, axis=0, ddof=1))
        if self.metric == "mahalanobis" and "V" not in params:
            params.setdefault("VI", np.linalg.inv(np.cov(self.x.T)).T)
        if self.metric == "mahalanobis" and "V" in params:
            params["VI"] = np.linalg.inv(params.pop("V"))
        return params
