"""Fitted arrays as the tensors that they are."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from gramian._arrays import wrap

__all__ = ["as_tensor"]


def as_tensor(fitted: Any) -> Tensor:
    """A fitted array, NumPy's or torch's, as a tensor on the same memory."""
    return fitted if isinstance(fitted, Tensor) else wrap(fitted, "a fitted array", "gramian")
