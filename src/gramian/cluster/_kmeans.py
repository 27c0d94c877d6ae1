"""KMeans: Lloyd's k-means with scikit-learn's interface."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from gramian._input import all_or_nothing, take_rows, take_weights
from gramian._validation import as_generator, check_int
from gramian.cluster._center_model import CenterModel, give_labels
from gramian.cluster._chunks import take_chunks
from gramian.cluster._kmeans_parameters import check_parameters, count_runs
from gramian.cluster._kmeans_path import KMeansPath, Walk, checked_ks, gaps, silhouettes
from gramian.cluster._runs import IterationState, best_run

__all__ = ["IterationState", "KMeans", "KMeansPath"]


class KMeans(CenterModel):
    """k-means clustering by Lloyd's algorithm, with exact assignments.

    Takes the place of ``sklearn.cluster.KMeans``: same parameters, defaults, attributes and
    methods, for NumPy arrays, data frames, memory-maps, sparse matrices and tensors on any device.

    Parameters
    ----------
    n_clusters : int, default=8
    init : {"k-means++", "k-means||", "random"}, callable or array-like of shape \
(n_clusters, n_features), default="k-means++"
        First centres: greedy k-means++, one row after the other; k-means|| [4]_, in six passes
        over the rows whatever n_clusters is; rows drawn without replacement (all three by weight);
        centres given; or ``init(X, n_clusters, random_state=...)``, which gets a NumPy
        ``RandomState``, or a ``torch.Generator`` where X is a tensor.
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
    metric : {"euclidean", "cosine"}, default="euclidean"
        "cosine" compares directions: rows and centres are brought to length 1 (a copy of X is
        made), and ``transform`` returns 1 − cos. A row of zeros stays one.

    Attributes
    ----------
    cluster_centers_ : ndarray or Tensor of shape (n_clusters, n_features)
    labels_ : ndarray of int32 or Tensor of int64, shape (n_samples,)
        What ``predict`` returns for the same rows.
    inertia_ : float
        Σ wᵢ ‖xᵢ − nearest centre‖²; for "cosine" that is 2 Σ wᵢ (1 − cos).
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
    An iteration takes O(n k d) time at most: rows whose nearest centre cannot have changed are
    skipped by two bounds each [3]_, which changes no bit of the result. Memory beyond X is
    O(n + k d) and the engine's budget (`gramian.config`); X may be a memory-map. Assignments are
    those of float64 brute force, ties to the lowest index; sums are in float64 in a fixed order, so
    that a seed gives the same bits for any number of threads. float32 stays float32, integers
    become float64. Empty clusters take the rows farthest from their centres. A weight that is an
    integer is worth as many equal rows, but for an empty cluster, which takes a row with all of its
    weight. If a fit fails or is interrupted, the estimator stays as it was before it. For "cosine"
    see [5]_.

    References
    ----------
    .. [1] S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982.
    .. [2] D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
    .. [3] G. Hamerly, "Making k-means even faster", SDM 2010.
    .. [4] B. Bahmani, B. Moseley, A. Vattani, R. Kumar, S. Vassilvitskii, "Scalable k-means++",
       VLDB 2012.
    .. [5] I. Dhillon, D. Modha, "Concept decompositions for large sparse text data using
       clustering", Machine Learning 42, 2001 (spherical k-means).

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
        metric: str = "euclidean",
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
        self.metric = metric

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> KMeans:
        """Find the centres.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features), or \
callable
            A function is called once for each pass and returns an iterator over tables: the rows
            of one table that need not fit in memory. ``labels_`` then follow their order.
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
        caller = "KMeans.fit"
        with all_or_nothing(self):
            rows = take_chunks(self, X) if callable(X) else take_rows(self, X, reset=True)
            check_parameters(self, len(rows), caller)
            self._n_init = count_runs(self.init, self.n_init, caller)
            weights = take_weights(rows, sample_weight, caller)
            best = best_run(
                self._placed(rows),
                weights,
                self.init,
                self.n_clusters,
                as_generator(self.random_state, caller),
                n_init=self._n_init,
                max_iter=self.max_iter,
                tol=self.tol,
                verbose=bool(self.verbose),
                callback=self.callback,
                spherical=self._spherical,
            )
            self.cluster_centers_ = rows.give(best.centers)
            self.labels_ = give_labels(rows, best.labels)
            self.inertia_ = best.inertia
            self.n_iter_ = best.n_iter
        # a cluster without mass may have rows all the same, without weight
        found = self.n_clusters if best.mass.all() else len(best.labels.unique())
        if found < self.n_clusters:
            warnings.warn(
                f"Number of distinct clusters ({found}) found smaller than n_clusters "
                f"({self.n_clusters}). Possibly due to duplicate points in X.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def fit_path(
        self,
        X: Any,
        ks: Any,
        *,
        sample_weight: Any = None,
        n_references: int = 10,
        silhouette_sample: int = 10_000,
    ) -> KMeansPath:
        """Cluster for several numbers of clusters, to choose one; the model itself stays as it is.

        Each k starts from the centres of the one before and as many rows as it has more, chosen by
        greedy k-means++, so it takes few iterations and inertia never grows. ``n_clusters`` and
        ``n_init`` are not used; ``init`` chooses the first start.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
        ks : sequence of int
            Numbers of clusters, growing.
        sample_weight : array-like or Tensor of shape (n_samples,), optional
        n_references : int, default=10
            Tables of uniform rows, each as large as X, that the gap statistic compares with; each
            takes about the time of the path itself. 0 leaves it out; so must sparse matrices.
        silhouette_sample : int, default=10_000
            Rows, at most, that the silhouette is taken of; it takes quadratic time in them.

        Returns
        -------
        KMeansPath
            Arrays ``ks``, ``inertia``, ``silhouette``, ``gap``, ``gap_error``, ``n_iter``, the
            ``centers``, and ``best_k``.

        Raises
        ------
        ValueError, TypeError
            If X, the weights, ks or a parameter is unusable.

        Examples
        --------
        >>> import numpy as np
        >>> from gramian import KMeans
        >>> rng = np.random.default_rng(0)
        >>> X = np.concatenate([rng.normal(size=(50, 2)) + 10 * i for i in range(3)])
        >>> path = KMeans(random_state=0).fit_path(X, range(1, 6))
        >>> path.best_k, bool((np.diff(path.inertia) <= 0).all())
        (3, True)
        """
        caller = "KMeans.fit_path"
        model = clone(self)
        rows = take_rows(model, X, reset=True)
        numbers = checked_ks(ks, len(rows))
        check_parameters(model.set_params(n_clusters=numbers[0]), len(rows), caller)
        weights = take_weights(rows, sample_weight, caller)
        check_int(n_references, "n_references", caller, low=0, high=0 if rows.sparse else None)
        check_int(silhouette_sample, "silhouette_sample", caller, low=2)
        generator = as_generator(self.random_state, caller)
        placed = self._placed(rows)
        walk = Walk(numbers, self.init, self.max_iter, self.tol, self._spherical)
        runs = list(walk.along(placed, weights, generator))
        inertia = np.array([run.inertia for run in runs])
        score = silhouettes(placed, runs, silhouette_sample, self._spherical, generator)
        gap, error = gaps(walk, rows, weights, inertia, n_references, generator)
        return KMeansPath(
            ks=np.array(numbers),
            inertia=inertia,
            silhouette=score,
            gap=gap,
            gap_error=error,
            n_iter=np.array([run.n_iter for run in runs]),
            centers=[rows.give(run.centers) for run in runs],
        )
