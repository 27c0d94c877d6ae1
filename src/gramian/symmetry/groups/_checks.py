"""Permutations and Cayley tables that a caller gave."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian.symmetry.groups._tables import is_group

__all__ = ["as_permutations", "as_table"]


def _as_whole_numbers(value: Any, name: str, caller: str) -> Tensor:
    """A table of whole numbers as an int64 tensor on the CPU."""
    if not isinstance(value, Tensor):
        try:
            array = np.asarray(value)
        except ValueError:
            raise ValueError(
                f"{caller}: {name} must have rows of one length, got rows of several."
            ) from None
        if array.dtype.kind not in "iu":
            raise TypeError(f"{caller}: {name} must hold whole numbers, got {array.dtype}.")
        value = torch.from_numpy(array.astype(np.int64))
    if value.dtype.is_floating_point or value.dtype.is_complex or value.dtype == torch.bool:
        raise TypeError(f"{caller}: {name} must hold whole numbers, got {value.dtype}.")
    if value.ndim != 2 or 0 in value.shape:
        raise ValueError(
            f"{caller}: {name} must have two dimensions and at least one row and column, "
            f"got shape {tuple(value.shape)}."
        )
    return value.detach().to("cpu", torch.int64, copy=True)


def as_permutations(value: Any, name: str, caller: str, *, group: bool = True) -> Tensor:
    """Rows that are permutations, (rows, degree); different, the identity first, if ``group``."""
    rows = _as_whole_numbers(value, name, caller)
    points = torch.arange(rows.shape[1])
    wrong = (rows.sort(1).values != points).any(1)
    if bool(wrong.any()):
        row = int(wrong.int().argmax())
        raise ValueError(
            f"{caller}: {name} must be permutations of 0 to {rows.shape[1] - 1}, "
            f"got {rows[row].tolist()} in row {row}."
        )
    if group and not torch.equal(rows[0], points):
        raise ValueError(
            f"{caller}: {name} must begin with the identity, got {rows[0].tolist()} in row 0."
        )
    if group and len(rows.unique(dim=0)) < len(rows):
        raise ValueError(f"{caller}: {name} must be different, got one permutation twice.")
    return rows


def as_table(value: Any, name: str, caller: str) -> Tensor:
    """The Cayley table of a group, with element 0 as the identity."""
    table = _as_whole_numbers(value, name, caller)
    inside = bool(((table >= 0) & (table < len(table))).all())
    if table.shape[0] != table.shape[1] or not inside or not is_group(table):
        raise ValueError(
            f"{caller}: {name} must be the Cayley table of a group whose element 0 is the "
            f"identity, got a {table.shape[0]} x {table.shape[1]} table that is not."
        )
    return table
