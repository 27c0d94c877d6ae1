"""k-means for several numbers of clusters, each started from the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gramian._input import Rows
from gramian._validation import check_int
from gramian.cluster._assignment import mean_variance
from gramian.cluster._lloyd import Run, lloyd
from gramian.cluster._seeding import extend
from gramian.cluster._sphere import unit
from gramian.cluster._start import first_centers
from gramian.metrics import silhouette_score
from gramian.pairwise.metrics import unit_rows

__all__ = ["KMeansPath", "Walk", "checked_ks", "gaps", "silhouettes"]

CALLER = "KMeans.fit_path"


@dataclass(frozen=True)
class KMeansPath:
    """What `KMeans.fit_path` found for each number of clusters.

    Attributes
    ----------
    ks : ndarray of int64, shape (p,)
        Numbers of clusters, growing.
    inertia : ndarray of shape (p,)
        Never grows along the path.
    silhouette : ndarray of shape (p,)
        Mean silhouette of all rows, or of a sample; NaN for one cluster.
    gap, gap_error : ndarray of shape (p,)
        Gap statistic and s_k, the standard error it is judged by [1]_; NaN without references,
        and where not even they have inertia left.
    n_iter : ndarray of int64, shape (p,)
        Iterations that each took.
    centers : list of p ndarrays or Tensors of shape (k, n_features)

    References
    ----------
    .. [1] R. Tibshirani, G. Walther, T. Hastie, "Estimating the number of clusters in a data set
       via the gap statistic", J. R. Statist. Soc. B 63, 2001.
    """

    ks: NDArray[np.int64]
    inertia: NDArray[np.float64]
    silhouette: NDArray[np.float64]
    gap: NDArray[np.float64]
    gap_error: NDArray[np.float64]
    n_iter: NDArray[np.int64]
    centers: list[Any]

    @property
    def best_k(self) -> int:
        """The smallest k whose gap is at least the next one's less its error, or the last k."""
        enough = self.gap[:-1] >= self.gap[1:] - self.gap_error[1:]
        return int(self.ks[int(enough.argmax()) if enough.any() else -1])


@dataclass(frozen=True)
class Walk:
    """The rules of one walk along ``ks``, the same for data and references."""

    ks: list[int]
    init: Any
    max_iter: int
    tol: float
    spherical: bool

    def along(self, rows: Rows, weights: Tensor, generator: torch.Generator) -> Iterator[Run]:
        """A run for each k: the centres before it, and greedy k-means++ for those it has more."""
        movement = self.tol * mean_variance(rows) if self.tol else 0.0
        centers = first_centers(self.init, rows, weights, self.ks[0], generator, CALLER)
        for k in self.ks:
            further = rows.take(extend(rows, weights, centers, k, generator))
            centers = torch.cat([centers, further.to(centers.dtype)])
            if self.spherical:
                centers = unit_rows(centers, mark_zeros=False)
            run = lloyd(
                rows,
                weights,
                centers,
                max_iter=self.max_iter,
                tol=movement,
                spherical=self.spherical,
            )
            centers = run.centers
            yield run


def checked_ks(ks: Any, n_samples: int) -> list[int]:
    """Numbers of clusters, growing."""
    if isinstance(ks, str) or not isinstance(ks, Sequence | range | np.ndarray) or not len(ks):
        raise TypeError(f"{CALLER}: ks must be a sequence of ints, not empty, got {ks!r}.")
    found = [check_int(k, "each of ks", CALLER, low=1, high=n_samples) for k in ks]
    if sorted(set(found)) != found:
        raise ValueError(f"{CALLER}: ks must grow, got {found}. Sort them, each once.")
    return found


def silhouettes(
    rows: Rows, runs: list[Run], sample: int, spherical: bool, generator: torch.Generator
) -> NDArray[np.float64]:
    """The mean silhouette of each run, on the same rows; NaN where there is none."""
    count = min(sample, len(rows))
    chosen = torch.randperm(len(rows), generator=generator)[:count].sort().values
    table = rows.take(chosen.to(rows.device))
    metric = "cosine" if spherical else "euclidean"
    found = []
    for run in runs:
        labels = run.labels[chosen.to(run.labels.device)]
        several = 1 < len(labels.unique()) < count
        score = silhouette_score(table, labels, metric=metric) if several else np.nan
        found.append(score)
    return np.array(found)


def gaps(
    walk: Walk,
    rows: Rows,
    weights: Tensor,
    inertia: NDArray[np.float64],
    count: int,
    generator: torch.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """E log W* − log W and s_k from ``count`` tables of rows uniform in the data's box."""
    if count == 0:
        nothing = np.full(len(walk.ks), np.nan)
        return nothing, nothing.copy()
    assert rows.tensor is not None
    low, high = rows.tensor.amin(0), rows.tensor.amax(0)
    logs = []
    with np.errstate(divide="ignore", invalid="ignore"):  # where no inertia is left
        for _ in range(count):
            table = torch.rand(rows.shape, generator=generator, dtype=torch.float32)
            table = table.to(rows.tensor).mul_(high - low).add_(low)
            uniform = replace(rows, given=rows.give(table), tensor=table)
            runs = walk.along(unit(uniform) if walk.spherical else uniform, weights, generator)
            logs.append(np.log([run.inertia for run in runs]))
        found = np.mean(logs, axis=0) - np.log(inertia)
        error = np.std(logs, axis=0) * np.sqrt(1 + 1 / count)
    return found, error
