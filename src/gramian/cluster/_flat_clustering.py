"""A flat clustering from a condensed tree and the clusters chosen in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gramian.cluster._condensed import Condensed

__all__ = ["FlatClustering", "outlier_scores", "share"]


@dataclass(frozen=True)
class FlatClustering:
    """The chosen clusters of a condensed tree, as labels.

    Attributes
    ----------
    chosen : ndarray of shape (n_clusters,), int64
        Rising: a cluster's label is its place here.
    over : ndarray of shape (m,), int64
        For each cluster of the tree the label of the chosen one that it is or lies below; or −1.
    death : ndarray of shape (m,), float64
        As `Condensed.death` has it.
    root_lambda : float
        λ from which rows of the root are no noise where the root is chosen.
    """

    chosen: np.ndarray
    over: np.ndarray
    death: np.ndarray
    root_lambda: float

    @classmethod
    def of(cls, tree: Condensed, chosen: np.ndarray, epsilon: float) -> FlatClustering:
        """The labels that ``chosen`` give; ``epsilon`` as in `select_clusters`."""
        over = np.full(len(tree.parent), -1)
        over[chosen] = np.arange(len(chosen))
        parents = tree.parent.tolist()
        for cluster, parent in enumerate(parents):
            if over[cluster] < 0 and parent >= 0:
                over[cluster] = over[parent]
        death = tree.death()
        return cls(chosen, over, death, 1.0 / epsilon if epsilon else float(death[0]))

    def place(self, cluster: np.ndarray, leaves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Labels and strengths of rows whose last clusters they leave at the λ ``leaves``.

        A strength is the share of the chosen cluster's lifetime, from λ = 0 on, for which a row
        is in it: 1 in its core, 0 for noise.
        """
        label = self.over[cluster]
        if len(self.chosen) and self.chosen[0] == 0:
            label = np.where(leaves >= self.root_lambda, label, -1)
        inside = label >= 0
        strength = np.zeros(len(label))
        death = self.death[self.chosen[label[inside]]]
        strength[inside] = share(leaves[inside], death)
        return label, strength


def share(leaves: np.ndarray, death: np.ndarray) -> np.ndarray:
    """min(leaves, death) / death, and 1 where that is 0 / 0 or ∞ / ∞."""
    whole = (leaves >= death) | (death == 0)
    part = np.ones(np.broadcast(leaves, death).shape)
    return np.divide(leaves, death, out=part, where=~whole)


def outlier_scores(tree: Condensed) -> np.ndarray:
    """How much earlier than the last of its surroundings each row leaves: GLOSH, in [0, 1], (n,).

    1 − λ / λ_max, with λ_max the largest λ in the row's last cluster and all below it.

    Source: R. J. G. B. Campello, D. Moulavi, A. Zimek, J. Sander, "Hierarchical density estimates
    for data clustering, visualization, and outlier detection", ACM TKDD 10(1), 2015, section 6.
    """
    last = tree.death()
    for cluster in range(len(last) - 1, 0, -1):
        parent = tree.parent[cluster]
        last[parent] = max(last[parent], last[cluster])
    return 1.0 - share(tree.row_lambda, last[tree.row_cluster])
