"""Naming the units by the elements of a given group, so that the table depends on x⁻¹y alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from gramian.symmetry.discovery._gramian import Task
from gramian.symmetry.groups import Dihedral, FiniteGroup
from gramian.symmetry.groups._names import LARGEST_NAMED, named_tables

__all__ = ["Catalogued", "Labelling", "groups_of_order", "label_units"]

MOST_NODES = 3000
MOST_SOLUTIONS = 24


@dataclass(frozen=True)
class Catalogued:
    """A group that a Gramian may have.

    Attributes
    ----------
    name : str
    product : ndarray of shape (order, order), int64
        Cayley table; element 0 is the identity.
    quotient : ndarray of shape (order, order), int64
        The number of x⁻¹y.
    walk : tuple of int
        All elements, each a generator times an earlier one as far as that goes.
    """

    name: str
    product: np.ndarray
    quotient: np.ndarray
    walk: tuple[int, ...]

    @classmethod
    def of(cls, name: str, group: FiniteGroup) -> Catalogued:
        product = group.table.numpy()
        inverses = group.inverses.numpy()
        walk = [0]
        for x in walk:  # which grows until all elements are reached
            for s in group.generators:
                steps = (int(product[x, s]), int(product[x, inverses[s]]))
                walk += [y for y in dict.fromkeys(steps) if y not in walk]
        return cls(name, product, product[inverses], tuple(walk))


@cache
def groups_of_order(order: int) -> tuple[Catalogued, ...]:
    """Every group of one order up to 24, the cyclic one first; above, abelian and dihedral ones."""
    groups = {name: FiniteGroup.from_table(t) for name, t in named_tables(order).items()}
    if order > LARGEST_NAMED and order % 2 == 0:
        dihedral = Dihedral(order // 2)
        groups[dihedral.name] = dihedral
    return tuple(Catalogued.of(name, group) for name, group in groups.items())


@dataclass(frozen=True)
class Labelling:
    """Units named by the elements of a group.

    Attributes
    ----------
    group : Catalogued
    units : ndarray of shape (m, order), int64
        The unit of each orbit that stands for each element.
    residual : float
        Root mean square difference between the table and its average over the group.
    """

    group: Catalogued
    units: np.ndarray
    residual: float

    def permutations(self) -> np.ndarray:
        """Where each element sends each unit by multiplication from the left, (order, h)."""
        order = len(self.group.product)
        moved = np.empty((order, self.units.size), dtype=np.int64)
        for g in range(order):
            moved[g, self.units] = self.units[:, self.group.product[g]]
        return moved


def label_units(task: Task, group: Catalogued) -> Labelling | None:
    """The labelling of least residual among those found within the tolerance, if any.

    Notes
    -----
    Depth-first search over the orbits' elements in the order of ``walk``. An element x of orbit b
    may be any free unit u with |G[u, v] − f(y⁻¹x)| ≤ tolerance for every unit v already named y,
    where f is the first entry seen of each class. The search ends at the first labelling whose
    residual is within the noise, after `MOST_SOLUTIONS`, or after `MOST_NODES` tries.
    """
    search = _Search(task, group)
    search.extend(0)
    return search.best


class _Search:
    """One depth-first search."""

    def __init__(self, task: Task, group: Catalogued) -> None:
        self.task, self.group = task, group
        orbits, order = task.cells.shape
        self.places = [(b, x) for b in range(orbits) for x in group.walk]
        self.units = np.full((orbits, order), -1)
        self.values = np.full((orbits, orbits, order), np.nan)  # f of each class
        self.free = np.ones(len(task.table), dtype=bool)
        self.nodes = self.solutions = 0
        self.best: Labelling | None = None

    def extend(self, depth: int) -> bool:
        """Name the unit at this depth and all below; True ends the search."""
        if depth == len(self.places):
            return self._keep()
        orbit, element = self.places[depth]
        named = self.places[:depth]
        others = np.array([b for b, _ in named], dtype=np.int64)
        elements = np.array([y for _, y in named], dtype=np.int64)
        classes = self.group.quotient[elements, element]
        assigned = self.units[others, elements]
        expected = self.values[others, orbit, classes]
        for unit in self._choices(orbit, assigned, expected):
            self.nodes += 1
            if self.nodes > MOST_NODES:
                return True
            before = self.values.copy()
            self._see(orbit, element, unit, others, elements, assigned)
            self.units[orbit, element], self.free[unit] = unit, False
            if self.extend(depth + 1):
                return True
            self.units[orbit, element], self.free[unit] = -1, True
            self.values = before
        return False

    def _choices(self, orbit: int, assigned: np.ndarray, expected: np.ndarray) -> list[int]:
        """Free units of an orbit that fit what is named already."""
        cell = self.task.cells[orbit]
        if not len(assigned):
            return [int(cell[0])]  # the group moves any unit of the first orbit there
        gaps = np.abs(self.task.table[np.ix_(cell, assigned)] - expected)
        fits = self.free[cell] & ~(gaps > self.task.tolerance).any(1)
        # the likeliest first: unseen classes say nothing
        misfit = np.where(np.isnan(gaps), 0, gaps).sum(1)
        return [int(u) for u in cell[fits][np.argsort(misfit[fits], kind="stable")]]

    def _see(
        self,
        orbit: int,
        element: int,
        unit: int,
        others: np.ndarray,
        elements: np.ndarray,
        assigned: np.ndarray,
    ) -> None:
        """Note the entries of classes that were not seen before."""
        table, quotient = self.task.table, self.group.quotient
        pairs = [(orbit, element, unit), *zip(others, elements, assigned, strict=True)]
        for other, y, v in pairs:
            for at in ((other, orbit, quotient[y, element]), (orbit, other, quotient[element, y])):
                if np.isnan(self.values[at]):
                    self.values[at] = table[v, unit]

    def _keep(self) -> bool:
        """Hold on to a labelling if it is the best so far."""
        self.solutions += 1
        residual = _residual(self.task.table, self.units, self.group)
        if self.best is None or residual < self.best.residual:
            self.best = Labelling(self.group, self.units.copy(), residual)
        good = max(self.task.noise, 1e-9) * self.task.spread
        return residual <= 1.1 * good or self.solutions >= MOST_SOLUTIONS


def _residual(table: np.ndarray, units: np.ndarray, group: Catalogued) -> float:
    """Root mean square difference between the table and its mean over the classes."""
    orbits, order = units.shape
    arranged = table[np.ix_(units.ravel(), units.ravel())].reshape(orbits, order, orbits, order)
    total = 0.0
    for a in range(orbits):
        for b in range(orbits):
            block = arranged[a, :, b]
            means = np.bincount(group.quotient.ravel(), block.ravel(), minlength=order) / order
            total += float(np.square(block - means[group.quotient]).sum())
    return float(np.sqrt(total / table.size))
