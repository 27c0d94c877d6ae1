"""KernelSVC: support vector machines on the lazy kernel matrix."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gramian._validation import check_choice
from gramian.kernel_methods.classifiers._classification import Problem
from gramian.kernel_methods.classifiers._kernel_classifier import KernelClassifier

__all__ = ["KernelSVC"]


class KernelSVC(KernelClassifier):
    """Support vector classification by Newton's method, with the squared hinge or the hinge.

    Minimises ½‖f‖² + C Σ_i w_i max(0, 1 − y_i (f(x_i) + b))², or without the square, over functions
    f of the kernel's space and an intercept b that is not penalised. More than two classes are
    fitted one against the rest, all with the same kernel products.

    Parameters
    ----------
    C : float, default=1.0
        Positive; the weight of the loss against ½‖f‖².
    kernel : str, PairFunction or callable, default="rbf"
        "linear", "poly", "rbf", "sigmoid", "laplacian", "chi2", "cosine", "additive_chi2" or
        "precomputed"; any `gramian.PairFunction`; or a function of two tables that returns the
        kernel between their rows. It must be positive semi-definite.
    degree : int, default=3
        Of the polynomial kernel.
    gamma : {"scale", "auto"} or float, default="scale"
        "scale" is 1 / (n_features · variance of X), "auto" is 1 / n_features.
    coef0 : float, default=0.0
        Constant of "poly" and "sigmoid".
    loss : {"squared_hinge", "hinge"}, default="squared_hinge"
        "hinge" gives the machine of ``sklearn.svm.SVC``.
    tol : float, default=1e-5
        For the duality gap relative to the objective P: decision values err by at most
        √(2 tol P k(x, x)), intercept aside, and by far less as a rule. Up to 512 rows a solution
        is taken down to rounding.
    max_iter : int, default=1000
        Most Newton steps on the kernel matrix.
    fit_intercept : bool, default=True
    class_weight : dict, "balanced" or None, default=None
        Multiplies C for the rows of a class.
    warm_start : bool, default=False
        Begin at the coefficients of the fit before, for the same rows.
    random_state : int, generator or None, default=None
        Draws the pivots of the preconditioner. Solutions for other draws agree within ``tol``.
    bandwidth : float, Tensor or None, default=None
        In place of ``gamma``, in the unit of X, or one per feature. Not in scikit-learn.
    solver : {"newton", "nystroem"}, default="newton"
        "newton" finds the machine itself. "nystroem" restricts it to functions of ``rank`` rows,
        drawn by pivoted Cholesky: O(n_samples rank²) time, and predictions from that many rows.
        It begins anew whatever ``warm_start`` says. Not in scikit-learn.
    rank : int or None, default=None
        Of the preconditioner, or the number of rows of "nystroem"; at most what the memory budget
        holds. By default all rows up to 512, and 5 √n_samples from 10 000. Not in scikit-learn.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    support_ : ndarray or Tensor of shape (n_support,), int64
        Rows with a coefficient that is not zero, rising.
    support_vectors_ : ndarray, sparse matrix or Tensor of shape (n_support, n_features)
        Those rows; (0, 0) for "precomputed".
    n_support_ : ndarray of shape (n_classes,), int32
        How many of them have each class.
    dual_coef_ : ndarray or Tensor of shape (1, n_support) or (n_classes, n_support), float64
        Coefficients with the sign of the label.
    intercept_ : ndarray or Tensor of shape (1,) or (n_classes,), float64
    gap_ : float
        Duality gap over objective, the largest among the classes. Steps of float32 products move
        it by 1e-8 at most; below that everything is float64.
    n_iter_ : int
        Newton steps, those on the low-rank approximation included.
    passes_ : float
        Entries of the kernel matrix that were computed, in units of n_samples².
    rank_ : int
        Rank of the preconditioner, or rows of "nystroem".
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Warns
    -----
    ConvergenceWarning
        If ``gap_`` is above ``tol``.

    Notes
    -----
    A Newton step solves a system on the support vectors by preconditioned conjugate gradients; the
    preconditioner is a randomly pivoted Cholesky factor, on which the first steps are made too. A
    step costs a pass over the columns that change, O(n d) time each, and the systems; the block of
    the support vectors is kept where half of the memory budget (`gramian.config`) holds it. With
    more than 64 features the whole matrix is kept in float32 where such a half does.
    Memory beyond X is the budget, a copy of X in another precision and some tens of numbers per row
    and class. The function is computed in float64 whatever X is. Where every support vector of the
    hinge is at a bound, the intercept is not unique: the middle of its interval is taken. With the
    linear kernel and an intercept, rows are measured from their mean.

    References
    ----------
    .. [1] O. Chapelle, "Training a support vector machine in the primal", Neural Computation 19(5),
       2007, doi:10.1162/neco.2007.19.5.1155.
    .. [2] R. T. Rockafellar, "Monotone operators and the proximal point algorithm", SIAM J. Control
       Optim. 14(5), 1976, doi:10.1137/0314056.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import KernelSVC
    >>> X = np.array([[-1.0, -1.0], [-2.0, -1.0], [1.0, 1.0], [2.0, 1.0]])
    >>> model = KernelSVC(random_state=0).fit(X, [1, 1, 2, 2])
    >>> model.predict([[-0.8, -1.0]])
    array([1])
    """

    def __init__(
        self,
        *,
        C: float = 1.0,
        kernel: Any = "rbf",
        degree: int = 3,
        gamma: Any = "scale",
        coef0: float = 0.0,
        loss: str = "squared_hinge",
        tol: float = 1e-5,
        max_iter: int = 1000,
        fit_intercept: bool = True,
        class_weight: Any = None,
        warm_start: bool = False,
        random_state: Any = None,
        bandwidth: Any = None,
        solver: str = "newton",
        rank: int | None = None,
    ) -> None:
        self.C = C
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.loss = loss
        self.tol = tol
        self.max_iter = max_iter
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.random_state = random_state
        self.bandwidth = bandwidth
        self.solver = solver
        self.rank = rank

    def _problem(self, codes: Tensor, n_classes: int, weights: Tensor) -> Problem:
        check_choice(self.loss, "loss", "KernelSVC.fit", ("squared_hinge", "hinge"))
        positive = torch.arange(1 if n_classes == 2 else 0, n_classes, device=codes.device)
        signs = torch.where(codes[:, None] == positive, 1.0, -1.0).double()
        return Problem(self.loss, signs, weights[:, None], bool(self.fit_intercept))
