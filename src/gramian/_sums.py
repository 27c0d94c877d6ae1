"""Sums over rows in float64, in an order that no number of threads changes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS

__all__ = ["ordered_sum", "weighted_total"]


def ordered_sum(values: Tensor, dim: int = 0) -> Tensor:
    """Sum over a dimension, float64."""
    wide = values.double()
    if wide.device.type != "cpu":
        return wide.sum(dim)
    # NumPy adds on one thread, in an order that depends on the shape alone
    return torch.as_tensor(np.add.reduce(wide.contiguous().numpy(), axis=dim))


def weighted_total(weights: Tensor, values: Tensor) -> float:
    """Σ wᵢ vᵢ."""
    total = 0.0
    for w, v in zip(weights.split(BLOCK_ELEMENTS), values.split(BLOCK_ELEMENTS), strict=True):
        total += float(ordered_sum(w * v))
    return total
