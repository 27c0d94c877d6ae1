"""What every kernel regression can do once it has coefficients."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._input import Rows, take_rows
from gramian.kernel_methods.kernel._fitted import as_tensor
from gramian.kernel_methods.kernel._kernel import Kernel, chosen_kernel, fitted_rows
from gramian.kernel_methods.kernel._table import KernelTable
from gramian.kernel_methods.ridge._system import Certificate, RidgeSystem

__all__ = ["KernelModel"]

_ROUNDED = 1e-5
"""A relative residual that rounding coefficients to float32 may leave, if no tolerance is asked."""


class KernelModel(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Base of the kernel regressions: Σ_j dual_coef_j k(x, x_j) + intercept."""

    kernel: Any
    gamma: float | None
    degree: float
    coef0: float
    kernel_params: dict[str, Any] | None
    tol: float | None
    dual_coef_: Any
    intercept_: Any
    X_fit_: Any
    residual_: float
    _kernel: Kernel

    def predict(self, X: Any) -> Any:
        """Values of the regression function.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)
            With ``kernel="precomputed"`` the kernel between the queries and the rows of the fit,
            (n_queries, n_samples).

        Returns
        -------
        ndarray or Tensor of shape (n_queries,) or (n_queries, n_targets)
            The kind of array that X is, in the wider dtype of X and ``X_fit_``.

        Notes
        -----
        O(n_queries m d) time for the m rows whose coefficients are not zero, and the memory that
        `gramian.config` allows.
        """
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        found = self._values(rows).to(torch.promote_types(rows.dtype, self._fitted().dtype))
        return rows.give(found)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R², the share of the variance of y that the predictions explain.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)
        y : array-like or Tensor of shape (n_queries,) or (n_queries, n_targets)
        sample_weight : array-like or Tensor of shape (n_queries,), optional

        Returns
        -------
        float
        """
        true, predicted, weights = (
            array.detach().cpu().double().numpy() if isinstance(array, Tensor) else array
            for array in (y, self.predict(X), sample_weight)
        )
        return float(r2_score(true, predicted, sample_weight=weights))

    def _values(self, rows: Rows) -> Tensor:
        """The regression function at some rows, (n,) or (n, t)."""
        fitted = self._fitted()
        stored = as_tensor(self.dual_coef_)
        coefficients = (stored[:, None] if stored.ndim == 1 else stored).to(rows.device)
        used = coefficients.any(1).nonzero()[:, 0]
        if len(used):
            found = self._product(self._kernel.table(rows, fitted), coefficients, used)
        else:
            found = coefficients.new_zeros(len(rows), coefficients.shape[1])
        shift = torch.as_tensor(self.intercept_, dtype=torch.float64, device=found.device)
        found = found.double() + shift
        return found[:, 0] if stored.ndim == 1 else found

    def _described_kernel(self, n_features: int, caller: str, bandwidth: Any = None) -> Kernel:
        """The kernel that the parameters describe."""
        return chosen_kernel(
            self.kernel,
            caller,
            n_features=n_features,
            gamma=self.gamma,
            bandwidth=bandwidth,
            degree=self.degree,
            coef0=self.coef0,
            kernel_params=self.kernel_params,
        )

    @staticmethod
    def _product(table: KernelTable, coefficients: Tensor, used: Tensor) -> Tensor:
        """K c in the dtype that the coefficients need, from the columns that are used."""
        if 2 * len(used) < len(coefficients):
            # landmarks: the other rows do not matter
            table, coefficients = table.between(None, used), coefficients[used]
        if coefficients.dtype == torch.float64:
            table = table.double()
        return table @ coefficients.to(table.dtype)

    def _fitted(self) -> Rows:
        """The rows of the fit."""
        return fitted_rows(self.X_fit_)

    def _keep(
        self,
        rows: Rows,
        system: RidgeSystem,
        ridges: Tensor,
        coefficients: Tensor,
        intercepts: Tensor,
        found: Certificate,
        flat: bool,
    ) -> None:
        """Store the model, rounded to the dtype of the rows where that keeps its residual."""
        self.solver_, self.residual_, self.passes_ = found.solver, found.residual, found.passes
        self.rank_, self.n_iter_ = found.rank, found.n_iter
        kind = coefficients.dtype
        if rows.dtype != torch.float64:
            rounded = coefficients.to(torch.float32)
            residual = system.residual(rounded, ridges)
            if residual <= max(_ROUNDED if self.tol is None else self.tol, found.residual):
                coefficients, kind, self.residual_ = rounded, torch.float32, residual
        self.dual_coef_ = rows.give(coefficients[:, 0] if flat else coefficients)
        self.X_fit_ = rows.given
        intercepts = intercepts.to(kind)
        self.intercept_ = float(intercepts[0]) if flat else rows.give(intercepts)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = isinstance(self.kernel, str) and self.kernel == "precomputed"
        return tags
