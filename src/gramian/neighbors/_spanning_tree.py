"""The minimum spanning tree of mutual reachability, on the compiled core's k-d tree.

Borůvka's rounds: every component of the forest so far takes its shortest edge to another. A point
keeps the nearest one outside that it found until that joins its component. Then its list of
neighbours is asked, and the tree only where the list does not settle the matter and the component's
shortest edge could be this point's.

Sources: O. Borůvka, 1926; W. B. March, P. Ram, A. G. Gray, "Fast Euclidean minimum spanning tree",
KDD 2010.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gramian.neighbors._compiled_tree import CompiledTree, as_native, has_compiled_tree
from gramian.neighbors._core_values import core_values
from gramian.pairwise import Euclidean

__all__ = ["SpanningEdges", "has_spanning_tree", "spanning_tree"]

_EXTRA = 4
"""In a list beyond ``min_samples``: the first rounds then rarely search the tree."""


@dataclass(frozen=True)
class SpanningEdges:
    """The n − 1 edges that join n rows, sorted by weight, smaller row, larger row.

    Attributes
    ----------
    left, right : Tensor of shape (n − 1,), int64
        The smaller and the larger row of each edge.
    weight : Tensor of shape (n − 1,), float64
        Squared mutual reachability.
    core : Tensor of shape (n,), float64
        Squared core distances.
    """

    left: Tensor
    right: Tensor
    weight: Tensor
    core: Tensor


def has_spanning_tree(x: Tensor) -> bool:
    """Whether `spanning_tree` takes these rows."""
    return has_compiled_tree(x, Euclidean())


def spanning_tree(
    x: Tensor, min_samples: int, *, alpha: float = 1.0, weights: np.ndarray | None = None
) -> SpanningEdges:
    """The minimum spanning tree of max(core(a), core(b), d(a, b)² / alpha²).

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Finite rows that `has_spanning_tree`.
    min_samples : int in [1, n], or of any size with weights
        Core distances are those to the ``min_samples``-th nearest row, itself counted.
    alpha : float > 0
    weights : ndarray of shape (n,), positive, optional
        A core distance reaches as far as ``min_samples`` in weight.

    Returns
    -------
    SpanningEdges
        Of all spanning trees that which is least in the order of its edges: equal weights are
        ordered by rows, so that there is one. It is the same for any number of threads.

    Notes
    -----
    Distances are squared, and summed in feature order in float64. About O(n log² n) time for few
    features; about n (d + 3 min_samples + 30) 8 bytes.
    """
    n, threads = len(x), torch.get_num_threads()
    tree, rows = CompiledTree.of(x), as_native(x)
    forms, index = _lists(tree, rows, tree.index, tree.starts, min(n, min_samples + _EXTRA))

    def longer(wanted: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        part = rows[torch.from_numpy(wanted)]
        values, places = _lists(tree, part, *tree.arranged(part), k)
        return values.numpy(), places.numpy()

    known = forms.numpy(), index.numpy()
    core = torch.from_numpy(core_values(*known, min_samples, weights, longer))
    left, right = torch.empty(n - 1, dtype=torch.int64), torch.empty(n - 1, dtype=torch.int64)
    weight = torch.empty(n - 1, dtype=torch.float64)
    scale = 1.0 / (alpha * alpha)
    tree.native.spanning(index, forms, core, scale, left, right, weight, threads)
    return SpanningEdges(left, right, weight, core)


def _lists(
    tree: CompiledTree, x: Tensor, order: Tensor, starts: Tensor, k: int
) -> tuple[Tensor, Tensor]:
    """Squared distances and places of the k points nearest to each row of x, by the row."""
    index = torch.empty(len(x), k, dtype=torch.int64)
    forms = torch.empty(index.shape, dtype=torch.float64)
    squares, threads = 0, torch.get_num_threads()
    tree.native.nearest(x, order, starts, squares, False, False, index, forms, threads)
    return forms, index
