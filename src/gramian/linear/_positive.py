"""Non-negative least squares on the small triangle that a tall table leaves."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from scipy.optimize import nnls
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from gramian.linear._design import Design
from gramian.linear._spectrum import triangle

__all__ = ["solve"]


def solve(
    design: Design, target: Tensor, ridges: Tensor, max_iter: int | None, caller: str
) -> Tensor:
    """argmin ‖A x − b‖² + ridge ‖x‖² over x ≥ 0, (d, t), by scipy's active-set method."""
    d = design.shape[1]
    if design.tall:
        table, right = triangle(design, target)
    else:
        table = torch.cat([block.clone() for _, block in design.row_blocks()])
        right = target
    left, sides = table.cpu().numpy(), right.cpu().numpy()
    found = np.zeros((d, target.shape[1]))
    for column, ridge in enumerate(ridges.tolist()):
        rows, side = left, sides[:, column]
        if ridge:
            rows = np.vstack([left, np.sqrt(ridge) * np.eye(d)])
            side = np.concatenate([side, np.zeros(d)])
        try:
            found[:, column] = nnls(rows, side, maxiter=max_iter)[0]
        except RuntimeError:
            limit = 3 * d if max_iter is None else max_iter
            warnings.warn(
                f"{caller}: lbfgs solver did not converge: non-negative least squares, which runs "
                f"in its place, did not end in {limit} iterations. The coefficients of this target "
                "stay zero. Raise max_iter, or scale the features.",
                ConvergenceWarning,
                stacklevel=4,
            )
    return torch.from_numpy(found).to(target)
