"""The nearest core row within eps of each new row; ties go to the smallest index, −1 is none."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from gramian.cluster._neighborhoods import neighbor_lists
from gramian.gram import Gram
from gramian.neighbors._blocks import row_limit
from gramian.neighbors._compiled_tree import CompiledSearch, CompiledTree
from gramian.pairwise._base import Elementary, PairFunction

__all__ = [
    "nearest_by_compiled_tree",
    "nearest_by_engine",
    "nearest_by_lists",
    "nearest_in_table",
]


def nearest_by_engine(x: Tensor, core: Tensor, metric: PairFunction, eps: float) -> np.ndarray:
    """From the lazy matrix; inside and outside are told as in the fit."""
    table = Gram(x, core, metric)
    # a returned distance is rounded to the dtype of x: only the count compares as float64 would
    inside = table.count(eps) > 0
    return table.argmin().where(inside, -1).cpu().numpy()


def nearest_by_compiled_tree(x: Tensor, core: Tensor, metric: Elementary, eps: float) -> np.ndarray:
    """From the compiled core's tree, for few features."""
    # queries in float64 get their distances unrounded, which tell inside as the fit does
    distances, indices = CompiledSearch(CompiledTree.of(core), x.double(), metric).nearest(1)
    return indices.where(distances <= eps, -1)[:, 0].numpy()


def nearest_by_lists(model: NearestNeighbors, x: Any) -> np.ndarray:
    """From the neighbour lists of a model that was fitted on the core rows."""
    nearest = np.full(x.shape[0], -1)
    for rows, (distances, lists) in neighbor_lists(model, x, distances=True):
        for row, (near, found) in enumerate(zip(distances, lists, strict=True), rows.start):
            if len(found):
                nearest[row] = found[near == near.min()].min()
    return nearest


def nearest_in_table(table: Any, core: np.ndarray, eps: float) -> np.ndarray:
    """From precomputed distances to all rows of the fit; in a sparse graph, from those stored."""
    nearest = np.full(table.shape[0], -1)
    step = row_limit(len(core))
    for start in range(0, table.shape[0], step):
        block: Any = table[start : start + step][:, core]
        if sparse.issparse(table):
            graph = block.tocoo()
            near = graph.data <= eps
            row, column, data = graph.row[near], graph.col[near], graph.data[near]
            order = np.lexsort((column, data, row))
            rows, first = np.unique(row[order], return_index=True)
            nearest[start + rows] = column[order][first]
        else:
            place = block.argmin(axis=1)
            inside = np.take_along_axis(block, place[:, None], axis=1)[:, 0] <= eps
            nearest[start : start + step] = np.where(inside, place, -1)
    return nearest
