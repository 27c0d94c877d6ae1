"""MiniBatchKMeans: k-means from batches of rows, with scikit-learn's interface."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from gramian._input import Rows, all_or_nothing, take_rows, take_weights
from gramian._sums import squared_movement
from gramian._validation import as_generator
from gramian.cluster._assignment import inertia, mean_variance, nearest
from gramian.cluster._center_model import CenterModel, give_labels
from gramian.cluster._kmeans_parameters import check_batches, check_centers, count_runs
from gramian.cluster._mini_batch import Progress, Sampler, Steps, part_of
from gramian.cluster._start import first_centers

__all__ = ["MiniBatchKMeans"]


class MiniBatchKMeans(CenterModel):
    """k-means on batches of rows drawn by weight: less exact than `KMeans`, for streams of rows.

    Takes the place of ``sklearn.cluster.MiniBatchKMeans``: same parameters, defaults, attributes
    and methods. `KMeans` itself takes memory-maps larger than memory, full batch.

    Parameters
    ----------
    n_clusters : int, default=8
    init : {"k-means++", "k-means||", "random"}, callable or array-like of shape \
(n_clusters, n_features), default="k-means++"
        As `KMeans` has it, on ``init_size`` rows.
    max_iter : int, default=100
        Passes over as many rows as X has, at most.
    batch_size : int, default=1024
    verbose : int, default=0
    compute_labels : bool, default=True
        Whether ``labels_`` and the exact inertia are computed in the end.
    random_state : None, int, numpy RandomState or Generator, or torch.Generator, default=None
    tol : float, default=0.0
        Ends the fit where a batch moves the centres by no more, as in `KMeans`; 0 for never.
    max_no_improvement : int or None, default=10
        Ends it after so many batches without a smaller smoothed inertia; None for never.
    init_size : int, optional
        Rows that the first centres are chosen from; 3 × batch_size if not given, 3 × n_clusters
        if that is more.
    n_init : int or "auto", default="auto"
        Starts, of which the best on ``init_size`` rows is kept. "auto" is 3 for "random" and
        callables, otherwise 1.
    reassignment_ratio : float, default=0.01
        Centres with less than this share of the greatest weight are put on rows of the batch.

    Attributes
    ----------
    cluster_centers_ : ndarray or Tensor of shape (n_clusters, n_features)
    labels_ : ndarray of int32 or Tensor of int64, shape (n_samples,)
        Of the last rows seen by ``fit`` or ``partial_fit``; only with ``compute_labels``.
    inertia_ : float
        Σ wᵢ ‖xᵢ − nearest centre‖² of these; without ``compute_labels`` the smoothed estimate.
    n_iter_ : int
        Passes over the rows that ``fit`` has begun.
    n_steps_ : int
        Batches.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    A batch takes O(batch_size k d) time and memory. Each centre is the weighted mean of all rows
    that have been given to it so far.

    References
    ----------
    .. [1] D. Sculley, "Web-scale k-means clustering", WWW 2010.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import MiniBatchKMeans
    >>> X = np.array([[1.0, 2], [1, 4], [1, 0], [10, 2], [10, 4], [10, 0]])
    >>> model = MiniBatchKMeans(n_clusters=2, init=X[[0, 3]])
    >>> for batch in (X[[0, 3]], X[[1, 4]], X[[2, 5]]):
    ...     model = model.partial_fit(batch)
    >>> model.predict([[0, 0], [12, 3]])
    array([0, 1], dtype=int32)
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        max_iter: int = 100,
        batch_size: int = 1024,
        verbose: int = 0,
        compute_labels: bool = True,
        random_state: Any = None,
        tol: float = 0.0,
        max_no_improvement: int | None = 10,
        init_size: int | None = None,
        n_init: int | str = "auto",
        reassignment_ratio: float = 0.01,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.verbose = verbose
        self.compute_labels = compute_labels
        self.random_state = random_state
        self.tol = tol
        self.max_no_improvement = max_no_improvement
        self.init_size = init_size
        self.n_init = n_init
        self.reassignment_ratio = reassignment_ratio

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> MiniBatchKMeans:
        """Find the centres from batches drawn from ``X`` by weight.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
        y : ignored
        sample_weight : array-like or Tensor of shape (n_samples,), optional
            Not negative and not all zero.

        Raises
        ------
        ValueError, TypeError
            If X, the weights or a parameter is unusable.
        """
        caller = "MiniBatchKMeans.fit"
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True)
            self._check(rows, caller)
            weights = take_weights(rows, sample_weight, caller)
            generator = as_generator(self.random_state, caller)
            sampler = Sampler(weights, generator)
            steps = self._start(rows, weights, sampler, generator, caller)
            progress = self._run(rows, sampler, steps)
            self._keep(rows, steps)
            self.n_iter_ = math.ceil(self.n_steps_ * self._batch_size / len(rows))
            if self.compute_labels:
                self._label(rows, weights)
            else:
                self.inertia_ = (progress.smoothed or 0.0) * float(weights.sum())
        return self

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> MiniBatchKMeans:
        """Move the centres by one batch, ``X``; the first batch chooses them.

        Parameters and errors are those of ``fit``.
        """
        caller = "MiniBatchKMeans.partial_fit"
        with all_or_nothing(self):
            begun = hasattr(self, "cluster_centers_")
            rows = take_rows(self, X, reset=not begun)
            weights = take_weights(rows, sample_weight, caller)
            if begun:
                centers = self._fitted_centers(rows)
                steps = self._steps(centers, self._counts.to(rows.device), self._generator)
                steps.passed = self._passed
            else:
                self._check(rows, caller)
                generator = as_generator(self.random_state, caller)
                steps = self._start(rows, weights, Sampler(weights, generator), generator, caller)
                self.n_steps_ = 0
            steps.take(rows, weights)
            self.n_steps_ += 1
            self._keep(rows, steps)
            if self.compute_labels:
                self._label(rows, weights)
        return self

    def _check(self, rows: Rows, caller: str) -> None:
        n = len(rows)
        check_centers(self, n, caller)
        self._init_size = check_batches(self, n, caller)
        self._batch_size = min(self.batch_size, n)
        self._n_init = count_runs(self.init, self.n_init, caller, from_chance=3)

    def _start(
        self,
        rows: Rows,
        weights: Tensor,
        sampler: Sampler,
        generator: torch.Generator,
        caller: str,
    ) -> Steps:
        """The best of the starts, judged by as many rows as they are chosen from."""
        once = torch.ones((), dtype=torch.float64, device=rows.device).expand(self._init_size)
        best, least, k = None, math.inf, self.n_clusters
        judge = part_of(rows, sampler.draw(self._init_size)) if self._n_init > 1 else None
        for number in range(self._n_init):
            if self._init_size < len(rows):
                part = part_of(rows, sampler.draw(self._init_size))
                centers = first_centers(self.init, part, once, k, generator, caller)
            else:
                centers = first_centers(self.init, rows, weights, k, generator, caller)
            left = 0.0
            if judge is not None:
                left = inertia(judge, centers, nearest(judge, centers), once)
            if self.verbose:
                print(f"Init {number + 1}/{self._n_init}, inertia {left}.")
            if left < least:
                best, least = centers, left
        assert best is not None
        return self._steps(best, best.new_zeros(len(best), dtype=torch.float64), generator)

    def _steps(self, centers: Tensor, counts: Tensor, generator: torch.Generator) -> Steps:
        return Steps(centers, counts, generator, self.reassignment_ratio, bool(self.verbose))

    def _run(self, rows: Rows, sampler: Sampler, steps: Steps) -> Progress:
        n, batch = len(rows), self._batch_size
        n_steps = self.max_iter * n // batch
        once = torch.ones((), dtype=torch.float64, device=rows.device).expand(batch)
        tol = self.tol * mean_variance(rows) if self.tol else 0.0
        progress = Progress(n, batch, n_steps, tol, self.max_no_improvement, bool(self.verbose))
        for step in range(1, n_steps + 1):
            old = steps.centers
            left = steps.take(part_of(rows, sampler.draw(batch)), once)
            self.n_steps_ = step
            if progress.finished(step, squared_movement(old, steps.centers), left):
                break
        return progress

    def _keep(self, rows: Rows, steps: Steps) -> None:
        """What the model and the next batch need."""
        self.cluster_centers_ = rows.give(steps.centers)
        self._counts, self._passed = steps.counts, steps.passed
        self._generator = steps.generator

    def _label(self, rows: Rows, weights: Tensor) -> None:
        centers = self._fitted_centers(rows)
        labels = nearest(rows, centers)
        self.labels_ = give_labels(rows, labels)
        self.inertia_ = inertia(rows, centers, labels, weights)
