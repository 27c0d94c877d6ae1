"""Small tables for DBSCAN, and what makes two fits the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from gramian.cluster._dbscan import DBSCAN

__all__ = ["Case", "assert_same", "cases"]

Case = tuple[np.ndarray, float, int, np.ndarray | None]
"""Rows, eps, min_samples and weights."""


def assert_same(model: DBSCAN, other: Any) -> None:
    """The same core rows, components and labels."""
    np.testing.assert_array_equal(model.core_sample_indices_, other.core_sample_indices_)
    np.testing.assert_array_equal(model.labels_, other.labels_)
    np.testing.assert_array_equal(model.components_, other.components_)


@st.composite
def cases(draw: Any) -> Case:
    """Small tables, some on a grid full of ties and duplicates, with or without weights."""
    n, d = draw(st.integers(1, 60)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = rng.normal(size=(n, d))
    if draw(st.booleans()):
        X = np.round(X * 2) / 2
    X = X.astype(draw(st.sampled_from([np.float32, np.float64])))
    weights = rng.integers(-1, 4, size=n).astype(float) if draw(st.booleans()) else None
    if weights is not None:
        weights[0] = 1
    eps = draw(st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.5, 100.0]))
    return X, eps, draw(st.integers(1, 8)), weights
