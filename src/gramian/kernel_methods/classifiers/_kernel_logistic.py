"""KernelLogisticRegression: class probabilities on the lazy kernel matrix."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._input import take_rows
from gramian._validation import check_choice
from gramian.kernel_methods.classifiers._classification import Problem
from gramian.kernel_methods.classifiers._kernel_classifier import KernelClassifier

__all__ = ["KernelLogisticRegression"]


class KernelLogisticRegression(KernelClassifier):
    """Logistic regression in a kernel's function space by truncated Newton steps.

    Minimises ½‖f‖² + C Σ_i w_i log(1 + exp(−y_i (f(x_i) + b))) over functions f of the kernel's
    space and an intercept b that is not penalised; for more than two classes the multinomial
    cross-entropy of one function per class, or one class against the rest.

    Parameters
    ----------
    C : float, default=1.0
        Positive; the weight of the loss against ½‖f‖².
    kernel : str, PairFunction or callable, default="rbf"
        As in `KernelSVC`.
    degree : int, default=3
    gamma : {"scale", "auto"} or float, default="scale"
    coef0 : float, default=0.0
    multi_class : {"multinomial", "ovr"}, default="multinomial"
        For more than two classes.
    tol : float, default=1e-5
        For the duality gap relative to the objective.
    max_iter : int, default=1000
        Most Newton steps on the kernel matrix.
    fit_intercept : bool, default=True
    class_weight : dict, "balanced" or None, default=None
    warm_start : bool, default=False
    random_state : int, generator or None, default=None
    bandwidth : float, Tensor or None, default=None
        In place of ``gamma``, in the unit of X.
    solver : {"newton", "nystroem"}, default="newton"
    rank : int or None, default=None
        Both as in `KernelSVC`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    support_ : ndarray or Tensor of shape (n_support,), int64
        Rows of positive weight: each of them has a coefficient.
    support_vectors_ : ndarray, sparse matrix or Tensor of shape (n_support, n_features)
    n_support_ : ndarray of shape (n_classes,), int32
    dual_coef_ : ndarray or Tensor of shape (1, n_support) or (n_classes, n_support), float64
    intercept_ : ndarray or Tensor of shape (1,) or (n_classes,), float64
        Their mean is zero for "multinomial".
    gap_ : float
        Duality gap over objective, as in `KernelSVC`.
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
    A Newton step solves its system by preconditioned conjugate gradients; classes are right-hand
    sides of the same kernel products, and for "multinomial" the system couples them. The kernel
    matrix is kept where half of the memory budget holds it, else each iteration is a pass.
    With a kernel of finite features the solution is that of
    ``sklearn.linear_model.LogisticRegression`` on these features.

    References
    ----------
    .. [1] G. Wahba, "Support vector machines, reproducing kernel Hilbert spaces, and randomized
       GACV", in Advances in Kernel Methods, MIT Press, 1999.
    .. [2] S. S. Keerthi, K. B. Duan, S. K. Shevade, A. N. Poo, "A fast dual algorithm for kernel
       logistic regression", Machine Learning 61, 2005, doi:10.1007/s10994-005-0768-5.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import KernelLogisticRegression
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> model = KernelLogisticRegression(random_state=0).fit(X, ["a", "a", "b", "b"])
    >>> model.predict([[0.5], [2.5]])
    array(['a', 'b'], dtype='<U1')
    >>> model.predict_proba([[1.5]]).round(3)
    array([[0.5, 0.5]])
    """

    def __init__(
        self,
        *,
        C: float = 1.0,
        kernel: Any = "rbf",
        degree: int = 3,
        gamma: Any = "scale",
        coef0: float = 0.0,
        multi_class: str = "multinomial",
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
        self.multi_class = multi_class
        self.tol = tol
        self.max_iter = max_iter
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.random_state = random_state
        self.bandwidth = bandwidth
        self.solver = solver
        self.rank = rank

    def predict_proba(self, X: Any) -> Any:
        """Probabilities of the classes; "ovr" divides those of each class by their sum.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_queries, n_classes)
        """
        return self._probabilities(X, logarithm=False)

    def predict_log_proba(self, X: Any) -> Any:
        """Logarithms of the probabilities, finite where these round to zero.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_queries, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_queries, n_classes)
        """
        return self._probabilities(X, logarithm=True)

    def _probabilities(self, X: Any, *, logarithm: bool) -> Any:
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        z = self._decisions(rows)
        if z.shape[1] == 1:
            logs = torch.nn.functional.logsigmoid(torch.cat([-z, z], 1))
        elif self.multi_class == "ovr":
            logs = torch.nn.functional.logsigmoid(z)
            logs = logs - torch.logsumexp(logs, 1, keepdim=True)
        else:
            logs = torch.log_softmax(z, 1)
        return rows.give(logs if logarithm else logs.exp())

    def _problem(self, codes: Tensor, n_classes: int, weights: Tensor) -> Problem:
        caller = "KernelLogisticRegression.fit"
        check_choice(self.multi_class, "multi_class", caller, ("multinomial", "ovr"))
        positive = torch.arange(1 if n_classes == 2 else 0, n_classes, device=codes.device)
        is_class = codes[:, None] == positive
        fit_intercept = bool(self.fit_intercept)
        if n_classes > 2 and self.multi_class == "multinomial":
            return Problem("softmax", is_class.double(), weights[:, None], fit_intercept)
        signs = torch.where(is_class, 1.0, -1.0).double()
        return Problem("logistic", signs, weights[:, None], fit_intercept)
