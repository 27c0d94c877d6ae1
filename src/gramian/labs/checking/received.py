"""Values as they come back from the learner's process: plain data, or a description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Fixture", "Opaque", "Received", "TorchArray"]


class TorchArray(np.ndarray):
    """An array that was a torch tensor over there."""


@dataclass(frozen=True)
class Opaque:
    """Something that is no data, or too large to be sent; only told about."""

    description: str


class Fixture:
    """An argument that is built in the learner's process: a model, a generator, a callable.

    Parameters
    ----------
    name : str
        ``module.function`` in `gramian.labs.checking.fixtures`.
    **options
        What it is called with; arrays and plain data.
    """

    def __init__(self, name: str, /, **options: Any) -> None:
        self.name, self.options = name, options

    def __repr__(self) -> str:
        given = ", ".join(f"{key}={value!r}" for key, value in self.options.items())
        return f"<{self.name}({given})>"


Received: TypeAlias = Any
"""None, bool, int, float, complex, str, ndarray, `TorchArray`, `Opaque`; tuples, lists, dicts."""
