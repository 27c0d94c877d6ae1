"""Kernel ridge regression as linear systems: posed, solved, and solved back to coefficients."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from gramian import _config, linalg
from gramian._validation import check_real
from gramian.kernel_methods.kernel._kernel import held
from gramian.kernel_methods.kernel._table import KernelTable, PairTable
from gramian.kernel_methods.ridge._operator import RidgeOperator
from gramian.linalg import Progress
from gramian.pairwise._base import Elementary

__all__ = ["Certificate", "RidgeSystem", "as_ridges"]

_TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-8}
_DISTANCES = ("squared_euclidean", "manhattan", "chebyshev")


@dataclass(frozen=True)
class Certificate:
    """How a solution was found and how far it can be trusted; the worst of all targets."""

    solver: str
    residual: float
    passes: float
    rank: int
    n_iter: int


@dataclass(frozen=True)
class RidgeSystem:
    """(P S K S P + alpha I) c = P S y, one column for each target.

    S holds the roots of the weights, and P takes off the weighted mean where there is an intercept.

    Attributes
    ----------
    operator : RidgeOperator of shape (n, n)
    target : Tensor of shape (n, t), float64
        P S y.
    roots : Tensor of shape (n,), float64, or None
    direction, means : Tensor of shape (n,), float64, or None
        Of `RidgeOperator.build`.
    level : Tensor of shape (t,), float64
        What P took off S y.
    held_bytes : int
        Memory that the kernel matrix takes already.
    seconds_per_entry : float
    tol : float
        The relative residual to reach if nobody says otherwise.
    """

    operator: RidgeOperator
    target: Tensor
    roots: Tensor | None
    direction: Tensor | None
    means: Tensor | None
    level: Tensor
    held_bytes: int
    seconds_per_entry: float
    tol: float

    @classmethod
    def pose(
        cls, table: KernelTable, y: Tensor, weights: Tensor | None, *, fit_intercept: bool
    ) -> RidgeSystem:
        """The system of a kernel matrix, targets (n, t) in float64 and weights."""
        kept, size = held(table)
        fast = _rounded(table) if isinstance(table, PairTable) else kept
        roots = None if weights is None else weights.sqrt()
        operator, direction, means = RidgeOperator.build(
            fast, kept.double(), roots, centred=fit_intercept
        )
        target = y if roots is None else y * roots[:, None]
        level = torch.zeros_like(y[0])
        if direction is not None:
            level = direction @ target
            target = target - torch.outer(direction, level)
        seconds = 1e-9
        if isinstance(fast, PairTable):
            seconds = fast.gram.explain().estimated_seconds / table.shape[0] ** 2
        tol = _TOLERANCE[table.dtype]
        return cls(operator, target, roots, direction, means, level, size, seconds, tol)

    def solve(
        self,
        ridges: Tensor,
        caller: str,
        *,
        solver: str,
        tol: float | None,
        max_iter: int,
        rank: int | None,
        generator: torch.Generator,
        callback: Callable[[Progress], Any] | None,
        x0: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Certificate]:
        """Coefficients (n, t) and intercepts (t,) for a ridge per target, (t,); targets of one
        ridge share the work.

        Warns
        -----
        ConvergenceWarning
            If a residual exceeds the tolerance, with the remedy.
        """
        tol = self.tol if tol is None else check_real(tol, "tol", caller, low=0, low_open=True)
        inside = torch.empty_like(self.target)
        found, steps = [], _Counter(callback)
        memory = max(_config.LEAST_MEMORY, _config.current().memory - self.held_bytes)
        for ridge in ridges.unique().tolist():
            mine = (ridges == ridge).nonzero()[:, 0]
            with warnings.catch_warnings(), _config.config_context(memory=memory):
                # the solver would speak of its own parameters; the same is said below in ours
                warnings.simplefilter("ignore", ConvergenceWarning)
                solution = linalg.solve(
                    self.operator,
                    self.target[:, mine],
                    ridge=ridge,
                    solver=solver,
                    tol=tol,
                    x0=None if x0 is None else x0[:, mine],
                    rank=rank,
                    generator=generator,
                    max_iterations=max_iter,
                    callback=steps,
                    seconds_per_entry=self.seconds_per_entry,
                    caller=caller,
                )
            inside[:, mine] = solution.x
            found.append(solution)
            if not solution.converged and not steps.stopped:
                _warn(caller, solution, ridge, tol)
        worst = max(found, key=lambda solution: solution.residual)
        certificate = Certificate(
            worst.solver,
            worst.residual,
            sum(solution.passes for solution in found),
            max(solution.rank for solution in found),
            max(1, steps.most),
        )
        return *self.expand(inside), certificate

    def expand(self, inside: Tensor) -> tuple[Tensor, Tensor]:
        """Coefficients and intercepts of the model from a solution of the system."""
        intercept = torch.zeros_like(self.level)
        if self.direction is not None and self.means is not None:
            inside = inside - torch.outer(self.direction, self.direction @ inside)
            size = len(inside) ** 0.5
            if self.roots is not None:
                size = float(torch.linalg.vector_norm(self.roots))
            intercept = (self.level - self.means @ inside) / size
        return (inside if self.roots is None else inside * self.roots[:, None]), intercept

    def residual(self, coefficients: Tensor, ridges: Tensor) -> float:
        """The largest relative residual of coefficients as they are stored."""
        inside = coefficients.double()
        if self.roots is not None:
            inside = torch.where(self.roots[:, None] > 0, inside / self.roots[:, None], 0.0)
        rest = self.target - self.operator.double() @ inside - ridges * inside
        norms, scale = (torch.linalg.vector_norm(part, dim=0) for part in (rest, self.target))
        return float(torch.where(scale > 0, norms / scale, 0.0).max())


class _Counter:
    """Passes progress on to the user's callback, and remembers the steps."""

    def __init__(self, callback: Callable[[Progress], Any] | None) -> None:
        self.callback, self.most, self.stopped = callback, 0, False

    def __call__(self, state: Progress) -> bool:
        self.most = max(self.most, state.iteration)
        self.stopped = self.callback is not None and bool(self.callback(state))
        return self.stopped


