"""The compiled core's k-d tree: neighbours decided in float64, and nothing to check again.

Leaves hold points in float64 and are searched eight points at a time, with the rounding of float64
brute force; a box is never farther than the points within, rounding included. What is found is
therefore what brute force finds, ties by the smallest index.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gramian import _config, _core
from gramian.engine.exact import reach
from gramian.neighbors._lists import NeighborLists
from gramian.pairwise import Chebyshev, Euclidean, Manhattan
from gramian.pairwise._base import Elementary

__all__ = [
    "CompiledSearch",
    "CompiledTree",
    "as_native",
    "compiled_tree_pays",
    "has_compiled_tree",
]

_FORMS: dict[type, int] = {Euclidean: 0, Manhattan: 1, Chebyshev: 2}
_MOST_FEATURES = 64
_FEW_FEATURES = 8  # from 10 on the engine is as fast on 60 000 normal rows
_FEWEST_ROWS = 1000
_MOST_ROWS = 2**31 - 1


def has_compiled_tree(x: Tensor, metric: object) -> bool:
    """Whether the core is there, allowed by `gramian.config`, and has a tree for these rows."""
    return (
        _core.serves(x)
        and type(metric) in _FORMS
        and x.shape[1] <= _MOST_FEATURES
        and len(x) <= _MOST_ROWS
    )


def compiled_tree_pays(x: Tensor) -> bool:
    """Whether the tree is likely to beat the engine, and fits a quarter of the memory budget."""
    n, d = x.shape
    few = d <= _FEW_FEATURES and n >= _FEWEST_ROWS
    return few and 8 * n * (d + 4) <= _config.current().memory // 4


@dataclass(frozen=True)
class CompiledTree:
    """A k-d tree on n rows, in arrays that can be copied and stored.

    Attributes
    ----------
    points : Tensor of shape (blocks, n_features, 8), float64
        The rows in blocks of eight, leaf by leaf.
    index : Tensor of shape (n,), int64
        Which row each point was.
    starts : Tensor of shape (leaves + 1,), int64
        The point that each leaf begins with.
    boxes : Tensor of shape (nodes, 2, n_features, 8), float64
        Least and largest coordinates of each node's children.
    least : Tensor of shape (nodes, 8), int64
        The smallest row number in each child.
    """

    points: Tensor
    index: Tensor
    starts: Tensor
    boxes: Tensor
    least: Tensor

    @classmethod
    def of(cls, x: Tensor) -> CompiledTree:
        """The tree of finite rows: O(n log n) time and about n (d + 2) 8 bytes."""
        n, d = x.shape
        blocks, leaves, nodes = _core.native.tree_size(n)
        tree = cls(
            torch.empty(blocks, d, 8, dtype=torch.float64),
            torch.empty(n, dtype=torch.int64),
            torch.empty(leaves + 1, dtype=torch.int64),
            torch.empty(nodes, 2, d, 8, dtype=torch.float64),
            torch.empty(nodes, 8, dtype=torch.int64),
        )
        tree.native.build(as_native(x), torch.get_num_threads())
        return tree

    @property
    def native(self) -> Any:
        """The arrays as the core sees them."""
        return _core.native.Tree(self.points, self.index, self.starts, self.boxes, self.least)

    def arranged(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The rows of x leaf by leaf, and where those of each leaf start."""
        order = torch.empty(len(x), dtype=torch.int64)
        starts = torch.empty_like(self.starts)
        self.native.arrange(x, order, starts, torch.get_num_threads())
        return order, starts


class CompiledSearch:
    """From query rows among the rows of a tree; distances come in the dtype of the queries.

    ``alone`` says that the queries are the rows of the tree, and none is its own neighbour.
    """

    def __init__(
        self, tree: CompiledTree, queries: Tensor, metric: Elementary, *, alone: bool = False
    ) -> None:
        self._native, self._alone = tree.native, alone
        self._metric, self._root = metric, isinstance(metric, Euclidean)
        self._dtype, self._queries = queries.dtype, as_native(queries)
        own = tree.index, tree.starts
        order, starts = own if alone else tree.arranged(self._queries)
        self._asked = self._queries, order, starts, _FORMS[type(metric)]

    def nearest(self, k: int) -> tuple[Tensor, Tensor]:
        indices = torch.empty(len(self._queries), k, dtype=torch.int64)
        distances = torch.empty(indices.shape, dtype=self._queries.dtype)
        threads = torch.get_num_threads()
        self._native.nearest(*self._asked, self._root, self._alone, indices, distances, threads)
        return distances.to(self._dtype), indices

    def within(self, radius: float) -> NeighborLists:
        limit = reach(self._metric, min(radius, sys.float_info.max))
        threads = torch.get_num_threads()
        counts = torch.empty(len(self._queries), dtype=torch.int64)
        self._native.count(*self._asked, limit, counts, threads)
        indptr = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        indices = torch.empty(int(indptr[-1]), dtype=torch.int64)
        distances = torch.empty(indices.shape, dtype=self._queries.dtype)
        self._native.lists(*self._asked, limit, self._root, indptr, indices, distances, threads)
        return NeighborLists(indptr, indices, distances.to(self._dtype))


def as_native(x: Tensor) -> Tensor:
    """The rows in a type that the core reads; a copy only where it reads none other."""
    x = x.detach()
    return x if x.dtype in (torch.float32, torch.float64) else x.float()
