"""Normal equations, where a Cholesky factor and one correction are as good as an orthogonal one.

XᵀX squares the condition number, which is why least squares by it has a bad name. Two things mend
it. The factor itself tells how ill-conditioned the equations are, so that they are used only where
they leave ten digits; and one step of refinement on the true residual takes most of the rest of
the error away (Björck's corrected seminormal equations). Whatever is refused goes to a Householder
factorisation, which costs about four times as much.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.linear._design import Design

__all__ = ["Factor", "cross_products", "factor", "solve"]

_WORST = 1e-5
"""Greatest error of plain normal equations, relative and to first order, that the correction may
find: it multiplies the error by about this number once more."""

_NEGLIGIBLE = 1e-12
"""Error below which there is nothing to correct."""

_PANEL = 256
"""Columns of cross products that are made at once; what lies above the diagonal is not."""

_WELL_SEPARATED = 1e-6
"""Ratio of eigenvalues down to which their square roots are good to ten digits."""


@dataclass(frozen=True)
class Factor:
    """A Cholesky factor of S M S, where S makes the diagonal of M one.

    Attributes
    ----------
    lower : Tensor of shape (k, k), float64
    scale : Tensor of shape (k,), float64
        The diagonal of S.
    error : float
        Condition of S M S, from above, times the unit roundoff.
    """

    lower: Tensor
    scale: Tensor
    error: float

    def solve(self, right: Tensor) -> Tensor:
        """M⁻¹ right, for right-hand sides of shape (k, r)."""
        scale = self.scale[:, None]
        return scale * torch.cholesky_solve(scale * right, self.lower)

    def singular_values(self, matrix: Tensor) -> Tensor:
        """Square roots of the eigenvalues of M, which ``matrix`` is, falling."""
        squares = torch.linalg.eigvalsh(matrix).flip(0)
        if bool(squares[-1] > _WELL_SEPARATED * squares[0]):
            return squares.sqrt()
        return torch.linalg.svdvals(self.lower / self.scale[:, None])


def cross_products(design: Design) -> Tensor:
    """AᵀA where A is tall, else A Aᵀ, in float64, one block at a time.

    A Aᵀ of a centred A has the known null direction u = √w/‖√w‖. It is filled with 2 ‖A Aᵀ‖ u uᵀ,
    which no target sees, so that the null space that stays is the data's own; its eigenvalue is
    the greatest.
    """
    found = torch.zeros(design.small, design.small, dtype=torch.float64, device=design.rows.device)
    blocks = (block for _, block in design.row_blocks()) if design.tall else design.column_blocks()
    for block in blocks:
        for start in range(0, design.small, _PANEL):
            panel = slice(start, start + _PANEL)
            found[start:, panel].addmm_(block[:, start:].T, block[:, panel])
    found = found.tril() + found.tril(-1).T
    if design.tall:
        return found
    null = design.null_direction()
    if null is not None:
        found.addr_(null, null, alpha=filling(found))
    return found


def filling(gram: Tensor) -> float:
    """An eigenvalue above all those of ``gram``."""
    return 2.0 * float(torch.linalg.matrix_norm(gram)) or 1.0


def factor(matrix: Tensor) -> Factor | None:
    """A Cholesky factor of a positive definite matrix; None where it would lose too many digits."""
    diagonal = matrix.diagonal()
    if not bool((diagonal > 0).all()) or not bool(torch.isfinite(diagonal).all()):
        return None
    scale = diagonal.rsqrt()
    scaled = matrix * scale * scale[:, None]
    lower, failed = torch.linalg.cholesky_ex(scaled)
    if bool(failed):
        return None
    identity = torch.eye(len(lower), dtype=lower.dtype, device=lower.device)
    inverse = torch.linalg.solve_triangular(lower, identity, upper=False).abs_()
    # the product of the 1-norm and the ∞-norm bounds the square of the spectral norm
    condition = scaled.abs_().sum(0).max() * inverse.sum(0).max() * inverse.sum(1).max()
    error = float(condition) * torch.finfo(lower.dtype).eps
    return Factor(lower, scale, error) if error <= _WORST else None


def solve(design: Design, target: Tensor, found: Factor, ridge: float) -> Tensor:
    """argmin ‖A x − b‖² + ridge ‖x‖², (d, t), of least norm, corrected where it needs to be.

    ``found`` is the factor of `cross_products` with the ridge on its diagonal.
    """
    exact = found.error <= _NEGLIGIBLE
    if design.tall:
        x = found.solve(design.adjoint(target))
        if exact:
            return x
        return x + found.solve(design.adjoint(target - design.product(x)) - ridge * x)
    dual = found.solve(target)
    if not exact:
        product = design.product(design.adjoint(dual))
        dual = dual + found.solve(target - product - ridge * dual)
    return design.adjoint(dual)
