"""DBSCAN: density-based clusters and noise, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._input import Rows, all_or_nothing, take_rows, take_weights
from gramian._validation import check_int, check_real
from gramian.cluster._neighbor_search import NeighborSearch

__all__ = ["DBSCAN", "dbscan"]


class DBSCAN(ClusterMixin, BaseEstimator):
    """Density-based clustering with noise, exact in every dimension and in O(n) memory.

    A row is *core* if the rows within ``eps`` of it, itself among them, number (or weigh) at least
    ``min_samples``. Core rows within ``eps`` of each other share a cluster; a row that is not core
    joins the first cluster with a core row within ``eps`` (*border*), or is noise, −1.

    Takes the place of ``sklearn.cluster.DBSCAN``: same parameters, defaults, attributes and
    labels, for NumPy arrays, data frames, memory-maps, sparse and precomputed matrices, and
    tensors on any device.

    Parameters
    ----------
    eps : float, default=0.5
        Radius, in the unit of the metric; a distance equal to it is inside.
    min_samples : int, default=5
    metric : str, callable or PairFunction, default="euclidean"
        "euclidean", "l2", "sqeuclidean", "manhattan", "cityblock", "l1", "chebyshev", "cosine",
        "minkowski" with p in {1, 2, inf}, and every `PairFunction`, are computed by the engine.
        scikit-learn's other metrics, callables and "precomputed" (a square matrix, dense or a
        sparse graph) go through explicit blocks of its ``NearestNeighbors``.
    metric_params : dict, optional
        Further arguments of the metric; they choose explicit blocks.
    algorithm : {"auto", "ball_tree", "kd_tree", "brute"}, default="auto"
        "auto" takes, for the Euclidean, L1 and L∞ metrics on a CPU, blocks of near rows in the
        compiled core, if their boxes leave few enough pairs to compare (always for up to 8
        features) and the memory budget holds 40 + 22 d bytes per row. Failing that it takes a
        k-d tree for at least 2000 rows of at most 5 features, if the tree's float64 copy of X
        fits a quarter of the budget; else the engine. "brute" is the engine where it has the
        metric. This only changes the time: what is found is the same.
    leaf_size : int, default=30
        Of scikit-learn's trees.
    p : float, optional
        Power of the "minkowski" metric; None means 2.
    n_jobs : int, optional
        For explicit blocks; the engine follows ``torch.get_num_threads()``.

    Attributes
    ----------
    core_sample_indices_ : ndarray or Tensor of shape (n_core,), int64
        Core rows, rising.
    components_ : ndarray, sparse matrix or Tensor of shape (n_core, n_features)
        Copies of the core rows.
    labels_ : ndarray or Tensor of shape (n_samples,), int64
        Clusters are numbered by their first core row. Noise is −1.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    O(n² d) time at most, about O(n) where features are few; beyond X and the core rows, O(n)
    memory and the engine's budget (`gramian.config`): nothing of the size of the neighbour lists
    is stored. Labels do not depend on the number of threads. With the metrics that the engine
    has, core rows and noise are those of float64 brute force, √Σ(xᵢ − yᵢ)² ≤ eps, whatever finds
    them. An integer weight is worth as many equal rows. If a fit fails or is interrupted, the
    estimator stays as it was before it.

    References
    ----------
    .. [1] M. Ester, H.-P. Kriegel, J. Sander, X. Xu, "A density-based algorithm for discovering
       clusters in large spatial databases with noise", KDD 1996.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import DBSCAN
    >>> X = np.array([[1, 2], [2, 2], [2, 3], [8, 7], [8, 8], [25, 80]])
    >>> model = DBSCAN(eps=3, min_samples=2).fit(X)
    >>> model.labels_
    array([ 0,  0,  0,  1,  1, -1])
    >>> model.predict([[0, 2], [9, 9], [50, 50]])
    array([ 0,  1, -1])
    """

    def __init__(
        self,
        eps: float = 0.5,
        *,
        min_samples: int = 5,
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.eps = eps
        self.min_samples = min_samples
        self.metric = metric
        self.metric_params = metric_params
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.n_jobs = n_jobs

    # ------------------------------------------------------------------ public methods

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> DBSCAN:
        """Find core rows, clusters and noise.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features), or \
