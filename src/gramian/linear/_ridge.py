"""Ridge: least squares with a penalty on the norm, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from torch import Tensor

from gramian._input import all_or_nothing
from gramian._validation import check_choice, check_int, check_real
from gramian.linear import _direct, _iterative, _positive
from gramian.linear._design import Design
from gramian.linear._model import LinearModel
from gramian.linear._problem import Problem, pose
from gramian.linear._spectrum import singular_spectrum

__all__ = ["Ridge"]

_ITERATIVE = ("lsqr", "sparse_cg", "sag", "saga")
_COUNTED = ("lsqr", "sag", "saga")
_SPARSE_WITH_INTERCEPT = ("auto", "lsqr", "sparse_cg", "sag", "lbfgs")
_SOLVERS = ("auto", "svd", "cholesky", *_ITERATIVE, "lbfgs")


class Ridge(LinearModel):
    """Least squares with a penalty alpha ‖w‖²; alpha = 0 gives the solution of least norm.

    Takes the place of ``sklearn.linear_model.Ridge``: same parameters, defaults, attributes and
    methods, for NumPy arrays, data frames, memory-maps, sparse matrices and tensors on any device.

    Parameters
    ----------
    alpha : float or array-like of shape (n_targets,), default=1.0
        At least zero; in the unit of X squared, times that of the weights.
    fit_intercept : bool, default=True
        The intercept is not penalised.
    copy_X : bool, default=True
        Accepted for compatibility. X is never modified and never copied whole, whatever it says.
    max_iter : int, optional
        Most iterations of LSMR (4 min(n, d), and at least 1000, if not given) or of the
        non-negative solver.
    tol : float, default=1e-4
        LSMR stops where ‖Aᵀr‖ ≤ tol ‖A‖ ‖r‖, or where the residual is small itself. Dense solvers
        do not read it.
    solver : {"auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs"}, \
