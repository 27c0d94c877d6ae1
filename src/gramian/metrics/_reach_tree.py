"""A minimum spanning tree of mutual reachability, in memory for one row of the table.

Source: R. C. Prim, "Shortest connection networks and some generalizations", Bell System Technical
Journal 36(6), 1957.
"""

from __future__ import annotations

import numpy as np

__all__ = ["internal", "reach_tree"]


def reach_tree(points: np.ndarray, core: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges and their lengths, from the first row on.

    Many edges are as long as a core distance. Of those that are equally long, the one between
    nearer rows is shorter, so that the tree does not depend on the order of the rows unless
    distances are equal too: then the lower row joins.

    Parameters
    ----------
    points : ndarray of shape (n, d), float64
    core : ndarray of shape (n,), float64

    Returns
    -------
    edges : ndarray of shape (n − 1, 2), int64
        Row of the tree, row that joins it.
    lengths : ndarray of shape (n − 1,), float64
        max(core of both, distance).
    """
    n = len(points)
    columns = np.ascontiguousarray(points.T)
    edges, lengths = np.zeros((n - 1, 2), dtype=np.int64), np.zeros(n - 1)
    reach, gap = np.full(n, np.inf), np.full(n, np.inf)
    nearest = np.zeros(n, dtype=np.int64)
    waiting = np.ones(n, dtype=bool)
    last = 0
    for edge in range(n - 1):
        waiting[last] = False
        distances = np.sqrt(((columns - columns[:, last, None]) ** 2).sum(0))
        found = np.maximum(distances, np.maximum(core, core[last]))
        closer = (found < reach) | ((found == reach) & (distances < gap))
        reach[closer], gap[closer], nearest[closer] = found[closer], distances[closer], last
        shortest = np.where(waiting, reach, np.inf)
        last = int(np.where(shortest == shortest.min(), gap, np.inf).argmin())
        edges[edge], lengths[edge] = (nearest[last], last), reach[last]
    return edges, lengths


def internal(edges: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, float]:
    """The inner nodes of a tree, rising, and the largest edge between two of them.

    All nodes where no node has more than one edge, and of all edges where none is between inner
    nodes.
    """
    inner = np.bincount(edges.ravel()) > 1
    if not inner.any():
        inner[:] = True
    between = inner[edges].all(1)
    return np.flatnonzero(inner), float(lengths[between if between.any() else slice(None)].max())
