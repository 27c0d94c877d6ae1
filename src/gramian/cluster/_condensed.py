"""The condensed tree: a single linkage tree without the parts that are too small to be clusters.

Source: R. J. G. B. Campello, D. Moulavi, J. Sander, "Density-based clustering based on hierarchical
density estimates", PAKDD 2013, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gramian.cluster._linkage import Linkage

__all__ = ["Condensed", "condense"]


@dataclass(frozen=True)
class Condensed:
    """Clusters 0 (the root, all rows) to m − 1, and where the rows leave them.

    λ is 1 / distance. A cluster is born where its parent splits; parents come before children.

    Attributes
    ----------
    row_cluster : ndarray of shape (n,), int64
        The last cluster that each row is in.
    row_lambda : ndarray of shape (n,), float64
        λ at which it leaves.
    row_size : ndarray of shape (n,)
        Ones, or the weights of the rows.
    parent : ndarray of shape (m,), int64
        −1 for the root.
    birth : ndarray of shape (m,), float64
        λ; 0 for the root.
    size : ndarray of shape (m,)
        Rows, or their weight, at birth.
    """

    row_cluster: np.ndarray
    row_lambda: np.ndarray
    row_size: np.ndarray
    parent: np.ndarray
    birth: np.ndarray
    size: np.ndarray

    def death(self) -> np.ndarray:
        """For each cluster the largest λ at which a row or a child leaves it, (m,)."""
        death = np.zeros(len(self.parent))
        np.maximum.at(death, self.row_cluster, self.row_lambda)
        np.maximum.at(death, self.parent[1:], self.birth[1:])
        return death


def condense(linkage: Linkage, core: np.ndarray, min_cluster_size: float) -> Condensed:
    """Keep the joins of two nodes of at least ``min_cluster_size``; of the others, who left when.

    A row that weighs that much may be a cluster by itself. Its copies part at its core distance,
    ``core`` (n,), and not at all if it joins others there.
    """
    n = len(core)
    joins = np.arange(n, 2 * n - 1)
    above = np.empty(2 * n - 1, dtype=np.int64)
    above[linkage.left], above[linkage.right], above[-1] = joins, joins, 2 * n - 2
    height = np.concatenate([core, linkage.height])
    large = (linkage.size >= min_cluster_size) & (height < height[above])
    large[n:] = linkage.size[n:] >= min_cluster_size
    large[-1] = True
    split = large[linkage.left] & large[linkage.right]
    heads = np.concatenate([linkage.left[split], linkage.right[split], [2 * n - 2]])

    up = above.copy()
    up[heads] = heads
    small_below_large = ~large & large[above]
    up[small_below_large] = np.flatnonzero(small_below_large)
    top = _followed(up)
    # a small part leaves at the join above it; a large row at its own core distance
    rows = top[:n]
    leaves_at = np.where(large[:n], np.arange(n), above[rows])
    head = top[leaves_at]
    number = _numbered(linkage, split, top, large)
    with np.errstate(divide="ignore"):
        row_lambda = 1.0 / height[leaves_at]
        birth = 1.0 / height[above[heads]]
    order = np.argsort(number[heads])
    parent = number[top[above[heads]]][order]
    parent[0], birth = -1, birth[order]
    birth[0] = 0.0
    return Condensed(
        row_cluster=number[head],
        row_lambda=row_lambda,
        row_size=linkage.size[:n],
        parent=parent,
        birth=birth,
        size=linkage.size[heads[order]],
    )


def _followed(up: np.ndarray) -> np.ndarray:
    """Where following ``up`` from each node ends; each step doubles the way."""
    further = up[up]
    while not np.array_equal(further, up):
        up, further = further, further[further]
    return up


def _numbered(
    linkage: Linkage, split: np.ndarray, top: np.ndarray, large: np.ndarray
) -> np.ndarray:
    """Numbers of the cluster heads among all nodes: by depth in the binary tree, left to right."""
    n = len(linkage.left) + 1
    root = 2 * n - 2
    # the joins of one cluster lie on one path, and the last of them is its split
    inner = np.flatnonzero(large[n:]) + n
    steps = np.bincount(top[inner], minlength=len(top))
    at = np.flatnonzero(split)
    left, right, owner = (
        part.tolist() for part in (linkage.left[at], linkage.right[at], top[at + n])
    )
    inside = dict.fromkeys([root, *left, *right], 1)
    for node, a, b in zip(owner, left, right, strict=True):
        inside[node] += inside[a] + inside[b]
    depth, before = {root: 0}, {root: 0}
    for node, a, b in zip(owner[::-1], left[::-1], right[::-1], strict=True):
        depth[a] = depth[b] = depth[node] + int(steps[node])
        before[a] = before[node] + 1
        before[b] = before[a] + inside[a]
    heads = np.array(list(depth))
    order = np.lexsort((np.array(list(before.values())), np.array(list(depth.values()))))
    number = np.full(len(top), -1)
    number[heads[order]] = np.arange(len(heads))
    return number