def as_ridges(alpha: Any, n_targets: int, caller: str, device: torch.device) -> Tensor:
    """One ridge for each target, (t,), float64."""
    if isinstance(alpha, Tensor):
        alpha = alpha.detach().cpu().numpy()
    values = np.atleast_1d(np.asarray(alpha, dtype=object)).tolist()
    if len(values) not in (1, n_targets) or any(isinstance(value, list) for value in values):
        raise ValueError(
            f"{caller}: alpha must be a number, or one for each of the {n_targets} targets, "
            f"got {len(values)} numbers. Number of targets and number of penalties do not "
            f"correspond: {n_targets} != {len(values)}"
        )
    checked = [check_real(value, "alpha", caller, low=0) for value in values]
    found = torch.tensor(checked, dtype=torch.float64, device=device)
    return found.expand(n_targets)


def _rounded(table: PairTable) -> PairTable:
    """The table for products: in float32 where a kernel of distances allows to centre the rows.

    The solvers compare their solutions with ``exact`` and go on in float64 where they must, so that
    this saves time and costs no digit.
    """
    kernel = table.kernel
    radial = isinstance(kernel, Elementary) and kernel.order < 0 and kernel.form in _DISTANCES
    if table.dtype != torch.float64 or not radial:
        return table
    x = (table.x - table.x.mean(0)).float()
    return PairTable(x, x, kernel) if bool(torch.isfinite(x).all()) else table


def _warn(caller: str, solution: linalg.Solution, ridge: float, tol: float) -> None:
    remedy = "Raise alpha or tol"
    if solution.solver != "direct":
        remedy += ", or max_iter or rank, or take solver='direct'"
    warnings.warn(
        f"{caller}: residual_ must be at most tol={tol:.1e}, got {solution.residual:.1e} with "
        f"alpha={ridge:g} ({solution.reason}). {remedy}.",
        ConvergenceWarning,
        stacklevel=4,
    )
