"""scikit-learn's trees, and what makes their answers exact: for few features.

A tree is asked with a radius a little wider than the wanted one, and what lies so near the border
that rounding could matter is decided by float64 brute force, as the engine does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.neighbors import BallTree, KDTree
from torch import Tensor

from gramian import _config
from gramian.engine.exact import form_pairs
from gramian.pairwise import Chebyshev, Euclidean, Manhattan
from gramian.pairwise._base import Elementary

__all__ = [
    "MARGIN",
    "TREES",
    "as_float64",
    "form_of_pairs",
    "has_tree",
    "make_tree",
    "tree_pays",
    "wider",
]

MARGIN = 1e-9
"""Relative width around a radius in which a tree's own distance decides nothing."""

TREES = {"kd_tree": KDTree, "ball_tree": BallTree}
_NAMES: dict[type, str] = {
    Euclidean: "euclidean",
    Manhattan: "manhattan",
    Chebyshev: "chebyshev",
}
_MOST_FEATURES = 5
_FEWEST_ROWS = 2000


def tree_pays(x: Tensor, metric: object) -> bool:
    """Whether a tree is likely to beat the engine, and its float64 copy of x fits the budget."""
    n, d = x.shape
    return (
        has_tree(metric)
        and x.device.type == "cpu"
        and d <= _MOST_FEATURES
        and n >= _FEWEST_ROWS
        and n * (d + 2) * 8 <= _config.current().memory // 4
    )


def has_tree(metric: object) -> bool:
    """Whether the trees know this very metric."""
    return type(metric) in _NAMES


def make_tree(x: np.ndarray, metric: Elementary, *, algorithm: str, leaf_size: int) -> Any:
    """A tree on float64 rows."""
    return TREES[algorithm](x, leaf_size, metric=_NAMES[type(metric)])


def as_float64(x: Tensor) -> np.ndarray:
    """The rows as trees take them."""
    return x.double().numpy()


def wider(radius: Any) -> Any:
    """A radius that holds whatever is within ``radius`` up to rounding."""
    return np.nextafter(radius * (1 + MARGIN), np.inf)


def form_of_pairs(metric: Elementary, a: np.ndarray, b: np.ndarray) -> Tensor:
    """What the metric's entries are computed from, by float64 brute force."""
    return form_pairs(metric.form, torch.from_numpy(a), torch.from_numpy(b))
