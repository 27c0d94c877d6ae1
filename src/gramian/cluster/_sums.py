"""Sums over rows in float64, in an order that no number of threads changes."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.cluster._input import BLOCK_ELEMENTS, Rows

__all__ = ["cluster_sums", "mean_and_variance", "ordered_sum", "weighted_total"]


def ordered_sum(values: Tensor) -> Tensor:
    """Sum over the first dimension, float64."""
    # a running sum is serial along its dimension; CUDA's plain sum has a fixed tree
    on_cpu = values.device.type == "cpu"
    return values.double().cumsum(0)[-1] if on_cpu else values.double().sum(0)


def weighted_total(weights: Tensor, values: Tensor) -> float:
    """Σ wᵢ vᵢ."""
    total = 0.0
    for w, v in zip(weights.split(BLOCK_ELEMENTS), values.split(BLOCK_ELEMENTS), strict=True):
        total += float(ordered_sum(w * v))
    return total


def mean_and_variance(rows: Rows) -> tuple[Tensor, Tensor]:
    """Mean and (population) variance of each feature, (d,), float64, in two passes."""
    n, d = rows.shape
    mean = torch.zeros(d, dtype=torch.float64, device=rows.device)
    for span in rows.spans():
        mean += ordered_sum(rows.take(span))
    mean /= n
    variance = torch.zeros_like(mean)
    for span in rows.spans():
        variance += ordered_sum((rows.take(span).double() - mean).square_())
    return mean, variance / n


def cluster_sums(
    rows: Rows, weights: Tensor, labels: Tensor, n_clusters: int, origin: Tensor
) -> tuple[Tensor, Tensor]:
    """Weighted sums of the rows of each cluster, measured from ``origin``, and its weight.

    ``origin`` (d,) near the data keeps digits that sums of far-off rows would lose. Returns
    (k, d) and (k,), float64.
    """
    d = rows.shape[1]
    total = torch.zeros(n_clusters, d + 1, dtype=torch.float64, device=rows.device)
    for span in rows.spans():
        block = total.new_empty(span.stop - span.start, d + 1)
        torch.sub(rows.take(span), origin, out=block[:, :d])
        block[:, d] = 1
        block *= weights[span, None]
        _add_by_label(total, labels[span], block)
    return total[:, :d], total[:, d]


def _add_by_label(total: Tensor, labels: Tensor, block: Tensor) -> None:
    """Add each row of ``block`` to the row of ``total`` that its label names, in row order."""
    if total.device.type == "cpu":
        total.index_add_(0, labels, block)
        return
    # index_add_ races on other devices; segments of sorted rows are summed one after the other
    grouped = labels.sort(stable=True)
    lengths = torch.bincount(grouped.values, minlength=len(total))
    total += torch.segment_reduce(block[grouped.indices], "sum", lengths=lengths, axis=0)
