"""The border of the linear models: X, y and weights checked, centred and scaled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_consistent_length
from torch import Tensor

from gramian._arrays import wrap
from gramian._input import Rows, take_rows, take_weights
from gramian.linear._design import Design

__all__ = ["Problem", "mean_of", "pose"]


@dataclass(frozen=True)
class Problem:
    """min ‖A x − b‖² over x, and the way back to coefficients and intercept.

    Attributes
    ----------
    design : Design
        A.
    raw : Tensor of shape (n, t), float64
        The targets as they came.
    target : Tensor of shape (n, t), float64
        b: the targets, less their weighted mean, times √w.
    mean : Tensor of shape (t,), float64
        The weighted mean of the targets, or zeros without an intercept.
    flat : bool
        Whether y came as a vector.
    weights : Tensor of shape (n,), float64, or None
    """

    design: Design
    raw: Tensor
    target: Tensor
    mean: Tensor
    flat: bool
    weights: Tensor | None

    def intercept(self, coefficients: Tensor) -> Tensor:
        """The intercepts, (t,), that go with coefficients of shape (d, t)."""
        return self.mean - self.design.offset @ coefficients


def pose(
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    fit_intercept: bool,
    accept_sparse: Any = "csr",
) -> Problem:
    """Check what the user passed to ``fit``, and pose the least-squares problem.

    Raises
    ------
    ValueError, TypeError
        As scikit-learn's linear models do, and with their words.
    """
    caller = f"{type(estimator).__name__}.fit"
    rows = take_rows(estimator, X, reset=True, accept_sparse=accept_sparse)
    raw = _take_targets(rows, y, caller)
    weights = None if sample_weight is None else take_weights(rows, sample_weight, caller)
    targets = raw[:, None] if raw.ndim == 1 else raw
    offset, mean = targets.new_zeros(rows.shape[1]), targets.new_zeros(targets.shape[1])
    roots = None if weights is None else weights.sqrt()
    if fit_intercept:
        shares = torch.ones_like(targets[:, 0]) if weights is None else weights
        shares = shares / shares.sum()
        offset, mean = mean_of(rows, shares), shares @ targets
    target = targets - mean
    if roots is not None:
        target *= roots[:, None]
    design = Design(rows, offset, roots, centred=fit_intercept)
    return Problem(design, targets, target, mean, raw.ndim == 1, weights)


def mean_of(rows: Rows, shares: Tensor) -> Tensor:
    """Σᵢ shareᵢ xᵢ, (d,), exactly the constant where a feature is constant.

    Rounding would leave a constant feature some 1e-16 of itself after centring, which only an
    absolute threshold could tell from a small feature.
    """
    if rows.sparse:
        zero = shares.new_zeros(rows.shape[1])
        return Design(rows, zero, None, centred=False).adjoint(shares[:, None])[:, 0]
    counted = int(shares.argmax())
    first = rows.take(slice(counted, counted + 1)).double()[0]
    found = first.clone()
    for span, gaps in Design(rows, first, None, centred=False).row_blocks():
        found += shares[span] @ gaps
    return found


def _take_targets(rows: Rows, y: Any, caller: str) -> Tensor:
    """Targets of the rows in float64 on their device, (n,) or (n, t).

    Raises
    ------
    ValueError
        If they are missing, complex, not one per row, not finite, or of more than two dimensions.
    """
    if y is None:
        raise ValueError(
            f"{caller}: y must be targets, got None. "
            "This estimator requires y to be passed, but the target y is None."
        )
    if isinstance(y, Tensor):
        if y.is_complex():
            raise ValueError(f"{caller}: y must be real, got {y.dtype}.")
        targets = y.detach().to(device=rows.device, dtype=torch.float64)
        if not bool(torch.isfinite(targets).all()):
            raise ValueError(f"{caller}: y must be finite, got NaN or infinity.")
    else:
        checked = check_array(y, ensure_2d=False, dtype="numeric", input_name="y")
        targets = wrap(checked, "y", caller).to(device=rows.device, dtype=torch.float64)
    if targets.ndim not in (1, 2) or 0 in targets.shape[1:]:
        raise ValueError(
            f"{caller}: y must have shape (n_samples,) or (n_samples, n_targets), "
            f"got {tuple(targets.shape)}."
        )
    check_consistent_length(rows.given, targets)
    return targets
