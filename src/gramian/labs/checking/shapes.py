"""What a function returns: its type and shape, in the letters of its arguments' axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from gramian.labs.checking.received import Opaque, Received, TorchArray

__all__ = ["Anything", "Array", "Group", "Number", "Plain", "Result", "Sizes"]

Kind = Literal["float", "integer", "boolean", "number"]
_KINDS: dict[Kind, str] = {"float": "f", "integer": "iu", "boolean": "b", "number": "fiub"}


@dataclass(frozen=True)
class Sizes:
    """What a result is compared with: sizes of the lettered axes, float type, array type."""

    axes: Mapping[str, int]
    dtype: str
    arrays: str


class Result(Protocol):
    """The type and shape that an answer must have."""

    def type_fault(self, value: Received, sizes: Sizes) -> str | None:
        """What is wrong with the type, or None."""

    def shape_fault(self, value: Received, sizes: Sizes) -> str | None:
        """What is wrong with the shape, or None; the type is right."""


def _described(value: Received) -> str:
    if isinstance(value, TorchArray):
        return f"a tensor of {value.dtype} and shape {value.shape}"
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} and shape {value.shape}"
    if isinstance(value, Opaque):
        return value.description
    return "None" if value is None else f"a {type(value).__name__}"


@dataclass(frozen=True)
class Array:
    """An array with one letter per axis, such as ``Array("nm")``; ``Array("")`` has no axis.

    A digit stands for itself. A letter that no argument has is any size, and an ``axes`` of None
    any shape. Floats must keep the float type of the input where ``keeps_dtype``.
    """

    axes: str | None
    kind: Kind = "float"
    keeps_dtype: bool = True

    def type_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        wanted = "torch tensor" if sizes.arrays == "torch" else "NumPy array"
        scalar = self.axes == "" and isinstance(value, int | float | np.generic)
        right = isinstance(value, np.ndarray) and (
            isinstance(value, TorchArray) == (sizes.arrays == "torch")
        )
        if not (right or (scalar and sizes.arrays == "numpy")):
            return f"the result is a {wanted}; yours is {_described(value)}"
        dtype = np.asarray(value).dtype
        if dtype.kind not in _KINDS[self.kind]:
            noun = {"float": "floats", "integer": "integers", "boolean": "booleans"}
            return f"the entries are {noun.get(self.kind, 'numbers')}; yours are {dtype}"
        if self.kind == "float" and self.keeps_dtype and right and str(dtype) != sizes.dtype:
            return f"the float type of the input is kept; yours changes {sizes.dtype} to {dtype}"
        return None

    def shape_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        if self.axes is None:
            return None
        shape = np.shape(value)
        known = dict(sizes.axes)
        right = len(shape) == len(self.axes) and all(
            size == (int(a) if a.isdigit() else known.setdefault(a, size))
            for a, size in zip(self.axes, shape, strict=False)
        )
        if right:
            return None
        letters = ", ".join(self.axes) + ("," if len(self.axes) == 1 else "")
        return f"the shape is ({letters}); yours is {shape}"


@dataclass(frozen=True)
class Number:
    """One number: of Python, of NumPy, or an array or tensor without axes."""

    kind: Kind = "float"

    def type_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        if not isinstance(value, np.ndarray | np.generic | int | float):
            return f"the result is one number; yours is {_described(value)}"
        dtype = np.asarray(value).dtype
        allowed = _KINDS[self.kind] + ("iu" if self.kind == "float" else "")
        if dtype.kind not in allowed:
            return f"the result is a {self.kind}; yours is {_described(value)}"
        return None

    def shape_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        shape = np.shape(value)
        return None if shape == () else f"the result has no axis; yours has shape {shape}"


@dataclass(frozen=True)
class Plain:
    """A Python value: ``Plain("a tuple or None", tuple, type(None))``."""

    statement: str
    types: tuple[type, ...]

    def __init__(self, statement: str, *types: type) -> None:
        object.__setattr__(self, "statement", statement)
        object.__setattr__(self, "types", types)

    def type_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        if isinstance(value, self.types) and (bool in self.types or not isinstance(value, bool)):
            return None
        return f"the result is {self.statement}; yours is {_described(value)}"

    def shape_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        return None


@dataclass(frozen=True)
class Group:
    """A tuple of results, each named: ``Group(labels=Array("n", "integer"), T=Array("kd"))``."""

    parts: Mapping[str, Result]

    def __init__(self, **parts: Result) -> None:
        object.__setattr__(self, "parts", parts)

    def type_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        if not isinstance(value, tuple | list) or len(value) != len(self.parts):
            return f"the result is a tuple ({', '.join(self.parts)}); yours is {_described(value)}"
        return self._first("type_fault", value, sizes)

    def shape_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        return self._first("shape_fault", value, sizes)

    def _first(self, what: str, value: Any, sizes: Sizes) -> str | None:
        for (name, part), item in zip(self.parts.items(), value, strict=True):
            fault: str | None = getattr(part, what)(item, sizes)
            if fault:
                return f"{name}: {fault}"
        return None


@dataclass(frozen=True)
class Anything:
    """No demand on type and shape; the properties judge."""

    def type_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        return None

    def shape_fault(self, value: Received, sizes: Sizes) -> str | None:
        """See `Result`."""
        return None
