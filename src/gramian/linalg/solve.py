"""(K + ridge I) x = b: choose a solver, run it, and certify what it found."""

from __future__ import annotations

import warnings
from dataclasses import replace

import torch
from torch import Tensor

from gramian import _config
from gramian._validation import check_choice, check_int, check_real
from gramian.linalg._choice import SOLVERS, choose
from gramian.linalg._job import Job
from gramian.linalg._operator import Operator, square_size
from gramian.linalg._result import STOPPED, Callback, Clock, Solution

__all__ = ["solve"]

_TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-10}


@torch.no_grad()
def solve(
    operator: Operator,
    b: Tensor,
    *,
    ridge: float,
    solver: str = "auto",
    tol: float | None = None,
    x0: Tensor | None = None,
    rank: int | None = None,
    generator: torch.Generator,
    max_iterations: int = 1000,
    time_budget: float | None = None,
    pass_budget: float | None = None,
    callback: Callback | None = None,
    seconds_per_entry: float = 1e-9,
    caller: str = "solve",
) -> Solution:
    """Solve (K + ridge I) x = b for a symmetric operator K.

    Parameters
    ----------
    operator : Operator of shape (n, n)
    b : Tensor of shape (n,) or (n, r)
        Right-hand sides; they share all work.
    ridge : float
        At least 0.
    solver : {"auto", "direct", "pcg", "sketch", "nystroem"}, default="auto"
        "direct": a dense Cholesky factor in float32, refined against float64 entries; in
        float64 where that fails; all eigenvectors, and the least-norm solution, where the matrix is
        singular or indefinite. "pcg": conjugate gradients preconditioned by a randomly pivoted
        Cholesky factor. "sketch": accelerated sketch-and-project. "nystroem": the regression
        restricted to ``rank`` pivots; ``x`` is zero elsewhere, and ``residual`` is still that of
        the whole system. "auto" never takes "nystroem"; where gradients take so many steps that a
        dense factor would have cost less, and it fits the memory, it goes on with that.
    tol : float, optional
        For the relative residual; 1e-6 for a float32 operator, 1e-10 for float64 if not given.
    x0 : Tensor of the shape of ``b``, optional
        Where "pcg" and "sketch" start.
    rank : int in [1, n], optional
        Of the preconditioner, or the number of landmarks; by memory and time if not given. The
        preconditioner stops earlier where trace(K − F Fᵀ) ≤ ridge · n / 1000.
    generator : torch.Generator
        On the CPU.
    max_iterations : int, default=1000
        Steps of "pcg", passes of "sketch", iterations of "nystroem".
    time_budget, pass_budget : float, optional
        Seconds, and products with the whole matrix, after which no further step begins. "direct"
        cannot stop in the middle.
    callback : callable, optional
        Called with a `Progress` after each step; stops the solver if it returns true.
    seconds_per_entry : float, default=1e-9
        What one entry of a product costs, for the cost model.
    caller : str
        Whose name errors and warnings carry.

    Returns
    -------
    Solution
        ``x`` in float64.

    Warns
    -----
    ConvergenceWarning
        If the true residual exceeds ``tol``, with the remedy; not where a callback stopped it.

    Raises
    ------
    ValueError
        If parameters do not fit; `NotPositiveError` where only a positive definite matrix could be
        solved, and this one is not.
    MemoryBudgetError
        Before any work, if the solver does not fit `gramian.config(memory=)`.

    Examples
    --------
    >>> import torch
    >>> from gramian.linalg import DenseOperator
    >>> found = solve(DenseOperator(torch.eye(3)), torch.ones(3), ridge=1.0,
    ...               generator=torch.Generator().manual_seed(0))
    >>> found.x, found.solver, found.converged
    (tensor([0.5000, 0.5000, 0.5000], dtype=torch.float64), 'direct', True)
    """
    n = square_size(operator, caller)
    ridge = check_real(ridge, "ridge", caller, low=0.0)
    check_choice(solver, "solver", caller, ("auto", *SOLVERS))
    tol = _TOLERANCE[operator.dtype] if tol is None else tol
    tol = check_real(tol, "tol", caller, low=0.0, low_open=True)
    if rank is not None:
        check_int(rank, "rank", caller, low=1, high=n)
    check_int(max_iterations, "max_iterations", caller, low=1)
    right, start = _columns(b, n, "b", caller), None
    if x0 is not None:
        start = _columns(x0, n, "x0", caller)
        if start.shape != right.shape:
            raise ValueError(
                f"{caller}: x0 must have the shape of b, {tuple(b.shape)}, got {tuple(x0.shape)}."
            )
    memory = _config.current().memory
    choice = choose(
        operator,
        right.shape[1],
        solver,
        rank,
        memory=memory,
        seconds_per_entry=seconds_per_entry,
        caller=caller,
    )
    clock = Clock(choice.solver, time_budget, pass_budget, callback)
    most = min(max_iterations, choice.patience or max_iterations)
    job = Job(operator, right, ridge, tol, start, choice.rank, generator, most, clock)
    found, used, note = getattr(job, choice.solver)()
    name, worst = choice.solver, float(found.residual.max())
    failed = not worst <= tol and clock.spent() is None and found.reason != STOPPED
    if choice.patience is not None and failed:
        choice = replace(choice, reason=f"pcg stopped because {found.reason}")
        found, used, note = job.direct()
        name, worst = "direct", float(found.residual.max())
    converged = worst <= tol if name != "nystroem" else not found.reason
    if not converged and found.reason != STOPPED:
        _warn(caller, name, worst, tol, found.reason or note)
    outcome = found.reason or ("the residual met the tolerance" if worst <= tol else "")
    reason = ". ".join(part for part in (f"{name}: {choice.reason}", outcome, note) if part)
    x = found.x[:, 0] if b.ndim == 1 else found.x
    return Solution(x, name, worst, clock.passes, used, clock.seconds, converged, reason)


def _columns(value: Tensor, n: int, name: str, caller: str) -> Tensor:
    """Finite right-hand sides as (n, r) float64."""
    if value.ndim not in (1, 2) or len(value) != n or 0 in value.shape:
        raise ValueError(
            f"{caller}: {name} must have shape ({n},) or ({n}, r), got {tuple(value.shape)}."
        )
    if not bool(torch.isfinite(value).all()):
        raise ValueError(f"{caller}: {name} must be finite, got NaN or infinity.")
    return value.double().reshape(n, -1)


def _warn(caller: str, solver: str, residual: float, tol: float, why: str) -> None:
    from sklearn.exceptions import ConvergenceWarning

    remedy = "Raise ridge or tol."
    if solver != "direct":
        remedy = "Raise ridge, tol, or the budget; or use solver='direct'."
    warnings.warn(
        f"{caller}: the relative residual must be at most {tol:.1e}, got {residual:.1e}: {why}. "
        f"{remedy}",
        ConvergenceWarning,
        stacklevel=3,
    )
