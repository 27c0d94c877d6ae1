"""Several tests at once.

Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6(2),
1979.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["holm"]


def holm(pvalues: Any) -> Tensor:
    """P-values adjusted for how many they are.

    Rejecting where the adjusted p-value is at most α keeps the probability of any false rejection
    at most α, whatever the dependence between the tests.

    Parameters
    ----------
    pvalues : sequence of float or Tensor of shape (m,)
        In [0, 1].

    Returns
    -------
    adjusted : Tensor of shape (m,), float64
        In the order given, never below what was given.

    Raises
    ------
    ValueError
        If there is none, or one is not in [0, 1].

    Notes
    -----
    O(m log m).

    Examples
    --------
    >>> from gramian.symmetry import holm
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    values = torch.as_tensor(pvalues, dtype=torch.float64)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(
            f"holm: pvalues must be a non-empty list of numbers, got shape {tuple(values.shape)}."
        )
    if not bool(((values >= 0) & (values <= 1)).all()):
        raise ValueError(f"holm: pvalues must lie in [0, 1], got {values.tolist()}.")
    ordered, order = values.sort(stable=True)
    factors = torch.arange(len(values), 0, -1, dtype=torch.float64)
    climbing = (factors * ordered).clamp(max=1).cummax(0).values
    return torch.empty_like(climbing).scatter_(0, order, climbing)
