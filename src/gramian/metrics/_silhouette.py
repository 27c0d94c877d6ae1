"""The silhouette of each row, and its mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from sklearn.metrics import pairwise
from torch import Tensor

from gramian._input import Rows
from gramian._sums import ordered_sum
from gramian._validation import as_generator, check_choice, check_int
from gramian.metrics._clusters import Clusters, checked
from gramian.metrics._distances import Found, by_engine, by_table, tables
from gramian.metrics._medoids import medoids_by_engine, medoids_by_table
from gramian.pairwise._base import PairFunction
from gramian.pairwise.names import METRIC_NAMES, metric_by_name

__all__ = ["silhouette_samples", "silhouette_score"]

_METRICS = sorted({*pairwise._VALID_METRICS, "precomputed"})


def silhouette_samples(
    X: Any, labels: Any, *, metric: Any = "euclidean", medoid: bool = False, **kwds: Any
) -> Any:
    """How well each row lies in its cluster: (b − a) / max(a, b), in [−1, 1].

    a is the mean distance to the other rows of its cluster, b the mean distance to the rows of the
    nearest other cluster. A row that is alone in its cluster has 0, and so has a row with
    a = b = 0. Takes the place of ``sklearn.metrics.silhouette_samples``.

    Parameters
    ----------
    X : array-like, data frame, sparse matrix or Tensor of shape (n, d), or (n, n) distances for \
