"""Single linkage: the order in which a spanning tree's edges join its rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from gramian import _core
from gramian.cluster._edges import Edges

__all__ = ["Linkage", "single_linkage"]


class Linkage(NamedTuple):
    """A binary tree over n rows. Nodes below n are rows; node n + i is the i-th join.

    Attributes
    ----------
    left, right : ndarray of shape (n - 1,), int64
        The nodes that are joined; row 0 is always on the left.
    height : ndarray of shape (n - 1,), float64, rising
    size : ndarray of shape (2 n - 1,)
        Rows, or their weight, below each node.
    """

    left: np.ndarray
    right: np.ndarray
    height: np.ndarray
    size: np.ndarray


def single_linkage(tree: Edges, sizes: np.ndarray) -> Linkage:
    """Join the rows along the sorted edges of a spanning tree.

    ``sizes`` are the weights of the rows, or ones, (n,). Of two nodes the left one is that which a
    walk through the tree from row 0 enters first: the order of Prim's algorithm.
    """
    n = len(sizes)
    graph = coo_array((np.ones(n - 1), (tree.left, tree.right)), shape=(n, n)).tocsr()
    _, before = breadth_first_order(graph, 0, directed=False)
    forward = before[tree.right] == tree.left
    start = np.where(forward, tree.left, tree.right)
    end = np.where(forward, tree.right, tree.left)
    left, right = np.empty(n - 1, dtype=np.int64), np.empty(n - 1, dtype=np.int64)
    size = np.zeros(2 * n - 1)
    size[:n] = sizes
    (_join_rows if _core.native is None else _join_in_core)(start, end, left, right, size)
    return Linkage(left, right, tree.weight, size.astype(sizes.dtype))


def _join_in_core(*arrays: np.ndarray) -> None:
    """`_join_rows` in the compiled core."""
    _core.native.join_rows(*map(torch.from_numpy, arrays))


def _join_rows(
    start: np.ndarray, end: np.ndarray, left: np.ndarray, right: np.ndarray, size: np.ndarray
) -> None:
    """Fill ``left``, ``right`` and the sizes of the joins from the edges start–end, in order."""
    n = len(start) + 1
    above, sizes = list(range(2 * n - 1)), size.tolist()
    for i, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        left[i], right[i] = a, b = _root(above, a), _root(above, b)
        above[a] = above[b] = n + i
        sizes[n + i] = sizes[a] + sizes[b]
    size[:] = sizes


def _root(above: list[int], node: int) -> int:
    """The last node above ``node``; what lies between is shortened on the way."""
    while above[node] != node:
        above[node] = above[above[node]]
        node = above[node]
    return node
