"""NearestNeighbors: the rows that are nearest, or within a radius, found exactly."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._input import Rows, all_or_nothing, take_rows
from gramian._validation import check_choice, check_int
from gramian.neighbors._distances import Distances, check_radius
from gramian.neighbors._fitted import FittedRows
from gramian.neighbors._lists import MODES, NeighborLists, ragged

__all__ = ["NearestNeighbors"]


class NearestNeighbors(BaseEstimator):
    """The nearest rows of a table, or all within a radius, as float64 brute force finds them.

    Takes the place of ``sklearn.neighbors.NearestNeighbors``: same parameters, defaults and
    methods, for NumPy arrays, data frames, memory-maps, sparse and precomputed matrices, and
    tensors on any device. Two rows at the same distance come by index.

    Parameters
    ----------
    n_neighbors : int, default=5
        For `kneighbors` where it is told none.
    radius : float, default=1.0
        For `radius_neighbors`; in the unit of the metric, a distance equal to it is inside.
    algorithm : {"auto", "ball_tree", "kd_tree", "brute"}, default="auto"
        "brute" takes the engine where it has the metric. So does "auto", except for the Euclidean,
        L1 and L∞ metrics with at least 1000 rows of at most 8 features on a CPU, where it takes
        a k-d tree if its float64 copy of X fits a quarter of the memory budget: the compiled
        core's, or scikit-learn's without the core. A tree changes only the time.
    leaf_size : int, default=30
        Of scikit-learn's trees.
    metric : str, callable or PairFunction, default="minkowski"
        "euclidean", "l2", "sqeuclidean", "manhattan", "cityblock", "l1", "chebyshev", "cosine",
        "minkowski" with p in {1, 2, inf}, and every `PairFunction`, are computed by the engine.
        "precomputed" takes distances to the rows of the fit, dense or a sparse graph.
        scikit-learn's other metrics, callables and sparse rows go through explicit blocks of its
        own class, without the promises on ties and exactness.
    p : float, default=2
        Power of the "minkowski" metric.
    metric_params : dict, optional
        Further arguments of the metric; they choose explicit blocks.
    n_jobs : int, optional
        For explicit blocks; everything else follows ``torch.get_num_threads()``.

    Attributes
    ----------
    n_samples_fit_ : int
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    `fit` keeps X without a copy: do not change it afterwards. A search among n rows costs O(n d)
    time per query on the engine, and about O(log n) with a tree. Beyond X and the result it takes
    the engine's budget (`gramian.config`); with a tree, float64 copies of X and of the queries.
    Lists within a radius are one compressed sparse row matrix: `radius_neighbors_graph` gives it,
    `radius_neighbors` cuts it into views. Distances have the dtype of X; the rows are ordered
    before rounding to it. Results are the same for any number of threads.

    Trees: J. L. Bentley, "Multidimensional binary search trees", Comm. ACM 18, 1975.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import NearestNeighbors
    >>> model = NearestNeighbors(n_neighbors=2).fit(np.array([[0.0, 0], [0, 3], [4, 0], [0, 1]]))
    >>> distances, indices = model.kneighbors([[0.0, 0.0]])
    >>> distances, indices
    (array([[0., 1.]]), array([[0, 3]]))
    >>> model.radius_neighbors_graph(radius=2.5).toarray()
    array([[0., 0., 0., 1.],
           [0., 0., 0., 1.],
           [0., 0., 0., 0.],
           [1., 1., 0., 0.]])
    """

    def __init__(
        self,
        *,
        n_neighbors: int = 5,
        radius: float = 1.0,
        algorithm: str = "auto",
        leaf_size: int = 30,
        metric: Any = "minkowski",
        p: float | None = 2,
        metric_params: dict[str, Any] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.radius = radius
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.metric = metric
        self.p = p
        self.metric_params = metric_params
        self.n_jobs = n_jobs

    # ------------------------------------------------------------------ public methods

    def fit(self, X: Any, y: Any = None) -> NearestNeighbors:
        """Keep the rows to search among, and build a tree where that pays.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features), or \
(n_samples, n_samples) distances for ``metric="precomputed"``
        y : ignored

        Returns
        -------
        NearestNeighbors
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X or a parameter is unusable.
        """
        caller = "NearestNeighbors.fit"
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True)
            check_int(self.n_neighbors, "n_neighbors", caller, low=1)
            check_radius(self.radius, caller)
            distances = self._asked()
            distances.check(caller)
            self._fitted = FittedRows(rows, distances, "NearestNeighbors")
            self.n_samples_fit_ = len(rows)
        return self

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Any:
        """The nearest rows of the fit, nearest first.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features), or \
