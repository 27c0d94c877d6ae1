"""What the linear classifiers share: their border, the path over C, and decisions."""

from __future__ import annotations

import copy
import warnings
from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian import _config
from gramian._arrays import wrap
from gramian._input import Rows, all_or_nothing, take_rows
from gramian._labels import Labels, take_labels, take_row_weights
from gramian._validation import check_choice, check_int, check_real
from gramian.linear._descent import Descent, Lbfgs, Newton, StopWhenDone
from gramian.linear._design import Design
from gramian.linear._losses import Loss, Margin
from gramian.linear._objective import Objective
from gramian.linear._problem import mean_of
from gramian.train._callback import Callback
from gramian.train._history import History
from gramian.train._trainer import Trainer

__all__ = ["LinearClassifier"]


class LinearClassifier(ClassifierMixin, BaseEstimator):
    """Base of the linear classifiers: scores x · coef_ + intercept_, trained by `train.Trainer`."""

    C: float
    fit_intercept: bool
    tol: float
    max_iter: int
    class_weight: Any
    warm_start: bool

    n_features_in_: int
    feature_names_in_: np.ndarray
    classes_: np.ndarray
    coef_: Any
    intercept_: Any
    history_: History

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, callbacks: Sequence[Callback] = ()
    ) -> Self:
        """Find the coefficients.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
        y : array-like or Tensor of shape (n_samples,)
            Class labels: numbers or texts.
        sample_weight : float, array-like or Tensor of shape (n_samples,), optional
            Multiplies C; not negative. An integer is worth as many equal rows.
        callbacks : sequence of train.Callback, default=()
            Follow the run; each epoch is one step on all rows. They may stop it.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If X, y, weights or a parameter do not fit, or there is only one class.
        """
        with all_or_nothing(self):
            self._fit_path(X, y, [self.C], sample_weight, callbacks, "fit", into=[self])
        return self

    def path(self, X: Any, y: Any, Cs: Sequence[float], sample_weight: Any = None) -> list[Self]:
        """Fitted models for several C, each begun at the one of the next smaller C.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        Cs : sequence of float
            Positive, in any order.

        Returns
        -------
        list of the estimator's own class
            One model for each C, in the order of ``Cs``.
        """
        models = [copy.copy(self) for _ in Cs]
        for model, C in zip(models, Cs, strict=True):
            model.C = C
        asked = copy.copy(self)  # it notes the features of X
        asked._fit_path(X, y, list(Cs), sample_weight, (), "path", into=models)
        return models

    def decision_function(self, X: Any) -> Any:
        """Scores of rows.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_queries,), or (n_queries, n_classes) for more than two classes
            Positive values speak for ``classes_[1]``, or for the class of the column.
        """
        rows, found = self._scores(X)
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
        rows, found = self._scores(X)
        codes = (found[:, 0] > 0).long() if found.shape[1] == 1 else found.argmax(1)
        if rows.form.numpy or self.classes_.dtype.kind not in "biuf":
            return self.classes_[codes.cpu().numpy()]
        return torch.from_numpy(self.classes_).to(rows.device)[codes]

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
            array.detach().cpu().numpy() if isinstance(array, Tensor) else array
            for array in (y, self.predict(X), sample_weight)
        )
        return float(accuracy_score(true, predicted, sample_weight=weights))

    # ------------------------------------------------------------------ inside

    @abstractmethod
    def _loss(self, labels: Labels, weights: Tensor) -> tuple[Loss, float]:
        """The loss of the rows, and the factor of ½ b² if there is an intercept."""

    def _fit_path(
        self,
        X: Any,
        y: Any,
        Cs: list[Any],
        sample_weight: Any,
        callbacks: Sequence[Callback],
        method: str,
        *,
        into: Sequence[Self],
    ) -> None:
        """Fit the models of ``into``, one for each C."""
        caller = f"{type(self).__name__}.{method}"
        sizes = [check_real(C, "C", caller, low=0, low_open=True) for C in Cs]
        tol = check_real(self.tol, "tol", caller, low=0, low_open=True)
        max_iter = check_int(self.max_iter, "max_iter", caller, low=0)
        for name in ("fit_intercept", "warm_start"):
            check_choice(getattr(self, name), name, caller, (True, False))
        rows = take_rows(self, X, reset=True)
        labels = take_labels(rows, y, caller)
        weights = take_row_weights(rows, labels, sample_weight, self.class_weight, caller)
        offset = torch.zeros(rows.shape[1], dtype=torch.float64, device=rows.device)
        if self.fit_intercept:
            offset = mean_of(rows, weights / weights.sum())
        design = Design(rows, offset, None, centred=bool(self.fit_intercept))
        start = self._previous(labels, rows) if self.warm_start else None
        for place in sorted(range(len(sizes)), key=sizes.__getitem__):
            loss, penalty = self._loss(labels, sizes[place] * weights)
            own = Newton if isinstance(loss, Margin) and _fits(rows) else Lbfgs
            objective = Objective(
                design,
                loss,
                sizes[place] * weights,
                penalty if self.fit_intercept else None,
                partial(own, tol=tol, max_iter=max_iter),
            )
            if start is not None:
                objective.begin_at(*start)
            descent, history = _train(objective, max_iter, callbacks)
            if descent.error > tol:
                _warn(descent, tol, caller)
            start = objective.solution()
            into[place]._keep(self, rows, labels, objective, descent, history)

    def _keep(
        self,
        asked: Self,
        rows: Rows,
        labels: Labels,
        objective: Objective,
        descent: Descent,
        history: History,
    ) -> None:
        """Store a solution; ``asked`` is the estimator that has seen X."""
        W, b = objective.solution()
        self.n_features_in_ = asked.n_features_in_
        if hasattr(asked, "feature_names_in_"):
            self.feature_names_in_ = asked.feature_names_in_
        self.classes_ = labels.classes
        self.coef_ = rows.give(W.T.to(rows.dtype).contiguous())
        self.intercept_ = rows.give(b.to(rows.dtype)) if self.fit_intercept else 0.0
        self.error_, self.n_iter_, self.history_ = descent.error, descent.n_iter, history

    def _previous(self, labels: Labels, rows: Rows) -> tuple[Tensor, Tensor] | None:
        """Where a fit before ended, if this one may begin there."""
        if not hasattr(self, "coef_") or not np.array_equal(self.classes_, labels.classes):
            return None
        W = _as_tensor(self.coef_, rows).T
        if len(W) != rows.shape[1]:
            return None
        b = _as_tensor(self.intercept_, rows).expand(W.shape[1])
        return W, b if self.fit_intercept else torch.zeros_like(b)

    def _scores(self, X: Any) -> tuple[Rows, Tensor]:
        """The rows, and their scores (m, 1) for two classes, else (m, k)."""
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        W, b = _as_tensor(self.coef_, rows).T, _as_tensor(self.intercept_, rows)
        design = Design(rows, W.new_zeros(len(W)), None, centred=False)
        return rows, (design.product(W) + b).to(rows.dtype)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class _AllRows:
    """Data of a run whose module holds the rows itself: one batch per epoch."""

    def __init__(self, n: int, like: Tensor) -> None:
        self.batch = (like.new_zeros(1).expand(n),)

    def train_dataloader(self) -> list[tuple[Tensor, ...]]:
        """One batch, which only says how many rows there are."""
        return [self.batch]

    def val_dataloader(self) -> None:
        """Nothing is held back."""


def _train(
    objective: Objective, max_iter: int, callbacks: Sequence[Callback]
) -> tuple[Descent, History]:
    """Run the training loop until the optimiser is done."""
    # one epoch more, in which the last point is judged
    trainer = Trainer(max_iter + 1, board=False, callbacks=[StopWhenDone(), *callbacks])
    history = trainer.fit(objective, _AllRows(len(objective.design.rows), objective.units))
    return trainer.optim, history


def _fits(rows: Rows) -> bool:
    """Whether the second derivative stays inside the memory budget in force."""
    return Newton.bytes_needed(rows.shape[1]) <= _config.current().memory


def _as_tensor(stored: Any, rows: Rows) -> Tensor:
    """Stored coefficients in float64, where the rows are."""
    if not isinstance(stored, Tensor):
        stored = wrap(np.asarray(stored), "coefficients", "predict")
    return stored.to(device=rows.device, dtype=torch.float64)


def _warn(descent: Descent, tol: float, caller: str) -> None:
    warnings.warn(
        f"{caller}: the error must be at most tol={tol:g}, got {descent.error:.2g} after "
        f"{descent.n_iter} iterations. Raise max_iter or tol, lower C, or scale the features.",
        ConvergenceWarning,
        stacklevel=4,
    )
