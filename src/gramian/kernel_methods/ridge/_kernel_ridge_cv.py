"""KernelRidgeCV: ridge and bandwidth chosen together, for about the price of two fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor

from gramian._input import Rows, all_or_nothing, take_rows, take_weights
from gramian._validation import as_generator, check_choice, check_int
from gramian.kernel_methods.kernel._kernel import Kernel
from gramian.kernel_methods.kernel._model import KernelModel
from gramian.kernel_methods.kernel._profiles import PathTables
from gramian.kernel_methods.kernel._targets import take_targets
from gramian.kernel_methods.ridge._bandwidth_grid import bandwidth_grid
from gramian.kernel_methods.ridge._kernel_ridge import SOLVERS
from gramian.kernel_methods.ridge._path import Targets
from gramian.kernel_methods.ridge._search import Scored, Search, positive_numbers
from gramian.kernel_methods.ridge._system import RidgeSystem
from gramian.linalg import Callback
from gramian.pairwise import Laplacian

__all__ = ["KernelRidgeCV"]


class KernelRidgeCV(KernelModel):
    """Kernel ridge regression with the ridge and the bandwidth that predict left-out rows best.

    One factor of the kernel matrix serves all ridges, and where memory allows one table of
    distances serves all bandwidths. The best pair is then fitted as `KernelRidge` fits it.

    Parameters
    ----------
    alphas : float or array-like of shape (n_alphas,), default=(0.1, 1.0, 10.0)
        Ridges to try, positive. The first of equals wins.
    kernel, gamma, degree, coef0, kernel_params : see `KernelRidge`
    bandwidths : "auto", float or array-like of shape (n_bandwidths,), optional
        Bandwidths to try, for kernels that have one, in place of ``gamma``; see `KernelRidge` for
        what they mean. "auto" is the median distance of two rows times 1/4, 1/2, 1, 2 and 4.
    fit_intercept : bool, default=False
    scoring : str or callable, optional
        A scorer of scikit-learn. None: the negative mean squared error, weighted, over targets.
    cv : None, "gcv", int, splitter or iterable of splits, optional
        None leaves out one row at a time, by formula; "gcv" is generalised cross-validation, which
        needs no scorer; everything else is split as scikit-learn does it, and scores are means
        over the splits.
    method : {"auto", "eigen", "low-rank"}, default="auto"
        How the path is computed. "eigen": from all eigenvectors, exactly, in O(n³) time and 24 n²
        bytes. "low-rank": for the regression on ``rank`` landmarks, in O(n rank²); see
        ``path_error_``. "auto" is "eigen" up to 1000 rows, and where the kernel is indefinite.
    solver, tol, max_iter, callback : see `KernelRidge`
        Of the last fit.
    rank : int, optional
        Landmarks of the path, 5 √n and at least 256 if not given; and the ``rank`` of the last fit.
    random_state : None, int, numpy or torch generator
        For landmarks, a sample of rows for "auto", and the last fit.

    Attributes
    ----------
    alpha_ : float
    bandwidth_ : float or None
        None without ``bandwidths``.
    best_score_ : float
    cv_results_ : dict of ndarray of shape (n_bandwidths · n_alphas,)
        ``param_alpha``, ``param_bandwidth``, ``mean_test_score``, ``rank_test_score``, and
        ``path_rank``, the rank of the factor; bandwidth by bandwidth.
    loo_prediction_ : ndarray or Tensor of the shape of y, or None
        What each row was predicted by the best fit without it; NaN for rows of weight zero. None
        where ``cv`` is given.
    path_method_ : {"eigen", "low-rank"}
    path_error_ : float
        0 for "eigen". Else trace(K − F Fᵀ) / n over ``alpha_``: the part of a row's kernel that the
        landmarks leave out, beside the ridge. Scores are those of the full kernel where it is well
        below 1; where it is not, raise ``rank``.
    distance_passes_ : int
        How often the distances of all rows were computed for the path: 1 where they were held for
        all bandwidths, 0 where only the columns of landmarks were computed, for each bandwidth
        again, and the number of bandwidths where each took a pass.
    dual_coef_, X_fit_, intercept_, solver_, residual_, passes_, rank_, n_iter_
        Of the last fit, see `KernelRidge`.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Warns
    -----
    ConvergenceWarning
        If the last fit does not reach ``tol``.

    Notes
    -----
    Leaving row i out changes its residual from r_i to r_i / (1 − H_ii), so that no model is fitted
    twice; the intercept is part of H. A row of weight zero is left out of everything, a row of
    weight w > 1 counts as w rows of which one is left out. Predictions of left-out rows take
    8 n_samples n_targets n_alphas bytes.

    References
    ----------
    .. [1] R. Rifkin and R. Lippert, "Notes on regularized least squares", MIT-CSAIL-TR-2007-025.
    .. [2] G. H. Golub, M. Heath, G. Wahba, "Generalized cross-validation as a method for choosing a
       good ridge parameter", Technometrics 21(2), 1979.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import KernelRidgeCV
    >>> X = np.linspace(0, 6, 60)[:, None]
    >>> y = np.sin(X[:, 0]) + 0.1 * np.random.default_rng(0).normal(size=60)
    >>> model = KernelRidgeCV([1e-3, 0.1, 10.0], kernel="rbf", bandwidths=[0.1, 1.0, 10.0])
    >>> model = model.fit(X, y)
    >>> model.alpha_, model.bandwidth_
    (0.001, 1.0)
    """

    def __init__(
        self,
        alphas: Any = (0.1, 1.0, 10.0),
        *,
        kernel: Any = "linear",
        gamma: float | None = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[str, Any] | None = None,
        bandwidths: Any = None,
        fit_intercept: bool = False,
        scoring: Any = None,
        cv: Any = None,
        method: str = "auto",
        solver: str = "auto",
        tol: float | None = None,
        max_iter: int = 1000,
        rank: int | None = None,
        random_state: Any = None,
        callback: Callback | None = None,
    ) -> None:
        self.alphas = alphas
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.bandwidths = bandwidths
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.method = method
        self.solver = solver
        self.tol = tol
        self.max_iter = max_iter
        self.rank = rank
        self.random_state = random_state
        self.callback = callback

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> KernelRidgeCV:
        """Choose ridge and bandwidth, and find the coefficients.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
            With ``kernel="precomputed"`` the kernel matrix, (n_samples, n_samples), symmetric.
        y : array-like or Tensor of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : float, array-like or Tensor of shape (n_samples,), optional
            Not negative and not all zero; also passed to the scorer.

        Returns
        -------
        KernelRidgeCV
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, y, weights or a parameter do not fit, or a number is not finite.
        MemoryBudgetError
            If the path or the solver does not fit the memory budget.
        """
        caller = "KernelRidgeCV.fit"
        self._check_parameters(caller)
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True, min_samples=2)
            targets = take_targets(rows, y, caller)
            columns, weights = targets[:, None] if targets.ndim == 1 else targets, None
            if sample_weight is not None:
                weights = take_weights(rows, sample_weight, caller)
            generator = as_generator(self.random_state, caller)
            ridges = columns.new_tensor(positive_numbers(self.alphas, "alphas", caller))
            kernels = self._kernels(rows, generator, caller)
            counted = torch.ones_like(columns[:, 0]) if weights is None else weights
            counted = counted.nonzero()[:, 0]
            search = Search(
                Targets.of(columns, weights, fit_intercept=self.fit_intercept),
                counted,
                ridges,
                self.cv,
                self.scoring,
                weights is not None,
                self.method,
                self.rank,
                generator,
                caller,
            )
            whole = search.takes_the_whole_matrix(len(rows))
            tables = PathTables(rows, [kernel for _, kernel in kernels], hold=whole)
            scored = [search.score(table, rows.given) for table in tables]
            best = self._note(kernels, ridges, scored, tables.passes)
            self.loo_prediction_ = self._left_out_of(rows, counted, scored[best], targets)
            self._kernel = kernels[best][1]
            system = RidgeSystem.pose(
                self._kernel.table(rows, rows), columns, weights, fit_intercept=self.fit_intercept
            )
            chosen = torch.full_like(columns[0], self.alpha_)
            coefficients, intercepts, found = system.solve(
                chosen,
                caller,
                solver=self.solver,
                tol=self.tol,
                max_iter=self.max_iter,
                rank=None if self.rank is None else min(self.rank, len(rows)),
                generator=generator,
                callback=self.callback,
            )
            self._keep(rows, system, chosen, coefficients, intercepts, found, targets.ndim == 1)
        return self

    @staticmethod
    def _left_out_of(rows: Rows, counted: Tensor, scored: Scored, targets: Tensor) -> Any:
        """What the rows were predicted without themselves; NaN for rows that count for nothing."""
        if scored.predicted is None:
            return None
        found = torch.full_like(targets, torch.nan)
        found[counted] = scored.predicted.view(-1, *targets.shape[1:])
        return rows.give(found.to(rows.dtype))

    def _check_parameters(self, caller: str) -> None:
        """Whether the parameters are possible, alone and together."""
        check_choice(self.method, "method", caller, ("auto", "eigen", "low-rank"))
        check_choice(self.solver, "solver", caller, SOLVERS)
        check_choice(self.fit_intercept, "fit_intercept", caller, (True, False))
        check_int(self.max_iter, "max_iter", caller, low=1)
        if self.rank is not None:
            check_int(self.rank, "rank", caller, low=1)
        if isinstance(self.cv, str):
            check_choice(self.cv, "cv", caller, (None, "gcv", "an int", "a splitter"))
            if self.scoring is not None:
                raise ValueError(
                    f"{caller}: scoring must be None with cv='gcv', got {self.scoring!r}. "
                    "Generalised cross-validation is a score itself; leave one of them out."
                )
        if self.gamma is not None and self.bandwidths is not None:
            raise ValueError(
                f"{caller}: gamma must be None when bandwidths are given, got gamma={self.gamma!r} "
                f"and bandwidths={self.bandwidths!r}. Pass one of the two."
            )

    def _kernels(
        self, rows: Rows, generator: torch.Generator, caller: str
    ) -> list[tuple[float | None, Kernel]]:
        """Bandwidths and the kernels that have them."""
        base = self._described_kernel(rows.shape[1], caller)
        if self.bandwidths is None:
            return [(None, base)]
        if isinstance(self.bandwidths, str):
            check_choice(self.bandwidths, "bandwidths", caller, ("auto", "numbers"))
            manhattan = isinstance(base.pair, Laplacian) and base.pair.norm == "l1"
            widths = bandwidth_grid(rows, generator, caller, manhattan=manhattan)
        else:
            widths = positive_numbers(self.bandwidths, "bandwidths", caller)
        return [(width, base.at_bandwidth(width, caller)) for width in widths]

    def _note(
        self,
        kernels: list[tuple[float | None, Kernel]],
        ridges: Tensor,
        scored: list[Scored],
        passes: int,
    ) -> int:
        """Store the scores and the best of them; which kernel it is."""
        scores = torch.stack([each.scores for each in scored])
        scores = torch.where(scores.isnan(), -torch.inf, scores)
        best = divmod(int(scores.flatten().argmax()), len(ridges))
        flat = scores.flatten().cpu().numpy()
        self.cv_results_ = {
            "param_alpha": np.tile(ridges.cpu().numpy(), len(kernels)),
            "param_bandwidth": np.repeat(
                np.array([np.nan if width is None else width for width, _ in kernels]), len(ridges)
            ),
            "mean_test_score": flat,
            "rank_test_score": rankdata(-flat, method="min").astype(np.int32),
            "path_rank": np.repeat([each.rank for each in scored], len(ridges)),
        }
        self.alpha_, self.bandwidth_ = float(ridges[best[1]]), kernels[best[0]][0]
        self.best_score_ = float(scores[best])
        self.path_method_ = scored[best[0]].method
        self.path_error_ = scored[best[0]].left_out / self.alpha_
        self.distance_passes_ = passes if self.path_method_ == "eigen" else 0
        return best[0]