(n_queries, n_samples) distances, optional
            Queries; the rows of the fit if not given, and then a row is not its own neighbour.
        n_neighbors : int, optional
            The estimator's if not given.
        return_distance : bool, default=True

        Returns
        -------
        distances : ndarray or Tensor of shape (n_queries, n_neighbors), in the dtype of X
            Only with ``return_distance``.
        indices : ndarray or Tensor of shape (n_queries, n_neighbors), int64
            Ties go to the smallest index.

        Raises
        ------
        ValueError
            If there are fewer rows than neighbours.
        """
        rows, distances, indices = self._nearest(X, n_neighbors, "NearestNeighbors.kneighbors")
        if not return_distance:
            return rows.give(indices)
        return rows.give(distances), rows.give(indices)

    def radius_neighbors(
        self,
        X: Any = None,
        radius: float | None = None,
        return_distance: bool = True,
        sort_results: bool = False,
    ) -> Any:
        """All rows of the fit within a radius of each query.

        Parameters
        ----------
        X : as in `kneighbors`
        radius : float, optional
            At least zero, or infinity; the estimator's if not given.
        return_distance : bool, default=True
        sort_results : bool, default=False
            Nearest first, ties by index; by index otherwise.

        Returns
        -------
        distances : ndarray of n_queries arrays, or list of n_queries Tensors, in the dtype of X
            Only with ``return_distance``.
        indices : ndarray of n_queries arrays, or list of n_queries Tensors, int64
            They may be empty.

        Raises
        ------
        ValueError
            If the radius is negative, or results are to be sorted without distances.
        """
        caller = "NearestNeighbors.radius_neighbors"
        if sort_results and not return_distance:
            raise ValueError(
                f"{caller}: return_distance must be True if sort_results is True, "
                f"got {return_distance!r}."
            )
        rows, lists = self._within(X, radius, caller)
        lists = lists.nearest_first() if sort_results else lists
        lengths, numpy = lists.lengths, rows.form.numpy
        indices = ragged(lists.indices, lengths, numpy=numpy)
        if not return_distance:
            return indices
        return ragged(lists.distances, lengths, numpy=numpy), indices

    def kneighbors_graph(
        self, X: Any = None, n_neighbors: int | None = None, mode: str = "connectivity"
    ) -> Any:
        """The nearest rows as a sparse matrix with an entry for each neighbour.

        Parameters
        ----------
        X, n_neighbors : as in `kneighbors`
        mode : {"connectivity", "distance"}, default="connectivity"
            Entries are ones, or distances.

        Returns
        -------
        SciPy CSR matrix, or sparse CSR Tensor, of shape (n_queries, n_samples_fit)
            Columns of a row stand nearest first, in a tensor by index.
        """
        caller = "NearestNeighbors.kneighbors_graph"
        check_choice(mode, "mode", caller, MODES)
        rows, distances, indices = self._nearest(X, n_neighbors, caller)
        lists = NeighborLists.of_table(distances, indices)
        return lists.graph(len(self._fitted), mode, numpy=rows.form.numpy)

    def radius_neighbors_graph(
        self,
        X: Any = None,
        radius: float | None = None,
        mode: str = "connectivity",
        sort_results: bool = False,
    ) -> Any:
        """The rows within a radius as a sparse matrix with an entry for each neighbour.

        Parameters
        ----------
        X, radius : as in `radius_neighbors`
        mode : {"connectivity", "distance"}, default="connectivity"
            Entries are ones, or distances.
        sort_results : bool, default=False
            Columns of a row stand nearest first; only with ``mode="distance"``, and not in a
            tensor, where they stand by index.

        Returns
        -------
        SciPy CSR matrix, or sparse CSR Tensor, of shape (n_queries, n_samples_fit)
        """
        caller = "NearestNeighbors.radius_neighbors_graph"
        check_choice(mode, "mode", caller, MODES)
        rows, lists = self._within(X, radius, caller)
        if sort_results and mode == "distance":
            lists = lists.nearest_first()
        return lists.graph(len(self._fitted), mode, numpy=rows.form.numpy)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self._asked().precomputed
        tags.input_tags.positive_only = tags.input_tags.pairwise
        return tags

    # ------------------------------------------------------------------ inside

    def _asked(self) -> Distances:
        """The distances that the parameters ask for."""
        return Distances(
            self.metric, self.metric_params, self.algorithm, self.leaf_size, self.p, self.n_jobs
        )

    def _nearest(self, X: Any, n_neighbors: Any, caller: str) -> tuple[Rows, Tensor, Tensor]:
        """The queries, and distances and indices of their nearest rows."""
        check_is_fitted(self)
        asked = self.n_neighbors if n_neighbors is None else n_neighbors
        k = check_int(asked, "n_neighbors", caller, low=1)
        rows = self._queries(X)
        return rows, *self._fitted.nearest(rows, k, caller)

    def _within(self, X: Any, radius: Any, caller: str) -> tuple[Rows, NeighborLists]:
        """The queries, and the rows within the radius of each."""
        check_is_fitted(self)
        limit = check_radius(self.radius if radius is None else radius, caller)
        rows = self._queries(X)
        return rows, self._fitted.within(rows, limit)

    def _queries(self, X: Any) -> Rows:
        if X is None:
            return self._fitted.rows
        rows = take_rows(self, X, reset=False)
        self._fitted.check(rows)
        return rows
