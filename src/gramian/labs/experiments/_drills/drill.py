"""What a drill is, and when its answer is accepted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["Drill", "Rows", "accepted", "answer", "by_hand", "touched"]

Rows = dict[str, list[tuple[Any, ...]]]
"""By group: the other fields of each drill."""


@dataclass(frozen=True)
class Drill:
    """One task.

    Attributes
    ----------
    group, task : str
    right : str
        Statements and a last expression, parted by "; ".
    wrong : str
        The same with a known mistake.
    value : nested lists, or a Python value
        Worked out by hand; the name of an exception where one is due.
    type : str
        dtype of a tensor; empty for a Python value.
    """

    group: str
    task: str
    right: str
    wrong: str
    value: Any
    type: str = "float32"


def _materials(device: torch.device) -> dict[str, Any]:
    """Fresh tensors by the names that the drills use."""
    rows = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
    return {
        "torch": torch,
        "np": np,
        "device": device,
        "rng": torch.Generator().manual_seed(0),
        "same": _same,
        "X": torch.arange(12.0).reshape(3, 4),
        "Y": torch.tensor([[2.0, 1, 4, 3], [1, 2, 3, 4], [4, 3, 2, 1]]),
        "Z": torch.arange(24.0).reshape(2, 3, 4),
        "A": torch.tensor([[2.0, 3, 4], [5, 6, 7]]),
        "S": torch.tensor([[1.0, 2, 3], [2, 0, 4], [3, 4, 5]]),
        "M": torch.tensor([rows, rows], dtype=torch.float32),
        "c": torch.tensor([[1.0], [3], [5]]),
        "d": torch.tensor([[2.0], [4], [6]]),
        "u": torch.tensor([1.0, 2, 4, 8]),
        "v": torch.tensor([2.0, 2, 2, 2]),
        "w": torch.arange(3.0),
        "image": torch.arange(192.0).reshape(3, 8, 8),
    }


def _same(a: Tensor | np.ndarray, b: Tensor | np.ndarray) -> bool:
    """Whether two arrays lie in one piece of memory."""
    return bool(np.shares_memory(np.asarray(a), np.asarray(b)))


def answer(code: str, device: torch.device) -> Any:
    """What the code gives, or the name of the exception that it raises."""
    names = _materials(device)
    *statements, last = code.split("; ")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # `.T` of a vector is deprecated, and a drill
        try:
            for statement in statements:
                exec(statement, names)
            return eval(last, names)
        except (RuntimeError, TypeError, ValueError) as error:
            return type(error).__name__


def touched(code: str) -> tuple[np.ndarray, np.ndarray]:
    """Entries of the tensor that the code begins with, and which of them it reads or writes."""
    names = _materials(torch.device("cpu"))
    *statements, last = code.split("; ")
    before = names[code[0]].clone()
    for statement in statements:
        exec(statement, names)
    after = names[code[0]]
    marked = before != after if statements else torch.isin(after, eval(last, names).flatten())
    return after.numpy(), marked.numpy()


def by_hand(drill: Drill) -> Any:
    """The typed answer, as the code should give it."""
    if not drill.type:
        return drill.value
    return torch.tensor(drill.value, dtype=getattr(torch, drill.type))


def accepted(found: Any, drill: Drill) -> bool:
    """Whether value, shape and type are those of the answer by hand."""
    right = by_hand(drill)
    if not isinstance(right, Tensor):
        return type(found) is type(right) and bool(found == right)
    return (
        isinstance(found, Tensor)
        and found.dtype == right.dtype
        and found.shape == right.shape
        and bool(torch.isclose(found.cpu(), right, rtol=1e-4).all())
    )
