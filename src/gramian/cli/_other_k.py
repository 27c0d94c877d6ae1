"""What k-means makes of other numbers of clusters: inertia, silhouette and gap along a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian.cluster import KMeans
from gramian.cluster._kmeans_path import KMeansPath

__all__ = ["OtherK", "other_k"]

PATH_ROWS, SILHOUETTE_ROWS = 5_000, 2_000
MOST_K = 10


@dataclass(frozen=True)
class OtherK:
    """A path through about ten numbers of clusters, and the one that was fitted.

    Attributes
    ----------
    k : int
        The one that was fitted, or the largest on the path where rows are too few.
    path : KMeansPath
    rows, of : int
        The path is of so many rows, drawn at random, of so many.
    """

    k: int
    path: KMeansPath
    rows: int
    of: int

    @property
    def largest_silhouette(self) -> int | None:
        """The number with the largest mean silhouette."""
        known = np.isfinite(self.path.silhouette)
        return int(self.path.ks[np.nanargmax(self.path.silhouette)]) if known.any() else None

    def summary(self) -> dict[str, Any]:
        """For machines."""
        path = self.path
        columns = {
            "k": path.ks,
            "inertia": path.inertia,
            "silhouette": path.silhouette,
            "gap": path.gap,
            "gap_error": path.gap_error,
        }
        values = zip(*(_plain(column) for column in columns.values()), strict=True)
        return {
            "rows": self.rows,
            "largest_silhouette": self.largest_silhouette,
            "path": [dict(zip(columns, each, strict=True)) for each in values],
        }


def other_k(X: np.ndarray, k: int, *, weight: np.ndarray | None = None, seed: int = 0) -> OtherK:
    """Fits for about ten numbers of clusters, k among them, each started from the one before."""
    n = len(X)
    if n > PATH_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(n, PATH_ROWS, replace=False))
        X, weight = X[rows], None if weight is None else weight[rows]
        if weight is not None and not weight.any():
            weight = None
    distinct = len(np.unique(X, axis=0))
    most = min(max(MOST_K, 2 * k), distinct)
    k = min(k, most)
    tried = np.unique(np.append(np.geomspace(1, most, MOST_K).round().astype(int), k))
    if most <= MOST_K:
        tried = np.arange(1, most + 1)
    model = KMeans(random_state=seed)
    path = model.fit_path(X, tried, sample_weight=weight, silhouette_sample=SILHOUETTE_ROWS)
    return OtherK(k, path, len(X), n)


def _plain(values: np.ndarray) -> list[Any]:
    """Numbers of Python's own; None where there is none."""
    return [value if np.isfinite(value) else None for value in values.tolist()]
