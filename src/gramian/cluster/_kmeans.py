"""KMeans: Lloyd's k-means with scikit-learn's interface."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_array, check_is_fitted
from torch import Tensor

from gramian._arrays import wrap
from gramian._validation import as_generator, check_choice, check_int, check_real
from gramian.cluster._input import Rows, all_or_nothing, take_rows, take_weights
from gramian.cluster._lloyd import Run, lloyd, nearest, same_clustering
from gramian.cluster._seeding import plus_plus, random_rows
from gramian.cluster._sums import mean_and_variance, weighted_total
from gramian.gram import Gram
from gramian.pairwise import Euclidean

__all__ = ["IterationState", "KMeans"]

RUNS_FROM_CHANCE = 10
"""What ``n_init="auto"`` means where a single start is a poor bet."""


@dataclass(frozen=True)
class IterationState:
    """What a callback of `KMeans` is told after each iteration.

    Attributes
    ----------
    run : int
        Which of the ``n_init`` runs, from 0.
    iteration : int
        Which iteration of that run, from 0.
    inertia : float
        Weighted sum of squared distances to ``centers``.
    centers : ndarray or Tensor of shape (n_clusters, n_features)
        A copy of the centres that the iteration started from.
    """

    run: int
    iteration: int
    inertia: float
    centers: Any


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
        Called with an `IterationState` after each iteration. A true answer ends the fit there;
        the estimator is then fitted with the best centres so far.

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
            self._check_parameters(len(rows))
            weights = take_weights(rows, sample_weight, "KMeans.fit")
            best = self._best_run(rows, weights)
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
        return _give_labels(rows, nearest(rows, centers)[1])

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
        return -weighted_total(weights, nearest(rows, centers)[0])

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

    def _check_parameters(self, n_samples: int) -> None:
        """Check every parameter, and settle how many runs there will be."""
        caller = "KMeans.fit"
        check_int(self.n_clusters, "n_clusters", caller, low=1)
        if n_samples < self.n_clusters:
            raise ValueError(
                f"{caller}: n_samples={n_samples} should be >= n_clusters={self.n_clusters}. "
                "Lower n_clusters or pass more rows."
            )
        check_int(self.max_iter, "max_iter", caller, low=1)
        check_real(self.tol, "tol", caller, low=0)
        verbose = int(self.verbose) if isinstance(self.verbose, bool) else self.verbose
        check_int(verbose, "verbose", caller, low=0)
        check_choice(self.algorithm, "algorithm", caller, ("lloyd", "elkan"))
        if isinstance(self.init, str):
            check_choice(self.init, "init", caller, ("k-means++", "random"))
        if self.callback is not None and not callable(self.callback):
            raise TypeError(f"{caller}: callback must be callable or None, got {self.callback!r}.")
        if self.algorithm == "elkan" and self.n_clusters == 1:
            warnings.warn(
                "algorithm='elkan' doesn't make sense for a single cluster. Using 'lloyd' instead.",
                RuntimeWarning,
                stacklevel=3,
            )
        self._n_init = self._count_runs(caller)

    def _count_runs(self, caller: str) -> int:
        given = not isinstance(self.init, str) and not callable(self.init)
        if isinstance(self.n_init, str):
            check_choice(self.n_init, "n_init", caller, ("auto",))
            return 1 if given or self.init == "k-means++" else RUNS_FROM_CHANCE
        n_init = check_int(self.n_init, "n_init", caller, low=1)
        if given and n_init != 1:
            warnings.warn(
                "Explicit initial center position passed: performing only one init in KMeans "
                f"instead of n_init={n_init}.",
                RuntimeWarning,
                stacklevel=4,
            )
            return 1
        return n_init

    def _best_run(self, rows: Rows, weights: Tensor) -> Run:
        """The run of least inertia."""
        generator = as_generator(self.random_state, "KMeans.fit")
        origin, variance = mean_and_variance(rows)
        tol = self.tol * float(variance.mean())
        best: Run | None = None
        for number in range(self._n_init):
            centers = self._first_centers(rows, weights, generator)
            if self.verbose:
                print("Initialization complete")
            run = lloyd(
                rows,
                weights,
                centers,
                origin=origin,
                max_iter=self.max_iter,
                tol=tol,
                verbose=bool(self.verbose),
                watch=self._watch(rows, number),
            )
            # rounding alone may make the inertia of one clustering, renamed, a little smaller
            if best is None or (
                run.inertia < best.inertia
                and not same_clustering(run.labels, best.labels, self.n_clusters)
            ):
                best = run
            if run.stopped:
                break
        assert best is not None
        return best

    def _watch(self, rows: Rows, run: int) -> Callable[[int, float, Tensor], bool]:
        def watch(iteration: int, inertia: float, centers: Tensor) -> bool:
            if self.callback is None:
                return False
            copied = rows.give(centers.clone())
            return bool(self.callback(IterationState(run, iteration, inertia, copied)))

        return watch

    def _first_centers(self, rows: Rows, weights: Tensor, generator: torch.Generator) -> Tensor:
        """Centres to start from, (n_clusters, n_features); never written to."""
        if isinstance(self.init, str):
            if self.init == "k-means++":
                return rows.take(plus_plus(rows, weights, self.n_clusters, generator))
            return rows.take(random_rows(weights, self.n_clusters, generator))
        centers = self.init
        if callable(centers):
            state: Any = generator
            if rows.form.numpy:
                seed = int(torch.randint(2**32, (), generator=generator))
                state = np.random.RandomState(seed)
            centers = centers(rows.given, self.n_clusters, random_state=state)
        return _as_centers(centers, rows, self.n_clusters)


def _give_labels(rows: Rows, labels: Tensor) -> Any:
    """int32 for NumPy, as scikit-learn has it; int64 for tensors, as torch indexes."""
    return rows.give(labels.to(torch.int32) if rows.form.numpy else labels)


def _as_centers(value: Any, rows: Rows, n_clusters: int) -> Tensor:
    """Centres that the caller chose, as a tensor like the rows."""
    if not isinstance(value, Tensor):
        dense = value.toarray() if sparse.issparse(value) else value  # type: ignore[attr-defined]
        checked = check_array(dense, dtype=[np.float64, np.float32], input_name="init")
        value = wrap(checked, "init", "KMeans.fit")
    centers = value.detach().to(dtype=rows.dtype, device=rows.device)
    if centers.ndim != 2 or not bool(torch.isfinite(centers).all()):
        raise ValueError(
            "KMeans.fit: init must be a finite array of shape (n_clusters, n_features), got "
            f"shape {tuple(centers.shape)}, or NaN or infinity in it."
        )
    for what, size, wanted in (
        ("clusters", centers.shape[0], n_clusters),
        ("features of the data", centers.shape[1], rows.shape[1]),
    ):
        if size != wanted:
            raise ValueError(
                f"KMeans.fit: The shape of the initial centers {tuple(centers.shape)} does not "
                f"match the number of {what} {wanted}."
            )
    return centers
