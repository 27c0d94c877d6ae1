"""LinearRegression: ordinary least squares with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import torch

from gramian._input import all_or_nothing
from gramian._validation import check_choice, check_int, check_real
from gramian.linear import _direct, _iterative, _positive
from gramian.linear._model import LinearModel
from gramian.linear._problem import Problem, pose
from gramian.linear._spectrum import singular_spectrum

__all__ = ["LinearRegression"]


class LinearRegression(LinearModel):
    """Least squares without a penalty; of all solutions, the one of least norm.

    Takes the place of ``sklearn.linear_model.LinearRegression``: same parameters, defaults,
    attributes and methods, for NumPy arrays, data frames, memory-maps, sparse matrices and
    tensors on any device.

    Parameters
    ----------
    fit_intercept : bool, default=True
    copy_X : bool, default=True
        Accepted for compatibility. X is never modified and never copied whole, whatever it says.
    tol : float, default=1e-6
        Dense X: singular values of the centred X up to ``tol`` times the largest count as zero.
        Sparse X: the tolerance of LSMR.
    n_jobs : int, optional
        Accepted for compatibility; torch's own threads do the work.
    positive : bool, default=False
        Coefficients of at least zero, by scipy's ``nnls``. Dense X only.

    Attributes
    ----------
    coef_ : ndarray or Tensor of shape (n_features,) or (n_targets, n_features)
    intercept_ : float, 0-d Tensor, or ndarray or Tensor of shape (n_targets,)
        0.0 with ``fit_intercept=False``.
    rank_ : int
        Rank of the centred X; only where a dense solver ran.
    singular_ : ndarray or Tensor of shape (min(n_samples, n_features),)
        Its singular values, falling; only where a dense solver ran.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Warns
    -----
    ConvergenceWarning
        If LSMR or the non-negative solver stops early.

    Notes
    -----
    With k = min(n, d), fitting takes O(n d k) time and O(k²) memory beyond X, read in blocks of
    4 MiB; it may be a memory-map. All arithmetic is float64, results have the dtype of X.

    - X dense: normal equations and one step of refinement, where their Cholesky factor shows that
      they are good to ten digits; else blocked Householder QR and a singular value decomposition
      of the triangle, which also finds the rank. The answer does not depend on which ran.
    - X sparse, or k² beyond the memory budget: LSMR [1]_, which only multiplies by X.

    The norm that is least is that of ``coef_``; the intercept does not count. A row of weight zero
    is as good as absent. An integer weight is worth as many equal rows.

    References
    ----------
    .. [1] D. C.-L. Fong and M. Saunders, "LSMR: An iterative algorithm for sparse least-squares
       problems", SIAM J. Sci. Comput. 33(5), 2011, doi:10.1137/10079687X.
    .. [2] Å. Björck, "Stability analysis of the method of seminormal equations for linear least
       squares problems", Linear Algebra Appl. 88/89, 1987, doi:10.1016/0024-3795(87)90101-7.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import LinearRegression
    >>> X = np.array([[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 3.0]])
    >>> model = LinearRegression().fit(X, X @ [1.0, 2.0] + 3.0)
    >>> model.coef_.round(6), round(float(model.intercept_), 6)
    (array([1., 2.]), 3.0)
    """

    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        tol: float = 1e-6,
        n_jobs: int | None = None,
        positive: bool = False,
    ) -> None:
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.tol = tol
        self.n_jobs = n_jobs
        self.positive = positive

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LinearRegression:
        """Find the coefficients.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
        y : array-like or Tensor of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : float, array-like or Tensor of shape (n_samples,), optional
            Not negative and not all zero.

        Returns
        -------
        LinearRegression
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, y, weights or a parameter do not fit, or a number is not finite.
        """
        caller = "LinearRegression.fit"
        for name in ("fit_intercept", "copy_X", "positive"):
            check_choice(getattr(self, name), name, caller, (True, False))
        check_real(self.tol, "tol", caller, low=0.0)
        if self.n_jobs is not None:
            check_int(self.n_jobs, "n_jobs", caller)
        with all_or_nothing(self):
            for stale in ("rank_", "singular_"):
                if hasattr(self, stale):
                    delattr(self, stale)
            problem = pose(
                self,
                X,
                y,
                sample_weight,
                fit_intercept=bool(self.fit_intercept),
                accept_sparse=False if self.positive else "csr",
            )
            self._keep(problem, self._solve(problem, caller), one_is_flat=False)
        return self

    def _solve(self, problem: Problem, caller: str) -> torch.Tensor:
        """Coefficients of shape (d, t); sets ``rank_`` and ``singular_`` where they are known."""
        design, target = problem.design, problem.target
        ridges = target.new_zeros(target.shape[1])
        if self.positive:
            return _positive.solve(design, target, ridges, None, caller)
        if design.rows.sparse or not design.dense_fits:
            return _iterative.solve(design, target, ridges, self.tol, None, caller)[0]
        products = _direct.cross_products(design)
        factor = _direct.factor(products)
        if factor is not None:
            # the filled null direction has the greatest value, which is none of the data's
            filled = int(design.centred and not design.tall)
            values = factor.singular_values(products)[filled:]
            if bool((values > self.tol * values[:1]).all()):
                self._keep_values(problem, values, len(values))
                return _direct.solve(design, target, factor, 0.0)
        spectrum = singular_spectrum(design, target)
        self._keep_values(problem, spectrum.values, spectrum.rank(self.tol))
        return spectrum.solve(ridges, self.tol)

    def _keep_values(self, problem: Problem, values: torch.Tensor, rank: int) -> None:
        """Store the singular values, with a zero for the null direction that centring makes."""
        rows, missing = problem.design.rows, problem.design.small - len(values)
        values = torch.cat([values, values.new_zeros(missing)])
        self.singular_, self.rank_ = rows.give(values.to(rows.dtype)), rank

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = not self.positive
        return tags
