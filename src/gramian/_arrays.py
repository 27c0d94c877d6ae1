"""Arrays at the border: NumPy or tensors in, the same kind out, nothing copied."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["Form", "as_index", "as_rows", "as_vector", "check_match", "finite", "positions", "wrap"]

_FLOATING = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


@dataclass(frozen=True)
class Form:
    """The kind of array a caller gave, and how to give results back in that kind."""

    numpy: bool

    def give(self, result: Tensor) -> Any:
        return result.detach().cpu().numpy() if self.numpy else result


def wrap(array: np.ndarray, name: str, caller: str) -> Tensor:
    """A tensor on the memory of ``array``; a copy only where torch cannot point at it."""
    if array.dtype.kind not in "fbiu" or array.dtype.itemsize > 8:
        raise TypeError(
            f"{caller}: {name} must be an array of numbers of at most 64 bits, got {array.dtype}."
        )
    if array.dtype.kind in "biu":
        array = array.astype(np.float64)
    odd = any(stride < 0 or stride % array.itemsize for stride in array.strides)
    if odd or not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="), order="C")
    with warnings.catch_warnings():
        # gramian never writes to its inputs, so a read-only array (a memory-map) is no danger
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)


def as_rows(value: Any, name: str, caller: str) -> tuple[Tensor, Form]:
    """A non-empty table of floating rows, and its kind."""
    form = Form(numpy=not isinstance(value, Tensor))
    if isinstance(value, list | tuple):
        value = _array(value, name, caller)
    if isinstance(value, np.ndarray):
        value = wrap(value, name, caller)
    elif not isinstance(value, Tensor):
        raise TypeError(
            f"{caller}: {name} must be a tensor or a NumPy array, got {type(value).__name__}."
        )
    if value.dtype not in _FLOATING:
        raise TypeError(
            f"{caller}: {name} must be float16, bfloat16, float32 or float64, got {value.dtype}. "
            f"Convert it, for instance with {name}.float()."
        )
    if value.layout != torch.strided:
        raise TypeError(
            f"{caller}: {name} must be a dense tensor, got layout {value.layout}. "
            f"Call {name}.to_dense() first."
        )
    if value.ndim != 2 or 0 in value.shape:
        raise ValueError(
            f"{caller}: {name} must have shape (rows, features) with at least one of each, "
            f"got {tuple(value.shape)}."
        )
    return value, form


def _array(value: Any, name: str, caller: str) -> np.ndarray:
    """What NumPy reads ``value`` as."""
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{caller}: {name} must have rows of one length, got rows of several."
        ) from None


def _indices(value: Any) -> Tensor | None:
    """Whole numbers or a mask as a tensor; None where they are neither."""
    array = np.asarray(value)
    if array.size == 0:
        return torch.empty(0, dtype=torch.int64)
    if array.dtype.kind == "b":
        return torch.from_numpy(array.copy())
    return torch.from_numpy(array.astype(np.int64)) if array.dtype.kind in "iu" else None


def check_match(x: Tensor, y: Tensor, caller: str) -> None:
    """Both tables have the same features, dtype and device."""
    for what, left, right in (
        ("as many features as x", x.shape[1], y.shape[1]),
        ("the dtype of x", x.dtype, y.dtype),
        ("the device of x", x.device, y.device),
    ):
        if left != right:
            raise ValueError(f"{caller}: y must have {what} ({left}), got {right}.")


def as_vector(
    value: Any, name: str, caller: str, *, rows: int, like: Tensor | None
) -> tuple[Tensor, bool]:
    """Right-hand sides of shape (rows, r), and whether they came as a flat vector.

    They take the dtype and device of ``like``, or become float64 where it is None.
    """
    if not isinstance(value, Tensor):
        value = wrap(_array(value, name, caller), name, caller)
    if value.ndim not in (1, 2) or len(value) != rows or 0 in value.shape:
        raise ValueError(
            f"{caller}: {name} must have shape ({rows},) or ({rows}, r), got {tuple(value.shape)}."
        )
    if value.dtype.is_complex:
        raise TypeError(f"{caller}: {name} must be real, got {value.dtype}.")
    value = value.double() if like is None else value.to(like)
    if not bool(torch.isfinite(value.detach()).all()):
        raise ValueError(f"{caller}: {name} must be finite, got NaN or infinity.")
    return (value[:, None], True) if value.ndim == 1 else (value, False)


def as_index(value: Any, size: int, name: str, caller: str, device: torch.device) -> Tensor:
    """Row numbers as int64, from an int, a slice, a boolean mask or a list of numbers."""
    if isinstance(value, slice):
        chosen = range(*value.indices(size))
        return torch.arange(len(chosen), device=device) * chosen.step + chosen.start
    wanted = f"an int, a slice, a list of ints or a mask of length {size}"
    index = value if isinstance(value, Tensor) else _indices(value)
    if index is None:
        raise IndexError(f"{caller}: {name} must be {wanted}, got {value!r}.")
    if index.dtype == torch.bool and index.shape == (size,):
        return index.nonzero()[:, 0].to(device)
    if index.dtype.is_floating_point or index.dtype == torch.bool or index.ndim > 1:
        raise IndexError(
            f"{caller}: {name} must be {wanted}, got {index.dtype} of shape {tuple(index.shape)}."
        )
    index = index.reshape(-1).to(device=device, dtype=torch.int64)
    if len(index) and (int(index.min()) < -size or int(index.max()) >= size):
        raise IndexError(
            f"{caller}: {name} must lie in [{-size}, {size - 1}], got "
            f"{int(index.min())} to {int(index.max())}."
        )
    return torch.where(index < 0, index + size, index)


def finite(rows: Tensor, first: int, name: str, caller: str) -> Tensor:
    """``rows`` themselves, if every number in them is finite."""
    # the sum is finite for nearly every finite block, and one pass; the exact test comes after
    if not bool(torch.isfinite(rows.sum())):
        bad = ~torch.isfinite(rows).all(1)
        if bool(bad.any()):
            raise ValueError(
                f"{caller}: {name} must be finite, got NaN or infinity in row "
                f"{first + int(bad.nonzero()[0, 0])}. Remove or fill such rows."
            )
    return rows


def positions(rows: Tensor, columns: Tensor, size: int) -> Tensor:
    """Where each of ``rows`` stands among ``columns``; -1 where it does not.

    A row that stands there several times gets the last place.
    """
    place = rows.new_full((size,), -1)
    place[columns] = torch.arange(len(columns), device=rows.device)
    return place[rows]
