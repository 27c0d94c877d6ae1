"""The border of every score: a checked table, and its rows in the order of their clusters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS, Rows, take_rows

__all__ = ["Clusters", "checked"]


@dataclass(frozen=True)
class Clusters:
    """Which rows belong together.

    Attributes
    ----------
    codes : ndarray of shape (n,), int64
        Cluster of each row, in [0, k).
    order : ndarray of shape (n,), int64
        Row numbers, cluster after cluster, rising within each.
    bounds : ndarray of shape (k + 1,), int64
        Where each cluster starts in ``order``.
    """

    codes: np.ndarray
    order: np.ndarray
    bounds: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, caller: str) -> Clusters:
        """Clusters of equal labels; at least 2, and fewer than rows."""
        names, codes = np.unique(labels, return_inverse=True)
        if not 1 < len(names) < len(labels):
            raise ValueError(
                f"{caller}: Number of labels is {len(names)}. Valid values are 2 to n_samples - 1 "
                f"(inclusive) for n_samples = {len(labels)}. Cluster the rows into another number "
                "of clusters."
            )
        bounds = np.concatenate([[0], np.cumsum(np.bincount(codes))])
        return cls(codes, np.argsort(codes, kind="stable"), bounds)

    @property
    def sizes(self) -> np.ndarray:
        """Rows of each cluster, (k,)."""
        return np.diff(self.bounds)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def parts(self, n_features: int) -> Iterator[np.ndarray]:
        """``order``, cut into parts of `BLOCK_ELEMENTS` numbers."""
        step = max(1, BLOCK_ELEMENTS // n_features)
        for start in range(0, len(self.order), step):
            yield self.order[start : start + step]

    def add(self, totals: np.ndarray, part: np.ndarray, values: np.ndarray) -> None:
        """Add the values of the rows of a part to the totals of their clusters, row after row."""
        codes = self.codes[part]
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        totals[codes[starts]] += np.add.reduceat(values, starts, axis=0)


def checked(X: Any, labels: Any, caller: str) -> tuple[Rows, np.ndarray]:
    """A table and a label for each of its rows, with scikit-learn's checks and words."""
    stand_in = type(caller, (BaseEstimator,), {})()
    rows = take_rows(stand_in, X, reset=True)
    if isinstance(labels, Tensor):
        labels = labels.detach().cpu().numpy()
    labels = check_array(
        column_or_1d(labels, warn=True), ensure_2d=False, dtype=None, input_name="labels"
    )
    check_consistent_length(rows.given, labels)
    return rows, labels
