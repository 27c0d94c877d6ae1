"""Randomly pivoted Cholesky: a partial factor of a positive semi-definite matrix from few columns.

A pivot is drawn with a probability proportional to the diagonal of what is not yet explained. That
needs n r entries of the matrix and no product with the whole of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian import _config
from gramian._validation import check_choice, check_int, check_real
from gramian.errors import MemoryBudgetError
from gramian.linalg._operator import Operator, row_blocks, square_size

__all__ = ["NotPositiveError", "PivotedCholesky", "rpcholesky"]

_FLOOR = 16.0
"""Residual diagonals below this many rounding errors of the entry count as zero."""
_GROWTH = 4.0
"""The same times the root of the rank, once that is more: products of r terms round so much."""
_NEGATIVE = 1e-3
"""A residual diagonal below minus this part of the largest entry is no rounding error."""
_LITTLE = 1e-3
"""Part of the trace below which a negative diagonal is one, after many pivots."""


class NotPositiveError(ValueError):
    """An operator that must be positive semi-definite is not."""


@dataclass(frozen=True)
class PivotedCholesky:
    """A partial Cholesky factor, K ≈ F Fᵀ, exact on the pivots' rows and columns.

    Attributes
    ----------
    factor : Tensor of shape (n, rank)
        F.
    pivots : Tensor of shape (rank,), int64
        Rows that were chosen, in order.
    trace : float
        Trace of K.
    trace_residuals : Tensor of shape (rounds + 1,), float64
        trace(K − F Fᵀ) before the first round and after each; it bounds the error's nuclear,
        Frobenius and spectral norm.
    residual_diagonal : Tensor of shape (n,), float64
        Diagonal of K − F Fᵀ.
    """

    factor: Tensor
    pivots: Tensor
    trace: float
    trace_residuals: Tensor
    residual_diagonal: Tensor

    @property
    def rank(self) -> int:
        """Number of pivots."""
        return len(self.pivots)

    @property
    def trace_residual(self) -> float:
        """trace(K − F Fᵀ)."""
        return float(self.trace_residuals[-1])


@torch.no_grad()
def rpcholesky(
    operator: Operator,
    rank: int | None = None,
    *,
    tol: float = 0.0,
    generator: torch.Generator,
    method: str = "accelerated",
) -> PivotedCholesky:
    """Factor a positive semi-definite operator until the trace of the rest is small.

    Parameters
    ----------
    operator : Operator of shape (n, n), float32 or float64
    rank : int, optional
        Largest number of pivots; what half of the memory budget holds if not given.
    tol : float, default=0.0
        Stops where trace(K − F Fᵀ) ≤ tol · trace(K).
    generator : torch.Generator
        On the CPU. The same generator gives the same pivots.
    method : {"accelerated", "plain"}, default="accelerated"
        "plain" draws one pivot at a time. "accelerated" draws blocks and rejects from them, which
        gives pivots of the same distribution and works in matrix products.

    Returns
    -------
    PivotedCholesky
        The rank is smaller than asked for where the rest is zero up to rounding.

    Raises
    ------
    ValueError
        If the operator is not square; `NotPositiveError` if it shows itself not positive
        semi-definite.
    MemoryBudgetError
        If the factor does not fit the memory budget.

    Notes
    -----
    n r entries, O(n r²) time, n r numbers of the operator's dtype. Residual diagonals below 16
    rounding errors of the entry, or 4 √r of them where r is above 16, are set to zero, which ends
    the loop at the numerical rank.

    References
    ----------
    .. [1] Y. Chen, E. N. Epperly, J. A. Tropp, R. J. Webber, "Randomly pivoted Cholesky",
       Commun. Pure Appl. Math. 78(5), 2025, algorithm 1, doi:10.1002/cpa.22234.
    .. [2] E. N. Epperly, J. A. Tropp, R. J. Webber, "Embrace rejection: kernel matrix approximation
       by accelerated randomly pivoted Cholesky", arXiv:2410.03969, 2024, algorithm 2.

    Examples
    --------
    >>> import torch
    >>> from gramian.linalg import DenseOperator
    >>> K = DenseOperator(torch.ones(5, 5))
    >>> found = rpcholesky(K, generator=torch.Generator().manual_seed(0))
    >>> found.rank, found.trace_residual
    (1, 0.0)
    """
    check_choice(method, "method", "rpcholesky", ("accelerated", "plain"))
    tol = check_real(tol, "tol", "rpcholesky", low=0.0, high=1.0)
    n = square_size(operator, "rpcholesky")
    rank = _rank_in_budget(operator, rank)
    # proposals whose elimination costs little beside the update of n rows; not timed, because the
    # pivots of one seed must not depend on the machine's mood
    proposals = 1 if method == "plain" else min(max(math.isqrt(n), 16), 256)
    state = _Factorisation(operator, rank)
    while state.rank < rank and state.left > tol * state.trace and not state.ended:
        state.extend(*state.choose(proposals, generator))
    return state.result()


def _rank_in_budget(operator: Operator, rank: int | None) -> int:
    """The rank asked for, or the one that half of the memory budget holds."""
    n = operator.shape[0]
    if rank is not None:
        return check_int(rank, "rank", "rpcholesky", low=1, high=n)
    budget, column = _config.current().memory, n * operator.dtype.itemsize
    if budget // 2 < column:
        raise MemoryBudgetError(
            f"rpcholesky: memory must be at least {2 * column} bytes for one column of {n} rows, "
            f"got {budget}. Raise it with gramian.config(memory={2 * column}).",
            needed=2 * column,
            budget=budget,
        )
    return min(n, budget // 2 // column)


class _Factorisation:
    """The factor so far, by columns, and the diagonal of what is left."""

    def __init__(self, operator: Operator, rank: int) -> None:
        self.operator, self.rank, self.ended = operator, 0, False
        self.diagonal = operator.diagonal().double().clone()
        self.largest = float(self.diagonal.max())
        self._check(self.diagonal)
        self.rounding = torch.finfo(operator.dtype).eps * self.diagonal
        self.trace = float(self.diagonal.sum())
        self.history = [self.trace]
        # rows of this table are columns of F, so that memory for a rank never reached is not used
        self.factor = torch.empty(
            rank, operator.shape[0], dtype=operator.dtype, device=operator.device
        )
        self.pivots = torch.empty(rank, dtype=torch.int64, device=operator.device)

    @property
    def left(self) -> float:
        """Trace of what is left."""
        return self.history[-1]

    @property
    def floor(self) -> Tensor:
        """Residual diagonals that count as zero."""
        return max(_FLOOR, _GROWTH * math.sqrt(self.rank)) * self.rounding

    def choose(self, proposals: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Pivots, and the Cholesky factor of what is left on them.

        Proposals follow the diagonal as it was; each is taken with the part of it that those
        before have left. That is the distribution of one draw at a time.
        """
        total = self.diagonal.cumsum(0)
        uniform = torch.rand(2, proposals, generator=generator, dtype=torch.float64)
        uniform = uniform.to(total.device)
        drawn = torch.searchsorted(total, uniform[0] * total[-1], right=True)
        drawn = drawn.clamp_max(len(total) - 1)
        known = self.factor[: self.rank, drawn].double()
        rest = self.operator.block(drawn, drawn).double() - known.T @ known
        before = self.diagonal[drawn]
        floor = self.floor[drawn]
        threshold = torch.maximum(uniform[1] * before, floor).tolist()
        taken: list[int] = []
        columns = []
        for i in range(proposals):
            pivot = float(rest[i, i])
            # the first is kept, come what may, so that every round makes progress
            if self.rank + len(taken) == len(self.factor) or (taken and not pivot > threshold[i]):
                continue
            pivot = max(pivot, float(floor[i]))
            column = rest[:, i] / math.sqrt(pivot)
            column[:i] = 0
            column[i] = math.sqrt(pivot)
            rest = torch.addr(rest, column, column, alpha=-1)
            taken.append(i)
            columns.append(column)
        return drawn[taken], torch.stack(columns, 1)[taken]

    def extend(self, chosen: Tensor, triangle: Tensor) -> None:
        """Add the columns of the chosen pivots, and take them off the diagonal.

        A pivot hardly above rounding makes a column of noise, and those after it multiply the
        noise. The diagonal then falls below zero, and half as many pivots are taken. Where a
        single one does so and little is left, the factor is as good as its dtype allows.
        """
        left = self._filled(chosen, triangle)
        while spoilt := bool((left < -self.floor).any()):
            if len(chosen) == 1:
                break
            half = len(chosen) // 2
            chosen, triangle = chosen[:half], triangle[:half, :half]
            left = self._filled(chosen, triangle)
        self.ended = spoilt and self.left <= _LITTLE * self.trace
        if self.ended:
            return
        self.pivots[self.rank : self.rank + len(chosen)] = chosen
        self.rank += len(chosen)
        left[chosen] = 0
        self._check(left)
        self.diagonal = torch.where(left <= self.floor, 0.0, left)
        self.history.append(float(self.diagonal.sum()))

    def _filled(self, chosen: Tensor, triangle: Tensor) -> Tensor:
        """The diagonal that the pivots would leave, with their columns written into the factor."""
        old, new = self.rank, self.rank + len(chosen)
        triangle, left = triangle.to(self.factor.dtype), self.diagonal.clone()
        known = self.factor[:old, chosen]
        for rows in row_blocks(len(left), len(chosen), left.device):
            part = slice(int(rows[0]), int(rows[-1]) + 1)
            rest = self.operator.block(rows, chosen).T - known.T @ self.factor[:old, part]
            found = torch.linalg.solve_triangular(triangle, rest, upper=False)
            self.factor[old:new, part] = found
            left[part] -= found.double().square().sum(0)
        return left

    def result(self) -> PivotedCholesky:
        return PivotedCholesky(
            factor=self.factor[: self.rank].T,
            pivots=self.pivots[: self.rank],
            trace=self.trace,
            trace_residuals=torch.tensor(self.history, dtype=torch.float64),
            residual_diagonal=self.diagonal,
        )

    def _check(self, diagonal: Tensor) -> None:
        """What is left of a positive semi-definite matrix has no negative diagonal."""
        lowest = float(diagonal.min())
        if not lowest >= -_NEGATIVE * self.largest:
            raise NotPositiveError(
                "rpcholesky: operator must be positive semi-definite, got a diagonal entry of "
                f"{lowest:g} after {self.rank} pivots. Use a positive definite kernel."
            )
