"""What k-means asks of the engine: reductions over the rows, used by `gramian.cluster` alone.

``assign`` gives each row to its nearest column and sums the rows of each column in the same pass.
``refine`` does the same for rows with bounds: only those whose nearest column may have changed are
searched, only columns whose rows did change are summed. ``measure`` takes the labels as they are.
``potential`` tries a few points as one more centre.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gramian import _config
from gramian.engine import exact, plan
from gramian.engine.call import Call
from gramian.errors import BackendUnavailableError, MemoryBudgetError
from gramian.pairwise import SquaredEuclidean

__all__ = [
    "Assigned",
    "Bounds",
    "Kept",
    "Partition",
    "assign",
    "can_refine",
    "inertia",
    "keep",
    "measure",
    "potential",
    "reference_assign",
    "refine",
    "what_moved",
]


class Assigned(NamedTuple):
    """The rows, each with its nearest column.

    Attributes
    ----------
    labels : Tensor of shape (n,), int64
        The nearest column, as float64 brute force has it, ties to the lowest index.
    squared : Tensor of shape (n,), float64, or None
        Squared distance to it, by brute force; None where it was not asked for.
    sums : Tensor of shape (m, d), float64
        Σ wᵢ (xᵢ − yⱼ) over the rows of each column j: the mean of j's rows is yⱼ + sums / mass.
        Measured from yⱼ, sums keep the digits that those of far-off rows would lose.
    mass : Tensor of shape (m,), float64
        Σ wᵢ over them.
    changed : int
        How many labels differ from the previous ones.
    moved : Tensor of shape (m,), bool
        The columns that a row of some weight has left or reached.
    """

    labels: Tensor
    squared: Tensor | None
    sums: Tensor
    mass: Tensor
    changed: int
    moved: Tensor


class Bounds(NamedTuple):
    """What is known of each row's distances, in float32, rounded outwards.

    Attributes
    ----------
    upper : Tensor of shape (n,), float32
        At least the distance to the row's own column.
    lower : Tensor of shape (n,), float32
        At most the distance to any other column.
    """

    upper: Tensor
    lower: Tensor

    @classmethod
    def room(cls, n: int) -> Bounds:
        """Room for those of ``n`` rows, which `assign` fills."""
        return cls(torch.empty(n, dtype=torch.float32), torch.empty(n, dtype=torch.float32))


class Kept(NamedTuple):
    """What a backend keeps of the rows from pass to pass, and how many bytes that takes.

    Whatever is kept changes no result.
    """

    rows: Any
    bytes: int


@dataclass(frozen=True, eq=False)
class Partition(Call):
    """A call whose rows are summed as well as its columns searched.

    Attributes
    ----------
    row_weights : Tensor of shape (n,), float64
    previous : Tensor of shape (n,), int64, or None
        The labels before; the backend may write the new ones into them.
    bounds : Bounds or None, for ``assign`` and ``refine``
        Written by the first, moved and written by the second.
    before : Tensor of shape (m, d), for ``refine``
        The columns that the bounds belong to.
    most : int, for ``refine``
        How many rows may be searched; where there are more, nothing but the bounds has changed.
    wanted : Tensor of shape (m,), bool, for ``refine``
        Columns to be summed even if their rows have not changed.
    kept : Kept or None, for ``assign`` and ``refine``
        Of these rows, by `keep`.
    closest : Tensor of shape (n,), in the dtype of x, for ``potential``
        Squared distances, times ``scale**2``, to the centres chosen so far.
    scale : float, for ``potential``
        A power of two that brings the spread of the data near one, so that squares of float32
        neither overflow nor vanish.
    """

    row_weights: Tensor | None = None
    previous: Tensor | None = None
    bounds: Bounds | None = None
    before: Tensor | None = None
    most: int = 0
    wanted: Tensor | None = None
    kept: Kept | None = None
    closest: Tensor | None = None
    scale: float = 1.0


def assign(
    x: Tensor,
    y: Tensor,
    weights: Tensor,
    *,
    previous: Tensor | None = None,
    values: bool = False,
    bounds: Bounds | None = None,
    kept: Kept | None = None,
) -> Assigned:
    """Give each row of ``x`` (n, d) to its nearest row of ``y`` (m, d), and sum them.

    Bits depend neither on threads nor on the budget. ``values`` asks for squared distances.
    ``bounds`` are filled; that needs `can_refine`.
    """
    settings: dict[str, Any] = {
        "row_weights": weights,
        "previous": previous,
        "values": values,
        "bounds": bounds,
        "kept": kept,
    }
    found = plan.run(_call("assign", x, y, **settings))
    assert isinstance(found, Assigned)
    return found


def keep(x: Tensor, y: Tensor) -> Kept | None:
    """Room for what `assign` and `refine` can use again of the rows ``x``, if it is worth it."""
    call = _call("assign", x, y)
    found, backend = plan.make_plan(call)
    return backend.partition.keep(call, found) if found.backend == "native" else None


def can_refine(x: Tensor, y: Tensor) -> bool:
    """Whether `refine` runs on the backend that `assign` runs on, and within the budget."""
    call = _call("refine", x, y)
    try:
        return plan.make_plan(call)[0].backend == plan.make_plan(_assign_like(call))[0].backend
    except (BackendUnavailableError, MemoryBudgetError):
        return False


def refine(
    x: Tensor,
    y: Tensor,
    weights: Tensor,
    labels: Tensor,
    bounds: Bounds,
    before: Tensor,
    *,
    most: int,
    wanted: Tensor,
    kept: Kept | None = None,
) -> Assigned | None:
    """What `assign` returns, from the labels and bounds of columns that moved from ``before``.

    Rows whose bounds overlap after the movement are searched, if they are not more than
    ``most``; else the answer is None. Sums and mass are those of ``wanted`` columns and of those
    that some weight has left or reached, with the bits of `assign`; the others' are zero.
    """
    settings: dict[str, Any] = {
        "row_weights": weights,
        "previous": labels,
        "bounds": bounds,
        "before": before,
        "most": most,
        "wanted": wanted,
        "kept": kept,
    }
    found = plan.run(_call("refine", x, y, **settings))
    assert found is None or isinstance(found, Assigned)
    return found


def measure(x: Tensor, y: Tensor, labels: Tensor) -> Tensor:
    """Squared distances of rows to the columns that their labels name, by brute force, (n,)."""
    once = torch.ones((), dtype=torch.float64, device=x.device).expand(len(x))
    squared = plan.run(_call("measure", x, y, row_weights=once, previous=labels))
    assert isinstance(squared, Tensor)
    return squared


def inertia(x: Tensor, y: Tensor, labels: Tensor, weights: Tensor) -> float:
    """Σ wᵢ ‖xᵢ − y_l‖² with l the label of row i, in float64 and the same for any threads."""
    found = plan.run(_call("inertia", x, y, row_weights=weights, previous=labels))
    assert isinstance(found, float)
    return found


def potential(
    x: Tensor, points: Tensor, weights: Tensor, closest: Tensor, scale: float
) -> tuple[Tensor, Tensor]:
    """What would be left of the inertia if one of ``points`` (t, d) became a centre too.

    Returns Σ wᵢ min(closestᵢ, sᵢⱼ), (t,), float64, and s, (t, n): the squared distances times
    ``scale**2``, in the dtype of x, by direct differences.
    """
    settings = {"row_weights": weights, "closest": closest, "scale": scale}
    total, squared = plan.run(_call("potential", x, points, **settings))
    return total, squared


def reference_assign(
    x: Tensor, y: Tensor, weights: Tensor, previous: Tensor | None = None
) -> Assigned:
    """What `assign` returns with ``values``, from the dense float64 matrix, row after row."""
    x, y = x.double(), y.double()
    squared, labels = exact.form_table("squared_euclidean", x, y).min(1)
    sums, mass = torch.zeros_like(y), y.new_zeros(len(y))
    for row, label, weight in zip(x, labels, weights, strict=True):
        sums[label] += weight * (row - y[label])
        mass[label] += weight
    changed, moved = what_moved(labels, previous, weights, len(y))
    return Assigned(labels, squared, sums, mass, changed, moved)


def what_moved(
    labels: Tensor, previous: Tensor | None, weights: Tensor, m: int
) -> tuple[int, Tensor]:
    """``Assigned.changed`` and ``Assigned.moved``; without previous labels all are new."""
    moved = torch.zeros(m, dtype=torch.bool, device=labels.device)
    if previous is None:
        moved[labels[weights != 0]] = True
        return len(labels), moved
    other = labels != previous
    heavy = other & (weights != 0)
    moved[labels[heavy]] = True
    moved[previous[heavy]] = True
    return int(other.sum()), moved


def _assign_like(call: Partition) -> Partition:
    return replace(call, reduction="assign")


def _call(reduction: str, x: Tensor, y: Tensor, **settings: Any) -> Partition:
    names = ("X", "centers")
    return Partition(
        reduction, x, y, SquaredEuclidean(), _config.current(), names=names, **settings
    )
