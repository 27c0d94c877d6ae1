"""A fitted HDBSCAN: the rows that took part, their trees, and the labels that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gramian.cluster._cluster_selection import select_clusters
from gramian.cluster._condensed import Condensed, condense
from gramian.cluster._edges import Edges
from gramian.cluster._flat_clustering import FlatClustering, outlier_scores
from gramian.cluster._hdbscan_rows import MISSING
from gramian.cluster._linkage import single_linkage
from gramian.cluster._spaces import EngineSpace, Space
from gramian.cluster._tables import CondensedTree, SpanningTree
from gramian.cluster._union_find import UnionFind
from gramian.pairwise import Euclidean

__all__ = ["Hierarchy"]


@dataclass(frozen=True)
class Hierarchy:
    """What a fit keeps.

    Attributes
    ----------
    n_samples : int
        Rows of X.
    kept : ndarray of shape (n,), int64
        Those that took part, rising; below, rows are numbered among them.
    weights : ndarray of shape (n,), or None
    space : Space
    min_samples : int
    edges : Edges
        The minimum spanning tree.
    core : ndarray of shape (n,)
        Core distances.
    tree : Condensed
    flat : FlatClustering
    """

    n_samples: int
    kept: np.ndarray
    weights: np.ndarray | None
    space: Space
    min_samples: int
    edges: Edges
    core: np.ndarray
    tree: Condensed
    flat: FlatClustering

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What `from_arrays` needs, for rows whose distances the engine computes."""
        assert isinstance(self.space, EngineSpace)
        tree = self.tree
        return {
            "rows": self.space.x.cpu().numpy(),
            "core": self.core,
            "row_cluster": tree.row_cluster,
            "row_lambda": tree.row_lambda,
            "row_size": tree.row_size,
            "parent": tree.parent,
            "birth": tree.birth,
            "size": tree.size,
            "chosen": self.flat.chosen,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], *, min_samples: int, epsilon: float
    ) -> Hierarchy:
        """A hierarchy by the Euclidean metric that places new rows; its edges are not kept."""
        rows, chosen = torch.from_numpy(arrays["rows"]), arrays["chosen"]
        names = ("row_cluster", "row_lambda", "row_size", "parent", "birth", "size")
        tree = Condensed(*(arrays[name] for name in names))
        weights = arrays["row_size"] if arrays["row_size"].dtype == np.float64 else None
        nothing = np.empty(0, dtype=np.int64)
        return cls(
            n_samples=len(rows),
            kept=np.arange(len(rows)),
            weights=weights,
            space=EngineSpace(rows, Euclidean(), 1.0),
            min_samples=min_samples,
            edges=Edges(nothing, nothing, np.empty(0)),
            core=arrays["core"],
            tree=tree,
            flat=FlatClustering.of(tree, chosen, epsilon),
        )

    @classmethod
    def fit(
        cls,
        n_samples: int,
        kept: np.ndarray,
        weights: np.ndarray | None,
        space: Space,
        *,
        min_samples: int,
        min_cluster_size: int,
        method: str,
        epsilon: float,
        allow_single_cluster: bool,
        max_cluster_size: int | None,
    ) -> Hierarchy:
        """The hierarchy of the rows of ``space``; parameters as `HDBSCAN` has them."""
        edges, core = space.tree(min_samples, weights)
        sizes = np.ones(len(kept), dtype=np.int64) if weights is None else weights
        tree = condense(single_linkage(edges, sizes), core, min_cluster_size)
        chosen = select_clusters(
            tree,
            method=method,
            epsilon=epsilon,
            allow_single_cluster=allow_single_cluster,
            max_cluster_size=max_cluster_size,
        )
        flat = FlatClustering.of(tree, chosen, epsilon)
        return cls(n_samples, kept, weights, space, min_samples, edges, core, tree, flat)

    def row_results(self, marked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Labels, strengths and outlier scores of all rows of X, each (n_samples,).

        ``marked`` has the labels of rows with NaN or infinity, as `marks` gives them.
        """
        labels, strengths = marked.copy(), np.where(marked == MISSING, np.nan, 0.0)
        scores = np.full(self.n_samples, np.nan)
        found = self.flat.place(self.tree.row_cluster, self.tree.row_lambda)
        labels[self.kept], strengths[self.kept] = found
        scores[self.kept] = outlier_scores(self.tree)
        return labels, strengths, scores

    def place(self, queries: Any) -> tuple[np.ndarray, np.ndarray]:
        """For new rows the last cluster that each is in, and λ at which it leaves.

        A new row goes with the fitted row that it attaches to, as long as both are together.
        """
        found = self.space.attach(queries, self.core, self.min_samples, self.weights)
        with np.errstate(divide="ignore"):
            leaves = np.minimum(1.0 / found.reachability, self.tree.row_lambda[found.row])
        cluster = self.tree.row_cluster[found.row]
        while True:
            unborn = self.tree.birth[cluster] > leaves
            if not unborn.any():
                return cluster, leaves
            cluster = np.where(unborn, self.tree.parent[cluster], cluster)

    def cut(self, distance: float, min_cluster_size: float) -> np.ndarray:
        """Labels of the parts that edges shorter than ``distance`` join, (n,); −1 is noise."""
        forest = UnionFind(len(self.kept))
        short = self.edges.weight < distance
        forest.unite(self.edges.left[short], self.edges.right[short])
        _, part = np.unique(forest.roots(), return_inverse=True)
        large = np.bincount(part, self.weights) >= min_cluster_size
        return np.where(large, np.cumsum(large) - 1, -1)[part]

    def condensed_tree(self) -> CondensedTree:
        """The condensed tree, in the row numbers of X."""
        tree, first = self.tree, self.n_samples
        parent = np.concatenate([tree.row_cluster, tree.parent[1:]]) + first
        child = np.concatenate([self.kept, np.arange(1, len(tree.parent)) + first])
        lambda_val = np.concatenate([tree.row_lambda, tree.birth[1:]])
        size = np.concatenate([tree.row_size, tree.size[1:]])
        order = np.lexsort((child, lambda_val, parent))
        table = (parent[order], child[order], lambda_val[order], size[order])
        return CondensedTree(*table, selected=self.flat.chosen + first)

    def spanning_tree(self) -> SpanningTree:
        """The minimum spanning tree, in the row numbers of X."""
        left, right, weight = self.edges
        return SpanningTree(self.kept[left], self.kept[right], weight)
