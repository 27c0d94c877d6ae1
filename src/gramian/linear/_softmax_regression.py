"""Softmax regression: class probabilities from linear scores, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._labels import Labels
from gramian.linear._classifier import LinearClassifier
from gramian.linear._losses import Loss, Softmax

__all__ = ["SoftmaxRegression"]


class SoftmaxRegression(LinearClassifier):
    """Linear classification by cross-entropy, trained by the loop of `gramian.train`.

    Minimises ½‖W‖² + C Σ_i w_i · cross-entropy(y_i, x_i W + b); b is not penalised. This is what
    ``sklearn.linear_model.LogisticRegression`` minimises; two classes have one score.

    Parameters
    ----------
    C : float, default=1.0
        Positive; the weight of the loss against ½‖W‖².
    fit_intercept : bool, default=True
    tol : float, default=1e-4
        The objective is at most ``tol**2`` of itself above its least value, judged by its gradient.
    max_iter : int, default=1000
        Most steps of L-BFGS.
    class_weight : dict, "balanced" or None, default=None
        Multiplies C for the rows of a class.
    warm_start : bool, default=False
        Begin at the coefficients of the fit before, if classes and features are the same.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    coef_ : ndarray or Tensor of shape (1, n_features) or (n_classes, n_features)
    intercept_ : ndarray or Tensor of shape (1,) or (n_classes,); 0.0 without one
    error_ : float
        √(excess / objective).
    n_iter_ : int
    history_ : train.History
        "train_loss" is the objective, after every 20 steps.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Warns
    -----
    ConvergenceWarning
        If ``error_`` is above ``tol``.

    Notes
    -----
    A step takes two passes over X, O(n d k) time, in blocks of 4 MiB; X may be a memory-map or
    sparse. Memory beyond X: some tables of n × k numbers. All arithmetic is float64, results have
    the dtype of X. Features are centred and scaled inside, which changes no result but the number
    of steps. Nothing is random.

    References
    ----------
    .. [1] D. C. Liu and J. Nocedal, "On the limited memory BFGS method for large scale
       optimization", Mathematical Programming 45, 1989, doi:10.1007/BF01589116.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import SoftmaxRegression
    >>> X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    >>> model = SoftmaxRegression().fit(X, ["low", "low", "high", "high"])
    >>> model.predict([[1.5]]), model.predict_proba([[0.0]]).round(3)
    (array(['high'], dtype='<U4'), array([[0.5, 0.5]]))
    """

    def __init__(
        self,
        *,
        C: float = 1.0,
        fit_intercept: bool = True,
        tol: float = 1e-4,
        max_iter: int = 1000,
        class_weight: Any = None,
        warm_start: bool = False,
    ) -> None:
        self.C = C
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.max_iter = max_iter
        self.class_weight = class_weight
        self.warm_start = warm_start

    def predict_proba(self, X: Any) -> Any:
        """Probabilities of the classes.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_queries, n_classes)
            Columns as in ``classes_``; rows sum to one.
        """
        return self._log_probabilities(X, exponential=True)

    def predict_log_proba(self, X: Any) -> Any:
        """Logarithms of `predict_proba`, finite also where that is zero.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_queries, n_classes)
        """
        return self._log_probabilities(X, exponential=False)

    def _log_probabilities(self, X: Any, *, exponential: bool) -> Any:
        check_is_fitted(self)
        rows, scores = self._scores(X)
        if scores.shape[1] == 1:
            scores = torch.cat([torch.zeros_like(scores), scores], dim=1)
        return rows.give(scores.softmax(1) if exponential else scores.log_softmax(1))

    def _loss(self, labels: Labels, weights: Tensor) -> tuple[Loss, float]:
        return Softmax(labels.codes, len(labels.classes), weights), 0.0
