"""Which clusters of a condensed tree are chosen: by excess of mass, or its leaves.

Source: R. J. G. B. Campello, D. Moulavi, J. Sander, PAKDD 2013, sections 4 and 5 (excess of mass);
C. Malzer, M. Baum, "A hybrid approach to hierarchical density-based cluster selection", MFI 2020
(the least distance at which clusters may part).
"""

from __future__ import annotations

import numpy as np

from gramian.cluster._condensed import Condensed

__all__ = ["select_clusters", "stabilities"]


def select_clusters(
    tree: Condensed,
    *,
    method: str,
    epsilon: float,
    allow_single_cluster: bool,
    max_cluster_size: float | None,
) -> np.ndarray:
    """The numbers of the chosen clusters, rising; none is below another.

    Parameters
    ----------
    tree : Condensed
    method : {"eom", "leaf"}
    epsilon : float
        Clusters that part at a smaller distance are replaced by what they parted from; 0 for none.
    allow_single_cluster : bool
        Whether the root may be chosen.
    max_cluster_size : float, optional
        For "eom".
    """
    most = np.inf if max_cluster_size is None else max_cluster_size
    if method == "eom":
        chosen = _by_excess_of_mass(tree, allow_single_cluster, most)
    else:
        chosen = np.setdiff1d(np.arange(1, len(tree.parent)), tree.parent)
    if epsilon and len(tree.parent) > 1 and chosen.tolist() != [0]:
        chosen = _apart_by(tree, chosen, epsilon, allow_single_cluster)
    return chosen


def stabilities(tree: Condensed) -> np.ndarray:
    """Σ (λ at which they leave − birth) over the rows of each cluster, weighted, (m,)."""
    stability = np.zeros(len(tree.parent))
    for owner, leaves, size in (
        (tree.row_cluster, tree.row_lambda, tree.row_size),
        (tree.parent[1:], tree.birth[1:], tree.size[1:]),
    ):
        born = tree.birth[owner]
        # λ is infinite where rows are equal
        lived = np.subtract(leaves, born, out=np.zeros(len(leaves)), where=leaves > born)
        stability += np.bincount(owner, lived * size, minlength=len(stability))
    return stability


def _by_excess_of_mass(tree: Condensed, allow_single_cluster: bool, most: float) -> np.ndarray:
    """The clusters that are more stable than the best choice below them."""
    stability, parent, size = stabilities(tree).tolist(), tree.parent.tolist(), tree.size.tolist()
    lowest = 0 if allow_single_cluster else 1
    below = [0.0] * len(parent)
    best = [False] * len(parent)
    for cluster in range(len(parent) - 1, lowest - 1, -1):
        best[cluster] = below[cluster] <= stability[cluster] and size[cluster] <= most
        if cluster:
            below[parent[cluster]] += stability[cluster] if best[cluster] else below[cluster]
    covered, chosen = [False] * len(parent), []
    for cluster in range(len(parent)):
        over = parent[cluster]
        covered[cluster] = over >= 0 and (covered[over] or best[over])
        if best[cluster] and not covered[cluster]:
            chosen.append(cluster)
    return np.array(chosen, dtype=np.int64)


def _apart_by(
    tree: Condensed, chosen: np.ndarray, epsilon: float, allow_single_cluster: bool
) -> np.ndarray:
    """What is left when clusters that part at less than ``epsilon`` are not told apart."""
    with np.errstate(divide="ignore"):
        distance = (1.0 / tree.birth).tolist()
    parent, found = tree.parent.tolist(), set()
    for cluster in chosen.tolist():
        if distance[cluster] < epsilon:
            cluster = _parted_from(cluster, parent, distance, epsilon, allow_single_cluster)
        found.add(cluster)
    return np.array(sorted(found), dtype=np.int64)


def _parted_from(
    cluster: int, parent: list[int], distance: list[float], epsilon: float, root_too: bool
) -> int:
    """The first cluster above that parted at more than ``epsilon``, or the last before the root."""
    while parent[cluster] > 0:
        cluster = parent[cluster]
        if distance[cluster] > epsilon:
            return cluster
    return 0 if root_too else cluster
