"""Where mean shift starts: the caller's seeds, a grid's nodes, or every row."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_array
from torch import Tensor

from gramian._arrays import wrap
from gramian.cluster._bin_seeds import get_bin_seeds

__all__ = ["chosen_seeds", "grid_seeds", "row_seeds"]


def chosen_seeds(value: Any, x: Tensor) -> Tensor:
    """Positions that the caller chose, as a tensor like the rows."""
    if not isinstance(value, Tensor):
        checked = check_array(value, dtype=np.float64, input_name="seeds")
        value = wrap(checked, "seeds", "MeanShift.fit")
    seeds = value.detach().to(x)
    if seeds.ndim != 2 or seeds.shape[1] != x.shape[1] or not len(seeds):
        raise ValueError(
            f"MeanShift.fit: seeds must have shape (n_seeds, {x.shape[1]}) with at least one seed, "
            f"got {tuple(seeds.shape)}."
        )
    if not bool(torch.isfinite(seeds).all()):
        raise ValueError("MeanShift.fit: seeds must be finite, got NaN or infinity.")
    return seeds


def row_seeds(x: Tensor, weights: Tensor | None) -> Tensor:
    """The rows that carry weight; ``x`` itself where all do."""
    if weights is not None and bool((weights == 0).any()):
        return x[weights > 0]
    return x


def grid_seeds(x: Tensor, weights: Tensor | None, bandwidth: float, min_bin_freq: int) -> Tensor:
    """Nodes of a grid of cells as wide as the bandwidth that have rows enough."""
    seeds = get_bin_seeds(row_seeds(x, weights), bandwidth, min_bin_freq)
    if not len(seeds):
        raise ValueError(
            "MeanShift.fit: min_bin_freq must be at most the number of rows in the fullest "
            f"cell, got {min_bin_freq}. Lower it or increase the bandwidth."
        )
    return seeds
