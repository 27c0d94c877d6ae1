"""The kernel of a classifier: scikit-learn's ``gamma`` for SVC, and its callables on two tables."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian._input import Rows, take_weights
from gramian._validation import check_choice, check_real
from gramian.kernel_methods.kernel._kernel import Kernel, chosen_kernel
from gramian.kernel_methods.kernel._rows import part_of, rows_of
from gramian.kernel_methods.kernel._table import EntryTable, KernelTable
from gramian.pairwise import Linear

__all__ = ["lift_of", "origin_of", "settled_kernel", "table_of"]


def settled_kernel(estimator: Any, rows: Rows, sample_weight: Any, caller: str) -> Kernel:
    """The kernel that a classifier's parameters describe for these rows."""
    gamma, kernel = estimator.gamma, estimator.kernel
    if not isinstance(gamma, str):
        gamma = check_real(gamma, "gamma", caller, low=0.0)
    elif check_choice(gamma, "gamma", caller, ("scale", "auto")) == "auto":
        gamma = 1 / rows.shape[1]
    elif isinstance(kernel, str) and kernel != "precomputed" and estimator.bandwidth is None:
        gamma = _scale(rows, sample_weight, caller)
    else:
        gamma = None
    return chosen_kernel(
        kernel,
        caller,
        n_features=rows.shape[1],
        gamma=gamma,
        bandwidth=estimator.bandwidth,
        degree=estimator.degree,
        coef0=estimator.coef0,
    )


def origin_of(kernel: Kernel, rows: Rows, fit_intercept: bool) -> Tensor | None:
    """Where rows may be measured from, (d,): their mean, for x · y beside an intercept.

    There a translation changes the intercept and nothing else, but far from the origin products
    lose their digits.
    """
    if not (fit_intercept and isinstance(kernel.pair, Linear) and rows.tensor is not None):
        return None
    total = rows.tensor.new_zeros(rows.shape[1], dtype=torch.float64)
    for span in rows.spans():
        total += rows.take(span).double().sum(0)
    return total / len(rows)


def table_of(kernel: Kernel, x: Rows, y: Rows, origin: Tensor | None = None) -> KernelTable:
    """The kernel between two tables of rows, measured from an origin if there is one."""
    if origin is not None:
        moved = _measured(x, origin)
        x, y = moved, moved if x is y else _measured(y, origin)
    if kernel.pair is not None or isinstance(kernel.metric, str):
        return kernel.table(x, y)
    # as in scikit-learn's SVC, a callable takes two tables
    function = kernel.metric

    def supply(i: Tensor, j: Tensor) -> Tensor:
        found = function(part_of(x, i).given, part_of(y, j).given)
        return torch.as_tensor(found, device=x.device)

    i, j = (torch.arange(len(part), device=x.device) for part in (x, y))
    kind = torch.promote_types(torch.promote_types(x.dtype, y.dtype), torch.float32)
    return EntryTable(supply, i, j, kind)


def lift_of(origin: Tensor, support: Rows, coefficients: Tensor) -> Tensor:
    """What measuring from the origin takes off the intercepts, (k,), for coefficients (m, k)."""
    assert support.tensor is not None
    normals = (support.tensor.double() - origin).T @ coefficients
    return origin @ normals


def _measured(rows: Rows, origin: Tensor) -> Rows:
    """x − origin, float64."""
    assert rows.tensor is not None
    return rows_of(rows.tensor.double() - origin.to(rows.device))


def _scale(rows: Rows, sample_weight: Any, caller: str) -> float:
    """1 / (d · variance of all numbers in the table), and 1 where they are all equal.

    Rows count with their weights, so that a weight of two is two rows here too.
    """
    weights = take_weights(rows, sample_weight, caller)
    count = float(weights.sum()) * rows.shape[1]
    if rows.sparse:
        sums = [rows.given.sum(1), rows.given.multiply(rows.given).sum(1)]
        first, second = (weights.numpy() @ np.asarray(part).ravel() for part in sums)
        variance = float(second / count - (first / count) ** 2)
    else:
        spans = list(rows.spans())
        mean = sum(float(weights[s] @ rows.take(s).double().sum(1)) for s in spans) / count
        squares = (
            float(weights[s] @ (rows.take(s).double() - mean).square().sum(1)) for s in spans
        )
        variance = math.fsum(squares) / count
    return 1 / (rows.shape[1] * variance) if variance > 0 else 1.0
