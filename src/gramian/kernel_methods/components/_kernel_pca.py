"""KernelPCA: leading components of the rows in a kernel's feature space, from products alone."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from gramian._input import all_or_nothing, take_rows
from gramian._validation import as_generator
from gramian.kernel_methods.components._fit import check_parameters, found_components, kernel_of
from gramian.kernel_methods.components._pre_image import Embedding, check_way_back, regress_rows
from gramian.kernel_methods.components._projection import projected
from gramian.kernel_methods.kernel._fitted import as_tensor
from gramian.kernel_methods.kernel._kernel import fitted_rows
from gramian.kernel_methods.kernel._precomputed import check_kernel_matrix
from gramian.kernel_methods.kernel._rows import copied

__all__ = ["KernelPCA"]


class KernelPCA(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Principal component analysis in the feature space of a kernel, without its n × n matrix.

    The components are the leading eigenvectors of K − 1K − K1 + 1K1, where all entries of 1 are
    1/n: the kernel matrix of the features less their mean. Takes the place of scikit-learn's class:
    same parameters, defaults, attributes and methods, for arrays, frames, sparse rows and tensors.

    Parameters
    ----------
    n_components : int, optional
        At most n_samples are found; all with an eigenvalue above zero if not given, which takes
        the dense decomposition.
    kernel : str, PairFunction or callable, default="linear"
        A name of scikit-learn's ("linear", "poly", "rbf", "laplacian", "sigmoid", "cosine",
        "chi2", "additive_chi2"), "precomputed", any `PairFunction`, or a function of two rows.
    gamma : float, optional
        1 / n_features if not given.
    degree : float, default=3
    coef0 : float, default=1
    kernel_params : dict, optional
        Keyword arguments of a callable kernel.
    alpha : float, default=1.0
        Ridge of the regression that `inverse_transform` uses.
    fit_inverse_transform : bool, default=False
    eigen_solver : {"auto", "dense", "arpack", "randomized"}, default="auto"
        "dense": all eigenvectors of the stored matrix. "arpack", "randomized": block Lanczos from
        a random block, here the same, and dense up to 16 rows. "auto": dense up to 1500 rows, or
        where n_components exceeds a tenth of them and the matrix fits the memory budget.
    tol : float, default=0
        For residuals relative to the largest eigenvalue; 0 means 1e-5 for float32 and 1e-9 for
        float64.
    max_iter : int, optional
        Most products with the whole matrix in Lanczos; 300 if not given.
    iterated_power : int or "auto", default="auto"
        For "randomized": at most so many products after the first.
    remove_zero_eig : bool, default=False
        Leave out components with the eigenvalue zero; always so without n_components.
    random_state : None, int, numpy or torch generator, default=None
        Draws the first block of Lanczos, which the result depends on only within ``tol``.
    copy_X : bool, default=True
        False: X must not change after the fit. A precomputed matrix is never copied.
    n_jobs : int, optional
        For scikit-learn's sake; threads are those of ``torch.set_num_threads``.
    bandwidth : float or sequence of n_features floats, optional
        Instead of gamma, in the unit of X: exp(−‖x − y‖²/(2h²)). Not in scikit-learn.

    Attributes
    ----------
    eigenvalues_ : ndarray or Tensor of shape (n_components,), dtype of X
        Falling. Those that rounding cannot tell from zero are zero.
    eigenvectors_ : ndarray or Tensor of shape (n_samples, n_components), dtype of X
        Of unit length; the entry of largest size in each is positive.
    residuals_ : ndarray or Tensor of shape (n_components,), float64
        ‖Kv − λv‖ for the centred K, computed with entries in float64 at the end: some eigenvalue
        lies within this distance of λ.
    explained_variance_ratio_ : ndarray or Tensor of shape (n_components,), float64
        Shares of the trace of the centred K.
    offset_ : ndarray or Tensor of shape (n_components,), float64
        Projection of the mean of all features, which `transform` takes off.
    solver_ : {"dense", "lanczos"}
    passes_ : float
        Products with the whole matrix.
    X_fit_ : ndarray, sparse matrix or Tensor of shape (n_samples, n_features)
    gamma_ : float or None
        The γ in use; None beside one bandwidth per feature.
    dual_coef_ : ndarray or Tensor of shape (n_samples, n_features), dtype of X
        Of the inverse transform; only with ``fit_inverse_transform``.
    X_transformed_fit_ : ndarray or Tensor of shape (n_samples, n_components), dtype of X
        Only with ``fit_inverse_transform``.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    ``residuals_``, ``explained_variance_ratio_``, ``offset_``, ``solver_`` and ``passes_`` are not
    in scikit-learn. Lanczos: about ten products with k + 16 columns, O(n² (d + k)) time each, and
    160 n (k + 16) bytes, less where that is half of the memory; dense: O(n³) time and 24 n² bytes.
    Products of float32 rows are float32 where that tells every eigenvalue from zero, else the fit
    starts again in float64. `transform` computes in float64 and rounds once. Kernels without a
    fused product (callables, sparse rows) are evaluated once where a quarter of the memory budget
    holds their matrix.

    References
    ----------
    .. [1] B. Schölkopf, A. Smola, K.-R. Müller, "Nonlinear component analysis as a kernel
       eigenvalue problem", Neural Computation 10(5), 1998, appendix B (centring of new rows).
    .. [2] G. Bakır, J. Weston, B. Schölkopf, "Learning to find pre-images", NIPS 2003.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import KernelPCA
    >>> X = np.array([[0.0, 0.0], [0.0, 2.0], [4.0, 0.0], [4.0, 2.0]])
    >>> model = KernelPCA(n_components=2).fit(X)
    >>> model.eigenvalues_.round(6)
    array([16.,  4.])
    >>> abs(model.transform([[2.0, 1.0]])).round(6)
    array([[0., 0.]])
    """

    def __init__(
        self,
        n_components: int | None = None,
        *,
        kernel: Any = "linear",
        gamma: float | None = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[str, Any] | None = None,
        alpha: float = 1.0,
        fit_inverse_transform: bool = False,
        eigen_solver: str = "auto",
        tol: float = 0,
        max_iter: int | None = None,
        iterated_power: int | str = "auto",
        remove_zero_eig: bool = False,
        random_state: Any = None,
        copy_X: bool = True,
        n_jobs: int | None = None,
        bandwidth: Any = None,
    ) -> None:
        self.n_components = n_components
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.alpha = alpha
        self.fit_inverse_transform = fit_inverse_transform
        self.eigen_solver = eigen_solver
        self.tol = tol
        self.max_iter = max_iter
        self.iterated_power = iterated_power
        self.remove_zero_eig = remove_zero_eig
        self.random_state = random_state
        self.copy_X = copy_X
        self.n_jobs = n_jobs
        self.bandwidth = bandwidth

    def fit(self, X: Any, y: Any = None) -> KernelPCA:
        """Find the components of X.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
            Rows; for ``kernel="precomputed"`` the matrix K itself, (n_samples, n_samples).
        y : ignored

        Returns
        -------
        KernelPCA
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X or a parameter is unusable, or one of the n_components largest eigenvalues is
            negative beyond rounding.
        MemoryBudgetError
            If the decomposition does not fit the memory budget.

        Warns
        -----
        ConvergenceWarning
            If a residual exceeds the tolerance.
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """The rows of X in the components of X; cheaper than `fit` and `transform`."""
        return self._fit(X)

    def transform(self, X: Any) -> Any:
        """Project rows onto the components.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
            For ``kernel="precomputed"`` the kernel between new rows and those of the fit.

        Returns
        -------
        ndarray or Tensor of shape (n_samples, n_components), dtype of X
        """
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        kernel, fitted = kernel_of(self, "KernelPCA.transform"), fitted_rows(self.X_fit_)
        parts = (self.eigenvalues_, self.eigenvectors_, self.offset_)
        return rows.give(projected(rows, fitted, kernel, *(as_tensor(part) for part in parts)))

    def inverse_transform(self, X: Any) -> Any:
        """Rows of the input space that lie near given places in the embedding.

        Kernel ridge regression of the fitted rows on their own embedding, with the same kernel;
        ``NotFittedError`` without ``fit_inverse_transform``.

        Parameters
        ----------
        X : array-like or Tensor of shape (n_samples, n_components)

        Returns
        -------
        ndarray or Tensor of shape (n_samples, n_features), dtype of X
        """
        caller = "KernelPCA.inverse_transform"
        if not hasattr(self, "dual_coef_"):
            raise NotFittedError(
                f"{caller}: fit_inverse_transform must be True at the fit, got "
                f"{self.fit_inverse_transform!r}. Set it and fit again."
            )
        embedded = fitted_rows(self.X_transformed_fit_)
        rows = take_rows(Embedding(embedded.shape[1]), X, reset=False, accept_sparse=False)
        table = kernel_of(self, caller).table(rows, embedded)
        found = table.double() @ as_tensor(self.dual_coef_).to(rows.device, torch.float64)
        return rows.give(found.to(rows.dtype))

    @property
    def _n_features_out(self) -> int:
        return len(self.eigenvalues_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = not self.fit_inverse_transform
        tags.input_tags.pairwise = isinstance(self.kernel, str) and self.kernel == "precomputed"
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _fit(self, X: Any) -> Any:
        """Fit, and return the embedding of X as `transform` would."""
        caller = "KernelPCA.fit"
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True)
            check_parameters(self, caller)
            self.gamma_ = self.gamma
            if self.gamma is None:
                self.gamma_ = 1 / rows.shape[1]
            kernel = kernel_of(self, caller)
            if self.bandwidth is not None:
                self.gamma_ = kernel.arguments.get("gamma")
            if self.fit_inverse_transform:
                check_way_back(kernel, rows, caller)
            if kernel.precomputed:
                check_kernel_matrix(rows, caller)
            generator = as_generator(self.random_state, caller)
            found = found_components(self, kernel, rows, generator, caller)
            self.eigenvalues_ = rows.give(found.values.to(rows.dtype))
            self.eigenvectors_ = rows.give(found.vectors.to(rows.dtype))
            self.residuals_ = rows.give(found.residuals)
            self.offset_ = rows.give(found.offset)
            total = found.total if found.total > 0 else 1.0
            self.explained_variance_ratio_ = rows.give(found.values / total)
            self.solver_, self.passes_ = found.solver, found.passes
            self.X_fit_ = (
                rows.given if kernel.precomputed or not self.copy_X else copied(rows.given)
            )
            embedded = (found.vectors * found.values.sqrt()).to(rows.dtype)
            for stale in ("dual_coef_", "X_transformed_fit_"):
                if hasattr(self, stale):
                    delattr(self, stale)
            if self.fit_inverse_transform:
                dual = regress_rows(kernel, rows, embedded, self.alpha, generator, caller)
                self.dual_coef_ = rows.give(dual.to(rows.dtype))
                self.X_transformed_fit_ = rows.give(embedded)
        return rows.give(embedded)
