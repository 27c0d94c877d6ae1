"""Fits of a kernel classifier, for one C or a path of several."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from gramian._input import Rows, take_rows
from gramian._labels import Labels, take_labels, take_row_weights
from gramian._validation import as_generator, check_choice, check_int, check_real
from gramian.kernel_methods.classifiers._classification import Problem
from gramian.kernel_methods.classifiers._kernel import lift_of, origin_of, settled_kernel, table_of
from gramian.kernel_methods.classifiers._newton import Found, Point
from gramian.kernel_methods.classifiers._system import KernelSystem
from gramian.kernel_methods.kernel._fitted import as_tensor
from gramian.kernel_methods.kernel._precomputed import check_kernel_matrix
from gramian.kernel_methods.kernel._rows import copied, part_of
from gramian.linalg import NotPositiveError

if TYPE_CHECKING:
    from gramian.kernel_methods.classifiers._kernel_classifier import KernelClassifier

__all__ = ["fit_path"]


def fit_path(
    estimator: KernelClassifier, X: Any, y: Any, Cs: list[Any], sample_weight: Any, method: str
) -> list[Any]:
    """A fitted copy of the estimator for each C; they go up, each from the end of the one before.

    The estimator itself gets what the copies share.
    """
    caller = f"{type(estimator).__name__}.{method}"
    sizes = [check_real(C, "C", caller, low=0.0, low_open=True) for C in Cs]
    tol = check_real(estimator.tol, "tol", caller, low=0.0, low_open=True)
    max_iter = check_int(estimator.max_iter, "max_iter", caller, low=1)
    check_choice(estimator.solver, "solver", caller, ("newton", "nystroem"))
    if estimator.rank is not None:
        check_int(estimator.rank, "rank", caller, low=1)
    generator = as_generator(estimator.random_state, caller)
    rows = take_rows(estimator, X, reset=True)
    labels = take_labels(rows, y, caller)
    weights = take_row_weights(rows, labels, sample_weight, estimator.class_weight, caller)
    kept = weights.nonzero()[:, 0]
    weights = weights[kept]
    kernel = settled_kernel(estimator, rows, sample_weight, caller)
    if kernel.precomputed:
        check_kernel_matrix(rows, caller)
    problem = estimator._problem(labels.codes[kept], len(labels.classes), weights)
    estimator._kernel = kernel
    estimator._origin = origin_of(kernel, rows, problem.fit_intercept)
    table = table_of(kernel, rows, rows, estimator._origin)
    if len(kept) < len(rows):
        table = table.between(kept, kept)
    models: list[Any] = [None] * len(sizes)
    try:
        system = KernelSystem.build(table, problem.targets.shape[1], generator, estimator.rank)
        if estimator.solver == "nystroem":
            system = system.simplified()
        point = _previous(estimator, system, problem, labels, kept, rows)
        before = 0.0
        for place in sorted(range(len(sizes)), key=sizes.__getitem__):
            found = problem.solve(system, sizes[place], point, tol=tol, max_iter=max_iter)
            _warn(found, tol, caller)
            model = copy.copy(estimator)
            model.C = Cs[place]
            _keep(model, system, rows, labels, kept, found)
            model.passes_, before = system.passes - before, system.passes
            models[place], point = model, found.point
    except NotPositiveError as error:
        raise ValueError(
            f"{caller}: kernel must be positive semi-definite, got {estimator.kernel!r}. "
            f"Choose another kernel or other parameters, or bring X near the origin. {error}"
        ) from None
    return models


def _previous(
    estimator: KernelClassifier,
    system: KernelSystem,
    problem: Problem,
    labels: Labels,
    kept: Tensor,
    rows: Rows,
) -> Point | None:
    """Where a fit before ended, if this one may begin there."""
    if not (estimator.warm_start and hasattr(estimator, "dual_coef_")):
        return None
    coefficients = as_tensor(estimator.dual_coef_).to(problem.targets)
    same = (
        estimator.solver == "newton"
        and estimator._n_fitted == len(rows)
        and len(coefficients) == problem.targets.shape[1]
        and np.array_equal(estimator.classes_, labels.classes)
    )
    if not same:
        return None
    beta = coefficients.new_zeros(len(rows), len(coefficients))
    beta[torch.as_tensor(estimator.support_, device=beta.device)] = coefficients.T
    beta = beta[kept]
    b = as_tensor(estimator.intercept_).to(beta)
    if not problem.fit_intercept:
        b = torch.zeros_like(b)
    if estimator._origin is not None:
        b = b + lift_of(estimator._origin, part_of(rows, kept), beta)
    return Point(beta, system.product(beta), b)


def _keep(
    model: KernelClassifier,
    system: KernelSystem,
    rows: Rows,
    labels: Labels,
    kept: Tensor,
    found: Found,
) -> None:
    """Store a solution: its support, in the order of the rows."""
    used, coefficients = system.expansion(found.point.beta)
    support, intercept = kept[used], found.point.intercept
    model.classes_ = labels.classes
    model.support_ = rows.give(support)
    if model._kernel.precomputed:
        model.support_vectors_ = rows.give(torch.empty(0, 0, dtype=rows.dtype))
    else:
        model.support_vectors_ = copied(part_of(rows, support).given)
    counts = torch.bincount(labels.codes[support], minlength=len(labels.classes))
    model.n_support_ = counts.cpu().numpy().astype(np.int32)
    model.dual_coef_ = rows.give(coefficients.T.contiguous())
    if model._origin is not None:
        intercept = intercept - lift_of(model._origin, part_of(rows, support), coefficients)
    model.intercept_ = rows.give(intercept)
    model.gap_, model.n_iter_ = float(found.gap.max()), found.n_iter
    model.rank_ = system.rank
    model._n_fitted = len(rows)


def _warn(found: Found, tol: float, caller: str) -> None:
    if found.reason:
        warnings.warn(
            f"{caller}: the relative duality gap must be at most tol={tol:g}, got "
            f"{float(found.gap.max()):.2g} after {found.n_iter} steps: {found.reason}. "
            "Raise max_iter or tol, lower C, scale the features, or pass float64.",
            ConvergenceWarning,
            stacklevel=4,
        )
