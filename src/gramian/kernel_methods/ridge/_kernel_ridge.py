"""KernelRidge: ridge regression in a kernel's function space, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

from gramian._input import all_or_nothing, take_rows, take_weights
from gramian._validation import as_generator, check_choice, check_int
from gramian.kernel_methods.kernel._model import KernelModel
from gramian.kernel_methods.kernel._targets import take_targets
from gramian.kernel_methods.ridge._system import RidgeSystem, as_ridges
from gramian.linalg import Callback

__all__ = ["SOLVERS", "KernelRidge"]

SOLVERS = ("auto", "direct", "pcg", "sketch", "nystroem")


class KernelRidge(KernelModel):
    """Ridge regression in the function space of a kernel, from a hundred rows to millions.

    Takes the place of ``sklearn.kernel_ridge.KernelRidge``: same parameters, defaults, attributes
    and methods, for NumPy arrays, data frames, memory-maps, sparse matrices and tensors on any
    device. The kernel matrix is stored only where it fits the memory budget and that is fastest.

    Parameters
    ----------
    alpha : float or array-like of shape (n_targets,), default=1.0
        The ridge, at least zero; in the unit of the kernel. Targets of one alpha share all work.
    kernel : str, PairFunction or callable, default="linear"
        One of scikit-learn's names, "precomputed", a `PairFunction` or a composition of them (not
        in scikit-learn), or a function of two rows that returns a number.
    gamma : float, optional
        As in scikit-learn: 1 / n_features for None (1 for "chi2").
    degree : float, default=3
    coef0 : float, default=1
    kernel_params : dict, optional
        Keyword arguments of a callable kernel.
    bandwidth : float or array-like of shape (n_features,), optional
        Instead of ``gamma``, in the unit of the features: "rbf" is exp(−‖x−y‖²/(2h²)),
        "laplacian" exp(−‖x−y‖₁/h). Not in scikit-learn, like all that follows.
    solver : {"auto", "direct", "pcg", "sketch", "nystroem"}, default="auto"
        "direct": a dense Cholesky factor, in float32 with refinement or in float64. "pcg":
        conjugate gradients with a randomly pivoted Cholesky factor as preconditioner. "sketch":
        sketch-and-project. "nystroem": the regression restricted to ``rank`` landmarks, a model
        of its own, never taken by "auto". "auto" goes by the memory budget and a cost model.
    fit_intercept : bool, default=False
        Adds a constant that is not penalised.
    tol : float, optional
        For the relative residual; 1e-6 for float32 X and 1e-8 for float64 if not given. The
        coefficients of float32 X are then rounded where that leaves at most 1e-5, or a given tol.
    max_iter : int, default=1000
        Steps of "pcg", passes of "sketch", iterations of "nystroem".
    rank : int, optional
        Of the preconditioner, or the number of landmarks; by memory and time if not given.
    random_state : None, int, numpy or torch generator
        For pivots and blocks; "direct" draws nothing.
    callback : callable, optional
        Called with a `gramian.linalg.Progress` after each step; stops the fit if it returns true.
        What has been found then is kept.

    Attributes
    ----------
    dual_coef_ : ndarray or Tensor of shape (n_samples,) or (n_samples, n_targets)
        Of the dtype of X; float64 for float32 X where rounding would spoil the residual.
    X_fit_ : ndarray, sparse matrix or Tensor of shape (n_samples, n_features)
        The rows of the fit, or the precomputed matrix. The caller's own memory where its dtype is
        kept.
    intercept_ : float, or ndarray or Tensor of shape (n_targets,)
    solver_ : {"direct", "pcg", "sketch", "nystroem"}
    residual_ : float
        ‖(K + αI) c − y‖ / ‖y‖ with entries in float64, the largest of all targets. With weights W
        and an intercept it is that of the system P W½KW½P + αI, where P takes off the mean. For
        "nystroem" it is that of the whole system, which landmarks do not solve.
    passes_ : float
        Products with the whole kernel matrix.
    rank_ : int
        n for "direct", else the rank of the preconditioner or the number of landmarks.
    n_iter_ : int
        Steps; refinements for "direct".
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Warns
    -----
    ConvergenceWarning
        If ``residual_`` exceeds ``tol``, with the remedy.

    Notes
    -----
    "direct" takes O(n³) time and 4 to 8 n² bytes; "pcg" O(n² d) a pass and 4 n bytes for each unit
    of rank; "sketch" O(n) memory. Kernels of distances on float64 rows are multiplied in float32
    about the mean of X, and compared with float64 entries as often as the solution needs it. A
    singular system (alpha 0 and equal rows) gives the least-norm solution where its eigenvectors
    fit the memory. A row of weight zero is as good as absent, an integer weight is worth as many
    equal rows. Sparse, callable and scikit-learn's other kernels go through explicit blocks.

    References
    ----------
    .. [1] K. P. Murphy, "Machine Learning: A Probabilistic Perspective", MIT Press, 2012,
       section 14.4.3.
    .. [2] M. Díaz, E. N. Epperly, Z. Frangella, J. A. Tropp, R. J. Webber, "Robust, randomized
       preconditioning for kernel ridge regression", arXiv:2304.12465, 2023.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import KernelRidge
    >>> X = np.linspace(0, 6, 50)[:, None]
    >>> model = KernelRidge(alpha=1e-3, kernel="rbf", bandwidth=1.0).fit(X, np.sin(X[:, 0]))
    >>> model.predict([[1.5]]).round(3), model.solver_
    (array([0.997]), 'direct')
    """

    def __init__(
        self,
        alpha: Any = 1,
        *,
        kernel: Any = "linear",
        gamma: float | None = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[str, Any] | None = None,
        bandwidth: Any = None,
        solver: str = "auto",
        fit_intercept: bool = False,
        tol: float | None = None,
        max_iter: int = 1000,
        rank: int | None = None,
        random_state: Any = None,
        callback: Callback | None = None,
    ) -> None:
        self.alpha = alpha
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.bandwidth = bandwidth
        self.solver = solver
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.max_iter = max_iter
        self.rank = rank
        self.random_state = random_state
        self.callback = callback

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> KernelRidge:
        """Find the coefficients.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
            With ``kernel="precomputed"`` the kernel matrix, (n_samples, n_samples), symmetric.
        y : array-like or Tensor of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : float, array-like or Tensor of shape (n_samples,), optional
            Not negative and not all zero. Twice the weights are half the alpha.

        Returns
        -------
        KernelRidge
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, y, weights or a parameter do not fit, or a number is not finite.
        MemoryBudgetError
            Before any work, if the solver does not fit the memory budget.
        """
        caller = "KernelRidge.fit"
        check_choice(self.solver, "solver", caller, SOLVERS)
        check_choice(self.fit_intercept, "fit_intercept", caller, (True, False))
        check_int(self.max_iter, "max_iter", caller, low=1)
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True)
            targets = take_targets(rows, y, caller)
            weights = None
            if sample_weight is not None:
                weights = take_weights(rows, sample_weight, caller)
            self._settle_kernel(rows.shape[1], caller)
            columns = targets[:, None] if targets.ndim == 1 else targets
            ridges = as_ridges(self.alpha, columns.shape[1], caller, rows.device)
            system = RidgeSystem.pose(
                self._kernel.table(rows, rows), columns, weights, fit_intercept=self.fit_intercept
            )
            coefficients, intercepts, found = system.solve(
                ridges,
                caller,
                solver=self.solver,
                tol=self.tol,
                max_iter=self.max_iter,
                rank=self.rank,
                generator=as_generator(self.random_state, caller),
                callback=self.callback,
            )
            self._keep(rows, system, ridges, coefficients, intercepts, found, targets.ndim == 1)
        return self

    def _settle_kernel(self, n_features: int, caller: str) -> None:
        """Make the kernel that predictions use."""
        self._kernel = self._described_kernel(n_features, caller, self.bandwidth)
