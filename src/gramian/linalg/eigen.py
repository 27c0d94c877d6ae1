"""The largest eigenvalues of a symmetric operator: block Lanczos with thick restarts."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gramian import _config
from gramian._validation import check_choice, check_int, check_real
from gramian.errors import MemoryBudgetError
from gramian.linalg._operator import Centered, Operator, square_size
from gramian.linalg._result import Callback, Clock
from gramian.linalg.direct import dense

__all__ = ["Eigen", "eigh"]

_DENSE = 1500
"""Rows up to which the dense decomposition is taken."""
_SHAPES = ((16, 8), (8, 5))
"""Vectors of a block beyond the k wanted ones, and blocks of the basis before it is restarted: the
first where the basis fits half of the memory. A product with more vectors costs little more."""
_TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-9}
_STALLED = 8
"""Passes without a smaller residual after which no further one is made."""


@dataclass(frozen=True)
class Eigen:
    """The largest eigenpairs.

    Attributes
    ----------
    values : Tensor of shape (k,), float64
        Falling.
    vectors : Tensor of shape (n, k), float64
        Orthonormal columns; the entry of largest size in each is positive.
    residuals : Tensor of shape (k,), float64
        ‖K v − λ v‖, computed with entries in float64 at the end. Some eigenvalue of K lies within
        this distance of λ.
    solver : {"dense", "lanczos"}
    passes : float
        Products with the whole matrix.
    converged : bool
        Whether every residual is at most ``tol`` times the largest eigenvalue's size.
    reason : str
    """

    values: Tensor
    vectors: Tensor
    residuals: Tensor
    solver: str
    passes: float
    converged: bool
    reason: str


@torch.no_grad()
def eigh(
    operator: Operator,
    k: int,
    *,
    centered: bool = False,
    tol: float | None = None,
    generator: torch.Generator,
    solver: str = "auto",
    max_passes: int = 300,
    callback: Callback | None = None,
    time_budget: float | None = None,
) -> Eigen:
    """The k algebraically largest eigenvalues of a symmetric operator, and their vectors.

    Parameters
    ----------
    operator : Operator of shape (n, n)
    k : int in [1, n]
    centered : bool, default=False
        Take K − 1K − K1 + 1K1 instead (all entries of 1 are 1/n), as kernel PCA does.
    tol : float, optional
        For residuals relative to the largest eigenvalue; 1e-5 for float32 products and 1e-9 for
        float64 if not given.
    generator : torch.Generator
        On the CPU; draws the first block.
    solver : {"auto", "dense", "lanczos"}, default="auto"
        "auto" is dense up to 1500 rows, or where k exceeds a tenth of them and the matrix fits.
    max_passes : int, default=300
    callback : callable, optional
        Called with a `Progress` after each pass; stops the solver if it returns true.
    time_budget : float, optional
        Seconds after which no further pass begins.

    Returns
    -------
    Eigen

    Raises
    ------
    ValueError
        If the operator is not square or parameters do not fit.
    MemoryBudgetError
        If neither the matrix nor the basis fits the memory budget.

    Notes
    -----
    One product with k + 16 columns a pass, and a basis of eight such blocks with its products,
    160 n (k + 16) bytes in float64; where that does not fit half of the memory budget, k + 8 and
    five, 112 n (k + 8) bytes. The residuals of all Ritz vectors of the block
    are the next Krylov block, orthogonalised twice against the whole basis.

    References
    ----------
    .. [1] K. Wu and H. Simon, "Thick-restart Lanczos method for large symmetric eigenvalue
       problems", SIAM J. Matrix Anal. Appl. 22(2), 2000.
    .. [2] C. Musco and C. Musco, "Randomized block Krylov methods for stronger and faster
       approximate singular value decomposition", NeurIPS 2015 (the random block start).

    Examples
    --------
    >>> import torch
    >>> from gramian.linalg import DenseOperator
    >>> found = eigh(DenseOperator(torch.diag(torch.tensor([1.0, 3.0, 2.0]))), 2,
    ...              generator=torch.Generator().manual_seed(0))
    >>> [round(value, 5) for value in found.values.tolist()]
    [3.0, 2.0]
    """
    n = square_size(operator, "eigh")
    k = check_int(k, "k", "eigh", low=1, high=n)
    most = check_int(max_passes, "max_passes", "eigh", low=1)
    if tol is None:
        tol = _TOLERANCE[operator.dtype]
    tol = check_real(tol, "tol", "eigh", low=0.0)
    chosen, width, blocks = _choose(operator, k, solver)
    clock = Clock(chosen, time_budget, None, callback)
    seen: Operator | Centered = Centered(operator) if centered else operator
    if chosen == "dense":
        values, vectors, reason = *_dense(operator, k, centered), "all eigenvectors were computed"
        clock.passes += 1
    else:
        values, vectors, reason = _lanczos(seen, k, width, blocks, tol, most, generator, clock)
    vectors = _signed(vectors)
    rest = seen.double() @ vectors - vectors * values
    residuals = torch.linalg.vector_norm(rest, dim=0)
    clock.passes += 1
    converged = bool((residuals <= tol * values.abs().max()).all())
    return Eigen(values, vectors, residuals, chosen, clock.passes, converged, reason)


def _choose(operator: Operator, k: int, solver: str) -> tuple[str, int, int]:
    """The method, the width of its block of vectors, and how many of these a basis has."""
    check_choice(solver, "solver", "eigh", ("auto", "dense", "lanczos"))
    n, budget = operator.shape[0], _config.current().memory
    for spare, blocks in _SHAPES:
        width = min(n, k + spare)
        basis = 8 * n * width * (2 * blocks + 4)
        if basis <= budget // 2:
            break
    whole = 24 * n * n
    if solver == "auto":
        small = n <= _DENSE or 10 * k > n or blocks * width > n
        solver = "dense" if small and whole <= budget else "lanczos"
    needed = whole if solver == "dense" else basis
    if needed > budget:
        raise MemoryBudgetError(
            f"eigh: memory must be at least {needed} bytes for {k} eigenvectors of {n} rows, "
            f"got {budget}. Raise it with gramian.config(memory={needed}).",
            needed=needed,
            budget=budget,
        )
    return solver, width, blocks


def _dense(operator: Operator, k: int, centered: bool) -> tuple[Tensor, Tensor]:
    table = dense(operator.double(), torch.float64)
    if centered:
        table -= table.mean(0)
        table -= table.mean(1, keepdim=True)
    values, vectors = torch.linalg.eigh(table)
    return values[-k:].flip(0), vectors[:, -k:].flip(1)


def _lanczos(
    operator: Operator | Centered,
    k: int,
    width: int,
    blocks: int,
    tol: float,
    most: int,
    generator: torch.Generator,
    clock: Clock,
) -> tuple[Tensor, Tensor, str]:
    """Rayleigh and Ritz on a growing basis, thinned to its best vectors when it is full."""
    n, device = operator.shape[0], operator.device
    start = torch.randn(n, width, generator=generator, dtype=torch.float64).to(device)
    block = torch.linalg.qr(start)[0]
    basis = images = block.new_zeros(n, 0)
    inner = block.new_zeros(0, 0)  # basisᵀ · images
    best, stalled = torch.inf, 0
    while True:
        image = (operator @ block.to(operator.dtype)).double()
        if not bool(torch.isfinite(image).all()):
            raise FloatingPointError(
                "eigh: products must be finite, got NaN or infinity. "
                "Check the kernel's parameters and the scale of the data."
            )
        clock.passes += 1
        basis, images = torch.cat([basis, block], 1), torch.cat([images, image], 1)
        inner = _bordered(inner, basis.T @ image)
        values, inside = torch.linalg.eigh(inner)
        values, inside = values.flip(0)[:width], inside.flip(1)[:, :width]
        ritz, ritz_images = basis @ inside, images @ inside
        rest = ritz_images - ritz * values
        sizes = torch.linalg.vector_norm(rest, dim=0)
        scale = float(values.abs().max())
        worst = float(sizes[: min(k, len(values))].max()) / scale if scale else 0.0
        stop = clock.tick(worst)
        if worst < best / 2:
            best, stalled = worst, 0
        else:
            stalled += 1
        if worst <= tol / 2 and len(values) >= k:
            stop = "every residual met the tolerance"
        elif stalled >= _STALLED * blocks:
            stop = "rounding in the products allows no smaller residual"
        elif clock.passes >= most:
            stop = f"max_passes={most} is reached"
        if basis.shape[1] + width > blocks * width:
            basis, images, inner = ritz, ritz_images, values.diag()
        block = _orthogonal(rest, basis)
        if not block.shape[1]:
            stop = stop or "the basis spans an invariant subspace"
        if stop:
            return values[:k], ritz[:, :k], stop


def _bordered(inner: Tensor, border: Tensor) -> Tensor:
    """A symmetric matrix with new last columns, of which the border is the upper part and all."""
    old, new = len(inner), border.shape[1]
    found = border.new_empty(old + new, old + new)
    found[:old, :old] = inner
    found[:, old:] = border
    found[old:, :old] = border[:old].T
    found[old:, old:] = (border[old:] + border[old:].T) / 2
    return found


def _orthogonal(block: Tensor, basis: Tensor) -> Tensor:
    """An orthonormal basis of what ``block`` adds to ``basis``; directions of rounding go."""
    norms = torch.linalg.vector_norm(block, dim=0)
    block = block[:, norms > 0] / norms[norms > 0]
    for _ in range(2):
        block = block - basis @ (basis.T @ block)
        vectors, values, _ = torch.linalg.svd(block, full_matrices=False)
        block = vectors[:, values > 1e-10]
    return block[:, : basis.shape[0] - basis.shape[1]]


def _signed(vectors: Tensor) -> Tensor:
    """The vectors with their entry of largest size positive, the first of those as good as equal.

    Rounding would decide among entries of equal size.
    """
    sizes = vectors.abs()
    largest = (sizes >= (1 - 1e-5) * sizes.amax(0)).byte().argmax(0)
    signs = vectors.gather(0, largest[None]).sign()
    return vectors * torch.where(signs == 0, 1.0, signs)
