"""Kernel ridge regression for many ridges at once, with leave-one-out errors, from one factor.

With H the matrix that maps targets to fitted values, leaving row i out changes its residual from
r_i to r_i / (1 − H_ii): no model is fitted twice. Source: R. Rifkin and R. Lippert, "Notes on
regularized least squares", MIT-CSAIL-TR-2007-025; the intercept adds w_i / Σw to H_ii. A row of
weight w > 1 is w rows, of which one is left out: H_ii / w takes the place of H_ii.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from gramian import _config
from gramian.errors import MemoryBudgetError
from gramian.kernel_methods.kernel._table import KernelTable
from gramian.linalg import rpcholesky

__all__ = ["Block", "EigenPath", "FactorPath", "Model", "Path", "Targets", "eigen_bytes"]

_ROWS = 1024
"""Rows of a factor that are widened to float64 at once."""
_SMALL = 1e-3
"""Part of the smallest ridge that a factor may leave out of each row, on average."""


@dataclass(frozen=True)
class Targets:
    """Targets (n, t) in float64, positive weights (n,) and whether there is an intercept."""

    values: Tensor
    weights: Tensor
    fit_intercept: bool

    @classmethod
    def of(cls, values: Tensor, weights: Tensor | None, *, fit_intercept: bool) -> Targets:
        ones = values.new_ones(len(values))
        return cls(values, ones if weights is None else weights, fit_intercept)

    @property
    def mean(self) -> Tensor:
        """What the intercept takes off the targets, (t,)."""
        if not self.fit_intercept:
            return torch.zeros_like(self.values[0])
        return self.weights @ self.values / self.weights.sum()

    @property
    def copy(self) -> Tensor:
        """How much of each row is left out at a time, (n,): one of its copies, or all of it."""
        return self.weights.clamp_max(1.0)

    def take(self, i: Tensor) -> Targets:
        return Targets(self.values[i], self.weights[i], self.fit_intercept)


@dataclass(frozen=True)
class Block:
    """What a path says of some rows, in the unit of the targets.

    Attributes
    ----------
    span : slice
    left_out : Tensor of shape (rows, t, ridges)
        Target less the prediction of the fit without that row.
    residual : Tensor of shape (rows, t, ridges)
        Target less the fitted value.
    """

    span: slice
    left_out: Tensor
    residual: Tensor


@dataclass(frozen=True)
class Model:
    """Σ_j coefficient_j k(·, x_j) + intercept for each ridge.

    Attributes
    ----------
    rows : Tensor of shape (m,), int64
        The j that are used.
    coefficients : Tensor of shape (m, t, ridges), float64
    intercepts : Tensor of shape (t, ridges), float64
    """

    rows: Tensor
    coefficients: Tensor
    intercepts: Tensor

    def predict(self, table: KernelTable) -> Tensor:
        """Predictions (q, t, ridges) from the kernel of q queries and all rows of the fit."""
        flat = self.coefficients.flatten(1)
        product = table.between(None, self.rows).double() @ flat
        return product.unflatten(1, self.coefficients.shape[1:]) + self.intercepts


class Path(Protocol):
    """One factor of a kernel matrix, and what it says of every ridge.

    ``rank`` is that of the factor; ``left_out`` is trace(K − F Fᵀ) / n, what the factor leaves out
    of a row on average: beside a ridge, the error of the path.
    """

    rank: int
    left_out: float

    def blocks(self, ridges: Tensor) -> Iterator[Block]:
        """Residuals of all rows, block by block in order."""

    def freedom(self, ridges: Tensor) -> Tensor:
        """Degrees of freedom: the trace of H for each ridge."""

    def model(self, ridges: Tensor) -> Model:
        """The regressions themselves."""


class EigenPath:
    """All eigenvectors of the weighted and centred kernel matrix: exact, O(n³) once.

    Parameters
    ----------
    table : KernelTable of shape (n, n)
    targets : Targets

    Raises
    ------
    MemoryBudgetError
        If 24 n² bytes do not fit the budget.
    """

    left_out = 0.0

    def __init__(self, table: KernelTable, targets: Targets, caller: str) -> None:
        n = self.rank = table.shape[0]
        needed, budget = eigen_bytes(n), _config.current().memory
        if needed > budget:
            raise MemoryBudgetError(
                f"{caller}: memory must be at least {needed} bytes for the eigenvectors of {n} "
                f"rows, got {budget}. Raise it with gramian.config(memory={needed}), or take "
                "method='low-rank'.",
                needed=needed,
                budget=budget,
            )
        self.targets, self.roots = targets, targets.weights.sqrt()
        matrix = table.double().entries()
        matrix = self.roots[:, None] * (matrix + matrix.T) / 2 * self.roots
        self.direction = self.means = None
        if targets.fit_intercept:
            u = self.direction = self.roots / torch.linalg.vector_norm(self.roots)
            self.means = matrix @ u
            matrix -= torch.outer(u, self.means)
            matrix -= torch.outer(matrix @ u, u)
            # u is an eigenvector of its own, at the top, where it can be told and left out
            matrix += torch.outer(u, 2 * float(torch.linalg.matrix_norm(matrix)) * u + u)
        values, vectors = torch.linalg.eigh(matrix)
        if targets.fit_intercept:
            values, vectors = values[:-1], vectors[:, :-1]
        rounding = n * torch.finfo(values.dtype).eps * float(values.abs().max()) if n > 1 else 0.0
        self.values = torch.where(values.abs() > rounding, values, 0.0)
        self.vectors = vectors
        centred = targets.values - targets.mean
        self.moments = vectors.T @ (self.roots[:, None] * centred)

    def blocks(self, ridges: Tensor) -> Iterator[Block]:
        inverse = 1 / (self.values[:, None] + ridges)
        residual = self._scaled(ridges) * ridges / self.roots[:, None, None]
        # 1 − H_ii without a difference, and the part of the row that stays
        kept = (self.vectors.square() @ inverse) * ridges
        part = self.targets.copy[:, None] / self.targets.weights[:, None]
        left_out = residual / (1 - part + part * kept)[:, None]
        yield Block(slice(0, len(residual)), left_out, residual)

    def freedom(self, ridges: Tensor) -> Tensor:
        inside = (self.values[:, None] / (self.values[:, None] + ridges)).sum(0)
        return inside + float(self.targets.fit_intercept)

    def model(self, ridges: Tensor) -> Model:
        scaled = self._scaled(ridges)
        intercepts = scaled.new_zeros(scaled.shape[1:])
        if self.means is not None:
            # P took S y's part along u, and K's part along u belongs to the constant as well
            inner = torch.einsum("n,nta->ta", self.means, scaled)
            intercepts = self.targets.mean[:, None] - inner / torch.linalg.vector_norm(self.roots)
        rows = torch.arange(len(scaled), device=scaled.device)
        return Model(rows, scaled * self.roots[:, None, None], intercepts)

    def _scaled(self, ridges: Tensor) -> Tensor:
        """Coefficients of the weighted system, (n, t, ridges)."""
        inverse = 1 / (self.values[:, None] + ridges)
        inside = self.moments[:, :, None] * inverse[:, None]
        return torch.einsum("nk,kta->nta", self.vectors, inside)


class FactorPath:
    """A randomly pivoted Cholesky factor F, K ≈ F Fᵀ: the regression on r landmarks, O(n r²).

    Parameters
    ----------
    table : KernelTable of shape (n, n)
    targets : Targets
    rank : int
        The most landmarks.
    least_ridge : float
        The factor stops earlier where it leaves out less than a thousandth of it.
    generator : torch.Generator

    Notes
    -----
    Everything said is exact for the kernel F Fᵀ. n r numbers of the table's dtype and 24 r² bytes.
    """

    def __init__(
        self,
        table: KernelTable,
        targets: Targets,
        rank: int,
        least_ridge: float,
        generator: torch.Generator,
    ) -> None:
        n = table.shape[0]
        trace = float(table.diagonal().double().sum())
        tol = min(1.0, _SMALL * least_ridge * n / trace) if trace > 0 else 0.0
        found = rpcholesky(table, rank, tol=tol, generator=generator)
        self.factor, self.pivots = found.factor, found.pivots
        self.rank, self.left_out = found.rank, found.trace_residual / n
        self.targets = targets
        self.shift = self.factor.new_zeros(self.rank, dtype=torch.float64)
        if targets.fit_intercept:
            for span, part in self._parts():
                self.shift += targets.weights[span] @ part
            self.shift /= targets.weights.sum()
        self.centred = targets.values - targets.mean
        inner = self.shift.new_zeros(self.rank, self.rank)
        moments = self.shift.new_zeros(self.rank, self.centred.shape[1])
        for span, part in self._parts():
            part -= self.shift
            weighted = part * targets.weights[span, None]
            inner.addmm_(part.T, weighted)
            moments.addmm_(weighted.T, self.centred[span])
        self.values, self.vectors = torch.linalg.eigh(inner)
        self.values = self.values.clamp_min(0)
        self.moments = self.vectors.T @ moments

    def blocks(self, ridges: Tensor) -> Iterator[Block]:
        inverse = 1 / (self.values[:, None] + ridges)
        solutions = (self.moments[:, :, None] * inverse[:, None]).flatten(1)
        copy = self.targets.copy[:, None]
        share = 1 / self.targets.weights.sum() if self.targets.fit_intercept else 0.0
        for span, part in self._parts():
            scores = part.sub_(self.shift) @ self.vectors
            fitted = (scores @ solutions).view(len(part), -1, len(ridges))
            residual = self.centred[span, :, None] - fitted
            lever = copy[span] * (scores.square_() @ inverse + share)
            yield Block(span, residual / (1 - lever)[:, None], residual)

    def freedom(self, ridges: Tensor) -> Tensor:
        inside = (self.values[:, None] / (self.values[:, None] + ridges)).sum(0)
        return inside + float(self.targets.fit_intercept)

    def model(self, ridges: Tensor) -> Model:
        inside = self.moments[:, :, None] / (self.values[:, None, None] + ridges)
        inside = torch.einsum("rk,kta->rta", self.vectors, inside)
        intercepts = self.targets.mean[:, None] - torch.einsum("r,rta->ta", self.shift, inside)
        # features of any row are k(·, pivots) L⁻ᵀ, with L the pivots' own rows of the factor
        triangle = self.factor[self.pivots].double().T
        flat = torch.linalg.solve_triangular(triangle, inside.flatten(1), upper=True)
        return Model(self.pivots, flat.unflatten(1, inside.shape[1:]), intercepts)

    def _parts(self) -> Iterator[tuple[slice, Tensor]]:
        """The factor in float64, block by block of its rows; all in the same memory."""
        buffer = torch.empty(_ROWS, self.rank, dtype=torch.float64, device=self.factor.device)
        for start in range(0, len(self.factor), _ROWS):
            span = slice(start, min(start + _ROWS, len(self.factor)))
            yield span, buffer[: span.stop - start].copy_(self.factor[span])


def eigen_bytes(n: int) -> int:
    """Memory of all eigenvectors of n rows."""
    return 24 * n * n
