"""LSMR on the table as it is: sparse, or too large for its d × d products."""

from __future__ import annotations

import math
import warnings

import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from gramian.linalg import lsmr
from gramian.linear._design import Design

__all__ = ["solve"]


def solve(
    design: Design,
    target: Tensor,
    ridges: Tensor,
    tol: float,
    max_iter: int | None,
    caller: str,
) -> tuple[Tensor, Tensor]:
    """argmin ‖A x − b‖² + ridge ‖x‖², (d, t), and the iterations of each target, (t,).

    Targets of equal ridge share every product with A. Warns where ``max_iter`` ends the search.
    """
    most = max(1000, 4 * design.small) if max_iter is None else max_iter
    found = target.new_empty(design.shape[1], target.shape[1])
    iterations = torch.zeros(target.shape[1], dtype=torch.int32)
    for ridge in ridges.unique().tolist():
        alike = ridges == ridge
        result = lsmr(
            design.product,
            design.adjoint,
            target[:, alike],
            design.shape[1],
            damp=math.sqrt(ridge),
            atol=tol,
            btol=tol,
            max_iterations=most,
        )
        found[:, alike] = result.x
        iterations[alike.cpu()] = result.iterations
        if not result.converged and result.iterations >= most:
            warnings.warn(
                f"{caller}: LSMR has not converged in {most} iterations: the relative residual of "
                f"the normal equations is above tol={tol:g}. Raise max_iter or tol, scale the "
                "features, or choose solver='svd'.",
                ConvergenceWarning,
                stacklevel=4,
            )
    return found, iterations