``metric="precomputed"``
    labels : array-like or Tensor of shape (n,)
        Cluster of each row: numbers, text, anything that sorts. −1 is a cluster like others; leave
        out the rows that are noise.
    metric : str, callable or PairFunction, default="euclidean"
        "euclidean", "l2", "sqeuclidean", "manhattan", "cityblock", "l1", "chebyshev", "cosine" and
        every `PairFunction` are computed by the engine. scikit-learn's other metrics and callables
        go through its explicit blocks, on the CPU. "precomputed": X holds the distances, with a
        zero diagonal.
    medoid : bool, default=False
        True takes for a and b the distances to the medoid of the own and of the nearest other
        cluster [2]_; a medoid is the row of its cluster with the least sum of distances to the
        others, the lowest one of those whose sums agree to 12 digits. Not in scikit-learn.
    **kwds
        Further arguments of a metric that has a name or is a callable; they choose explicit blocks.

    Returns
    -------
    ndarray or Tensor of shape (n,)
        In the dtype and on the device of X.

    Raises
    ------
    ValueError
        If there are fewer than 2 labels or as many as rows; if X and labels disagree in length or
        are not finite; if precomputed distances are not square or their diagonal is not zero; if
        the metric is unknown.
    TypeError
        If a `PairFunction` comes with further arguments, or X or the metric has a wrong type.

    Notes
    -----
    O(n² d) time; by medoids O(Σ nᵢ² d + n k d) for k clusters of nᵢ rows. Beyond X, O(n) memory and
    the engine's budget (`gramian.config`): distances are summed cluster by cluster where they are
    made, for a block of rows at a time; medoids need a copy of a cluster's rows besides. Sums are
    collected in float64, in the order of the rows: neither threads nor budget change a bit. An
    entry of a float32 table errs by 10⁻⁵ of itself at worst, of a float64 table by 10⁻¹³ or so.

    References
    ----------
    .. [1] P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of
       cluster analysis", J. Comput. Appl. Math. 20, 1987, doi:10.1016/0377-0427(87)90125-7.
    .. [2] M. J. Van der Laan, K. S. Pollard, J. Bryan, "A new partitioning around medoids
       algorithm", J. Stat. Comput. Simul. 73(8), 2003, doi:10.1080/0094965031000136012: the medoid
       silhouette.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import silhouette_samples
    >>> X = np.array([[0.0], [2.0], [7.0], [9.0]])
    >>> silhouette_samples(X, ["a", "a", "b", "b"]).round(2)
    array([0.75, 0.67, 0.67, 0.75])
    """
    caller = "silhouette_samples"
    metric = _metric(metric, kwds, caller)
    check_choice(medoid, "medoid", caller, (False, True))
    rows, labels = checked(X, labels, caller)
    return rows.give(_samples(rows, labels, metric, medoid, kwds, caller).to(rows.dtype))


def silhouette_score(
    X: Any,
    labels: Any,
    *,
    metric: Any = "euclidean",
    sample_size: int | None = None,
    random_state: Any = None,
    medoid: bool = False,
    **kwds: Any,
) -> float:
    """The mean of `silhouette_samples` over all rows, or over a sample of the rows.

    Takes the place of ``sklearn.metrics.silhouette_score``.

    Parameters
    ----------
    X, labels, metric, medoid, **kwds
        As `silhouette_samples` takes them.
    sample_size : int, optional
        Score that many rows, drawn without replacement, against each other; all rows otherwise.
    random_state : None, int, numpy RandomState or Generator, or torch.Generator, optional
        Draws them; the rows are not those that scikit-learn draws from the same seed.

    Returns
    -------
    float
        In [−1, 1]; 1 is best, about 0 means overlapping clusters.

    Raises
    ------
    ValueError, TypeError
        As `silhouette_samples`, with the labels of the sample; if ``sample_size`` is not a positive
        int.

    Notes
    -----
    Time and memory are those of `silhouette_samples`.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import silhouette_score
    >>> round(silhouette_score(np.array([[0.0], [2.0], [7.0], [9.0]]), [0, 0, 1, 1]), 2)
    0.71
    """
    caller = "silhouette_score"
    metric = _metric(metric, kwds, caller)
    check_choice(medoid, "medoid", caller, (False, True))
    rows, labels = checked(X, labels, caller)
    if sample_size is not None:
        size = check_int(sample_size, "sample_size", caller, low=1)
        generator = as_generator(random_state, caller)
        chosen = torch.randperm(len(rows), generator=generator)[:size].sort().values
        rows, labels = _subset(rows, chosen, metric == "precomputed"), labels[chosen.numpy()]
    values = _samples(rows, labels, metric, medoid, kwds, caller)
    return float(ordered_sum(values)) / len(values)


def _metric(metric: Any, arguments: dict[str, Any], caller: str) -> Any:
    """A `PairFunction` where the engine has the metric; a name or a callable otherwise."""
    if isinstance(metric, PairFunction):
        if arguments:
            raise TypeError(
                f"{caller}: a PairFunction must come without further arguments, got "
                f"{sorted(arguments)}. Set them when you make it."
            )
        return metric
    if callable(metric):
        return metric
    check_choice(metric, "metric", caller, _METRICS)
    return metric_by_name(metric, caller) if metric in METRIC_NAMES and not arguments else metric


def _subset(rows: Rows, chosen: Tensor, square: bool) -> Rows:
    """Some of the rows, and the same columns where the table is ``square``."""
    key = chosen.to(rows.device) if isinstance(rows.given, Tensor) else chosen.numpy()
    given = rows.given[key]
    given = given[:, key] if square else given
    if rows.sparse:
        return replace(rows, given=given)
    return replace(rows, given=given, tensor=torch.as_tensor(given))


def _samples(
    rows: Rows,
    labels: np.ndarray,
    metric: Any,
    medoid: bool,
    arguments: dict[str, Any],
    caller: str,
) -> Tensor:
    """Silhouettes in float64, on the device of the rows."""
    clusters = Clusters.of(labels, caller)
    if metric == "precomputed":
        _check_distances(rows, caller)
    others = torch.from_numpy(clusters.sizes[clusters.codes] - 1)
    if medoid:
        own, nearest = _to_medoids(rows, clusters, metric, arguments)
    else:
        sums, nearest = _to_rows(rows, clusters, metric, arguments)
        own = sums / others.to(sums.device).clamp(min=1)
    values = (nearest - own) / torch.maximum(own, nearest)
    # 0 / 0 where all distances are zero
    values = values.where((others.to(values.device) > 0) & ~values.isnan(), 0.0)
    return values.to(rows.device)


def _to_rows(rows: Rows, clusters: Clusters, metric: Any, arguments: dict[str, Any]) -> Found:
    """Sum of the distances to the rows of the own cluster, mean to those of the nearest other."""
    if isinstance(metric, PairFunction):
        found = by_engine(rows, clusters, metric)
    else:
        found = by_table(tables(rows, metric, arguments), clusters)
    sums, nearest = (torch.cat(parts) for parts in zip(*found, strict=True))
    return sums, nearest


def _to_medoids(rows: Rows, clusters: Clusters, metric: Any, arguments: dict[str, Any]) -> Found:
    """Distances to the medoids of the own and of the nearest other cluster."""
    if isinstance(metric, PairFunction):
        return medoids_by_engine(rows, clusters, metric)
    return medoids_by_table(lambda: tables(rows, metric, arguments), clusters)


def _check_distances(rows: Rows, caller: str) -> None:
    """A square table with a zero diagonal, up to 100 roundings as in scikit-learn."""
    if rows.shape[0] != rows.shape[1]:
        raise ValueError(
            f"{caller}: X must be a square matrix of distances for metric='precomputed', got shape "
            f"{rows.shape}. Pass the distances between all rows."
        )
    largest = float(abs(rows.given.diagonal()).max())
    if largest > 100 * torch.finfo(rows.dtype).eps:
        raise ValueError(
            f"{caller}: The precomputed distance matrix contains non-zero elements on the "
            f"diagonal, up to {largest:g}. Use np.fill_diagonal(X, 0)."
        )
