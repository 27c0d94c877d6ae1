"""Which computation a local mean takes: what it finds is the same up to a stated error."""

from __future__ import annotations

from torch import Tensor

from gramian.cluster._cell_means import CellFlatMean, CellWindow, cells_fit
from gramian.cluster._local_means import EpanechnikovMean, FlatMean, GaussianMean, LocalMean
from gramian.cluster._near_gaussian import NearGaussianMean, near_sums

__all__ = ["KERNELS", "local_mean"]

KERNELS = ("flat", "gaussian", "epanechnikov")


def local_mean(kernel: str, x: Tensor, weights: Tensor | None, bandwidth: float) -> LocalMean:
    """The mean under one of `KERNELS` of the rows ``x`` (n, d), weighted by (n,) or None."""
    if bandwidth == 0:
        # without width every kernel sees what the flat one sees: rows equal to the position
        return FlatMean(x, weights, bandwidth)
    by_cells = cells_fit(x, weights, bandwidth)
    if kernel == "flat":
        return (CellFlatMean if by_cells else FlatMean)(x, weights, bandwidth)
    if kernel == "epanechnikov":
        return (CellWindow if by_cells else EpanechnikovMean)(x, weights, bandwidth)
    fast = near_sums(x, weights, bandwidth) if by_cells else None
    if fast is None:
        return GaussianMean(x, weights, bandwidth)
    return NearGaussianMean(x, weights, bandwidth, fast)
