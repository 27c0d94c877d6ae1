"""The minimum spanning tree of mutual reachability, for any number of features.

Every row brings a list of its nearest rows. Most least edges are found there; for a part of the
rows whose lists end before its least edge is sure, `Outside` looks among the rows outside it.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from gramian.cluster._boruvka import boruvka
from gramian.cluster._edges import Edges
from gramian.cluster._outside import Outside
from gramian.cluster._reachability import Reachability

__all__ = ["reachability_tree"]

_EXTRA_NEIGHBORS = 5
"""In a list beyond ``min_samples``: those only tell the core distance."""


def reachability_tree(
    x: Tensor, reachability: Reachability, min_samples: int, weights: np.ndarray | None = None
) -> tuple[Edges, np.ndarray]:
    """The tree, its weights in values of ``reachability``, and the core values, (n,).

    Parameters
    ----------
    x : Tensor of shape (n, d), float64
        Finite.
    reachability : Reachability
    min_samples : int in [1, n], or of any size with weights
    weights : ndarray of shape (n,), positive, optional
        A core distance reaches as far as ``min_samples`` in weight.

    Notes
    -----
    O(n² d) time at most for the lists and about as much for each halving of the parts that are far
    from all others; far less where rows come in clusters, whose members need not look beyond them.
    O(n (min_samples + d)) memory and the engine's budget.
    """
    n = len(x)
    k = min(n, min_samples + _EXTRA_NEIGHBORS)
    values, index = reachability.lists(x, None, k)
    core = reachability.core_values(x, x, values, index, min_samples, weights)
    values = values * reachability.scale
    reach = np.maximum(core, values[:, -1]) if k < n else np.full(n, np.inf)
    listed = _listed(values, index, core)
    tree = boruvka(n, listed, reach, Outside(x, reachability, core, reach))
    return tree, core


def _listed(values: np.ndarray, index: np.ndarray, core: np.ndarray) -> Edges:
    """The edges of neighbour lists, each once, sorted."""
    n, k = index.shape
    rows, there, values = np.repeat(np.arange(n), k), index.reshape(-1), values.reshape(-1)
    other = rows != there
    rows, there, values = rows[other], there[other], values[other]
    key, first = np.unique(np.minimum(rows, there) * n + np.maximum(rows, there), return_index=True)
    left, right = np.divmod(key, n)
    weight = np.maximum(np.maximum(core[left], core[right]), values[first])
    order = np.argsort(weight, kind="stable")
    return Edges(left[order], right[order], weight[order])
