"""Dense solves: a Cholesky factor refined against float64 entries, or all eigenvectors."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.linalg._operator import Operator, relative_residual, row_blocks
from gramian.linalg._result import Clock
from gramian.linalg.cg import Iterate, conjugate_gradient

__all__ = ["cholesky_solve", "dense", "eigen_solve"]

_REFINEMENTS = 20


def dense(operator: Operator, dtype: torch.dtype) -> Tensor:
    """The whole matrix in ``dtype``, filled block by block."""
    n, m = operator.shape
    table = torch.empty(n, m, dtype=dtype, device=operator.device)
    for rows in row_blocks(n, m, operator.device):
        table[int(rows[0]) : int(rows[-1]) + 1] = operator.rows(rows)
    return table


def cholesky_solve(
    operator: Operator,
    b: Tensor,
    *,
    ridge: float,
    tol: float,
    dtype: torch.dtype,
    clock: Clock,
) -> Iterate | None:
    """Solve (K + ridge I) x = b with a dense factor in ``dtype``; None where there is no factor.

    The factor is the preconditioner of conjugate gradients on entries in float64. That is iterative
    refinement which survives a condition number beyond the factor's precision. Nothing is added
    to the diagonal but the ridge.

    Parameters
    ----------
    operator : Operator of shape (n, n)
    b : Tensor of shape (n, r), float64
    ridge, tol : float
    dtype : torch.dtype
        float32 takes 4 n² bytes and half the time of float64.
    clock : Clock

    References
    ----------
    .. [1] N. J. Higham and S. Pranesh, "Exploiting lower precision arithmetic in solving symmetric
       positive definite linear systems and least squares problems", SIAM J. Sci. Comput. 43(1),
       2021, section 2.
    """
    exact = operator.double()
    table = dense(operator if dtype == operator.dtype else exact, dtype).T
    clock.passes += 1
    table.diagonal().add_(ridge)
    # LAPACK's order and the same memory for input and output: no copy of the matrix is made
    info = torch.empty((), dtype=torch.int32, device=table.device)
    torch.linalg.cholesky_ex(table, out=(table, info))
    if int(info) or not bool(torch.isfinite(table.diagonal()).all()):
        return None

    def solved(v: Tensor) -> Tensor:
        return torch.cholesky_solve(v.to(dtype), table).double()

    return conjugate_gradient(
        exact,
        b,
        ridge=ridge,
        tol=tol,
        preconditioner=solved,
        max_iterations=_REFINEMENTS,
        clock=clock,
    )


def eigen_solve(
    operator: Operator, b: Tensor, *, ridge: float, clock: Clock
) -> tuple[Iterate, int]:
    """The least-norm least-squares solution of (K + ridge I) x = b, and the rank used.

    Right for singular and for indefinite K. Eigenvalues of K + ridge I below n machine epsilons of
    the largest count as zero. O(n³) time with a large constant, 24 n² bytes.
    """
    exact = operator.double()
    values, vectors = torch.linalg.eigh(dense(exact, torch.float64))
    clock.passes += 2
    values = values + ridge
    size = values.abs()
    kept = size > len(values) * torch.finfo(torch.float64).eps * size.max()
    inside = (vectors.T @ b) / values[:, None]
    x = vectors @ torch.where(kept[:, None], inside, 0.0)
    return Iterate(x, relative_residual(exact, x, b, ridge), ""), int(kept.sum())
