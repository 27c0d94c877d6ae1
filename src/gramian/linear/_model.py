"""What every linear model can do once it has coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._arrays import wrap
from gramian._input import take_rows
from gramian.linear._problem import Problem

__all__ = ["LinearModel"]


class LinearModel(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Base of the linear models: coefficients in, predictions out."""

    coef_: Any
    intercept_: Any

    def predict(self, X: Any) -> Any:
        """X·coef_ + intercept_.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_samples,) or (n_samples, n_targets)
            The kind of array that X is, in the wider dtype of X and ``coef_``.
        """
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        coefficients = _as_tensor(self.coef_, rows.device)
        columns = coefficients[:, None] if coefficients.ndim == 1 else coefficients.T
        kind = torch.promote_types(rows.dtype, coefficients.dtype)
        columns = columns.to(kind)
        if rows.tensor is None:
            found = torch.from_numpy(rows.given @ columns.numpy()).to(kind)
        else:
            found = torch.empty(len(rows), columns.shape[1], dtype=kind, device=rows.device)
            for span in rows.spans():
                torch.mm(rows.take(span).to(kind), columns, out=found[span])
        found += _as_tensor(self.intercept_, rows.device).to(kind)
        return rows.give(found[:, 0] if coefficients.ndim == 1 else found)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R², the share of the variance of y that the predictions explain.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
        y : array-like or Tensor of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array-like or Tensor of shape (n_samples,), optional

        Returns
        -------
        float
        """
        true, predicted, weights = (
            array.detach().cpu().double().numpy() if isinstance(array, Tensor) else array
            for array in (y, self.predict(X), sample_weight)
        )
        return float(r2_score(true, predicted, sample_weight=weights))

    def _keep(self, problem: Problem, coefficients: Tensor, *, one_is_flat: bool) -> None:
        """Store coefficients of shape (d, t) as scikit-learn shapes them.

        ``one_is_flat``: whether a single column of targets leaves a vector too.
        """
        rows = problem.design.rows
        flat = problem.flat or (one_is_flat and coefficients.shape[1] == 1)
        columns = coefficients[:, 0] if flat else coefficients.T
        self.coef_ = rows.give(columns.to(rows.dtype).contiguous())
        if not problem.design.centred:
            self.intercept_ = 0.0
            return
        intercept = rows.give(problem.intercept(coefficients).to(rows.dtype))
        self.intercept_ = intercept[0] if problem.flat else intercept


def _as_tensor(value: Any, device: torch.device) -> Tensor:
    """Fitted numbers, or what the user put in their place, where the rows are."""
    if isinstance(value, Tensor):
        return value.to(device)
    return wrap(np.asarray(value), "coef_", "predict").to(device)
