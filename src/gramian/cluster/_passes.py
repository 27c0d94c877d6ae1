"""The passes of one run over the rows: full ones, or of those rows alone that may change.

A pass that skips returns what a full one returns, to the bit: a row is skipped only where rounded
bounds prove that its nearest centre is the one it has, and a cluster is summed, in the order of the
rows, exactly where its rows have changed.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gramian._input import Rows
from gramian.cluster._assignment import assign, inertia, measure
from gramian.engine import partition
from gramian.engine.partition import Assigned, Bounds

__all__ = ["Passes"]

LEAST_WORK = 2048
"""Products per row of a full pass, k × d, from which bounds can pay for their upkeep."""

MOST = 0.4
"""Share of the rows that may be searched alone; with more, a full pass is faster."""

LONGEST_REST = 7
"""Full passes without bounds after they failed to pay, at most."""


class Passes:
    """Labels, mass and bounds of the rows, kept from one pass to the next."""

    def __init__(self, rows: Rows, weights: Tensor, first: Tensor) -> None:
        self.rows, self.weights = rows, weights
        self.labels: Tensor | None = None
        self._table = rows.tensor if rows.dtype == first.dtype else None
        self._centers = first
        self._mass = torch.empty(0)
        self._skips = pays(rows, first)
        self._bounds: Bounds | None = None
        self._kept = None if self._table is None else partition.keep(self._table, first)
        self._rest = self._rested = 0

    def assign(self, centers: Tensor, stale: Tensor) -> Assigned:
        """Nearest centres; sums are those of clusters that moved or are ``stale``."""
        found = self._refine(centers, stale)
        if found is None:
            found = self._search(centers)
        self.labels, self._centers, self._mass = found.labels, centers, found.mass
        return found

    def measure(self) -> Tensor:
        """Squared distances of the rows to their centres of the last pass, (n,)."""
        assert self.labels is not None
        return measure(self.rows, self._centers, self.labels)

    def inertia(self) -> float:
        """Their weighted sum."""
        assert self.labels is not None
        return inertia(self.rows, self._centers, self.labels, self.weights)

    def _refine(self, centers: Tensor, stale: Tensor) -> Assigned | None:
        """The pass by bounds; None where there are none, or too many of them overlap."""
        if self._bounds is None:
            return None
        assert self.labels is not None
        assert self._table is not None
        found = partition.refine(
            self._table,
            centers,
            self.weights,
            self.labels,
            self._bounds,
            self._centers,
            most=int(MOST * len(self.rows)),
            wanted=stale,
            kept=self._kept,
        )
        if found is None:
            self._rest = min(2 * self._rest + 1, LONGEST_REST)
            self._rested = 0
            return None
        self._rest = 0
        return found._replace(mass=found.mass.where(found.moved | stale, self._mass))

    def _search(self, centers: Tensor) -> Assigned:
        """The full pass, with new bounds where they are wanted."""
        resting = self._rested < self._rest
        self._rested += 1
        if not self._skips or resting:
            self._bounds = None
        elif self._bounds is None:
            self._bounds = Bounds.room(len(self.rows))
        if self._table is None:
            return assign(self.rows, centers, self.weights, previous=self.labels)
        return partition.assign(
            self._table,
            centers,
            self.weights,
            previous=self.labels,
            bounds=self._bounds,
            kept=self._kept,
        )


def pays(rows: Rows, centers: Tensor) -> bool:
    """Whether rows may be skipped: in the compiled core, where a search is long."""
    if rows.tensor is None or rows.dtype != centers.dtype:
        return False
    return centers.numel() >= LEAST_WORK and partition.can_refine(rows.tensor, centers)
