"""How circulant a table is: cyclic groups in their natural order give circulant Gramians.

Source: P. J. Davis, "Circulant Matrices", Wiley, 1979.
"""

from __future__ import annotations

from typing import Any

import torch

from gramian._validation import _message

__all__ = ["circulance"]


def circulance(G: Any) -> float:
    """Share of the energy of a table that is circulant: on the diagonal after the DFT.

    Parameters
    ----------
    G : Tensor or array of shape (n, n)
        With the units in the order of the powers of a generator: another order hides it.

    Returns
    -------
    share : float
        1 for a circulant table, in [0, 1]; the mean entry is taken away first, because it is
        circulant in any order. 1 for a constant table.

    Raises
    ------
    ValueError
        If `G` is not square.

    Notes
    -----
    The circulant part of a table is its mean over each cyclic diagonal: O(n²) time.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import circulance
    >>> row = torch.tensor([2.0, 1.0, 0.0, 1.0])
    >>> circulance(torch.stack([row.roll(k) for k in range(4)]))
    1.0
    """
    table = torch.as_tensor(G).double()
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ValueError(_message("circulance", "G", "square", tuple(table.shape)))
    table = table - table.mean()
    energy = float(table.square().sum())
    n = len(table)
    shifts = (torch.arange(n) - torch.arange(n)[:, None]) % n
    means = torch.zeros(n, dtype=torch.float64).index_add_(0, shifts.ravel(), table.ravel()) / n
    return min(1.0, float(n * means.square().sum()) / energy) if energy > 0 else 1.0
