"""DBSCAN for several radii at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gramian._input import take_rows, take_weights
from gramian._validation import check_int, check_real
from gramian.cluster._dbscan import DBSCAN
from gramian.cluster._neighbor_search import NeighborSearch

__all__ = ["DBSCANPath", "dbscan_path"]


@dataclass(frozen=True)
class DBSCANPath:
    """What `dbscan_path` finds; arrays are of the kind that the rows came in.

    Attributes
    ----------
    eps : ndarray of shape (n_eps,), float64
        In the order that they were given.
    labels : ndarray or Tensor of shape (n_eps, n_samples), int64
        ``labels_`` of `DBSCAN` for each eps.
    core : ndarray or Tensor of shape (n_eps, n_samples), bool
        Which rows are core.
    n_clusters : ndarray of shape (n_eps,), int64
    noise : ndarray of shape (n_eps,), float64
        Share of the rows that are noise.
    """

    eps: np.ndarray
    labels: Any
    core: Any
    n_clusters: np.ndarray
    noise: np.ndarray


def dbscan_path(
    X: Any,
    eps: Iterable[float],
    min_samples: int = 5,
    *,
    metric: Any = "euclidean",
    algorithm: str = "auto",
    sample_weight: Any = None,
) -> DBSCANPath:
    """DBSCAN for several radii, equal to as many fits.

    Rows are put into blocks once. Radii are taken as they rise: what is core stays core, and who
    shares a cluster goes on to, so each radius starts from the one before it.

    Parameters
    ----------
    X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
    eps : iterable of float
        Radii, in any order, in the unit of the metric.
    min_samples : int, default=5
    metric, algorithm
        As in `DBSCAN`. Where blocks are not taken, each radius is a fit of its own.
    sample_weight : array-like or Tensor of shape (n_samples,), optional
        With negative weights a row may cease to be core as the radius grows, and each radius
        starts anew.

    Returns
    -------
    DBSCANPath

    Raises
    ------
    ValueError, TypeError
        If X, the weights or a parameter is unusable.

    Notes
    -----
    O(n²d) time for each radius at most, near O(n) where features are few; O(n) memory beyond the
    result.

    References
    ----------
    .. [1] M. Ester, H.-P. Kriegel, J. Sander, X. Xu, "A density-based algorithm for discovering
       clusters in large spatial databases with noise", KDD 1996.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.cluster import dbscan_path
    >>> X = np.array([[0.0], [1.0], [2.0], [5.0], [6.0], [20.0]])
    >>> dbscan_path(X, eps=[1, 3], min_samples=2).labels
    array([[ 0,  0,  0,  1,  1, -1],
           [ 0,  0,  0,  0,  0, -1]])
    """
    caller = "dbscan_path"
    radii = [check_real(one, "eps", caller, low=0, low_open=True) for one in eps]
    if not radii:
        raise ValueError(f"{caller}: eps must hold at least one radius, got none.")
    check_int(min_samples, "min_samples", caller, low=1)
    search = NeighborSearch(metric, None, algorithm, 30, None, None, eps=radii[0])
    search.check(caller)
    rows = take_rows(DBSCAN(metric=metric), X, reset=True)
    weights = None
    if sample_weight is not None:
        weights = take_weights(rows, sample_weight, caller, allow_negative=True)
    order = np.argsort(radii, kind="stable")
    labels, core = search.clusters(rows, [radii[i] for i in order], min_samples, weights)
    place = np.argsort(order, kind="stable")
    labels, core = labels[place], core[place]
    return DBSCANPath(
        np.array(radii),
        rows.give(torch.from_numpy(labels).to(rows.device)),
        rows.give(torch.from_numpy(core).to(rows.device)),
        labels.max(axis=1) + 1,
        (labels < 0).mean(axis=1),
    )
