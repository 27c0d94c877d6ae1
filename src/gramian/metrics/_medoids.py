"""From each row to the medoids of its own and of the nearest other cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS, Rows
from gramian._sums import least_sum
from gramian.gram import Gram
from gramian.metrics._clusters import Clusters
from gramian.metrics._distances import Found, wide
from gramian.pairwise._base import PairFunction

__all__ = ["medoids_by_engine", "medoids_by_table"]


def medoids_by_engine(rows: Rows, clusters: Clusters, metric: PairFunction) -> Found:
    """From lazy matrices: of each cluster by itself, and of all rows by the medoids."""
    chosen = []
    for first, end in zip(clusters.bounds[:-1], clusters.bounds[1:], strict=True):
        members = torch.from_numpy(clusters.order[first:end]).to(rows.device)
        table = wide(rows.take(members)).double()
        chosen.append(int(members[least_sum(Gram(table, kernel=metric).sum(1))]))
    medoids = wide(rows.take(torch.tensor(chosen, device=rows.device)))

    def blocks() -> Iterator[Tensor]:
        step = max(1, BLOCK_ELEMENTS // max(rows.shape[1], len(chosen)))
        for start in range(0, len(rows), step):
            block = wide(rows.take(slice(start, min(len(rows), start + step))))
            yield Gram(block, medoids, metric).dense().double()

    return _nearest(blocks(), clusters)


def medoids_by_table(blocks: Callable[[], Iterator[np.ndarray]], clusters: Clusters) -> Found:
    """From two passes over explicit distances of blocks of rows to all rows, (rows, n)."""
    sums, start = np.zeros(len(clusters.codes)), 0
    for block in blocks():
        codes = clusters.codes[start : start + len(block)]
        within = np.add.reduceat(
            block[:, clusters.order], clusters.bounds[:-1], axis=1, dtype=np.float64
        )
        sums[start : start + len(block)] = within[np.arange(len(block)), codes]
        start += len(block)
    ends = zip(clusters.bounds[:-1], clusters.bounds[1:], strict=True)
    parts = [clusters.order[first:end] for first, end in ends]
    medoids = np.array([part[least_sum(torch.from_numpy(sums[part]))] for part in parts])
    return _nearest((torch.from_numpy(block[:, medoids]).double() for block in blocks()), clusters)


def _nearest(blocks: Iterator[Tensor], clusters: Clusters) -> Found:
    """From distances of blocks of rows to all medoids, (rows, k)."""
    own, other, start = [], [], 0
    for block in blocks:
        codes = torch.from_numpy(clusters.codes[start : start + len(block)]).to(block.device)
        own.append(block.gather(1, codes[:, None])[:, 0])
        other.append(block.scatter(1, codes[:, None], torch.inf).amin(1))
        start += len(block)
    return torch.cat(own), torch.cat(other)
