"""MeanShift: clusters are the modes of a density, with scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._input import all_or_nothing, take_rows, take_weights
from gramian._validation import check_choice, check_int, check_real
from gramian.cluster._ascent import FlatMean, GaussianMean, LocalMean, climb
from gramian.cluster._bandwidth import mean_kth_distance
from gramian.cluster._cover import greedy_cover, ranked
from gramian.cluster._first_positions import chosen_seeds, grid_seeds, row_seeds
from gramian.gram import Gram
from gramian.pairwise import Euclidean

__all__ = ["AscentState", "MeanShift", "mean_shift"]

REST = 1e-3
"""A position rests when it moves by at most this part of the bandwidth."""
MERGE = {"flat": 1.0, "gaussian": 0.5}
"""Ends nearer than this part of the bandwidth to a stronger one are the same mode."""
QUANTILE = 0.3
"""Of the distances that a bandwidth is estimated from."""


@dataclass(frozen=True)
class AscentState:
    """What a callback of `MeanShift` is told after each iteration.

    Attributes
    ----------
    iteration : int
        From 0.
    n_moving : int
        Positions that still climb; those that met count once.
    """

    iteration: int
    n_moving: int


class MeanShift(ClusterMixin, BaseEstimator):
    """Mean shift: every seed climbs to a mode of the density, and the modes are the clusters.

    Takes the place of ``sklearn.cluster.MeanShift``: same parameters, defaults, attributes and
    methods, for NumPy arrays, data frames, memory-maps and tensors on any device. With
    ``kernel="flat"`` the centres are scikit-learn's up to rounding.

    Parameters
    ----------
    bandwidth : float, optional
        Radius of the flat kernel, standard deviation of the Gaussian one, in the unit of X. None
        takes `estimate_bandwidth` of all rows; where that is 0, each distinct row is a mode.
    seeds : array-like or Tensor of shape (n_seeds, n_features), optional
        First positions; None takes every row, or `get_bin_seeds`.
    bin_seeding : bool, default=False
        Whether seeds are the nodes of a grid of cells as wide as the bandwidth.
    min_bin_freq : int, default=1
        Rows that a node must have.
    cluster_all : bool, default=True
        False labels rows −1 that are farther than ``bandwidth`` from every centre.
    n_jobs : int, optional
        Accepted for compatibility; the engine follows ``torch.get_num_threads()``.
    max_iter : int, default=300
    kernel : {"flat", "gaussian"}, default="flat"
        The flat kernel averages the rows within ``bandwidth``; the Gaussian one all rows, weighted
        by exp(−‖x − y‖² / (2 bandwidth²)). Not in scikit-learn.
    assign : {"nearest", "basin"}, default="nearest"
        A row joins the centre nearest to it, or (basin of attraction) nearest to where it climbs
        itself; "basin" keeps the rows of the fit for `predict`. Not in scikit-learn.
    callback : callable, optional
        Called with an `AscentState` after each iteration of the seeds. A true answer ends the
        climb where it stands, and the fit goes on from there. Not in scikit-learn.

    Attributes
    ----------
    cluster_centers_ : ndarray or Tensor of shape (n_clusters, n_features)
        The strongest mode first.
    labels_ : ndarray or Tensor of shape (n_samples,), int64
    n_iter_ : int
        Iterations of the seed that took most.
    bandwidth_ : float
        The bandwidth used. Not in scikit-learn.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    An iteration takes O(s n d) time for s positions that still move; positions that meet go on as
    one. Memory beyond X is O((s + n) d) and the engine's budget (`gramian.config`). A position
    rests when it moves by at most ``bandwidth`` / 1000, and then its end is ranked by the weight
    of the rows it averaged (flat) or by the density there (Gaussian). From the strongest on, an
    end removes all weaker ones within ``bandwidth`` (flat) or half of it (Gaussian: two modes of
    a sum of Gaussians that are nearer have no dip between them worth a cluster). Neighbours are
    those of float64 brute force. An integer weight is worth as many equal rows. If a fit fails or
    is interrupted, the estimator stays as it was before it.

    References
    ----------
    .. [1] D. Comaniciu, P. Meer, "Mean shift: a robust approach toward feature space analysis",
       IEEE Trans. Pattern Analysis and Machine Intelligence 24(5), 2002.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import MeanShift
    >>> X = np.array([[1, 1], [2, 1], [1, 0], [4, 7], [3, 5], [3, 6]])
    >>> model = MeanShift(bandwidth=2).fit(X)
    >>> model.labels_
    array([1, 1, 1, 0, 0, 0])
    >>> model.predict([[0, 0], [5, 5]])
    array([1, 0])
    """

    def __init__(
        self,
        *,
        bandwidth: float | None = None,
        seeds: Any = None,
        bin_seeding: bool = False,
        min_bin_freq: int = 1,
        cluster_all: bool = True,
        n_jobs: int | None = None,
        max_iter: int = 300,
        kernel: str = "flat",
        assign: str = "nearest",
        callback: Callable[[AscentState], Any] | None = None,
    ) -> None:
        self.bandwidth = bandwidth
        self.seeds = seeds
        self.bin_seeding = bin_seeding
        self.min_bin_freq = min_bin_freq
        self.cluster_all = cluster_all
        self.n_jobs = n_jobs
        self.max_iter = max_iter
        self.kernel = kernel
        self.assign = assign
        self.callback = callback

    # ------------------------------------------------------------------ public methods

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> MeanShift:
        """Find the modes and label the rows.

        Parameters
        ----------
        X : array-like, data frame or Tensor of shape (n_samples, n_features)
        y : ignored
        sample_weight : array-like or Tensor of shape (n_samples,), optional
            Not negative and not all zero; rows of weight zero are labelled but are no seeds. Not
            in scikit-learn.

        Returns
        -------
        MeanShift
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, the weights or a parameter is unusable, or if no row is within ``bandwidth`` of
            any seed.
        """
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True, accept_sparse=False)
            self._check_parameters()
            x = rows.tensor
            assert x is not None
            weights = None
            if sample_weight is not None:
                weights = take_weights(rows, sample_weight, "MeanShift.fit")
            self.bandwidth_ = self._settle_bandwidth(x, weights)
            self._basin_of = (rows.given, weights) if self.assign == "basin" else None
            mean = self._local_mean(x, weights)
            seeds = self._first_positions(x, weights)
            ends, mass, way, self.n_iter_ = self._climb(seeds, mean, self._watch())
            if not len(ends):
                raise ValueError(
                    f"MeanShift.fit: No point was within bandwidth={self.bandwidth_:f} of any "
                    "seed. Try a different seeding strategy or increase the bandwidth."
                )
            centers = self._modes(ends, mean.strength(ends, mass))
            self.cluster_centers_ = rows.give(centers)
            if self.assign == "nearest":
                at = x
            elif seeds is x:
                at = ends[way]
            else:
                at = self._destinations(x, mean)
            self.labels_ = rows.give(self._label(at, centers))
        return self

    def predict(self, X: Any) -> Any:
        """Cluster of each row, (n_samples,), int64; every row has one, whatever ``cluster_all``.

        The nearest centre to the row, or to where it climbs (``assign="basin"``); ties go to the
        lowest.
        """
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False, accept_sparse=False)
        x, centers = rows.beside(self.cluster_centers_, "MeanShift.predict")
        if self._basin_of is not None:
            given, weights = self._basin_of
            x, data = rows.beside(given, "MeanShift.predict")
            weights = None if weights is None else weights.to(rows.device)
            x = self._destinations(x, self._local_mean(data, weights))
            centers = centers.to(x.dtype)
        return rows.give(Gram(x, centers).argmin())

    # ------------------------------------------------------------------ inside

    def _check_parameters(self) -> None:
        caller = "MeanShift.fit"
        if self.bandwidth is not None:
            check_real(self.bandwidth, "bandwidth", caller, low=0, low_open=True)
        for name in ("bin_seeding", "cluster_all"):
            check_choice(getattr(self, name), name, caller, (False, True))
        check_int(self.min_bin_freq, "min_bin_freq", caller, low=1)
        check_int(self.max_iter, "max_iter", caller, low=0)
        if self.n_jobs is not None:
            check_int(self.n_jobs, "n_jobs", caller)
        check_choice(self.kernel, "kernel", caller, tuple(MERGE))
        check_choice(self.assign, "assign", caller, ("nearest", "basin"))
        if self.callback is not None and not callable(self.callback):
            raise TypeError(f"{caller}: callback must be callable or None, got {self.callback!r}.")

    def _settle_bandwidth(self, x: Tensor, weights: Tensor | None) -> float:
        if self.bandwidth is not None:
            return float(self.bandwidth)
        return mean_kth_distance(x, weights, QUANTILE)

    def _local_mean(self, x: Tensor, weights: Tensor | None) -> LocalMean:
        # without width a Gaussian sees what a flat kernel sees: rows equal to the position
        flat = self.kernel == "flat" or self.bandwidth_ == 0
        return (FlatMean if flat else GaussianMean)(x, weights, self.bandwidth_)

    def _first_positions(self, x: Tensor, weights: Tensor | None) -> Tensor:
        """Seeds; ``x`` itself where every row is one."""
        if self.seeds is not None:
            return chosen_seeds(self.seeds, x)
        if self.bin_seeding:
            return grid_seeds(x, weights, self.bandwidth_, self.min_bin_freq)
        return row_seeds(x, weights)

    def _watch(self) -> Callable[[int, int], bool] | None:
        callback = self.callback
        return None if callback is None else lambda i, n: bool(callback(AscentState(i, n)))

    def _climb(
        self,
        start: Tensor,
        mean: LocalMean,
        watch: Callable[[int, int], bool] | None = None,
    ) -> tuple[Tensor, Tensor, Tensor, int]:
        threshold = REST * self.bandwidth_
        return climb(start, mean, threshold=threshold, max_iter=self.max_iter, watch=watch)

    def _destinations(self, x: Tensor, mean: LocalMean) -> Tensor:
        """Where each row climbs; the row itself where it has nothing to average."""
        ends, _, way, _ = self._climb(x, mean)
        there = x.clone()
        there[way >= 0] = ends[way[way >= 0]]
        return there

    def _modes(self, ends: Tensor, strength: Tensor) -> Tensor:
        """The ends that stay, the strongest first."""
        ends = ends[ranked(ends, strength)]
        return ends[greedy_cover(ends, MERGE[self.kernel] * self.bandwidth_)]

    def _label(self, x: Tensor, centers: Tensor) -> Tensor:
        labels = Gram(x, centers).argmin()
        if not self.cluster_all:
            inside = Gram(x, centers, Euclidean()).count(self.bandwidth_) > 0
            labels = labels.where(inside, -1)
        return labels


def mean_shift(
    X: Any,
    *,
    bandwidth: float | None = None,
    seeds: Any = None,
    bin_seeding: bool = False,
    min_bin_freq: int = 1,
    cluster_all: bool = True,
    max_iter: int = 300,
    n_jobs: int | None = None,
    kernel: str = "flat",
    assign: str = "nearest",
    sample_weight: Any = None,
) -> tuple[Any, Any]:
    """Centres and labels of `MeanShift`, in one call.

    Parameters
    ----------
    X, sample_weight
        As in `MeanShift.fit`.
    bandwidth, seeds, bin_seeding, min_bin_freq, cluster_all, max_iter, n_jobs, kernel, assign
        As in `MeanShift`.

    Returns
    -------
    cluster_centers : ndarray or Tensor of shape (n_clusters, n_features)
    labels : ndarray or Tensor of shape (n_samples,), int64

    Examples
    --------
    >>> from gramian.cluster import mean_shift
    >>> centers, labels = mean_shift([[1, 1], [2, 1], [1, 0], [4, 7], [3, 5], [3, 6]], bandwidth=2)
    >>> labels
    array([1, 1, 1, 0, 0, 0])
    """
    model = MeanShift(
        bandwidth=bandwidth,
        seeds=seeds,
        bin_seeding=bin_seeding,
        min_bin_freq=min_bin_freq,
        cluster_all=cluster_all,
        n_jobs=n_jobs,
        max_iter=max_iter,
        kernel=kernel,
        assign=assign,
    ).fit(X, sample_weight=sample_weight)
    return model.cluster_centers_, model.labels_
