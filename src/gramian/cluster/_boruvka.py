"""A minimum spanning tree from lists of edges that may be incomplete, by Borůvka's rounds.

Source: O. Borůvka, "O jistém problému minimálním", Práce moravské přírodovědecké společnosti 3,
1926: the least edge that leaves a part of the rows belongs to the tree.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gramian.cluster._edges import Edges, joined, least_of_each
from gramian.cluster._union_find import UnionFind

__all__ = ["Search", "boruvka"]

Search = Callable[[np.ndarray, np.ndarray, Edges], Edges]
"""From each row's part, each part's least listed weight, and the parts' least listed edges: the
least of all edges that leave a part, for at least one part."""


def boruvka(n: int, listed: Edges, reach: np.ndarray, search: Search | None = None) -> Edges:
    """The minimum spanning tree of ``n`` rows under the total order of `Edges`, sorted.

    Parameters
    ----------
    n : int
    listed : Edges
        Sorted; not necessarily all edges.
    reach : ndarray of shape (n,), float64
        No edge of a row that is not listed weighs less.
    search : Search, optional
        Asked when no part's least edge is sure to be listed.
    """
    forest = UnionFind(n)
    tree: list[Edges] = []
    missing = n - 1
    while missing:
        part = forest.roots()
        listed = listed.take(part[listed.left] != part[listed.right])
        first = least_of_each(listed, part)
        bound = np.append(listed.weight, np.inf)[first]
        least = np.full(n, np.inf)
        np.minimum.at(least, part, reach)
        settled = np.flatnonzero(bound < least)
        if len(settled):
            found = listed.take(np.unique(first[settled]))
        else:
            assert search is not None
            known = first[first < len(listed.weight)]
            found = search(part, bound, listed.take(np.unique(known)))
        forest.unite(found.left, found.right)
        tree.append(found)
        missing -= len(found.weight)
    return joined(tree) if tree else listed
