"""HDBSCAN: density-based clusters at every scale, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from gramian._input import all_or_nothing, take_rows, take_weights
from gramian._validation import check_int, check_real
from gramian.cluster._hdbscan_parameters import check_parameters, enough_samples
from gramian.cluster._hierarchy import Hierarchy
from gramian.cluster._hierarchy_estimator import HierarchyEstimator, give
from gramian.cluster._soft_membership import soft_memberships

__all__ = ["HDBSCAN"]


class HDBSCAN(HierarchyEstimator):
    """Hierarchical density-based clustering, on an exact minimum spanning tree.

    The *core distance* of a row is the distance to its ``min_samples``-th nearest row, itself
    counted; two rows are as far apart as the largest of their core distances and their distance
    over ``alpha``. Single linkage on these distances is a hierarchy of clusters of every density.
    Those of at least ``min_cluster_size`` rows that last longest are chosen; the rest is noise, −1.

    Takes the place of ``sklearn.cluster.HDBSCAN``: same parameters, attributes and labels, for
    NumPy arrays, data frames, sparse and precomputed matrices, and tensors on any device.

    Parameters
    ----------
    min_cluster_size : int, default=5
        Rows, or their total weight, without which a group is no cluster; at least 2.
    min_samples : int, optional
        None means ``min_cluster_size``.
    cluster_selection_epsilon : float, default=0.0
        Clusters that part at a smaller distance are not told apart.
    max_cluster_size : int, optional
        A larger cluster is not chosen by "eom", the root neither.
    metric : str, callable or PairFunction, default="euclidean"
        "euclidean", "l2", "sqeuclidean", "manhattan", "cityblock", "l1", "chebyshev", "cosine",
        "minkowski" and `PairFunction` metrics are computed by the engine. scikit-learn's other
        metrics and callables are computed by its ``pairwise_distances``; "precomputed" is a square
        symmetric matrix, in which infinity is allowed, or a sparse graph.
    metric_params : dict, optional
        Further arguments of the metric; they choose scikit-learn.
    alpha : float, default=1.0
        Distances, but not core distances, are divided by it.
    algorithm : {"auto", "brute", "kd_tree", "ball_tree"}, default="auto"
        Whatever is asked for, the same tree is found in the way that is fastest here. A tree of
        scikit-learn's that does not know the metric is refused as there.
    leaf_size : int, default=40
        Accepted for compatibility.
    n_jobs : int, optional
        For scikit-learn's metrics; the engine follows ``torch.get_num_threads()``.
    cluster_selection_method : {"eom", "leaf"}, default="eom"
        "eom" is excess of mass: clusters of several sizes. "leaf" takes the finest.
    allow_single_cluster : bool, default=False
        Whether all rows may be one cluster.
    store_centers : {"centroid", "medoid", "both"}, optional
    copy : bool, default=True
        Accepted for compatibility: X is never modified.

    Attributes
    ----------
    labels_ : ndarray or Tensor of shape (n_samples,), int64
        Noise is −1, a row with an infinite number −2, a row with NaN −3.
    probabilities_ : ndarray or Tensor of shape (n_samples,), float64
        How long, in λ = 1 / distance, a row stays in its cluster: 1 in the core, 0 for noise and
        infinite rows, NaN for missing ones.
    outlier_scores_ : ndarray or Tensor of shape (n_samples,), float64
        GLOSH [2]_: 0 in the densest part of the surroundings, near 1 far from it. Rows that took
        no part have NaN.
    condensed_tree_ : CondensedTree
        Columns ``parent``, ``child``, ``lambda_val``, ``child_size``.
    minimum_spanning_tree_ : SpanningTree
        Columns ``left``, ``right``, ``weight``.
    centroids_, medoids_ : ndarray or Tensor of shape (n_clusters, n_features), float64
        Means and medoids weighted by ``probabilities_``, where ``store_centers`` asks. A medoid is
        the row with the least sum of distances; the lowest one where sums agree to 12 digits.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    With the engine's metrics the spanning tree is that of float64 brute force; equal weights are
    told apart by the smaller index, then by the larger, so that labels depend neither on threads
    nor on the memory budget. Time is O(n² d) at most; memory, beyond the engine's budget, a
    float64 copy of X and O(n min_samples). Other metrics take O(n²) calls and rows of distances.

    An integer weight is worth as many equal rows, 0 none: such a row is labelled as by `predict`.
    If a fit fails or is interrupted, the estimator stays as it was before it.

    References
    ----------
    .. [1] R. J. G. B. Campello, D. Moulavi, J. Sander, "Density-based clustering based on
       hierarchical density estimates", PAKDD 2013.
    .. [2] R. J. G. B. Campello, D. Moulavi, A. Zimek, J. Sander, "Hierarchical density estimates
       for data clustering, visualization, and outlier detection", ACM TKDD 10(1), 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import HDBSCAN
    >>> X = np.array([[1, 2], [2, 2], [2, 3], [8, 7], [8, 8], [7, 8], [25, 80]])
    >>> model = HDBSCAN(min_cluster_size=3, min_samples=2).fit(X)
    >>> model.labels_
    array([ 0,  0,  0,  1,  1,  1, -1])
    >>> model.predict([[0, 2], [9, 9], [50, 50]])
    array([ 0,  1, -1])
    """

    def __init__(
        self,
        min_cluster_size: int = 5,
        min_samples: int | None = None,
        cluster_selection_epsilon: float = 0.0,
        max_cluster_size: int | None = None,
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        alpha: float = 1.0,
        algorithm: str = "auto",
        leaf_size: int = 40,
        n_jobs: int | None = None,
        cluster_selection_method: str = "eom",
        allow_single_cluster: bool = False,
        store_centers: str | None = None,
        copy: bool = True,
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.cluster_selection_epsilon = cluster_selection_epsilon
        self.max_cluster_size = max_cluster_size
        self.metric = metric
        self.metric_params = metric_params
        self.alpha = alpha
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.n_jobs = n_jobs
        self.cluster_selection_method = cluster_selection_method
        self.allow_single_cluster = allow_single_cluster
        self.store_centers = store_centers
        self.copy = copy

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> HDBSCAN:
        """Find the hierarchy, and in it clusters and noise.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features), or \
