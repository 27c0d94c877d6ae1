"""What holds for the first weights of any net, as the driver `starts.drawn` shows them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gramian.labs.checking import Property

__all__ = ["OWN_MEMORY", "REPEATABLE", "rows_differ", "shapes_of"]


def shapes_of(found: dict[str, Any]) -> list[tuple[int, ...]]:
    """The shapes of all tensors."""
    return [part.shape for part in found["parameters"]]


def rows_differ(table: np.ndarray) -> bool:
    """Whether no two rows are equal."""
    return len(np.unique(table, axis=0)) == len(table)


REPEATABLE = Property(
    "equal generators give equal numbers, and others give others",
    lambda f, **given: (
        f(*given.values())["same again"] and f(*given.values())["other seed, other numbers"]
    ),
    "Every number must come out of the generator that is passed in.",
)
OWN_MEMORY = Property(
    "every tensor has memory of its own",
    lambda f, **given: not f(*given.values())["memory shared"],
    "A step on one tensor would move the other.",
)
