"""Sums over rows in float64, in an order that no number of threads changes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS

__all__ = [
    "least_sum",
    "moved_means",
    "ordered_sum",
    "short_slices",
    "squared_movement",
    "weighted_total",
]

SERIAL = 2**14
"""Numbers that torch works on with one thread. After more its other threads keep their processors
busy for milliseconds, which the compiled core would have used."""

SAME = 1e-12
"""Relative difference up to which sums in float64 count as equal: more than rounding makes of the
same terms in another order."""


def short_slices(table: Tensor) -> Iterator[slice]:
    """Rows of a table by so few that torch takes one thread for them."""
    step = max(1, SERIAL // table.shape[1])
    for start in range(0, len(table), step):
        yield slice(start, start + step)


def ordered_sum(values: Tensor, dim: int = 0) -> Tensor:
    """Sum over a dimension, float64."""
    wide = values.double()
    if wide.device.type != "cpu":
        return wide.sum(dim)
    # NumPy adds on one thread, in an order that depends on the shape alone
    return torch.as_tensor(np.add.reduce(wide.contiguous().numpy(), axis=dim))


def least_sum(sums: Tensor) -> int:
    """The first place that holds the least of some sums, (n,), float64.

    Sums that rounding alone may tell apart are equal, so that ties do not hang on the order in
    which the terms of each were added.
    """
    least = sums.min()
    return int((sums > least + SAME * least.abs()).int().argmin())


def weighted_total(weights: Tensor, values: Tensor) -> float:
    """Σ wᵢ vᵢ."""
    total = 0.0
    for w, v in zip(weights.split(BLOCK_ELEMENTS), values.split(BLOCK_ELEMENTS), strict=True):
        total += float(ordered_sum(w * v))
    return total


def squared_movement(old: Tensor, new: Tensor) -> float:
    """Σ ‖newⱼ − oldⱼ‖² over the rows of two tables."""
    total = 0.0
    if _numpy_takes(old):
        before, after = old.numpy(), new.numpy()
        for rows in short_slices(old):
            gap = np.subtract(after[rows], before[rows], dtype=np.float64)
            total += float(np.add.reduce(np.square(gap), axis=None))
        return total
    for rows in short_slices(old):
        total += float(ordered_sum((new[rows].double() - old[rows].double()).square().flatten()))
    return total


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def moved_means(old: Tensor, sums: Tensor, mass: Tensor, due: Tensor) -> Tensor:
    """``old`` with the rows that are ``due`` moved by ``sums / mass``, in the dtype of ``old``."""
    if not _numpy_takes(old):
        return (old.double() + sums / mass[:, None]).to(old.dtype).where(due[:, None], old)
    before, total = old.numpy(), sums.numpy()
    after = before.copy()  # torch would wake its threads to copy many
    share, which = mass.numpy()[:, None], due.numpy()[:, None]
    for rows in short_slices(old):
        means = before[rows] + total[rows] / share[rows]
        np.copyto(after[rows], means, where=which[rows], casting="same_kind")
    return torch.from_numpy(after)


def _numpy_takes(table: Tensor) -> bool:
    """Whether NumPy knows it: for a few numbers it takes a fraction of torch's time."""
    return table.device.type == "cpu" and table.dtype in (torch.float32, torch.float64)