(n_samples, n_samples) distances for ``metric="precomputed"``
            Rows with NaN or infinity take no part.
        y : ignored
        sample_weight : array-like or Tensor of shape (n_samples,), optional
            Non-negative.

        Returns
        -------
        HDBSCAN
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, the weights or a parameter is unusable.
        """
        with all_or_nothing(self):
            self._spaces().check("HDBSCAN.fit")
            check_parameters(self)
            rows = take_rows(self, X, reset=True, finite=False)
            marked = self._spaces().marks(rows)
            taking_part, weights = marked == 0, None
            if sample_weight is not None:
                weights = take_weights(rows, sample_weight, "HDBSCAN.fit").cpu().numpy()
                taking_part &= weights > 0
            kept = np.flatnonzero(taking_part)
            weights = None if weights is None else weights[kept]
            min_samples = enough_samples(self, kept, weights)
            space = self._spaces().space(rows, kept)
            self._hierarchy = Hierarchy.fit(
                len(rows),
                kept,
                weights,
                space,
                min_samples=min_samples,
                min_cluster_size=self.min_cluster_size,
                method=self.cluster_selection_method,
                epsilon=float(self.cluster_selection_epsilon),
                allow_single_cluster=self.allow_single_cluster,
                max_cluster_size=self.max_cluster_size,
            )
            self._store_results(rows, marked)
        return self

    def fit_predict(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Any:
        """Fit, and return ``labels_``."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def predict(self, X: Any) -> Any:
        """Labels of new rows, by the clusters of the fit, which stay as they are.

        A row goes with the fitted row of least mutual reachability, as long as both are together
        in the hierarchy. Rows of the fit get their own labels, if the table of
        ``metric="precomputed"`` knows that they are at distance 0 from themselves.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features), or \
(n_queries, n_samples) distances to the rows of the fit for ``metric="precomputed"``

        Returns
        -------
        ndarray or Tensor of shape (n_queries,), int64
            −1, −2 and −3 as in ``labels_``.
        """
        rows, marked, wanted = self._take_queries(X)
        labels = marked.copy()
        if len(wanted):
            labels[wanted], _ = self._hierarchy.flat.place(*self._placed(rows, wanted))
        return give(rows, labels)

    def membership_vectors(self, X: Any) -> Any:
        """How much each row belongs to every cluster: soft clustering.

        Parameters
        ----------
        X : as in `predict`
            Rows of the fit or new ones; distances to exemplars need more than the distances of
            ``metric="precomputed"``, which is refused.

        Returns
        -------
        ndarray or Tensor of shape (n_queries, n_clusters), float64
            Each row sums to the probability that it is in any cluster: the largest persistence,
            which is the share of a cluster's lifetime for which the row goes with it. It is
            divided among the clusters by persistence over distance to the cluster's exemplars,
            the last rows to leave its leaves. NaN for rows with NaN or infinity.
        """
        if self._precomputed:
            raise ValueError(
                "HDBSCAN.membership_vectors: metric must measure new rows, got 'precomputed'. "
                "Use predict."
            )
        rows, marked, wanted = self._take_queries(X)
        result = np.full((len(marked), len(self._hierarchy.flat.chosen)), np.nan)
        if len(wanted):
            result[wanted] = soft_memberships(self._hierarchy, self._queries(rows, wanted))
        return give(rows, result)

    def dbscan_clustering(self, cut_distance: float, min_cluster_size: int = 5) -> Any:
        """Labels of the hierarchy cut at one distance: DBSCAN without border rows.

        Parameters
        ----------
        cut_distance : float
            Rows are joined by edges of the spanning tree that are shorter.
        min_cluster_size : int, default=5
            Smaller clusters are noise.

        Returns
        -------
        ndarray or Tensor of shape (n_samples,), int64
            Clusters are numbered by their first row; −1, −2 and −3 as in ``labels_``.
        """
        check_is_fitted(self)
        caller = "HDBSCAN.dbscan_clustering"
        cut = check_real(cut_distance, "cut_distance", caller)
        size = check_int(min_cluster_size, "min_cluster_size", caller, low=1)
        found, given = self._hierarchy, self.labels_
        numpy = isinstance(given, np.ndarray)
        labels = np.minimum(given if numpy else given.cpu().numpy(), -1)
        labels[found.kept] = found.cut(cut, size)
        return labels if numpy else torch.from_numpy(labels).to(given.device)
