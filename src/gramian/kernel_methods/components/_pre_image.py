"""The way back from an embedding: kernel ridge regression of the rows on it."""

from __future__ import annotations

import torch
from sklearn.base import BaseEstimator
from torch import Tensor

from gramian._input import Rows
from gramian.kernel_methods.kernel._kernel import Kernel, held
from gramian.kernel_methods.kernel._rows import rows_of
from gramian.linalg import solve

__all__ = ["Embedding", "check_way_back", "regress_rows"]


class Embedding(BaseEstimator):
    """Whom a check of embedded rows asks for their number of columns."""

    def __init__(self, n_features_in_: int) -> None:
        self.n_features_in_ = n_features_in_


def check_way_back(kernel: Kernel, rows: Rows, caller: str) -> None:
    """Refuse, before any work, what has no inverse transform."""
    if kernel.precomputed:
        raise ValueError(
            f"{caller}: Cannot fit_inverse_transform with a precomputed kernel: there are no rows "
            "to come back to."
        )
    if rows.tensor is None:
        raise ValueError(
            f"{caller}: fit_inverse_transform must be False for a sparse X. Pass X.toarray()."
        )
    widths = getattr(kernel.pair, "bandwidth", None)
    if isinstance(widths, Tensor) and widths.ndim:
        raise ValueError(
            f"{caller}: bandwidth must be one number with fit_inverse_transform, got "
            f"{len(widths)}: the components are other features."
        )


def regress_rows(
    kernel: Kernel,
    rows: Rows,
    embedded: Tensor,
    ridge: float,
    generator: torch.Generator,
    caller: str,
) -> Tensor:
    """Coefficients C, (n, d) in float64: the kernel between new places and ``embedded``, times C.

    Raises
    ------
    ValueError
        If there is no component to come back from.
    """
    assert rows.tensor is not None
    if not embedded.shape[1]:
        raise ValueError(
            f"{caller}: X must have two rows that differ with fit_inverse_transform, got no "
            "component above zero."
        )
    points = rows_of(embedded)
    operator, _ = held(kernel.table(points, points))
    found = solve(operator, rows.tensor, ridge=ridge, generator=generator, caller=caller)
    return found.x
