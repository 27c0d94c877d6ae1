"""Targets of a regression as the kernel machines take them."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.utils.validation import check_array, check_consistent_length
from torch import Tensor

from gramian._arrays import wrap
from gramian._input import Rows

__all__ = ["take_targets"]


def take_targets(rows: Rows, y: Any, caller: str) -> Tensor:
    """Targets of the rows in float64 on their device, (n,) or (n, t).

    Raises
    ------
    ValueError
        If they are missing, complex, not one per row, not finite, or of more than two dimensions.
    """
    if y is None:
        raise ValueError(
            f"{caller}: y must be targets, got None. "
            "This estimator requires y to be passed, but the target y is None."
        )
    if isinstance(y, Tensor):
        if y.is_complex():
            raise ValueError(f"{caller}: y must be real, got {y.dtype}.")
        targets = y.detach().to(device=rows.device, dtype=torch.float64)
        if not bool(torch.isfinite(targets).all()):
            raise ValueError(f"{caller}: y must be finite, got NaN or infinity.")
    else:
        checked = check_array(y, ensure_2d=False, dtype="numeric", input_name="y")
        targets = wrap(checked, "y", caller).to(device=rows.device, dtype=torch.float64)
    if targets.ndim not in (1, 2) or 0 in targets.shape[1:]:
        raise ValueError(
            f"{caller}: y must have shape (n_samples,) or (n_samples, n_targets), "
            f"got {tuple(targets.shape)}."
        )
    check_consistent_length(rows.given, targets)
    return targets
