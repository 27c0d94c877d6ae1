"""A minimum spanning tree from whole rows of distances, by Prim's algorithm.

Source: R. C. Prim, "Shortest connection networks and some generalizations", Bell System Technical
Journal 36, 1957.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gramian.cluster._edges import Edges, ordered

__all__ = ["prim"]


def prim(n: int, weights_from: Callable[[int], np.ndarray]) -> Edges:
    """The minimum spanning tree of ``n`` rows under the total order of `Edges`, sorted.

    ``weights_from(i)`` are the weights of the edges from row i to all, (n,), float64. O(n) memory.
    """
    outside = np.arange(1, n)
    weight, source = np.full(n - 1, np.inf), np.zeros(n - 1, dtype=np.int64)
    sources, targets, taken = (np.empty(n - 1, dtype=kind) for kind in (np.int64, np.int64, float))
    newest = 0
    for step in range(n - 1):
        fresh = weights_from(newest)[outside]
        # of two edges to one row that weigh the same, the one from the smaller row comes first
        better = (fresh < weight) | ((fresh == weight) & (newest < source))
        weight, source = np.where(better, fresh, weight), np.where(better, newest, source)
        ties = np.flatnonzero(weight == weight.min())
        smaller = np.minimum(source[ties], outside[ties])
        larger = np.maximum(source[ties], outside[ties])
        chosen = ties[np.lexsort((larger, smaller))[0]] if len(ties) > 1 else ties[0]
        newest = int(outside[chosen])
        sources[step], targets[step], taken[step] = source[chosen], newest, weight[chosen]
        outside, weight, source = (np.delete(kept, chosen) for kept in (outside, weight, source))
    return ordered(sources, targets, taken)