default="auto"
        scikit-learn's names, each run by one of ours; ``method_`` says which it was.

        - "cholesky": normal equations with one step of refinement ("cholesky"), or "svd" where
          they are too ill-conditioned to keep ten digits.
        - "svd": Householder QR in blocks, then singular values ("svd").
        - "lsqr", "sparse_cg", "sag" and "saga": LSMR ("lsmr").
        - "lbfgs": scipy's ``nnls``, for ``positive=True`` only ("nnls").
        - "auto": "lbfgs" for ``positive=True``; "sparse_cg" for sparse X, and for dense X where
          min(n, d)² is beyond the memory budget; else "cholesky".

        As in scikit-learn, "svd" takes no sparse X, and "cholesky" and "saga" take it without an
        intercept only.
    positive : bool, default=False
        Coefficients of at least zero. Goes with solver "auto" or "lbfgs".
    random_state : ignored
        Nothing here is random.

    Attributes
    ----------
    coef_ : ndarray or Tensor of shape (n_features,) or (n_targets, n_features)
    intercept_ : float, 0-d Tensor, or ndarray or Tensor of shape (n_targets,)
        0.0 with ``fit_intercept=False``.
    n_iter_ : ndarray of int of shape (n_targets,), or None
        Iterations of LSMR for "lsqr", "sag" and "saga"; None for the others, as scikit-learn has
        it. Targets of one alpha share them.
    solver_ : str
        The solver, in scikit-learn's words; "svd" where "cholesky" was refused.
    method_ : {"cholesky", "svd", "lsmr", "nnls"}
        What ran.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Warns
    -----
    ConvergenceWarning
        If LSMR or the non-negative solver stops early.

    Notes
    -----
    With k = min(n, d), dense solvers take O(n d k) time and O(k²) memory beyond X, read in blocks
    of 4 MiB; X may be a memory-map. LSMR takes O(n d) an iteration, or the number of non-zeros.
    All arithmetic is float64, results have the dtype of X. A row of weight zero is as good as
    absent, an integer weight is worth as many equal rows.

    References
    ----------
    .. [1] D. C.-L. Fong and M. Saunders, "LSMR: An iterative algorithm for sparse least-squares
       problems", SIAM J. Sci. Comput. 33(5), 2011, doi:10.1137/10079687X.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import Ridge
    >>> X = np.array([[0.0], [1.0], [2.0]])
    >>> model = Ridge(alpha=2.0).fit(X, [0.0, 1.0, 2.0])
    >>> model.coef_, model.intercept_
    (array([0.5]), np.float64(0.5))
    """

    def __init__(
        self,
        alpha: Any = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        max_iter: int | None = None,
        tol: float = 1e-4,
        solver: str = "auto",
        positive: bool = False,
        random_state: Any = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.positive = positive
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Ridge:
        """Find the coefficients.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
        y : array-like or Tensor of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : float, array-like or Tensor of shape (n_samples,), optional
            Not negative and not all zero. Twice the weights are half the alpha.

        Returns
        -------
        Ridge
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, y, weights or a parameter do not fit, or a number is not finite.
        MemoryBudgetError
            If a dense solver was named and does not fit the memory budget.
        """
        self._check_parameters(sparse.issparse(X))
        with all_or_nothing(self):
            problem = pose(self, X, y, sample_weight, fit_intercept=bool(self.fit_intercept))
            ridges = as_ridges(self.alpha, problem, "Ridge.fit")
            self._keep(problem, self._solve(problem, ridges), one_is_flat=True)
        return self

    def _check_parameters(self, is_sparse: bool) -> None:
        """Whether the parameters are possible, alone and together."""
        caller = "Ridge.fit"
        for name in ("fit_intercept", "copy_X", "positive"):
            check_choice(getattr(self, name), name, caller, (True, False))
        check_real(self.tol, "tol", caller, low=0.0)
        if self.max_iter is not None:
            check_int(self.max_iter, "max_iter", caller, low=1)
        check_choice(self.solver, "solver", caller, _SOLVERS)
        if self.positive and self.solver not in ("auto", "lbfgs"):
            raise ValueError(
                f"{caller}: solver='{self.solver}' does not support positive fitting. "
                "Choose 'auto' or 'lbfgs', or set positive=False."
            )
        if self.solver == "lbfgs" and not self.positive:
            raise ValueError(
                f"{caller}: 'lbfgs' solver can be used only when positive=True. "
                "Choose another solver."
            )
        if not is_sparse:
            return
        if self.solver == "svd":
            raise ValueError(
                f"{caller}: solver='svd' does not support sparse data. Choose 'auto' or 'lsqr'."
            )
        if self.fit_intercept and self.solver not in _SPARSE_WITH_INTERCEPT:
            raise ValueError(
                f"{caller}: solver='{self.solver}' does not support fitting the intercept on "
                "sparse data. Choose 'auto' or 'lsqr', or set fit_intercept=False."
            )

    def _solve(self, problem: Problem, ridges: Tensor) -> Tensor:
        """Coefficients of shape (d, t); sets ``solver_``, ``method_`` and ``n_iter_``."""
        design, target = problem.design, problem.target
        self.solver_, self.n_iter_ = self.solver, None
        if self.positive:
            self.solver_, self.method_ = "lbfgs", "nnls"
            return _positive.solve(design, target, ridges, self.max_iter, "Ridge.fit")
        if self.solver == "auto":
            iterative = design.rows.sparse or not design.dense_fits
            self.solver_ = "sparse_cg" if iterative else "cholesky"
        if self.solver_ in _ITERATIVE:
            self.method_ = "lsmr"
            found, iterations = _iterative.solve(
                design, target, ridges, self.tol, self.max_iter, "Ridge.fit"
            )
            if self.solver_ in _COUNTED:
                self.n_iter_ = iterations.numpy()
            return found
        design.check_budget("Ridge.fit")
        if self.solver_ == "cholesky":
            direct = _solve_directly(design, target, ridges)
            if direct is not None:
                self.method_ = "cholesky"
                return direct
        self.solver_ = self.method_ = "svd"
        return singular_spectrum(design, target).solve(ridges)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.solver != "svd" and (
            self.solver not in ("cholesky", "saga") or not self.fit_intercept
        )
        return tags


def _solve_directly(design: Design, target: Tensor, ridges: Tensor) -> Tensor | None:
    """Coefficients by normal equations; None where one of them is too ill-conditioned."""
    products = _direct.cross_products(design)
    diagonal = products.diagonal().clone()
    found = target.new_empty(design.shape[1], target.shape[1])
    for ridge in ridges.unique().tolist():
        products.diagonal().copy_(diagonal + ridge)
        factor = _direct.factor(products)
        if factor is None:
            return None
        alike = ridges == ridge
        found[:, alike] = _direct.solve(design, target[:, alike], factor, ridge)
    return found


def as_ridges(alpha: Any, problem: Problem, caller: str) -> Tensor:
    """One penalty per target, (t,), float64, where the targets are."""
    n_targets = problem.target.shape[1]
    values = alpha.detach().cpu().numpy() if isinstance(alpha, Tensor) else np.asarray(alpha)
    if values.ndim == 0:
        number = check_real(values.item(), "alpha", caller, low=0.0)
        return problem.target.new_full((n_targets,), number)
    values = values.ravel()
    if len(values) not in (1, n_targets):
        raise ValueError(
            f"{caller}: alpha must be one number or one per target. Number of targets and number "
            f"of penalties do not correspond: {len(values)} != {n_targets}"
        )
    numbers = [check_real(value.item(), "alpha", caller, low=0.0) for value in values]
    return problem.target.new_tensor(numbers).expand(n_targets)
