"""Numbers of a clustering: sizes, silhouette of a sample, agreement with a label."""

from __future__ import annotations

from typing import Any

import numpy as np

from gramian.data import Table

__all__ = ["agreement", "counts", "silhouette_sample"]

SILHOUETTE_ROWS = 2_000


def counts(labels: np.ndarray) -> dict[str, Any]:
    """Rows of each cluster and of the noise."""
    sizes = np.bincount(labels[labels >= 0])
    n_noise = int((labels < 0).sum())
    return {
        "n_clusters": int((sizes > 0).sum()),
        "clusters": [
            {"cluster": i, "rows": int(size), "share": size / len(labels)}
            for i, size in enumerate(sizes)
        ],
        "noise": {"rows": n_noise, "share": n_noise / len(labels)},
    }


def silhouette_sample(
    X: np.ndarray, labels: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]] | None:
    """Values and labels of up to `SILHOUETTE_ROWS` rows that are not noise, and their mean.

    Every cluster keeps its share of the sample, and at least two rows where it has them. None
    where fewer than two clusters are left.
    """
    from gramian.metrics import silhouette_samples

    rows = np.flatnonzero(labels >= 0)
    sampled = len(rows) > SILHOUETTE_ROWS
    if sampled:
        rows = _stratified(labels, rows, SILHOUETTE_ROWS, seed)
    kept = labels[rows]
    found = len(np.unique(kept))
    if not 2 <= found < len(kept):
        return None
    values = silhouette_samples(X[rows].astype(np.float64), kept)
    facts = {"mean": float(values.mean()), "rows": len(rows), "sampled": sampled}
    return values, kept, facts


def _stratified(labels: np.ndarray, rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """About ``most`` of the rows, in order, drawn from each cluster by its share."""
    shuffled = np.random.default_rng(seed).permutation(rows)
    ordered = shuffled[np.argsort(labels[shuffled], kind="stable")]
    starts = np.flatnonzero(np.diff(labels[ordered], prepend=-2))
    sizes = np.diff(np.append(starts, len(ordered)))
    take = np.minimum(sizes, np.maximum(2, sizes * most // len(rows)))
    return np.sort(np.concatenate([ordered[s : s + t] for s, t in zip(starts, take, strict=True)]))


def agreement(table: Table, labels: np.ndarray) -> dict[str, Any] | None:
    """Agreement with the label column; noise counts as a cluster of its own."""
    if table.label is None:
        return None
    from sklearn import metrics

    values = metrics.homogeneity_completeness_v_measure(table.label, labels)
    homogeneity, completeness, v_measure = map(float, values)
    return {
        "label": table.label_name,
        "adjusted_rand_index": float(metrics.adjusted_rand_score(table.label, labels)),
        "homogeneity": homogeneity,
        "completeness": completeness,
        "v_measure": v_measure,
    }
