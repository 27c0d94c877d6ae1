"""The rows of a fit, and the way to search among them."""

from __future__ import annotations

from typing import Any

import torch
from scipy.sparse import csr_matrix
from torch import Tensor

from gramian._input import Rows
from gramian.gram import Gram
from gramian.neighbors._compiled_tree import CompiledSearch, CompiledTree
from gramian.neighbors._distances import Distances, plain
from gramian.neighbors._lists import NeighborLists, first_others
from gramian.neighbors._search import EngineSearch, ExplicitSearch, Search, TableSearch
from gramian.neighbors._tree_search import FittedTree, TreeSearch
from gramian.pairwise._base import Elementary

__all__ = ["FittedRows"]


class FittedRows:
    """Rows that are searched among, with a tree or a model of scikit-learn's where one is used."""

    def __init__(self, rows: Rows, distances: Distances, estimator: str) -> None:
        self.rows = rows
        self._distances, self._estimator = distances, estimator
        self._compiled: CompiledTree | None = None
        self._tree: FittedTree | None = None
        self._model: Any = None
        if distances.precomputed and rows.shape[0] != rows.shape[1]:
            raise ValueError(
                f"{estimator}.fit: X must be square where metric='precomputed' "
                f"(Precomputed matrix must be square), got {rows.shape[0]} x {rows.shape[1]}."
            )
        self.check(rows)
        metric = distances.pair_function(rows.sparse, estimator)
        if metric is None:
            self._model = distances.explicit_model().fit(plain(rows.given))
            return
        assert rows.tensor is not None
        if distances.compiled_tree_for(rows.tensor, metric):
            self._compiled = CompiledTree.of(rows.tensor)
            return
        algorithm = distances.tree_for(rows.tensor, metric)
        if algorithm is not None:
            assert isinstance(metric, Elementary)
            self._tree = FittedTree(
                rows.tensor, metric, algorithm=algorithm, leaf_size=distances.leaf_size
            )

    def __len__(self) -> int:
        return len(self.rows)

    def check(self, queries: Rows) -> None:
        """Refuse a dense precomputed table with negative numbers; of a graph, the search does."""
        if not self._distances.precomputed or queries.tensor is None:
            return
        if bool(torch.any(queries.tensor < 0)):
            raise ValueError(
                f"{self._estimator}: X must be non-negative where metric='precomputed' (Negative "
                "values in data passed to precomputed distance matrix), got "
                f"{float(queries.tensor.min()):g}."
            )

    def nearest(self, queries: Rows, k: int, caller: str) -> tuple[Tensor, Tensor]:
        """Distances and indices of the k nearest; a row of the fit is not its own neighbour."""
        n, alone = len(self), queries is self.rows
        if k > n - alone:
            raise ValueError(
                f"{caller}: Expected n_neighbors {'<' if alone else '<='} n_samples_fit, but "
                f"n_neighbors = {k}, n_samples_fit = {n}, n_samples = {len(queries)}. "
                f"Ask for at most {n - alone}."
            )
        # half of the rows or more are found faster by looking at all
        search = self._search(queries, tree=2 * (k + alone) < n)
        if isinstance(search, CompiledSearch):
            return search.nearest(k)
        found = search.nearest(k + alone)
        return first_others(*found) if alone else found

    def within(self, queries: Rows, radius: float) -> NeighborLists:
        """All within the radius; a row of the fit is not its own neighbour."""
        lists = self._search(queries, tree=True).within(radius)
        return lists.others() if queries is self.rows else lists

    def _search(self, queries: Rows, *, tree: bool) -> Search:
        """The search from queries; ``tree`` allows one."""
        rows, distances = self.rows, self._distances
        if distances.precomputed and queries.tensor is not None:
            return TableSearch(queries.tensor)
        metric = distances.pair_function(queries.sparse or rows.sparse, self._estimator)
        if metric is None:
            # without a model the fit was dense and the queries are sparse
            model = self._model or distances.explicit_model().fit(csr_matrix(plain(rows.given)))
            return ExplicitSearch(model, plain(queries.given), queries.dtype, queries.device)
        if queries is rows:
            x = there = rows.tensor
        else:
            x, there = queries.beside(rows.given, self._estimator)
        assert x is not None
        if tree and queries.device.type == "cpu":
            if self._compiled is not None:
                assert isinstance(metric, Elementary)
                return CompiledSearch(self._compiled, x, metric, alone=queries is rows)
            if self._tree is not None:
                return TreeSearch(self._tree, x)
        return EngineSearch(Gram(x, there, metric))
