"""MeanShift in one call."""

from __future__ import annotations

from typing import Any

from gramian.cluster._mean_shift import MeanShift

__all__ = ["mean_shift"]


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
    blurring: str | None = None,
    batch_size: int = 512,
    sample_weight: Any = None,
) -> tuple[Any, Any]:
    """Centres and labels of `MeanShift`, in one call.

    Parameters
    ----------
    X, sample_weight
        As in `MeanShift.fit`.
    bandwidth, seeds, bin_seeding, min_bin_freq, cluster_all, max_iter, n_jobs, kernel, assign, \
blurring, batch_size
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
        blurring=blurring,
        batch_size=batch_size,
    ).fit(X, sample_weight=sample_weight)
    return model.cluster_centers_, model.labels_
