"""RidgeCV: the penalty chosen by leave-one-out errors, with scikit-learn's interface."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from sklearn.metrics import check_scoring, get_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from torch import Tensor

from gramian._input import all_or_nothing
from gramian._validation import check_choice
from gramian.linear._leave_one_out import loo_errors
from gramian.linear._model import LinearModel
from gramian.linear._problem import Problem, pose
from gramian.linear._ridge import Ridge
from gramian.linear._scoring import Said, as_grid, on_cpu, routing
from gramian.linear._spectrum import eigen_spectrum, singular_spectrum

__all__ = ["RidgeCV"]


class RidgeCV(LinearModel):
    """Ridge regression with the penalty that predicts left-out rows best.

    Takes the place of ``sklearn.linear_model.RidgeCV``: same parameters, defaults, attributes and
    methods, for NumPy arrays, data frames, memory-maps, sparse matrices and tensors on any device.

    Parameters
    ----------
    alphas : float or array-like of shape (n_alphas,), default=(0.1, 1.0, 10.0)
        Penalties to try; positive, or zero too where ``cv`` is given. The first of equals wins.
    fit_intercept : bool, default=True
    scoring : str or callable, optional
        A scorer of scikit-learn, or one with its signature. None: the negative mean squared error
        (weighted) of the left-out rows, or R² where ``cv`` is given.
    cv : int, splitter or iterable of splits, optional
        None leaves out one row at a time. Otherwise scikit-learn's ``GridSearchCV`` runs.
    gcv_mode : {"auto", "svd", "eigen"}, optional
        What is decomposed, once for all penalties. "eigen": XᵀX or X Xᵀ, whichever is smaller.
        "svd": the triangle of a Householder factorisation, slower, for penalties so small that
        squared condition numbers matter; sparse X warns and takes "eigen", as in scikit-learn.
        None and "auto" are "eigen".
    store_cv_results : bool, default=False
        Only without ``cv``.
    alpha_per_target : bool, default=False
        A penalty of its own for each target. Only without ``cv``.

    Attributes
    ----------
    alpha_ : float, or ndarray of shape (n_targets,) with ``alpha_per_target``
    best_score_ : float, or ndarray of shape (n_targets,) with ``alpha_per_target``
    cv_results_ : ndarray or Tensor of shape (n_samples, n_alphas) or \
