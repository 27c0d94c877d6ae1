"""Scores from centroids: how far rows lie from their own, and centroids from each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from gramian._input import BLOCK_ELEMENTS, Rows
from gramian.gram import Gram
from gramian.metrics._clusters import Clusters, checked
from gramian.pairwise.metrics import Euclidean

__all__ = ["calinski_harabasz_score", "davies_bouldin_score"]

_EQUAL = 1e-12
"""Centroids that differ by less than this share of the size of the data are rounded equals."""


def calinski_harabasz_score(X: Any, labels: Any) -> float:
    """Variance between clusters over variance within them; higher is better.

    With n rows, k clusters of nᵢ rows and centroid cᵢ, and the mean m of all rows, it is
    Σ nᵢ ‖cᵢ − m‖² / (k − 1) over Σ ‖x − c(x)‖² / (n − k); 1 where every row lies on its centroid.
    Takes the place of ``sklearn.metrics.calinski_harabasz_score``.

    Parameters
    ----------
    X : array-like, data frame, sparse matrix or Tensor of shape (n, d)
    labels : array-like or Tensor of shape (n,)
        Cluster of each row: numbers, text, anything that sorts.

    Returns
    -------
    float
        At least 0, without a unit.

    Raises
    ------
    ValueError, TypeError
        If there are fewer than 2 labels or as many as rows; if X and labels disagree in length, are
        not finite or have a wrong type.

    Notes
    -----
    O(n d) time and O(k d) memory beyond X and the labels, in float64 on the CPU, about the first
    row, so that data far from the origin lose nothing. Sums follow the order of the rows: threads
    do not change a bit.

    References
    ----------
    .. [1] T. Caliński, J. Harabasz, "A dendrite method for cluster analysis", Communications in
       Statistics 3, 1974, doi:10.1080/03610927408827101.

    Examples
    --------
    >>> from gramian import calinski_harabasz_score
    >>> calinski_harabasz_score([[0.0], [2.0], [10.0], [12.0]], [0, 0, 1, 1])
    50.0
    """
    rows, clusters = _grouped(X, labels, "calinski_harabasz_score")
    centroids = _centroids(rows, clusters)
    within = sum(float(squares.sum()) for _, squares in _squares(rows, clusters, centroids))
    if within == 0.0:
        return 1.0
    sizes = clusters.sizes[:, None]
    mean = (sizes * centroids).sum(0) / len(rows)
    between = float((sizes * (centroids - mean) ** 2).sum())
    return between * (len(rows) - len(clusters)) / (within * (len(clusters) - 1))


def davies_bouldin_score(X: Any, labels: Any) -> float:
    """Mean over clusters of the likeness to the most alike other cluster; lower is better.

    The likeness of clusters i and j is (sᵢ + sⱼ) / ‖cᵢ − cⱼ‖, with centroids c and mean distances s
    of rows to their centroid. Clusters with equal centroids are not compared. Takes the place of
    ``sklearn.metrics.davies_bouldin_score``.

    Parameters
    ----------
    X : array-like, data frame, sparse matrix or Tensor of shape (n, d)
    labels : array-like or Tensor of shape (n,)
        Cluster of each row: numbers, text, anything that sorts.

    Returns
    -------
    float
        At least 0, without a unit.

    Raises
    ------
    ValueError, TypeError
        If there are fewer than 2 labels or as many as rows; if X and labels disagree in length, are
        not finite or have a wrong type.

    Notes
    -----
    O((n + k²) d) time and O(k d) memory beyond X and the labels, in float64 on the CPU, about the
    first row. Centroids count as equal where they differ by less than 10⁻¹² of the size of the
    data about that row; scikit-learn compares with the number 10⁻⁸, so that its score depends on
    the unit. Sums follow the order of the rows: threads do not change a bit.

    References
    ----------
    .. [1] D. L. Davies, D. W. Bouldin, "A cluster separation measure", IEEE Transactions on Pattern
       Analysis and Machine Intelligence 1, 1979, doi:10.1109/TPAMI.1979.4766909.

    Examples
    --------
    >>> from gramian import davies_bouldin_score
    >>> davies_bouldin_score([[0.0], [2.0], [10.0], [12.0]], [0, 0, 1, 1])
    0.2
    """
    rows, clusters = _grouped(X, labels, "davies_bouldin_score")
    centroids = _centroids(rows, clusters)
    spread = np.zeros(len(clusters))
    for part, squares in _squares(rows, clusters, centroids):
        clusters.add(spread, part, np.sqrt(squares))
    spread /= clusters.sizes
    least = _EQUAL * (np.abs(centroids).max() + spread.max())
    points, total = torch.from_numpy(centroids), 0.0
    for block in range(0, len(points), step := max(1, BLOCK_ELEMENTS // len(points))):
        apart = Gram(points[block : block + step], points, Euclidean()).dense().numpy()
        apart[apart <= least] = np.inf
        likeness = (spread[block : block + step, None] + spread) / apart
        total += float(likeness.max(axis=1).sum())
    return total / len(points)


def _grouped(X: Any, labels: Any, caller: str) -> tuple[Rows, Clusters]:
    """The checked table and its clusters."""
    rows, labels = checked(X, labels, caller)
    return rows, Clusters.of(labels, caller)


def _parts(rows: Rows, clusters: Clusters) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers, cluster after cluster, and those rows less the first of all, in float64."""
    first = rows.take(slice(0, 1)).cpu().double().numpy()
    for part in clusters.parts(rows.shape[1]):
        taken = rows.take(torch.from_numpy(part).to(rows.device))
        yield part, taken.cpu().double().numpy() - first


def _centroids(rows: Rows, clusters: Clusters) -> np.ndarray:
    """Means of the clusters less the first row, (k, d)."""
    totals = np.zeros((len(clusters), rows.shape[1]))
    for part, values in _parts(rows, clusters):
        clusters.add(totals, part, values)
    return totals / clusters.sizes[:, None]


def _squares(
    rows: Rows, clusters: Clusters, centroids: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers, cluster after cluster, and squared distances to the own centroid."""
    for part, values in _parts(rows, clusters):
        yield part, ((values - centroids[clusters.codes[part]]) ** 2).sum(1)
