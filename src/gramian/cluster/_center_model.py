"""What every model of centres does with rows once it is fitted."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._arrays import wrap
from gramian._input import Rows, take_rows, take_weights
from gramian.cluster._assignment import inertia, nearest
from gramian.cluster._sphere import unit
from gramian.gram import Gram
from gramian.pairwise import CosineDistance, Euclidean

__all__ = ["CenterModel", "give_labels"]


class CenterModel(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """Base of `KMeans` and `MiniBatchKMeans`: everything that needs ``cluster_centers_`` alone."""

    cluster_centers_: Any
    fit: Any

    def predict(self, X: Any) -> Any:
        """Index of the nearest centre of each row, (n_samples,); ties go to the lowest."""
        rows, centers = self._fitted(X)
        return give_labels(rows, nearest(self._placed(rows), centers))

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Fit, and return ``labels_``."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def transform(self, X: Any) -> Any:
        """Distance of each row to each centre, (n_samples, n_clusters)."""
        rows, centers = self._fitted(X)
        metric = CosineDistance() if self._spherical else Euclidean()
        kind = torch.promote_types(rows.dtype, centers.dtype)
        centers = centers.to(kind)
        distances = centers.new_empty(len(rows), len(centers))
        for span in rows.spans():
            distances[span] = Gram(rows.take(span).to(kind), centers, metric).dense()
        return rows.give(distances)

    def fit_transform(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Fit, and return ``transform(X)``."""
        return self.fit(X, sample_weight=sample_weight).transform(X)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Minus the inertia of ``X`` with these weights: greater is better."""
        rows, centers = self._fitted(X)
        weights = take_weights(rows, sample_weight, f"{type(self).__name__}.score")
        placed = self._placed(rows)
        return -inertia(placed, centers, nearest(placed, centers), weights)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)

    @property
    def _spherical(self) -> bool:
        """Whether rows are compared by their directions."""
        return getattr(self, "metric", "euclidean") == "cosine"

    def _placed(self, rows: Rows) -> Rows:
        """The rows where centres are looked for."""
        return unit(rows) if self._spherical else rows

    def _fitted(self, X: Any) -> tuple[Rows, Tensor]:
        """New rows, checked against the fit, and the centres on their device."""
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        return rows, self._fitted_centers(rows)

    def _fitted_centers(self, rows: Rows) -> Tensor:
        """The centres on the rows' device."""
        centers = self.cluster_centers_
        if not isinstance(centers, Tensor):
            centers = wrap(centers, "cluster_centers_", type(self).__name__)
        return centers.to(rows.device)


def give_labels(rows: Rows, labels: Tensor) -> Any:
    """int32 for NumPy, as scikit-learn has it; int64 for tensors, as torch indexes."""
    return rows.give(labels.to(torch.int32) if rows.form.numpy else labels)
