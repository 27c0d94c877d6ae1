"""From each row to the clusters: the sum of distances to its own, the least mean of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from sklearn.metrics import pairwise_distances_chunked
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS, Rows
from gramian.gram import Gram
from gramian.metrics._clusters import Clusters
from gramian.pairwise._base import PairFunction

__all__ = ["Found", "by_engine", "by_table", "tables", "wide"]

Found = tuple[Tensor, Tensor]
"""Of consecutive rows: how far they are from the own cluster, and from the nearest other one."""

_FEW_ROWS = 256
_MOST_TOGETHER = 64


class _Nearest:
    """Takes in the distances of a block of rows to some clusters at a time."""

    def __init__(self, clusters: Clusters, start: int, n: int, device: torch.device) -> None:
        self._sizes = torch.from_numpy(clusters.sizes).to(device)
        self._codes = torch.from_numpy(clusters.codes[start : start + n]).to(device)
        self._own = torch.zeros(n, dtype=torch.float64, device=device)
        self._least = torch.full_like(self._own, torch.inf)

    def add(self, first: int, sums: Tensor) -> None:
        """Sums of distances (n, r), float64, to the clusters ``first``, ``first`` + 1, ..."""
        last = first + sums.shape[1]
        row = ((self._codes >= first) & (self._codes < last)).nonzero()[:, 0]
        column = self._codes[row] - first
        self._own[row] = sums[row, column]
        means = sums / self._sizes[first:last]
        means[row, column] = torch.inf
        self._least = torch.minimum(self._least, means.amin(1))

    def found(self) -> Found:
        return self._own, self._least


def by_engine(rows: Rows, clusters: Clusters, metric: PairFunction) -> Iterator[Found]:
    """From lazy matrices of a block of rows by the rows of a cluster.

    Many clusters of a few rows share a matrix, which is multiplied by one column of zeros and ones
    for each: matrices of a few columns would leave most of the engine's tiles empty.
    """
    for span in rows.spans():
        block = wide(rows.take(span))
        nearest = _Nearest(clusters, span.start, len(block), rows.device)
        for first, last in _groups(clusters):
            nearest.add(first, _sums(block, rows, clusters, first, last, metric))
        yield nearest.found()


def _groups(clusters: Clusters) -> Iterator[tuple[int, int]]:
    """Consecutive clusters that share a matrix: first, and one after the last."""
    bounds, first = clusters.bounds, 0
    while first < len(clusters):
        enough = int(np.searchsorted(bounds, bounds[first] + _FEW_ROWS))
        last = min(max(first + 1, enough - 1), first + _MOST_TOGETHER)
        yield first, last
        first = last


def _sums(
    block: Tensor, rows: Rows, clusters: Clusters, first: int, last: int, metric: PairFunction
) -> Tensor:
    """Sums of distances to the clusters from ``first`` to before ``last``, float64."""
    members = clusters.order[clusters.bounds[first] : clusters.bounds[last]]
    total = block.new_zeros(len(block), last - first, dtype=torch.float64)
    step = max(_FEW_ROWS, BLOCK_ELEMENTS // block.shape[1])
    for start in range(0, len(members), step):
        part = members[start : start + step]
        table = Gram(block, wide(rows.take(torch.from_numpy(part).to(rows.device))), metric)
        if last == first + 1:
            total += table.sum(1).double()[:, None]
        else:
            codes = torch.from_numpy(clusters.codes[part] - first).to(rows.device)
            total += (table @ torch.nn.functional.one_hot(codes, last - first)).double()
    return total


def wide(table: Tensor) -> Tensor:
    """Half types in float32: a sum of their distances would overflow."""
    return table.float() if table.dtype.itemsize == 2 else table


def by_table(blocks: Iterator[np.ndarray], clusters: Clusters) -> Iterator[Found]:
    """From explicit distances of blocks of rows to all rows, (rows, n)."""
    start = 0
    for block in blocks:
        sums = np.add.reduceat(
            block[:, clusters.order], clusters.bounds[:-1], axis=1, dtype=np.float64
        )
        nearest = _Nearest(clusters, start, len(block), torch.device("cpu"))
        nearest.add(0, torch.from_numpy(sums))
        yield nearest.found()
        start += len(block)


def tables(rows: Rows, metric: Any, arguments: dict[str, Any]) -> Iterator[np.ndarray]:
    """Explicit distances by blocks of rows: of the given matrix, or by scikit-learn's metrics."""
    if metric == "precomputed":
        for span in rows.spans():
            yield wide(rows.take(span)).cpu().numpy()
        return
    given = rows.given
    if isinstance(given, Tensor):
        given = wide(given).cpu().numpy()
    memory = 8 * BLOCK_ELEMENTS / 2**20
    yield from pairwise_distances_chunked(given, metric=metric, working_memory=memory, **arguments)
