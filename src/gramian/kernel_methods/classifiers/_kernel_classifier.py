"""What the kernel classifiers share: their border, the path over C, and decisions."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._input import Rows, all_or_nothing, take_rows
from gramian.kernel_methods.classifiers._classification import Problem
from gramian.kernel_methods.classifiers._fit import fit_path
from gramian.kernel_methods.classifiers._kernel import lift_of, table_of
from gramian.kernel_methods.kernel._fitted import as_tensor
from gramian.kernel_methods.kernel._kernel import Kernel, fitted_rows

__all__ = ["KernelClassifier"]


class KernelClassifier(ClassifierMixin, BaseEstimator):
    """Base of the kernel classifiers: Σ_j dual_coef_j k(x, x_j) + intercept for each decision."""

    C: float
    kernel: Any
    degree: int
    gamma: Any
    coef0: float
    bandwidth: Any
    tol: float
    max_iter: int
    fit_intercept: bool
    class_weight: Any
    warm_start: bool
    solver: str
    rank: int | None
    random_state: Any

    classes_: Any
    dual_coef_: Any
    intercept_: Any
    support_: Any
    support_vectors_: Any
    n_support_: Any
    gap_: float
    n_iter_: int
    passes_: float
    rank_: int
    _kernel: Kernel
    _origin: Tensor | None
    _n_fitted: int

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the decision functions.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
            With ``kernel="precomputed"`` the kernel matrix, (n_samples, n_samples).
        y : array-like or Tensor of shape (n_samples,)
            Class labels: numbers or texts.
        sample_weight : float, array-like or Tensor of shape (n_samples,), optional
            Multiplies C; not negative. An integer is worth as many equal rows.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If X, y, weights or a parameter do not fit, if there is only one class, or if the kernel
            is not positive semi-definite.
        """
        with all_or_nothing(self):
            models = fit_path(self, X, y, [self.C], sample_weight, "fit")
            self.__dict__.update(models[0].__dict__)
        return self

    def path(self, X: Any, y: Any, Cs: Sequence[float], sample_weight: Any = None) -> list[Self]:
        """Fitted models for several C, each begun at the one of the next smaller C.

        They share the checks, the preconditioner and its set-up.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        Cs : sequence of float
            Positive, in any order.

        Returns
        -------
        list of the estimator's own class
            One model for each C, in the order of ``Cs``. ``passes_`` and ``n_iter_`` of each are
            what it took beyond those before it.
        """
        return fit_path(copy.copy(self), X, y, list(Cs), sample_weight, "path")

    def decision_function(self, X: Any) -> Any:
        """Values of the decision functions.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)
            With ``kernel="precomputed"`` the kernel between the queries and all rows of the fit.

        Returns
        -------
        ndarray or Tensor of shape (n_queries,), or (n_queries, n_classes) for more than two classes
            Positive values speak for ``classes_[1]``, or for the class of the column.
        """
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        found = self._decisions(rows)
        return rows.give(found[:, 0] if found.shape[1] == 1 else found)

    def predict(self, X: Any) -> Any:
        """Classes of rows.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_queries,)
            A tensor where X is one and the labels are numbers.
        """
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        found = self._decisions(rows)
        codes = (found[:, 0] > 0).long() if found.shape[1] == 1 else found.argmax(1)
        classes = _as_numpy(self.classes_)
        if rows.form.numpy or classes.dtype.kind not in "biuf":
            return classes[codes.cpu().numpy()]
        return torch.from_numpy(classes).to(rows.device)[codes]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of rows whose class is predicted.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)
        y : array-like or Tensor of shape (n_queries,)
        sample_weight : array-like or Tensor of shape (n_queries,), optional

        Returns
        -------
        float
        """
        true, predicted, weights = (
            _as_numpy(array) if isinstance(array, Tensor) else array
            for array in (y, self.predict(X), sample_weight)
        )
        return float(accuracy_score(true, predicted, sample_weight=weights))

    # ------------------------------------------------------------------ inside

    def _problem(self, codes: Tensor, n_classes: int, weights: Tensor) -> Problem:
        """The problem that the parameters describe; each class has its own."""
        raise TypeError(f"{type(self).__name__}: a subclass must say what its loss is.")

    def _decisions(self, rows: Rows) -> Tensor:
        """Decision values, (m, 1) for two classes, else (m, k)."""
        coefficients = as_tensor(self.dual_coef_).to(rows.device).T
        intercept = as_tensor(self.intercept_).to(coefficients)
        kind = rows.dtype
        if not len(coefficients):
            # the intercept alone: no row has a say
            return intercept.expand(len(rows), -1).to(kind)
        if self._kernel.precomputed:
            support = torch.as_tensor(self.support_, device=rows.device)
            table = table_of(self._kernel, rows, rows).between(None, support)
        else:
            fitted = fitted_rows(self.support_vectors_)
            origin = None if rows.sparse else self._origin
            if origin is not None:
                origin = origin.to(rows.device)
                intercept = intercept + lift_of(origin, fitted, coefficients)
            table = table_of(self._kernel, rows, fitted, origin)
            kind = torch.promote_types(rows.dtype, fitted.dtype)
        return (table.double() @ coefficients + intercept).to(kind)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = isinstance(self.kernel, str) and self.kernel == "precomputed"
        return tags


def _as_numpy(array: Any) -> np.ndarray:
    return array.detach().cpu().numpy() if isinstance(array, Tensor) else np.asarray(array)
