"""MeanShift: clusters are the modes of a density, with scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._input import Rows, all_or_nothing, take_rows, take_weights
from gramian.cluster._ascent import AscentState, Watch, climb
from gramian.cluster._bandwidth import mean_kth_distance
from gramian.cluster._blurring import blur
from gramian.cluster._choose_mean import local_mean
from gramian.cluster._cover import greedy_cover, ranked
from gramian.cluster._first_positions import chosen_seeds, grid_seeds, row_seeds
from gramian.cluster._local_means import LocalMean
from gramian.cluster._mean_shift_parameters import check_parameters
from gramian.gram import Gram
from gramian.pairwise import Euclidean

__all__ = ["MeanShift"]

REST = 1e-3
"""A position rests when it moves by at most this part of the bandwidth."""
MERGE = {"flat": 1.0, "gaussian": 0.5, "epanechnikov": 0.25}
"""Ends nearer than this part of the bandwidth to a stronger one are the same mode."""
QUANTILE = 0.3
"""Of the distances that a bandwidth is estimated from."""


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
    kernel : {"flat", "gaussian", "epanechnikov"}, default="flat"
        How a row at distance r counts in a mean: 1 within ``bandwidth`` (flat),
        exp(−r² / (2 bandwidth²)) (Gaussian), 1 − r² / bandwidth² within ``bandwidth``
        (Epanechnikov). Not in scikit-learn.
    assign : {"nearest", "basin"}, default="nearest"
        A row joins the centre nearest to it, or (basin of attraction) nearest to where it climbs
        itself; "basin" keeps the rows of the fit for `predict`. Not in scikit-learn.
    callback : callable, optional
        Called with an `AscentState` after each iteration of the seeds: the iteration, how many
        move, and where they are. A true answer ends the climb where it stands, and the fit goes on
        from there. Not in scikit-learn.
    blurring : {None, "simultaneous", "in-place"}, optional
        None: seeds climb, the data stay where they are. Otherwise the rows themselves move, to
        means of rows that have moved too: all at once, so that the order of the rows does not
        matter, or ``batch_size`` rows at a time, which the next ones already see at their new
        places. Then every row is a seed, and belongs to the centre that it comes to; `predict`
        takes the nearest. Not in scikit-learn.
    batch_size : int, default=512
        Rows that move together under ``blurring="in-place"``. Not in scikit-learn.

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
    one. Up to three features, on a CPU with the compiled core, rows lie in the cells of a grid and
    a position looks at those near it. Memory beyond X is O((s + n) d) and the engine's budget
    (`gramian.config`).

    A position rests when it moves by at most ``bandwidth`` / 1000, and then its end is ranked by
    the weight of the rows it averaged (flat) or by the sum of the kernel there. From the strongest
    on, an end removes all weaker ones within ``bandwidth`` (flat), half of it (Gaussian: two modes
    of a sum of Gaussians that are nearer have no dip between them worth a cluster) or a quarter
    (Epanechnikov). A mean under a kernel climbs the density of the kernel's integral: with
    "epanechnikov" that of (1 − r² / bandwidth²)², with "flat" that of 1 − r² / bandwidth².

    Neighbours are those of float64 brute force. Neither threads nor the budget change a bit. An
    integer weight is worth as many equal rows. If a fit fails or is interrupted, the estimator
    stays as it was before it.

    References
    ----------
    .. [1] D. Comaniciu, P. Meer, "Mean shift: a robust approach toward feature space analysis",
       IEEE Trans. Pattern Analysis and Machine Intelligence 24(5), 2002.
    .. [2] M. Á. Carreira-Perpiñán, "Fast nonparametric clustering with Gaussian blurring
       mean-shift", ICML 2006, for ``blurring``.

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

    The climb, frame by frame:

    >>> frames = []
    >>> def watch(state):
    ...     frames.append(state.positions)
    >>> model = MeanShift(bandwidth=2, callback=watch).fit(X)
    >>> len(frames), frames[0].shape
    (3, (6, 2))
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
        blurring: str | None = None,
        batch_size: int = 512,
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
        self.blurring = blurring
        self.batch_size = batch_size

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
            check_parameters(self)
            x = rows.tensor
            assert x is not None
            weights = None
            if sample_weight is not None:
                weights = take_weights(rows, sample_weight, "MeanShift.fit")
            width = self.bandwidth
            if width is None:
                width = mean_kth_distance(x, weights, QUANTILE)
            self.bandwidth_ = float(width)
            basin = self.assign == "basin" and self.blurring is None
            self._basin_of = (rows.given, weights) if basin else None
            if self.blurring is None:
                centers, at = self._climbed(x, weights, self._watch(rows))
            else:
                centers, at = self._blurred(x, weights, self._watch(rows))
            self.cluster_centers_ = rows.give(centers)
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
            x = self._destinations(x, local_mean(self.kernel, data, weights, self.bandwidth_))
            centers = centers.to(x.dtype)
        return rows.give(Gram(x, centers).argmin())

    def _climbed(
        self, x: Tensor, weights: Tensor | None, watch: Watch | None
    ) -> tuple[Tensor, Tensor]:
        """The modes that seeds climb to, and the place by which each row is labelled."""
        mean = local_mean(self.kernel, x, weights, self.bandwidth_)
        seeds = self._first_positions(x, weights)
        ends, mass, way, self.n_iter_ = self._climb(seeds, mean, watch)
        if not len(ends):
            raise ValueError(
                f"MeanShift.fit: No point was within bandwidth={self.bandwidth_:f} of any "
                "seed. Try a different seeding strategy or increase the bandwidth."
            )
        centers = self._modes(ends, mean.strength(ends, mass))
        if self.assign == "nearest":
            return centers, x
        return centers, ends[way] if seeds is x else self._destinations(x, mean)

    def _blurred(
        self, x: Tensor, weights: Tensor | None, watch: Watch | None
    ) -> tuple[Tensor, Tensor]:
        """The places where rows come together, and the place that each comes to."""
        ends, mass, self.n_iter_ = blur(
            x,
            weights,
            self.bandwidth_,
            self.kernel,
            batch_size=len(x) if self.blurring == "simultaneous" else self.batch_size,
            threshold=REST * self.bandwidth_,
            max_iter=self.max_iter,
            watch=watch,
        )
        return self._modes(ends, mass), ends

    def _first_positions(self, x: Tensor, weights: Tensor | None) -> Tensor:
        """Seeds; ``x`` itself where every row is one."""
        if self.seeds is not None:
            return chosen_seeds(self.seeds, x)
        if self.bin_seeding:
            return grid_seeds(x, weights, self.bandwidth_, self.min_bin_freq)
        return row_seeds(x, weights)

    def _watch(self, rows: Rows) -> Watch | None:
        callback = self.callback
        if callback is None:
            return None

        def watch(iteration: int, n_moving: int, positions: Callable[[], Tensor]) -> bool:
            return bool(callback(AscentState(iteration, n_moving, lambda: rows.give(positions()))))

        return watch

    def _climb(
        self, start: Tensor, mean: LocalMean, watch: Watch | None = None
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
