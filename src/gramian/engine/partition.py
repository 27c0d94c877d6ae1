"""What k-means asks of the engine: two reductions over the rows, used by `gramian.cluster` alone.

``assign`` gives each row to its nearest column and sums the rows of each column in the same pass.
``potential`` tries a few points as one more centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gramian import _config
from gramian.engine import exact, plan
from gramian.engine.call import Call
from gramian.pairwise import SquaredEuclidean

__all__ = ["Assigned", "Partition", "assign", "potential", "reference_assign"]


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
    """

    labels: Tensor
    squared: Tensor | None
    sums: Tensor
    mass: Tensor
    changed: int


@dataclass(frozen=True, eq=False)
class Partition(Call):
    """A call whose rows are summed as well as its columns searched.

    Attributes
    ----------
    row_weights : Tensor of shape (n,), float64
    previous : Tensor of shape (n,), int64, or None, for ``assign``
        The labels before; the backend may write the new ones into them.
    closest : Tensor of shape (n,), in the dtype of x, for ``potential``
        Squared distances, times ``scale**2``, to the centres chosen so far.
    scale : float, for ``potential``
        A power of two that brings the spread of the data near one, so that squares of float32
        neither overflow nor vanish.
    """

    row_weights: Tensor | None = None
    previous: Tensor | None = None
    closest: Tensor | None = None
    scale: float = 1.0


def assign(
    x: Tensor,
    y: Tensor,
    weights: Tensor,
    *,
    previous: Tensor | None = None,
    values: bool = False,
) -> Assigned:
    """Give each row of ``x`` (n, d) to its nearest row of ``y`` (m, d), and sum them.

    Bits depend neither on threads nor on the budget. ``values`` asks for squared distances.
    """
    settings: dict[str, Any] = {"row_weights": weights, "previous": previous, "values": values}
    found = plan.run(_call("assign", x, y, **settings))
    assert isinstance(found, Assigned)
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
    changed = len(x) if previous is None else int((labels != previous).sum())
    return Assigned(labels, squared, sums, mass, changed)


def _call(reduction: str, x: Tensor, y: Tensor, **settings: Any) -> Partition:
    names = ("X", "centers")
    return Partition(
        reduction, x, y, SquaredEuclidean(), _config.current(), names=names, **settings
    )