(n_samples, n_targets, n_alphas)
        Squared errors of the left-out rows times their weights; with ``scoring``, their
        predictions. Only with ``store_cv_results``.
    coef_ : ndarray or Tensor of shape (n_features,) or (n_targets, n_features)
    intercept_ : float, 0-d Tensor, or ndarray or Tensor of shape (n_targets,)
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    With k = min(n, d), leaving one out takes O(n d k + k³) time for the decomposition and
    O(n k) for each penalty, and O(k²) memory beyond X, read in blocks; the errors of all rows are
    kept only where ``scoring`` or ``store_cv_results`` wants them, or where d ≥ n. Sparse X is
    read in dense blocks, never as a whole. All arithmetic is float64. Without ``scoring`` a row
    counts by its weight. With ``cv``, tensors are searched as NumPy arrays, then fitted where they
    are.

    References
    ----------
    .. [1] R. Rifkin and R. Lippert, "Notes on regularized least squares", MIT-CSAIL-TR-2007-025.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import RidgeCV
    >>> X = np.linspace(-1.0, 1.0, 20)[:, None]
    >>> RidgeCV(alphas=[1e-3, 1.0, 1e3]).fit(X, 3.0 * X[:, 0]).alpha_
    0.001
    """

    alpha_: Any
    best_score_: Any
    cv_results_: Any

    def __init__(
        self,
        alphas: Any = (0.1, 1.0, 10.0),
        *,
        fit_intercept: bool = True,
        scoring: Any = None,
        cv: Any = None,
        gcv_mode: str | None = None,
        store_cv_results: bool = False,
        alpha_per_target: bool = False,
    ) -> None:
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.gcv_mode = gcv_mode
        self.store_cv_results = store_cv_results
        self.alpha_per_target = alpha_per_target

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> RidgeCV:
        """Choose the penalty and find the coefficients.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
        y : array-like or Tensor of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : float, array-like or Tensor of shape (n_samples,), optional
            Not negative and not all zero; also passed to the scorer.
        **params : dict
            More for the scorer, with scikit-learn's metadata routing switched on.

        Returns
        -------
        RidgeCV
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, y, weights or a parameter do not fit, or a number is not finite.
        MemoryBudgetError
            If the decomposition does not fit the memory budget.
        """
        caller = "RidgeCV.fit"
        for name in ("fit_intercept", "store_cv_results", "alpha_per_target"):
            check_choice(getattr(self, name), name, caller, (True, False))
        check_choice(self.gcv_mode, "gcv_mode", caller, (None, "auto", "svd", "eigen"))
        ridges = as_grid(self.alphas, zero_too=self.cv is not None)
        if params and not routing():
            raise ValueError(
                f"{caller}: params must be empty, got {sorted(params)}. Parameters for the scorer "
                "need sklearn.set_config(enable_metadata_routing=True)."
            )
        with all_or_nothing(self):
            if hasattr(self, "cv_results_"):
                del self.cv_results_
            if self.cv is None:
                self._leave_one_out(X, y, sample_weight, ridges, params)
            else:
                self._search(X, y, sample_weight, ridges, params)
        return self

    def _leave_one_out(
        self, X: Any, y: Any, sample_weight: Any, ridges: list[float], params: dict[str, Any]
    ) -> None:
        """Score each penalty by the rows that it did not see; keep the best."""
        problem = pose(self, X, y, sample_weight, fit_intercept=bool(self.fit_intercept))
        design = problem.design
        design.check_budget("RidgeCV.fit")
        by_svd = self.gcv_mode == "svd"
        if by_svd and design.rows.sparse:
            warnings.warn(
                "RidgeCV.fit: gcv_mode must be 'eigen' or None for sparse X. "
                "The 'svd' mode is not supported for sparse X; 'eigen' runs instead.",
                FutureWarning,
                stacklevel=3,
            )
            by_svd = False
        decompose = singular_spectrum if by_svd else eigen_spectrum
        spectrum = decompose(design, problem.target)
        total, shape = torch.zeros_like(problem.mean)[:, None], (*problem.raw.shape, len(ridges))
        keep = self.store_cv_results or self.scoring is not None
        kept = problem.raw.new_empty(shape) if keep else None
        for span, errors in loo_errors(problem, spectrum, ridges):
            squares = errors.square()
            if problem.weights is not None:
                squares *= problem.weights[span, None, None]
            total = total + squares.sum(0)
            if kept is not None:
                wanted = squares if self.scoring is None else problem.raw[span, :, None] - errors
                kept[span] = wanted
        scores = -total / len(problem.raw)  # (t, alphas)
        if self.scoring is not None and kept is not None:
            scores = self._scores(problem, kept, params)
        elif not self.alpha_per_target:
            scores = scores.mean(0, keepdim=True)
        # argmax takes the first of equals
        best = scores.argmax(1)
        chosen = torch.tensor(ridges, dtype=torch.float64)[best.cpu()]
        best_scores = scores.gather(1, best[:, None])[:, 0].cpu().numpy()
        if self.alpha_per_target and len(problem.mean) > 1:
            self.alpha_, self.best_score_ = chosen.numpy(), best_scores
        else:
            self.alpha_, self.best_score_ = float(chosen[0]), float(best_scores[0])
        self._keep(problem, spectrum.solve(chosen.to(spectrum.values)), one_is_flat=True)
        if kept is not None and self.store_cv_results:
            kept = kept[:, 0] if problem.flat else kept
            self.cv_results_ = design.rows.give(kept.to(design.rows.dtype))

    def _scores(self, problem: Problem, predictions: Tensor, params: dict[str, Any]) -> Tensor:
        """What the scorer says to the predictions, (1, alphas), or (t, alphas) for each target."""
        scorer = self._scorer()
        weights = None if problem.weights is None else problem.weights.cpu().numpy()
        if weights is not None:
            params = {**params, "sample_weight": weights}
        if routing():
            params = process_routing(self, "fit", **params).scorer.score
        said, true = predictions.cpu().numpy(), problem.raw.cpu().numpy()
        columns: list[Any] = [0] if problem.flat else [slice(None)]
        if self.alpha_per_target:
            columns = list(range(true.shape[1]))
        scores = [
            [
                scorer(Said(), said[:, column, alpha], true[:, column], **params)
                for alpha in range(said.shape[2])
            ]
            for column in columns
        ]
        return torch.tensor(scores, dtype=torch.float64, device=predictions.device)

    def _search(
        self, X: Any, y: Any, sample_weight: Any, ridges: list[float], params: dict[str, Any]
    ) -> None:
        """Choose by scikit-learn's grid search."""
        for name in ("store_cv_results", "alpha_per_target"):
            if getattr(self, name):
                raise ValueError(
                    f"RidgeCV.fit: cv!=None and {name}=True are incompatible. Set one of them to "
                    "its default."
                )
        model = Ridge(fit_intercept=self.fit_intercept)
        if sample_weight is not None:
            params = {**params, "sample_weight": on_cpu(sample_weight)}
        if routing():
            model.set_fit_request(sample_weight=True)
        search = GridSearchCV(model, {"alpha": ridges}, cv=self.cv, scoring=self._scorer())
        search.fit(on_cpu(X), on_cpu(y), **params)
        best = search.best_estimator_
        if isinstance(X, Tensor):
            best = best.fit(X, y, sample_weight)
        self.alpha_, self.best_score_ = best.alpha, float(search.best_score_)
        for name in ("coef_", "intercept_", "n_features_in_", "feature_names_in_"):
            if hasattr(best, name):
                setattr(self, name, getattr(best, name))

    def get_metadata_routing(self) -> MetadataRouter:
        """Who gets which metadata; see scikit-learn's guide on metadata routing."""
        return (
            MetadataRouter(owner=self)
            .add_self_request(self)
            .add(
                scorer=self._scorer(),
                method_mapping=MethodMapping().add(caller="fit", callee="score"),
            )
            .add(
                splitter=self.cv,
                method_mapping=MethodMapping().add(caller="fit", callee="split"),
            )
        )

    def _scorer(self) -> Any:
        """The scorer in force; it asks for weights where the user did not choose it."""
        if routing() and self.scoring is None:
            return get_scorer("r2").set_score_request(sample_weight=True)
        return check_scoring(self, scoring=self.scoring, allow_none=True)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
