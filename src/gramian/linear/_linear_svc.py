"""LinearSVC: linear support vector machines, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gramian._labels import Labels
from gramian._validation import check_choice, check_real
from gramian.linear._classifier import LinearClassifier
from gramian.linear._losses import Hinge, Loss, SquaredHinge

__all__ = ["LinearSVC"]


class LinearSVC(LinearClassifier):
    """Linear classification by the squared hinge or the hinge, on the loop of `gramian.train`.

    Takes the place of ``sklearn.svm.LinearSVC``: same parameters, defaults, attributes and
    objective, ½‖w‖² + ½ (b / intercept_scaling)² + C Σ_i w_i max(0, 1 − y_i (x_i · w + b))², or
    without the last square. More than two classes are fitted one against the rest.

    Parameters
    ----------
    penalty : {"l2"}, default="l2"
    loss : {"squared_hinge", "hinge"}, default="squared_hinge"
    dual : {"auto"} or bool, default="auto"
        Accepted for compatibility: there is one algorithm.
    tol : float, default=1e-4
        The duality gap is at most ``tol**2`` times the objective.
    C : float, default=1.0
        Positive; the weight of the loss against ½‖w‖².
    multi_class : {"ovr"}, default="ovr"
    fit_intercept : bool, default=True
    intercept_scaling : float, default=1.0
        Positive; the larger, the less the intercept is penalised.
    class_weight : dict, "balanced" or None, default=None
        Multiplies C for the rows of a class.
    verbose : int, default=0
        Accepted for compatibility: `fit` takes callbacks.
    random_state : ignored
        Nothing here is random.
    max_iter : int, default=1000
        Most steps.
    warm_start : bool, default=False
        Begin at the coefficients of the fit before, if classes and features are the same. Not in
        scikit-learn.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    coef_ : ndarray or Tensor of shape (1, n_features) or (n_classes, n_features)
    intercept_ : ndarray or Tensor of shape (1,) or (n_classes,); 0.0 without one
    error_ : float
        √(duality gap / objective), the largest among the classes.
    n_iter_ : int
    history_ : train.History
        "train_loss" is the objective; for the hinge, of the smooth stand-in in force.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Warns
    -----
    ConvergenceWarning
        If ``error_`` is above ``tol``.

    Notes
    -----
    Newton's method with an exact search along each direction: some ten steps for the squared
    hinge. The hinge is made smooth about multipliers that follow the solution (the method of
    multipliers), which takes some ten rounds of that. A step takes O(n d k) time, O(a d²) for the
    a rows in which the loss bends, and O(d³) for each class; memory beyond X is 16 d² bytes and
    some tables of n × k numbers. Where d² does not fit the memory budget (`gramian.config`),
    L-BFGS runs instead. X is read in blocks and may be a memory-map or sparse. All arithmetic is
    float64, results have the dtype of X.

    References
    ----------
    .. [1] O. L. Mangasarian, "A finite Newton method for classification", Optimization Methods and
       Software 17(5), 2002, doi:10.1080/1055678021000028375.
    .. [2] R. T. Rockafellar, "Augmented Lagrangians and applications of the proximal point
       algorithm in convex programming", Mathematics of Operations Research 1(2), 1976,
       doi:10.1287/moor.1.2.97.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import LinearSVC
    >>> X = np.array([[-1.0, -1.0], [-2.0, -1.0], [1.0, 1.0], [2.0, 1.0]])
    >>> LinearSVC(loss="hinge").fit(X, [1, 1, 2, 2]).predict([[-0.8, -1.0]])
    array([1])
    """

    def __init__(
        self,
        penalty: str = "l2",
        loss: str = "squared_hinge",
        *,
        dual: Any = "auto",
        tol: float = 1e-4,
        C: float = 1.0,
        multi_class: str = "ovr",
        fit_intercept: bool = True,
        intercept_scaling: float = 1.0,
        class_weight: Any = None,
        verbose: int = 0,
        random_state: Any = None,
        max_iter: int = 1000,
        warm_start: bool = False,
    ) -> None:
        self.penalty = penalty
        self.loss = loss
        self.dual = dual
        self.tol = tol
        self.C = C
        self.multi_class = multi_class
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.verbose = verbose
        self.random_state = random_state
        self.max_iter = max_iter
        self.warm_start = warm_start

    def _loss(self, labels: Labels, weights: Tensor) -> tuple[Loss, float]:
        caller = "LinearSVC.fit"
        check_choice(self.penalty, "penalty", caller, ("l2",))
        check_choice(self.loss, "loss", caller, ("squared_hinge", "hinge"))
        check_choice(self.dual, "dual", caller, ("auto", True, False))
        check_choice(self.multi_class, "multi_class", caller, ("ovr",))
        scaling = check_real(
            self.intercept_scaling, "intercept_scaling", caller, low=0, low_open=True
        )
        k = len(labels.classes)
        own = torch.arange(1 if k == 2 else 0, k, device=weights.device)
        signs = torch.where(labels.codes[:, None] == own, 1.0, -1.0).double()
        kind = SquaredHinge if self.loss == "squared_hinge" else Hinge
        return kind(signs, weights), scaling**-2
