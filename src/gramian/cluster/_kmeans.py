"""KMeans: Lloyd's k-means with scikit-learn's interface."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._arrays import wrap
from gramian._input import Rows, all_or_nothing, take_rows, take_weights
from gramian._sums import weighted_total
from gramian._validation import as_generator
from gramian.cluster._assignment import assign, nearest
from gramian.cluster._kmeans_parameters import check_parameters, count_runs
from gramian.cluster._runs import IterationState, best_run
from gramian.gram import Gram
from gramian.pairwise import Euclidean

__all__ = ["IterationState", "KMeans"]


class KMeans(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """k-means clustering by Lloyd's algorithm, with exact assignments.

    Takes the place of ``sklearn.cluster.KMeans``: same parameters, defaults, attributes and
    methods, for NumPy arrays, data frames, memory-maps, sparse matrices and tensors on any device.

    Parameters
    ----------
    n_clusters : int, default=8
    init : {"k-means++", "random"}, callable or array-like of shape (n_clusters, n_features), \
default="k-means++"
        First centres: greedy k-means++, rows drawn without replacement (both by weight), centres
        given, or ``init(X, n_clusters, random_state=...)``, which gets a NumPy ``RandomState``,
        or a ``torch.Generator`` where X is a tensor.
    n_init : int or "auto", default="auto"
        Runs, of which the one with least inertia is kept. "auto" is 10 for "random" and
        callables, otherwise 1.
    max_iter : int, default=300
    tol : float, default=1e-4
        A run ends when the squared movement of all centres together is at most ``tol`` × the mean
        variance of the features, or, with any ``tol``, when no label changes.
    verbose : int, default=0
    random_state : None, int, numpy RandomState or Generator, or torch.Generator, default=None
    copy_x : bool, default=True
        Accepted for compatibility. X is never modified and never copied, whatever it says.
    algorithm : {"lloyd", "elkan"}, default="lloyd"
        Accepted for compatibility. Elkan's bounds save distances and give the same result; here
        both names run the same code, which needs no table of n × k bounds.
    callback : callable, optional
        Called with an `IterationState` in each iteration, and with the final centres. A true
        answer ends the fit there; the estimator is then fitted with the best centres so far.

    Attributes
    ----------
    cluster_centers_ : ndarray or Tensor of shape (n_clusters, n_features)
    labels_ : ndarray of int32 or Tensor of int64, shape (n_samples,)
        What ``predict`` returns for the same rows.
    inertia_ : float
        Σ wᵢ ‖xᵢ − nearest centre‖².
    n_iter_ : int
        Iterations of the run that was kept.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Warns
    -----
    ConvergenceWarning
        If fewer clusters than ``n_clusters`` hold a row: X has too few distinct points.

    Notes
    -----
    An iteration takes O(n k d) time. Memory beyond X is O(n + k d) and the engine's budget
    (`gramian.config`); X may be a memory-map. Assignments are those of float64 brute force, ties
    to the lowest index; sums are in float64 in a fixed order, so that a seed gives the same bits
    for any number of threads. float32 stays float32, integers become float64. Empty clusters take
    the rows farthest from their centres. A weight that is an integer is worth as many equal rows.
    If a fit fails or is interrupted, the estimator stays as it was before it.

    References
    ----------
    .. [1] S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982.
    .. [2] D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import KMeans
    >>> X = np.array([[1.0, 2], [1, 4], [1, 0], [10, 2], [10, 4], [10, 0]])
    >>> model = KMeans(n_clusters=2, init=X[[0, 3]]).fit(X)
    >>> model.labels_
    array([0, 0, 0, 1, 1, 1], dtype=int32)
    >>> model.predict([[0, 0], [12, 3]])
    array([0, 1], dtype=int32)
    >>> model.cluster_centers_
    array([[ 1.,  2.],
           [10.,  2.]])
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: int | str = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        verbose: int = 0,
        random_state: Any = None,
        copy_x: bool = True,
        algorithm: str = "lloyd",
        callback: Callable[[IterationState], Any] | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.callback = callback

    # ------------------------------------------------------------------ public methods

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> KMeans:
        """Find the centres.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
        y : ignored
        sample_weight : array-like or Tensor of shape (n_samples,), optional
            Not negative and not all zero. Used in seeding and in every sum.

        Returns
        -------
        KMeans
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, the weights or a parameter is unusable.
        """
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True)
            check_parameters(self, len(rows))
            self._n_init = count_runs(self.init, self.n_init)
            weights = take_weights(rows, sample_weight, "KMeans.fit")
            best = best_run(
                rows,
                weights,
                self.init,
                self.n_clusters,
                as_generator(self.random_state, "KMeans.fit"),
                n_init=self._n_init,
                max_iter=self.max_iter,
                tol=self.tol,
                verbose=bool(self.verbose),
                callback=self.callback,
            )
            self.cluster_centers_ = rows.give(best.centers)
            self.labels_ = _give_labels(rows, best.labels)
            self.inertia_ = best.inertia
            self.n_iter_ = best.n_iter
        found = int(torch.bincount(best.labels, minlength=self.n_clusters).count_nonzero())
        if found < self.n_clusters:
            warnings.warn(
                f"Number of distinct clusters ({found}) found smaller than n_clusters "
                f"({self.n_clusters}). Possibly due to duplicate points in X.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def predict(self, X: Any) -> Any:
        """Index of the nearest centre of each row, (n_samples,); ties go to the lowest."""
        rows, centers = self._fitted(X)
        return _give_labels(rows, nearest(rows, centers))

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Fit, and return ``labels_``."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def transform(self, X: Any) -> Any:
        """Euclidean distance of each row to each centre, (n_samples, n_clusters)."""
        rows, centers = self._fitted(X)
        kind = torch.promote_types(rows.dtype, centers.dtype)
        centers = centers.to(kind)
        distances = centers.new_empty(len(rows), len(centers))
        for span in rows.spans():
            distances[span] = Gram(rows.take(span).to(kind), centers, Euclidean()).dense()
        return rows.give(distances)

    def fit_transform(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Fit, and return ``transform(X)``."""
        return self.fit(X, sample_weight=sample_weight).transform(X)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Minus the inertia of ``X`` with these weights: greater is better."""
        rows, centers = self._fitted(X)
        weights = take_weights(rows, sample_weight, "KMeans.score")
        squared = assign(rows, centers, weights, values=True).squared
        assert squared is not None
        return -weighted_total(weights, squared)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    # ------------------------------------------------------------------ inside

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)

    def _fitted(self, X: Any) -> tuple[Rows, Tensor]:
        """New rows, checked against the fit, and the centres on their device."""
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        centers = self.cluster_centers_
        if not isinstance(centers, Tensor):
            centers = wrap(centers, "cluster_centers_", "KMeans")
        return rows, centers.to(rows.device)


def _give_labels(rows: Rows, labels: Tensor) -> Any:
    """int32 for NumPy, as scikit-learn has it; int64 for tensors, as torch indexes."""
    return rows.give(labels.to(torch.int32) if rows.form.numpy else labels)
