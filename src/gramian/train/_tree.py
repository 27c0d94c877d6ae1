"""Nested state as JSON and tensors: dicts, lists, tuples, numbers, texts; nothing is executed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

__all__ = ["pack", "unpack"]


def pack(tree: Any, tensors: dict[str, Tensor], path: str = "") -> Any:
    """``tree`` as JSON; its tensors go into ``tensors`` under their path.

    Raises
    ------
    TypeError
        If there is anything that neither JSON nor a tensor can hold.
    """
    if isinstance(tree, Tensor):
        tensors[path] = tree.detach().cpu().contiguous().clone()
        return {"tensor": path}
    if isinstance(tree, np.generic):
        tree = tree.item()
    if tree is None or isinstance(tree, bool | int | str):
        return tree
    if isinstance(tree, float):
        return tree if math.isfinite(tree) else {"float": repr(tree)}
    if isinstance(tree, list | tuple):
        items = [pack(item, tensors, f"{path}/{i}") for i, item in enumerate(tree)]
        return items if isinstance(tree, list) else {"tuple": items}
    if isinstance(tree, Mapping):
        pairs = [[_key(k, path), pack(v, tensors, f"{path}/{k}")] for k, v in tree.items()]
        return {"dict": pairs}
    raise TypeError(
        f"Checkpoint: {path or 'state'} must be made of numbers, texts, tensors, lists and dicts, "
        f"got {type(tree).__name__}. Leave it out of state_dict."
    )


def _key(key: Any, path: str) -> str | int:
    if isinstance(key, str | int) and not isinstance(key, bool):
        return key
    raise TypeError(f"Checkpoint: keys of {path or 'state'} must be str or int, got {key!r}.")


def unpack(packed: Any, tensors: Mapping[str, Tensor]) -> Any:
    """What `pack` was given."""
    if isinstance(packed, list):
        return [unpack(item, tensors) for item in packed]
    if not isinstance(packed, dict):
        return packed
    kind, content = next(iter(packed.items()))
    if kind == "tensor":
        return tensors[content]
    if kind == "float":
        return float(content)
    if kind == "tuple":
        return tuple(unpack(item, tensors) for item in content)
    return {key: unpack(value, tensors) for key, value in content}
