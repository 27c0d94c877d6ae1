"""The pictures of a clustering, as displays with a title and a caption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gramian.cli._other_k import OtherK
from gramian.gram import Gram
from gramian.pairwise import Euclidean
from gramian.plot import (
    ClusterScatterDisplay,
    ClusterSizesDisplay,
    GramDisplay,
    InertiaCurveDisplay,
    ProfileDisplay,
    SilhouetteDisplay,
)
from gramian.report import Report

__all__ = ["Picture", "add_pictures", "inertia_curve"]

GRAM_ROWS = 400

Picture = tuple[Any, str, str]
"""A display, its title and its caption."""


def add_pictures(
    report: Report,
    X: np.ndarray,
    labels: np.ndarray,
    *,
    names: Sequence[str],
    centers: np.ndarray | None = None,
    silhouette: tuple[np.ndarray, np.ndarray] | None = None,
    curve: Picture | None = None,
    seed: int = 0,
) -> None:
    """Scatter plots, sizes, silhouette, distances, profile, and the curve of a parameter.

    Narrow pictures follow each other in twos, so that they stand side by side.
    """
    profile = ProfileDisplay.from_predictions(X, labels, feature_names=names)
    scatter = ClusterScatterDisplay.from_predictions(
        X, labels, centers=centers, feature_names=names
    )
    where = "in the plane of the first two principal axes" if X.shape[1] > 2 else "as they lie"
    crosses = " Crosses mark the centres." if centers is not None else ""
    narrow: list[Picture] = [(ClusterSizesDisplay.from_predictions(labels), "Sizes", "")]
    if silhouette is not None:
        blades = SilhouetteDisplay.from_predictions(*silhouette)
        said = "How much nearer a row is to its own cluster than to the next one, from −1 to 1."
        narrow.append((blades, "Silhouette", said))
    narrow.append(_distances(X, labels, seed))
    narrow += [] if curve is None else [curve]
    said = "Cluster means in standard deviations from the mean of all rows."
    wide: list[Picture] = [(profile, "What sets the clusters apart", said)]
    if X.shape[1] > 2:
        wide.append(_telling_columns(X, labels, names, centers, profile.profile))
    first = (scatter, "The clusters", f"Rows of the fitted matrix, {where}.{crosses}")
    for display, title, caption in [first, *narrow, *wide]:
        report.figure(display, title, caption=caption)


def _telling_columns(
    X: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    centers: np.ndarray | None,
    profile: np.ndarray,
) -> Picture:
    """The rows in the two columns with the largest spread of cluster means."""
    spread = profile.max(0) - profile.min(0)
    pair = np.sort(np.argsort(-spread, kind="stable")[:2]).tolist()
    display = ClusterScatterDisplay.from_predictions(
        X[:, pair],
        labels,
        centers=None if centers is None else centers[:, pair],
        feature_names=[names[j] for j in pair],
    )
    said = "The columns whose cluster means differ most, as they were fitted."
    return display, "The two columns that tell most", said


def _distances(X: np.ndarray, labels: np.ndarray, seed: int) -> Picture:
    """A block of the matrix of distances."""
    rows = _block_rows(labels, seed)
    block = Gram(np.ascontiguousarray(X[rows]), kernel=Euclidean()).dense()
    display = GramDisplay.from_predictions(block, labels[rows], name="Euclidean distance")
    of = f"{len(rows):,} rows drawn at random" if len(rows) < len(X) else "All rows"
    said = f"{of}. Squares of small distances along the diagonal are clusters that hold together."
    return display, "Distances, reordered by cluster", said


def _block_rows(labels: np.ndarray, seed: int) -> np.ndarray:
    """Rows for the picture of distances."""
    if len(labels) <= GRAM_ROWS:
        return np.arange(len(labels))
    return np.sort(np.random.default_rng(seed).choice(len(labels), GRAM_ROWS, replace=False))


def inertia_curve(other: OtherK) -> Picture:
    """Inertia, silhouette and gap for other numbers of clusters."""
    path = other.path
    known = np.isfinite(path.gap)
    gap = np.where(known, path.gap, np.nan) if known.any() else None
    display = InertiaCurveDisplay.from_predictions(
        path.ks,
        path.inertia,
        silhouette=None if other.largest_silhouette is None else path.silhouette,
        gap=gap,
        gap_error=None if gap is None else path.gap_error,
        chosen=other.k,
    )
    said = "Each starts from the one before"
    if other.rows < other.of:
        said += f", on {other.rows:,} rows drawn at random"
    if other.largest_silhouette is not None:
        said += f". The silhouette is largest at k = {other.largest_silhouette}"
    if gap is not None:
        said += ". The gap is how far log inertia lies below that of uniform rows"
    return display, "Other numbers of clusters", f"{said}."
