"""Kernel ridge regression restricted to landmarks, without squaring the condition number."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gramian import _config
from gramian._validation import check_int, check_real
from gramian.errors import MemoryBudgetError
from gramian.linalg._operator import Operator, row_blocks
from gramian.linalg._result import Callback
from gramian.linalg.least_squares import lstsq
from gramian.linalg.lsmr import lsmr

__all__ = ["Restricted", "solve_restricted"]

_DIRECT = 2048
"""Landmarks up to which all rows are folded into one triangle."""
_NONZEROS = 8
"""Rows of the sketch that each row of the problem is added to."""


@dataclass(frozen=True)
class Restricted:
    """The minimiser over functions Σ_j a_j k(·, landmark_j).

    Attributes
    ----------
    coefficients : Tensor of shape (m, r), float64
        a.
    rank : int
        Rank of the landmarks' own kernel matrix.
    gradient : float
        Largest relative gradient among the right-hand sides, 0 for the direct method.
    passes : float
        Times that the table of all rows and landmarks was computed.
    converged : bool
    reason : str
    """

    coefficients: Tensor
    rank: int
    gradient: float
    passes: float
    converged: bool
    reason: str


@torch.no_grad()
def solve_restricted(
    table: Operator,
    core: Tensor,
    b: Tensor,
    *,
    ridge: float,
    generator: torch.Generator,
    tol: float = 1e-8,
    max_iterations: int = 200,
    callback: Callback | None = None,
    time_budget: float | None = None,
) -> Restricted:
    """Minimise ‖K_nm a − b‖² + ridge · aᵀ K_mm a.

    Parameters
    ----------
    table : Operator of shape (n, m)
        Kernel of all rows and the landmarks.
    core : Tensor of shape (m, m)
        Kernel of the landmarks among themselves; may be singular.
    b : Tensor of shape (n, r), float64
    ridge : float
        Zero gives the least-squares fit.
    generator : torch.Generator
        On the CPU; draws the sketch for many landmarks.
    tol : float, default=1e-8
        For the iterative method: the gradient relative to ‖A‖ ‖residual‖, see `lsmr`.
    max_iterations : int, default=200
    callback, time_budget : for the iterative method, see `lsmr`.

    Raises
    ------
    MemoryBudgetError
        If the triangles of m × m numbers do not fit.

    Notes
    -----
    With K_mm = L Lᵀ and w = Lᵀ a this is a least-squares problem for the features K_nm L⁻ᵀ.
    Up to 2048 landmarks all rows are folded into a triangle by QR, block by block, in O(n m²)
    time and O(m²) memory: nothing is squared, and the features are never stored. Beyond that, the
    triangle of a sparse-sign sketch of 2 m rows is the preconditioner of LSMR, O(n m) an iteration.
    Where L does not exist, eigenvectors of K_mm with eigenvalues above rounding take its place.

    References
    ----------
    .. [1] M. Díaz, E. N. Epperly, Z. Frangella, J. A. Tropp, R. J. Webber, "Robust, randomized
       preconditioning for kernel ridge regression", arXiv:2304.12465, 2023, section 4 (the sketch).
    .. [2] H. Avron, P. Maymounkov, S. Toledo, "Blendenpik: supercharging LAPACK's least-squares
       solver", SIAM J. Sci. Comput. 32(3), 2010 (the triangle as a preconditioner).

    Examples
    --------
    >>> import torch, gramian as gm
    >>> x = torch.linspace(0, 1, 5)[:, None]
    >>> G = gm.Gram(x, kernel=gm.Linear())
    >>> landmark = torch.tensor([4])
    >>> found = solve_restricted(
    ...     G.take(landmark).T, G.block(landmark, landmark), 3.0 * x.double(), ridge=0.0,
    ...     generator=torch.Generator().manual_seed(0),
    ... )
    >>> round(found.coefficients.item(), 6)
    3.0
    """
    ridge = check_real(ridge, "ridge", "solve_restricted", low=0.0)
    check_int(max_iterations, "max_iterations", "solve_restricted", low=1)
    _check_memory(len(core), b.shape[1])
    basis = _whitening(core.double())
    if len(core) <= _DIRECT:
        triangle = _fold(table.double(), basis, b, ridge)
        rank = basis.shape[1]
        inside = lstsq(triangle[:rank, :rank], triangle[:rank, rank:])[0]
        return Restricted(basis @ inside, rank, 0.0, 1.0, True, "folded into a triangle")
    exact = table.double()
    rank, n = basis.shape[1], len(b)
    inverse = _inverse(_sketched(exact, basis, ridge, generator))

    def matvec(v: Tensor) -> Tensor:
        inside = inverse @ v
        return torch.cat([exact @ (basis @ inside), ridge**0.5 * inside])

    def rmatvec(u: Tensor) -> Tensor:
        return inverse.T @ (basis.T @ (exact.T @ u[:n]) + ridge**0.5 * u[n:])

    target = torch.cat([b, b.new_zeros(rank, b.shape[1])])
    found = lsmr(
        matvec,
        rmatvec,
        target,
        inverse.shape[1],
        atol=tol,
        btol=tol,
        max_iterations=max_iterations,
        callback=callback,
        time_budget=time_budget,
    )
    size = (found.norm * found.residual).clamp_min(1e-300)
    return Restricted(
        basis @ (inverse @ found.x),
        rank,
        float((found.gradient / size).max()),
        found.passes + 1,
        found.converged,
        found.reason,
    )


def _check_memory(m: int, n_right: int) -> None:
    needed, budget = 8 * m * (4 * m + 2 * n_right), _config.current().memory
    if m > _DIRECT and needed > budget:
        raise MemoryBudgetError(
            f"solve_restricted: memory must be at least {needed} bytes for {m} landmarks, "
            f"got {budget}. Raise it with gramian.config(memory={needed}), or take fewer.",
            needed=needed,
            budget=budget,
        )


def _whitening(core: Tensor) -> Tensor:
    """B of shape (m, rank) with Bᵀ K_mm B = I, from a Cholesky factor or from eigenvectors."""
    factor, info = torch.linalg.cholesky_ex(core)
    if not int(info):
        eye = torch.eye(len(core), dtype=core.dtype, device=core.device)
        return torch.linalg.solve_triangular(factor, eye, upper=False).T
    values, vectors = torch.linalg.eigh(core)
    kept = values > len(core) * torch.finfo(core.dtype).eps * values[-1]
    return vectors[:, kept] / values[kept].sqrt()


def _fold(table: Operator, basis: Tensor, b: Tensor, ridge: float) -> Tensor:
    """The triangle of [features, b; √ridge I, 0] from blocks of rows."""
    rank = basis.shape[1]
    triangle = basis.new_zeros(rank, rank + b.shape[1])
    triangle.diagonal().fill_(ridge**0.5)
    for rows in row_blocks(len(b), len(basis), b.device):
        part = torch.cat([table.rows(rows) @ basis, b[rows]], 1)
        triangle = torch.linalg.qr(torch.cat([triangle, part]), mode="r")[1]
    return triangle


def _sketched(table: Operator, basis: Tensor, ridge: float, generator: torch.Generator) -> Tensor:
    """The triangle of a sparse-sign sketch of the features, with the ridge below it."""
    m, rank = basis.shape
    sketch = basis.new_zeros(2 * m, m)
    for rows in row_blocks(table.shape[0], m, basis.device):
        place = torch.randint(2 * m, (_NONZEROS, len(rows)), generator=generator)
        sign = torch.randint(0, 2, (_NONZEROS, len(rows)), generator=generator) * 2 - 1
        part = table.rows(rows) / _NONZEROS**0.5
        for where, factor in zip(place.to(rows.device), sign.to(part), strict=True):
            sketch.index_add_(0, where, part * factor[:, None])
    below = ridge**0.5 * torch.eye(rank, dtype=basis.dtype, device=basis.device)
    return torch.linalg.qr(torch.cat([sketch @ basis, below]), mode="r")[1]


def _inverse(triangle: Tensor) -> Tensor:
    """R⁻¹, or its pseudo-inverse with columns for the nonzero singular values only."""
    _, values, rows = torch.linalg.svd(triangle)
    kept = values > len(values) * torch.finfo(triangle.dtype).eps * values[0]
    return rows[kept].T / values[kept]
