"""First positions of mean shift: the nodes of a grid that have rows about them."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from gramian._arrays import as_rows
from gramian._input import BLOCK_ELEMENTS
from gramian._validation import check_int, check_real

__all__ = ["get_bin_seeds"]


def get_bin_seeds(X: Any, bin_size: float, min_bin_freq: int = 1) -> Any:
    """Nodes of a grid to which at least ``min_bin_freq`` rows are rounded.

    Follows ``sklearn.cluster.get_bin_seeds``, without its rounding to float32.

    Parameters
    ----------
    X : ndarray or Tensor of shape (n, d)
    bin_size : float
        Side of a cell; 0 gives X itself.
    min_bin_freq : int, default=1

    Returns
    -------
    ndarray or Tensor of shape (n_seeds, d), in the dtype of X
        In the order in which X first visits the cells. X itself, with a warning, where every row
        has a cell of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian.cluster import get_bin_seeds
    >>> get_bin_seeds(np.array([[0.1, 0.2], [1.9, 0.0], [0.2, 0.1]]), 1.0)
    array([[0., 0.],
           [2., 0.]])
    """
    caller = "get_bin_seeds"
    size = check_real(bin_size, "bin_size", caller, low=0)
    least = check_int(min_bin_freq, "min_bin_freq", caller, low=1)
    if size == 0:
        return X
    x, form = as_rows(X, "X", caller)
    cells, counts = _cells(x, size)
    chosen = cells[counts >= least]
    if len(chosen) == len(x):
        warnings.warn(
            f"{caller}: Binning data failed with provided bin_size={size:g}: every row has a cell "
            "of its own. The rows themselves are the seeds; a larger bin_size gives fewer.",
            UserWarning,
            stacklevel=2,
        )
        return X
    return form.give((chosen.double() * size).to(x.dtype))


def _cells(x: Tensor, size: float) -> tuple[Tensor, Tensor]:
    """Distinct cells in the order of their first row, and how many rows each has."""
    cells = x.new_empty(0, x.shape[1])
    counts = torch.empty(0, dtype=torch.int64, device=x.device)
    for block in x.split(max(1, BLOCK_ELEMENTS // x.shape[1])):
        # adding zero turns -0 into 0
        cells = torch.cat([cells, (block / size).round() + 0.0])
        counts = torch.cat([counts, counts.new_ones(len(block))])
        cells, place = torch.unique(cells, dim=0, return_inverse=True)
        counts = counts.new_zeros(len(cells)).index_add_(0, place, counts)
        first = place.new_full((len(cells),), len(place))
        first.scatter_reduce_(0, place, torch.arange(len(place), device=x.device), "amin")
        order = first.argsort()
        cells, counts = cells[order], counts[order]
    return cells, counts
