"""Clusters from core rows and their neighbourhoods, in O(n) memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gramian.cluster._neighborhoods import Neighborhoods
from gramian.cluster._union_find import UnionFind
from gramian.neighbors._blocks import bounded_blocks

__all__ = ["components", "walk"]


def components(near: Neighborhoods, core: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Labels for a symmetric relation: connected core rows, then the rows that they reach.

    Parameters
    ----------
    near : Neighborhoods
    core : ndarray of shape (n,), bool
    sizes : ndarray of shape (n,)
        Lengths of the neighbour lists.

    Returns
    -------
    ndarray of shape (n,), int64
        Clusters are numbered by their first core row; a border row takes the lowest-numbered
        cluster that reaches it; −1 is noise. That is what a search from the first row on finds.
    """
    labels = np.full(len(core), -1)
    cores = np.flatnonzero(core)
    labels[cores] = np.unique(_core_components(near, cores, sizes), return_inverse=True)[1]
    border = np.flatnonzero(~core & (sizes > 1))
    if not len(cores):
        return labels
    for rows in _blocks(near, border, sizes):
        lowest = np.full(len(core), len(cores))
        for row, reached_by in near.pairs(rows, cores):
            np.minimum.at(lowest, row, labels[reached_by])
        found = lowest[rows] < len(cores)
        labels[rows[found]] = lowest[rows[found]]
    return labels


def _core_components(near: Neighborhoods, cores: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """For each core row, a number of its component that rises with the component's first row.

    Every core row asks once who is near, the rows of one component after those of another.
    Components whose rows have all asked are complete, and are left out of later answers.
    """
    forest = UnionFind(len(cores))
    waiting = np.ones(len(cores), dtype=bool)
    while True:
        roots = forest.roots()
        unfinished = np.zeros(len(cores), dtype=bool)
        unfinished[roots[waiting]] = True
        if unfinished.sum() <= 1:
            return roots
        asking = np.flatnonzero(waiting)
        asking = asking[np.argsort(roots[asking], kind="stable")]
        block = asking[next(bounded_blocks(sizes[cores[asking]], near.shape[1]))]
        waiting[block] = False
        # every link to the component that comes first is found from its own side
        answering = unfinished[roots] & (roots != roots[block[0]])
        block = np.sort(block)
        for a, b in near.pairs(cores[block], cores[answering]):
            forest.unite(np.searchsorted(cores, a), np.searchsorted(cores, b))


def walk(near: Neighborhoods, core: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Labels for a relation that need not be symmetric, such as a precomputed graph.

    Each cluster is all that its first core row reaches through core rows without a label.
    """
    labels = np.full(len(core), -1)
    everyone = np.arange(len(core))
    label = 0
    for seed in np.flatnonzero(core):
        if labels[seed] >= 0:
            continue
        labels[seed] = label
        frontier = np.array([seed])
        while len(frontier):
            reached = np.zeros(len(core), dtype=bool)
            for rows in _blocks(near, frontier, sizes):
                for _, found in near.pairs(rows, everyone):
                    reached[found] = True
            fresh = np.flatnonzero(reached & (labels < 0))
            labels[fresh] = label
            frontier = fresh[core[fresh]]
        label += 1
    return labels


def _blocks(near: Neighborhoods, rows: np.ndarray, sizes: np.ndarray) -> Iterator[np.ndarray]:
    for block in bounded_blocks(sizes[rows], near.shape[1]):
        yield rows[block]
