"""One ridge system, and each solver run on it."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian import _config
from gramian.linalg._choice import direct_bytes
from gramian.linalg._operator import Operator, relative_residual
from gramian.linalg._preconditioner import LowRankInverse
from gramian.linalg._result import Clock
from gramian.linalg.cg import Iterate, conjugate_gradient
from gramian.linalg.direct import cholesky_solve, eigen_solve
from gramian.linalg.restricted import solve_restricted
from gramian.linalg.rpcholesky import NotPositiveError, rpcholesky
from gramian.linalg.sketch_and_project import sketch_and_project

__all__ = ["Job"]

_SMALL = 1e-3
"""Trace of the rest over ridge · n below which more rank saves no step."""
_USELESS = 1e-2
"""A relative residual of a dense factor above which eigenvectors are tried instead."""
_FAST_FACTOR = 1e-12
"""The least tolerance for which a float32 factor is tried first."""


class Job:
    """One system and the ways to solve it; each gives the iterate, the rank and a remark."""

    def __init__(
        self,
        operator: Operator,
        b: Tensor,
        ridge: float,
        tol: float,
        x0: Tensor | None,
        rank: int,
        generator: torch.Generator,
        max_iterations: int,
        clock: Clock,
    ) -> None:
        self.operator, self.b, self.ridge, self.tol = operator, b, ridge, tol
        self.x0, self.rank, self.generator = x0, rank, generator
        self.max_iterations, self.clock = max_iterations, clock

    def direct(self) -> tuple[Iterate, int, str]:
        """Dense factors, the cheap one first."""
        n, memory = len(self.b), _config.current().memory
        found = None
        for dtype in (torch.float32, torch.float64):
            if dtype == torch.float32 and self.tol < _FAST_FACTOR:
                continue
            if dtype == torch.float64 and direct_bytes(n, dtype) > memory:
                continue
            better = cholesky_solve(
                self.operator,
                self.b,
                ridge=self.ridge,
                tol=self.tol,
                dtype=dtype,
                clock=self.clock,
            )
            found = better or found
            if better is not None and float(better.residual.max()) <= self.tol:
                return better, n, f"dense factor in {str(dtype).removeprefix('torch.')}"
        if found is not None and float(found.residual.max()) <= _USELESS:
            return found, n, ""
        if 24 * n * n <= memory:
            found, rank = eigen_solve(self.operator, self.b, ridge=self.ridge, clock=self.clock)
            note = f"K + ridge I is singular or indefinite: least-norm solution, rank {rank} of {n}"
            return found, rank, note
        if found is not None:
            return found, n, ""
        raise NotPositiveError(
            "solve: K + ridge I must be positive definite where its eigenvectors do not fit the "
            f"memory, got a matrix of {n} rows that has no Cholesky factor. Raise ridge, or "
            f"gramian.config(memory={24 * n * n})."
        )

    def pcg(self) -> tuple[Iterate, int, str]:
        """Conjugate gradients, with a factor where the matrix has one."""
        factor, note = None, ""
        try:
            factor = self._factor(self._enough())
        except NotPositiveError:
            note = "the kernel is not positive semi-definite: no preconditioner"
        found = conjugate_gradient(
            self.operator,
            self.b,
            ridge=self.ridge,
            tol=self.tol,
            preconditioner=None if factor is None else LowRankInverse(factor, self.ridge),
            x0=self.x0,
            max_iterations=self.max_iterations,
            clock=self.clock,
        )
        return found, 0 if factor is None else factor.shape[1], note

    def sketch(self) -> tuple[Iterate, int, str]:
        """Sketch-and-project."""
        found = sketch_and_project(
            self.operator,
            self.b,
            ridge=self.ridge,
            tol=self.tol,
            generator=self.generator,
            x0=self.x0,
            max_passes=float(self.max_iterations),
            clock=self.clock,
        )
        return found, min(100, len(self.b)), ""

    def nystroem(self) -> tuple[Iterate, int, str]:
        """The regression restricted to pivots."""
        pivots = self._factor(0.0, pivots=True)
        exact = self.operator.double()
        left = None
        if self.clock.time_budget is not None:
            left = max(0.0, self.clock.time_budget - self.clock.seconds)
        found = solve_restricted(
            self.operator.take(pivots).T,
            exact.block(pivots, pivots),
            self.b,
            ridge=self.ridge,
            generator=self.generator,
            tol=self.tol,
            max_iterations=self.max_iterations,
            callback=self.clock.callback,
            time_budget=left,
        )
        x = torch.zeros_like(self.b)
        x[pivots] = found.coefficients
        residual = relative_residual(exact, x, self.b, self.ridge)
        self.clock.passes += 1 + found.passes * len(pivots) / len(x)
        note = "the residual is that of the whole system, which landmarks do not solve"
        return Iterate(x, residual, "" if found.converged else found.reason), len(pivots), note

    def _enough(self) -> float:
        """The trace residual, relative to the trace, at which more rank helps little."""
        trace = float(self.operator.diagonal().double().sum())
        return min(1.0, _SMALL * self.ridge * len(self.b) / trace) if trace > 0 else 1.0

    def _factor(self, tol: float, *, pivots: bool = False) -> Tensor:
        """The pivoted Cholesky factor, or its pivots."""
        found = rpcholesky(self.operator, self.rank, tol=tol, generator=self.generator)
        self.clock.passes += found.rank / len(self.b)
        return found.pivots if pivots else found.factor
