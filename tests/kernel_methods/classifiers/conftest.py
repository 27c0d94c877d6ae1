"""Rows that the tests of machines share."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_classification


@pytest.fixture(scope="module")
def cloud() -> tuple[np.ndarray, np.ndarray]:
    """Two classes that overlap, 150 rows, 4 features."""
    return make_classification(
        150, 4, n_informative=3, n_redundant=0, n_clusters_per_class=2, flip_y=0.1, random_state=3
    )
