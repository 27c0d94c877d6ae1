"""Where the clusters of a condensed tree stand, and how wide they are at each density."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gramian._validation import _message


@dataclass(frozen=True)
class Band:
    """A cluster: born at a density, it loses rows as the density rises.

    Attributes
    ----------
    cluster, parent : int
        Its node, and that of the cluster it parted from; the root is its own parent.
    birth : float
        Density at which it parts from its parent.
    size : float
        Rows, or their weight, at birth.
    levels, widths : ndarray
        Densities at which it loses something, rising, and what is left above each.
    center : float
        Where it stands, in rows from the left.
    """

    cluster: int
    parent: int
    birth: float
    size: float
    levels: np.ndarray
    widths: np.ndarray
    center: float

    @property
    def stability(self) -> float:
        """Σ (density at which a row leaves − density of birth), infinite for equal rows."""
        lost = np.append(self.size, self.widths[:-1]) - self.widths
        lost[-1] += self.widths[-1]
        lives = (lost > 0) & (self.levels > self.birth)
        return float((lost[lives] * (self.levels[lives] - self.birth)).sum())


def bands(
    parent: np.ndarray, child: np.ndarray, lambda_val: np.ndarray, child_size: np.ndarray
) -> dict[int, Band]:
    """Every cluster by its node, parents first; children stand side by side below their parent.

    The smallest parent is the root; every node from there on is a cluster. O(m log m) time.
    """
    order = np.lexsort((lambda_val, parent))
    nodes, starts = np.unique(parent[order], return_index=True)
    lines = dict(zip(nodes.tolist(), np.split(order, starts[1:]), strict=True))
    root = int(nodes[0])
    whole = float(child_size[lines[root]].sum())
    found: dict[int, Band] = {}
    waiting = [(root, root, 0.0, whole, whole / 2)]
    while waiting:
        node, above, birth, size, center = waiting.pop(0)
        own = lines[node]
        inner = own[child[own] >= root]
        outer = own[child[own] < root]
        levels = np.append(lambda_val[outer], lambda_val[inner[:1]])
        widths = size - np.cumsum(np.append(child_size[outer], np.zeros(len(inner[:1]))))
        found[node] = Band(node, above, birth, size, levels, widths.clip(0), center)
        left = center - child_size[inner].sum() / 2
        for line in inner:
            width = float(child_size[line])
            waiting.append(
                (int(child[line]), node, float(lambda_val[line]), width, left + width / 2)
            )
            left += width
    return found


def check_tree(arrays: Mapping[str, np.ndarray], caller: str) -> None:
    """Refuse what is no condensed tree: each cluster but the root is a child once, of a smaller."""
    parent, child = arrays["parent"], arrays["child"]
    for name, values in arrays.items():
        if len(values) != len(parent):
            raise ValueError(_message(caller, name, f"of length {len(parent)}", len(values)))
    if len(np.unique(child)) < len(child):
        raise ValueError(_message(caller, "child", "free of repeats", child))
    inner = child >= parent.min()
    if not np.array_equal(np.sort(child[inner]), np.unique(parent)[1:]):
        constraint = "the child clusters and the root, which is the smallest"
        raise ValueError(_message(caller, "parent", constraint, parent))
    if (parent[inner] >= child[inner]).any():
        constraint = "a smaller number than its child clusters"
        raise ValueError(_message(caller, "parent", constraint, parent))