(n_samples, n_samples) distances for ``metric="precomputed"``
        y : ignored
        sample_weight : array-like or Tensor of shape (n_samples,), optional
            A row of weight ``min_samples`` is core by itself; a negative weight may keep its
            neighbours from being core.

        Returns
        -------
        DBSCAN
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, the weights or a parameter is unusable.
        """
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True)
            self._check_parameters()
            weights = None
            if sample_weight is not None:
                weights = take_weights(rows, sample_weight, "DBSCAN.fit", allow_negative=True)
            labels, core = (
                found[0]
                for found in self._search().clusters(rows, [self.eps], self.min_samples, weights)
            )
            self.labels_ = _give(rows, labels)
            index = np.flatnonzero(core)
            self.core_sample_indices_ = _give(rows, index)
            if rows.form.numpy:
                self.components_ = rows.given[index] if len(index) else np.empty((0, rows.shape[1]))
            else:
                self.components_ = rows.given[self.core_sample_indices_]
        return self

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Fit, and return ``labels_``."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def predict(self, X: Any) -> Any:
        """Cluster of the nearest core row within ``eps`` of each row, or −1.

        Core rows and noise get the label of the fit. A border row gets the cluster of its nearest
        core row, where the fit took the first cluster that reached it.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features), or \
(n_queries, n_samples) distances to the rows of the fit for ``metric="precomputed"``

        Returns
        -------
        ndarray or Tensor of shape (n_queries,), int64
            Ties go to the core row of smallest index.
        """
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        core = _on_cpu(self.core_sample_indices_)
        labels = _on_cpu(self.labels_)[core]
        if not len(core):
            return _give(rows, np.full(len(rows), -1))
        nearest = self._search().nearest_core(rows, core, self.components_)
        return _give(rows, np.where(nearest < 0, -1, labels[nearest]))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self._search().precomputed
        tags.input_tags.sparse = True
        return tags

    # ------------------------------------------------------------------ inside

    def _search(self) -> NeighborSearch:
        """The search that the parameters ask for."""
        return NeighborSearch(
            self.metric,
            self.metric_params,
            self.algorithm,
            self.leaf_size,
            self.p,
            self.n_jobs,
            eps=self.eps,
        )

    def _check_parameters(self) -> None:
        caller = "DBSCAN.fit"
        check_real(self.eps, "eps", caller, low=0, low_open=True)
        check_int(self.min_samples, "min_samples", caller, low=1)
        self._search().check(caller)


def dbscan(
    X: Any,
    eps: float = 0.5,
    *,
    min_samples: int = 5,
    metric: Any = "minkowski",
    metric_params: dict[str, Any] | None = None,
    algorithm: str = "auto",
    leaf_size: int = 30,
    p: float | None = 2,
    sample_weight: Any = None,
    n_jobs: int | None = None,
) -> tuple[Any, Any]:
    """Core rows and labels of `DBSCAN`, in one call.

    Parameters
    ----------
    X, sample_weight
        As in `DBSCAN.fit`.
    eps, min_samples, metric, metric_params, algorithm, leaf_size, p, n_jobs
        As in `DBSCAN`.

    Returns
    -------
    core_samples : ndarray or Tensor of shape (n_core,), int64
    labels : ndarray or Tensor of shape (n_samples,), int64

    Examples
    --------
    >>> from gramian.cluster import dbscan
    >>> dbscan([[1, 2], [2, 2], [2, 3], [8, 7], [8, 8], [25, 80]], eps=3, min_samples=2)
    (array([0, 1, 2, 3, 4]), array([ 0,  0,  0,  1,  1, -1]))
    """
    model = DBSCAN(
        eps,
        min_samples=min_samples,
        metric=metric,
        metric_params=metric_params,
        algorithm=algorithm,
        leaf_size=leaf_size,
        p=p,
        n_jobs=n_jobs,
    ).fit(X, sample_weight=sample_weight)
    return model.core_sample_indices_, model.labels_


def _give(rows: Rows, index: np.ndarray) -> Any:
    """Row numbers or labels in the kind of array, and on the device, of ``rows``."""
    return rows.give(torch.from_numpy(index.astype(np.int64, copy=False)).to(rows.device))


def _on_cpu(index: Any) -> np.ndarray:
    return index.cpu().numpy() if isinstance(index, Tensor) else index
