"""The tree of a linkage, folded to the merges that a picture can show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from gramian._validation import _message


@dataclass
class Branch:
    """A line of the tree: it starts where its rows part from others and ends where they part.

    Attributes
    ----------
    rows : int
        At the start.
    start, end : float
        Distances.
    children : list of Branch
        Two, or none where nothing below is drawn.
    x : float
        Where the line stands.
    """

    rows: int
    start: float
    end: float
    children: list[Branch] = field(default_factory=list)
    x: float = 0.0

    def walk(self) -> Iterator[Branch]:
        """This branch and all below it, from left to right, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def leaves(self) -> list[Branch]:
        """The branches at the bottom, from left to right."""
        return [branch for branch in self.walk() if not branch.children]

    def centre(self) -> None:
        """Stand every branch in the middle of its children."""
        for child in self.children:
            child.centre()
        if self.children:
            self.x = sum(child.x for child in self.children) / len(self.children)


def checked_linkage(linkage: np.ndarray, caller: str) -> np.ndarray:
    """A linkage in which every cluster is merged once, after it was made; float64."""
    Z = linkage.astype(np.float64)
    if Z.shape[1] != 4:
        raise ValueError(_message(caller, "linkage", "an array of shape (n - 1, 4)", Z.shape))
    n = len(Z) + 1
    merged = Z[:, :2]
    made = np.arange(n, 2 * n - 1)[:, None]
    sound = (merged == np.floor(merged)).all() and (merged >= 0).all() and (merged < made).all()
    if not sound or len(np.unique(merged)) < merged.size:
        constraint = "merges of two clusters each, rows or results of earlier merges, used once"
        raise ValueError(_message(caller, "linkage", constraint, linkage))
    if (Z[:, 3] != _sizes(Z)[merged.astype(np.int64)].sum(1)).any() or (Z[:, 2] < 0).any():
        constraint = "distances of at least 0 and numbers of rows that add up"
        raise ValueError(_message(caller, "linkage", constraint, linkage))
    return Z


def folded(linkage: np.ndarray, min_size: int, most_leaves: int) -> Branch:
    """The tree of the merges that have `min_size` rows on both sides, of these the most balanced.

    Inside the smaller side of a merge that is left out no merge is kept: its smaller side is
    smaller still. So what is left out hangs below a branch, never above one. O(n) time.
    """
    n = len(linkage) + 1
    sizes, sides = _sizes(linkage), linkage[:, :2].astype(np.int64)
    smaller = sizes[sides].min(1)
    kept = np.flatnonzero(smaller >= min_size)
    if len(kept) >= most_leaves:
        kept = kept[np.lexsort((kept, smaller[kept]))][len(kept) - most_leaves + 1 :]
    shown = set((kept + n).tolist())

    def grow(node: int, start: float) -> Branch:
        rows, end = int(sizes[node]), start
        while node >= n and node not in shown:
            end = float(linkage[node - n, 2])
            left, right = sides[node - n]
            node = int(left if sizes[left] >= sizes[right] else right)
            if sizes[node] < min_size:
                return Branch(rows, start, end)
        if node < n:
            return Branch(rows, start, 0.0)
        end = float(linkage[node - n, 2])
        return Branch(rows, start, end, [grow(int(side), end) for side in sides[node - n]])

    return grow(2 * n - 2, float(linkage[-1, 2]))


def _sizes(linkage: np.ndarray) -> np.ndarray:
    """Rows of every cluster: first the single rows, then the merges."""
    return np.concatenate([np.ones(len(linkage) + 1), linkage[:, 3]]).astype(np.int64)
