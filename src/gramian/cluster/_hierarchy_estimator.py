"""Between an estimator and its hierarchy: rows in, results in the kind of array of the rows out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from gramian._input import Rows, take_rows
from gramian.cluster._cluster_centers import find_centers
from gramian.cluster._hdbscan_rows import SpaceOfRows, dense_rows
from gramian.cluster._hierarchy import Hierarchy
from gramian.neighbors._distances import Distances

__all__ = ["HierarchyEstimator", "give"]


class HierarchyEstimator(ClusterMixin, BaseEstimator):
    """What `HDBSCAN` does with rows; its parameters and public methods are its own."""

    min_cluster_size: int
    min_samples: int | None
    cluster_selection_epsilon: float
    metric: Any
    metric_params: dict[str, Any] | None
    alpha: float
    algorithm: str
    leaf_size: int
    n_jobs: int | None
    store_centers: str | None
    _hierarchy: Hierarchy

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self._precomputed
        tags.input_tags.allow_nan = not self._precomputed
        return tags

    @property
    def _precomputed(self) -> bool:
        return isinstance(self.metric, str) and self.metric == "precomputed"

    def _spaces(self) -> SpaceOfRows:
        """The space that the parameters ask for."""
        asked = Distances(
            self.metric, self.metric_params, self.algorithm, self.leaf_size, None, self.n_jobs
        )
        return SpaceOfRows(asked, self.alpha)

    def _take_queries(self, X: Any) -> tuple[Rows, np.ndarray, np.ndarray]:
        """New rows, their marks, and which of them have a place in the hierarchy."""
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False, finite=False)
        marked = self._spaces().marks(rows)
        return rows, marked, np.flatnonzero(marked == 0)

    def _placed(self, rows: Rows, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the rows ``wanted`` are in the hierarchy."""
        return self._hierarchy.place(self._queries(rows, wanted))

    def _queries(self, rows: Rows, wanted: np.ndarray) -> Any:
        """The rows ``wanted`` as the space of the fit takes them."""
        found = self._hierarchy
        return self._spaces().queries(found.space, rows, wanted, found.kept)

    def _restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Make `predict` ready from `Hierarchy.to_arrays` of a fit by the Euclidean metric."""
        self._hierarchy = Hierarchy.from_arrays(
            arrays,
            min_samples=self.min_cluster_size if self.min_samples is None else self.min_samples,
            epsilon=self.cluster_selection_epsilon,
        )

    def _store_results(self, rows: Rows, marked: np.ndarray) -> None:
        found = self._hierarchy
        labels, strengths, scores = found.row_results(marked)
        left_out = np.setdiff1d(np.flatnonzero(marked == 0), found.kept)
        if len(left_out):
            places = self._placed(rows, left_out)
            labels[left_out], strengths[left_out] = found.flat.place(*places)
        self.labels_, self.probabilities_ = give(rows, labels), give(rows, strengths)
        self.outlier_scores_ = give(rows, scores)
        self.condensed_tree_ = found.condensed_tree()
        self.minimum_spanning_tree_ = found.spanning_tree()
        if self.store_centers is not None:
            x = dense_rows(rows, found.kept)
            for name, centers in find_centers(self.store_centers, x, found).items():
                setattr(self, name, rows.give(centers.to(rows.device)))


def give(rows: Rows, values: np.ndarray) -> Any:
    """Results in the kind of array, and on the device, of ``rows``."""
    return rows.give(torch.from_numpy(values).to(rows.device))
