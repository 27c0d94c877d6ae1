"""Rows of many features: the kernel matrix is stored where it fits, and the machine is the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification

import gramian as gm

ROWS, NEW = 1100, 50
"""More rows than are taken down to rounding, and than 4 MiB hold in float32."""


@pytest.fixture(scope="module")
def wide() -> tuple[np.ndarray, np.ndarray]:
    """Three classes that overlap, 80 features."""
    X, y = make_classification(
        ROWS + NEW, 80, n_informative=8, n_classes=3, flip_y=0.05, random_state=0
    )
    return X.astype(np.float32), y


@pytest.mark.parametrize(
    "machine",
    [
        gm.KernelSVC(random_state=0, rank=64),
        gm.KernelLogisticRegression(random_state=0, rank=64),
    ],
    ids=["squared hinge", "multinomial"],
)
def test_a_stored_matrix_saves_passes_and_changes_nothing(machine: Any, wide: Any) -> None:
    X, y = wide
    stored = machine.fit(X[:ROWS], y[:ROWS])
    values, passes, gap = stored.decision_function(X[ROWS:]), stored.passes_, stored.gap_
    with gm.config_context(memory="8MiB"):
        lazy = machine.fit(X[:ROWS], y[:ROWS])
    np.testing.assert_allclose(values, lazy.decision_function(X[ROWS:]), atol=2e-2)
    assert max(gap, lazy.gap_) <= machine.tol
    # entries once in float32, once in float64 for the certificate, and those of the pivots
    assert passes <= 2.5 < lazy.passes_


def test_entries_that_are_dear_are_computed_once(wide: Any) -> None:
    X, y = wide
    K = np.exp(-((X[:ROWS, None] - X[None, :ROWS]) ** 2).sum(2) / 160)
    model = gm.KernelSVC(kernel="precomputed", random_state=0, rank=64).fit(K, y[:ROWS])
    assert 1 <= model.passes_ < 2
