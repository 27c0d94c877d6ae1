"""Centres of the clusters of a hierarchy, whose rows belong to them more or less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gramian._sums import least_sum
from gramian.cluster._spaces import RowSpace
from gramian.neighbors._blocks import row_limit

if TYPE_CHECKING:
    from gramian.cluster._hierarchy import Hierarchy

__all__ = ["find_centers"]


def find_centers(which: str, x: Tensor, found: Hierarchy) -> dict[str, Tensor]:
    """``centroids_``, ``medoids_`` or "both", each (n_clusters, n_features), by name.

    ``x`` are the rows of the hierarchy, (n, n_features), float64. Rows count by their strengths,
    times their weights.
    """
    labels, strengths = found.flat.place(found.tree.row_cluster, found.tree.row_lambda)
    weights = strengths * found.tree.row_size
    members = [np.flatnonzero(labels == label) for label in range(len(found.flat.chosen))]
    centers = {}
    if which in ("centroid", "both"):
        centers["centroids_"] = _centroids(x, members, weights)
    if which in ("medoid", "both"):
        assert isinstance(found.space, RowSpace)
        places = [_medoid(rows, weights[rows], found.space) for rows in members]
        centers["medoids_"] = x[places]
    return centers


def _centroids(x: Tensor, members: list[np.ndarray], weights: np.ndarray) -> Tensor:
    """The weighted mean of the rows of each cluster."""
    means = [np.average(x[rows].cpu().numpy(), weights=weights[rows], axis=0) for rows in members]
    return torch.from_numpy(np.array(means).reshape(len(members), x.shape[1]))


def _medoid(rows: np.ndarray, weights: np.ndarray, space: RowSpace) -> int:
    """The first row with the least weighted sum of distances to ``rows``."""
    step = row_limit(len(rows))
    blocks = (rows[start : start + step] for start in range(0, len(rows), step))
    sums = [space.between(block, rows) @ weights for block in blocks]
    return int(rows[least_sum(torch.from_numpy(np.concatenate(sums)))])
