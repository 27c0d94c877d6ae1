"""Mutual reachability: how far apart two rows are once sparse places are pushed away.

The mutual reachability of rows a and b is max(core(a), core(b), d(a, b) / alpha), where a row's
core distance is the distance to its ``min_samples``-th nearest row, itself counted.

Source: R. J. G. B. Campello, D. Moulavi, J. Sander, "Density-based clustering based on hierarchical
density estimates", PAKDD 2013, definitions 5 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gramian.gram import Gram
from gramian.neighbors._balls import lists_by_balls
from gramian.neighbors._core_values import core_values
from gramian.neighbors._tree import has_tree
from gramian.pairwise import Euclidean, SquaredEuclidean
from gramian.pairwise._base import PairFunction

__all__ = ["Reachability", "take"]

_FEWEST_ROWS, _LEAST_SHARE = 4096, 16
"""Of rows, and of rows for each one listed, from which on balls of them are worth their making."""


def take(x: Tensor, index: np.ndarray) -> Tensor:
    """The rows ``index`` of ``x``."""
    return x[torch.from_numpy(index).to(x.device)]


@dataclass(frozen=True)
class Reachability:
    """Which distances, and how much they count against core distances.

    Euclidean distances are compared by their squares, which nothing has rounded: "value" below is
    a squared distance then, else the distance itself.

    Attributes
    ----------
    metric : PairFunction
        What a value is.
    scale : float
        What a value is multiplied by before it is compared with core values.
    squared : bool
    """

    metric: PairFunction
    scale: float
    squared: bool

    @classmethod
    def of(cls, metric: PairFunction, alpha: float) -> Reachability:
        """The reachability of distances by ``metric``, divided by ``alpha``."""
        if type(metric) is Euclidean:
            return cls(SquaredEuclidean(), 1.0 / (alpha * alpha), squared=True)
        return cls(metric, 1.0 / alpha, squared=False)

    def distance(self, values: np.ndarray) -> np.ndarray:
        """The distances that values stand for."""
        return np.sqrt(values) if self.squared else values

    def table(self, x: Tensor, y: Tensor | None = None) -> Gram:
        """The lazy matrix of values."""
        return Gram(x, y, self.metric)

    @property
    def has_triangles(self) -> bool:
        """Whether distances are known to obey the triangle inequality."""
        return self.squared or has_tree(self.metric)

    def distances_from(self, x: Tensor, rows: np.ndarray) -> np.ndarray:
        """Distances from ``rows`` to all rows of ``x``, (len(rows), n)."""
        values = self.table(take(x, rows), x).dense().cpu().numpy()
        return self.distance(values)

    def lists(self, x: Tensor, y: Tensor | None, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Values and places of the k nearest rows of ``y`` (None: of x), nearest first."""
        if y is None and self._balls_pay(x, k):
            n = len(x)

            def search(
                rows: np.ndarray, columns: np.ndarray, k: int
            ) -> tuple[np.ndarray, np.ndarray]:
                there = x if len(columns) == n else take(x, columns)
                here = x if len(rows) == n else take(x, rows)
                return self._nearest(here, there, k)

            return lists_by_balls(n, k, search, lambda rows: self.distances_from(x, rows))
        return self._nearest(x, y, k)

    def _balls_pay(self, x: Tensor, k: int) -> bool:
        large = len(x) >= max(_FEWEST_ROWS, _LEAST_SHARE * k)
        return large and self.has_triangles and x.device.type == "cpu"

    def _nearest(self, x: Tensor, y: Tensor | None, k: int) -> tuple[np.ndarray, np.ndarray]:
        values, index = self.table(x, y).topk(k)
        return values.cpu().numpy(), index.cpu().numpy()

    def core_values(
        self,
        x: Tensor,
        y: Tensor,
        values: np.ndarray,
        index: np.ndarray,
        min_samples: int,
        weights: np.ndarray | None,
    ) -> np.ndarray:
        """Core values of the rows of ``x``, (n,), from their lists of neighbours in ``y``.

        Where the lists weigh too little they are made again for those rows, twice as long.
        """

        def longer(rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
            return self.lists(take(x, rows), y, k)

        return core_values(values, index, min_samples, weights, longer)
