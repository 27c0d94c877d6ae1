"""What HDBSCAN makes of its input: which rows take part, and the space they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.neighbors import BallTree, KDTree
from torch import Tensor

from gramian import _config
from gramian._input import Rows
from gramian.cluster._explicit_space import ExplicitSpace
from gramian.cluster._graph_space import GraphSpace
from gramian.cluster._spaces import DistanceTable, EngineSpace, Space, TableSpace
from gramian.neighbors._distances import Distances, plain
from gramian.pairwise._base import Elementary

__all__ = ["INFINITE", "MISSING", "SpaceOfRows", "dense_rows"]

INFINITE, MISSING = -2, -3
"""Labels of rows with an infinite number, and of rows with NaN."""

_TREES = {"kd_tree": KDTree, "ball_tree": BallTree}


@dataclass(frozen=True)
class SpaceOfRows:
    """The space that an estimator's parameters ask for, and new rows as it takes them."""

    distances: Distances
    alpha: float

    def check(self, caller: str) -> None:
        """Refuse a metric that is unknown, or that the tree asked for cannot hold."""
        self.distances.check(caller)
        tree, metric = _TREES.get(self.distances.algorithm), self.distances.metric
        if tree is not None and not (isinstance(metric, str) and metric in tree.valid_metrics):
            raise ValueError(
                f"{caller}: metric must be one that the tree of algorithm="
                f"{self.distances.algorithm!r} knows, got {metric!r}. {metric} is not a valid "
                f"metric for a {tree.__name__}-based algorithm. Please select a different metric."
            )

    def marks(self, rows: Rows) -> np.ndarray:
        """`MISSING` for rows with NaN, else `INFINITE` for rows with infinity, else 0, (n,).

        A precomputed distance may be infinite, and NaN is refused there.
        """
        if self.distances.precomputed:
            return np.zeros(len(rows), dtype=np.int64)
        if rows.tensor is not None:
            missing = rows.tensor.isnan().any(1).cpu().numpy()
            infinite = rows.tensor.isinf().any(1).cpu().numpy()
        else:
            entries = rows.given.tocoo()
            missing, infinite = (
                np.bincount(entries.row, weights=test(entries.data), minlength=len(rows)) > 0
                for test in (np.isnan, np.isinf)
            )
        return np.where(missing, MISSING, np.where(infinite, INFINITE, 0))

    def space(self, rows: Rows, kept: np.ndarray) -> Space:
        """The space of the rows ``kept``."""
        asked = self.distances
        if asked.precomputed:
            table = plain(rows.given)
            _check_table(table, rows.sparse)
            if rows.sparse:
                return GraphSpace(table[kept][:, kept], self.alpha)
            return TableSpace(_part(table, kept, kept), self.alpha)
        if rows.sparse and asked.algorithm in _TREES:
            raise ValueError(
                "HDBSCAN.fit: X must be dense for a tree, got a sparse matrix and algorithm="
                f"{asked.algorithm!r}. Sparse data matrices only support algorithm `brute`."
            )
        dense = not rows.sparse or _fits(rows)
        metric = asked.pair_function(not dense, "HDBSCAN")
        if isinstance(metric, Elementary) and metric.order == 1:
            return EngineSpace(dense_rows(rows, kept), metric, self.alpha)
        chosen = asked.metric if metric is None else metric
        x: Any = dense_rows(rows, kept) if dense else rows.given[kept]
        if metric is None:
            x = plain(x)
        return ExplicitSpace(x, chosen, asked.metric_params or {}, self.alpha, asked.n_jobs)

    def queries(self, space: Space, rows: Rows, wanted: np.ndarray, kept: np.ndarray) -> Any:
        """The rows ``wanted`` in the form that ``space``, of the rows ``kept``, takes."""
        if isinstance(space, EngineSpace):
            return dense_rows(rows, wanted).to(space.x.device)
        given: Any = plain(rows.given)
        if isinstance(space, TableSpace):
            given = given.toarray() if rows.sparse else given
            return _part(given, wanted, kept)
        if isinstance(space, GraphSpace):
            return sparse.csr_array(given)[wanted][:, kept]
        if isinstance(space, ExplicitSpace) and isinstance(space.x, Tensor):
            return dense_rows(rows, wanted).to(space.x.device)
        part = given[wanted]
        as_dense = rows.sparse and isinstance(space, ExplicitSpace) and not sparse.issparse(space.x)
        return part.toarray() if as_dense else part


def _part(table: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> DistanceTable:
    """Some rows and columns of a table, as float64, copied a block at a time."""
    everything = len(columns) == table.shape[1]

    def block(place: slice) -> np.ndarray:
        part = table[rows[place]].astype(np.float64, copy=False)
        return part if everything else part[:, columns]

    return DistanceTable((len(rows), len(columns)), block)


def dense_rows(rows: Rows, wanted: np.ndarray) -> Tensor:
    """The rows ``wanted``, float64; a copy only where it has to be."""
    if len(wanted) == len(rows) and rows.tensor is not None:
        return rows.tensor.double()
    return rows.take(torch.from_numpy(wanted).to(rows.device)).double()


def _fits(rows: Rows) -> bool:
    """Whether sparse rows may be made dense: a quarter of the memory budget is enough for them."""
    n, d = rows.shape
    return 8 * n * d <= _config.current().memory // 4


def _check_table(table: Any, is_sparse: bool) -> None:
    """Refuse a table of distances that is not square and symmetric, or holds NaN."""
    caller = "HDBSCAN.fit: X must be a symmetric matrix where metric='precomputed', got"
    values = table.data if is_sparse else table
    if np.isnan(values).any():
        raise ValueError(f"{caller} NaN. np.nan values found in precomputed-dense")
    if table.shape[0] != table.shape[1]:
        raise ValueError(
            f"{caller} shape {table.shape}. The precomputed distance matrix is expected to be "
            f"symmetric, however it has shape {table.shape}."
        )
    if is_sparse:
        if not np.isfinite(values).all():
            raise ValueError(f"{caller} infinity. Leave out what is not known.")
        gap = abs(table - table.T).data
        symmetric = not len(gap) or gap.max() <= 1e-9 + 1e-7 * abs(values).max()
    else:
        symmetric = np.allclose(table, table.T, rtol=1e-7, atol=1e-9)
    if not symmetric:
        raise ValueError(
            f"{caller} different values on its two sides. The precomputed distance matrix is "
            "expected to be symmetric, however its values appear to be asymmetric."
        )
