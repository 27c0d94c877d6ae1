"""The linear systems of Newton's method in a kernel's function space."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor

from gramian import _config
from gramian.kernel_methods.classifiers._dense_table import (
    FEW_FEATURES,
    DenseTable,
    settled,
    stored,
)
from gramian.kernel_methods.classifiers._losses import Root
from gramian.kernel_methods.classifiers._low_rank_table import LowRankTable, wide_product_t
from gramian.kernel_methods.classifiers._scaled_kernel import ScaledKernel
from gramian.kernel_methods.classifiers._weighted_inverse import DenseInverse, WeightedInverse
from gramian.kernel_methods.kernel._table import KernelTable, PairTable
from gramian.linalg import DenseOperator, NotPositiveError, Operator, conjugate_gradient, rpcholesky
from gramian.linalg._result import Clock

__all__ = ["KernelSystem"]

_LEAST_RANK = 512
"""Up to this many rows the factor is a complete one, and conjugate gradients need few steps."""
_RANK_PER_ROOT = 5.0
"""The rank is at most this times √n: its set-up then costs about what a product does."""
_COMPLETE = 1e-14
"""Part of the kernel's trace below which a factor leaves nothing out."""
_STEPS = 300
_SMALL = 2048
"""Rows up to which a block stays in the cache, and a factor is float64 where X is."""
_OF_DIFFERENCES = ("squared_euclidean", "manhattan", "chebyshev")
"""Forms that do not change when all rows are moved."""
_ROUGHEST = 1e-5
"""Relative residual down to which float32 products lead."""
_DISTURBED = 0.1
"""Rounding of I + S K S, in units of its least eigenvalue, that a step survives."""
_SPARE = 1.25
"""A stored block may have this many times the rows that are needed."""
_WHOLE = 2
"""The same where the whole matrix is stored, and no block has to be made."""


class KernelSystem:
    """A kernel matrix K with its products and its Newton systems, and what they have cost.

    Parameters
    ----------
    table : KernelTable of shape (n, n)
        Products that decide are float64. Steps towards a solution are float32 where that leaves
        them their way.
    factor : Tensor of shape (n, r)
        A factor of an approximation of K.
    pivots : Tensor of shape (r,), int64
        Rows and columns of K that this approximation keeps.

    Attributes
    ----------
    passes : float
        Entries computed so far, in units of n².
    diagonal, left_out : float
        Mean of the diagonals of K, and of K less the approximation.
    """

    def __init__(
        self, table: KernelTable, factor: Tensor, pivots: Tensor, left_out: float = 0.0
    ) -> None:
        self.exact, self._narrow, self.factor = table.double(), _narrow(table), factor
        self.passes, self.diagonal = 0.0, float(table.diagonal().double().mean())
        self.pivots, self.left_out = pivots, left_out
        self.low_rank = isinstance(table, LowRankTable)
        self.stored: tuple[Tensor, DenseOperator] | None = None
        self._settled = self.low_rank

    @classmethod
    def build(
        cls, table: KernelTable, columns: int, generator: torch.Generator, rank: int | None = None
    ) -> KernelSystem:
        """The system of a kernel matrix, for so many problems side by side."""
        table = settled(table)
        n, budget = table.shape[0], _config.current().memory
        rank = rank or max(_LEAST_RANK, round(_RANK_PER_ROOT * math.sqrt(n)))
        source = table if n <= _SMALL else _narrow(table)
        in_budget = min(
            budget // (8 * n * source.dtype.itemsize), math.isqrt(budget // 64 // columns)
        )
        rank = max(1, min(n, rank, in_budget))
        found = rpcholesky(source, rank, tol=_COMPLETE, generator=generator)
        left_out = found.trace_residual / n
        system = cls(table, found.factor.contiguous(), found.pivots, left_out)
        system.passes = found.rank / n + isinstance(table, DenseTable)
        return system

    def simplified(self) -> KernelSystem:
        """The system of the approximation, whose products cost O(n r)."""
        factor = self.factor
        if len(self) <= _SMALL:
            factor = factor.double()
        return KernelSystem(LowRankTable(factor, factor), self.factor, self.pivots)

    def __len__(self) -> int:
        return self.exact.shape[0]

    @property
    def rank(self) -> int:
        """Rank of the preconditioner."""
        return self.factor.shape[1]

    def tolerates_float32(self, weights: Tensor) -> bool:
        """Whether I + S K S stays what it is when K is rounded to float32."""
        largest = float(weights.max()) ** 2 * self.diagonal * len(self)
        return largest * torch.finfo(torch.float32).eps <= _DISTURBED

    @property
    def narrow(self) -> KernelTable:
        """K for what may be rough, in float32 where that is possible; stored where it ought to be.

        It is stored at its first use: a stiff problem never has one.
        """
        if not self._settled:
            lazy, self._narrow = self._narrow, stored(self._narrow)
            self.passes += self._narrow is not lazy
            self._settled = True
        return self._narrow

    def product(self, v: Tensor, *, rough: bool = False) -> Tensor:
        """K v from the columns in which v is not zero, in float64; ``rough``: from float32."""
        used = v.any(1).nonzero()[:, 0]
        if not len(used):
            return torch.zeros_like(v)
        table = self.narrow if rough else self.exact
        if not self._is_free(table):
            self.passes += len(used) / len(self)
        if len(used) < len(self) and not isinstance(table, DenseTable):
            table, v = table.between(None, used), v[used]
        return (table @ v.to(table.dtype)).double()

    def expansion(self, beta: Tensor) -> tuple[Tensor, Tensor]:
        """Rows, rising, and coefficients (m, k) of the kernel there: the function that is K β."""
        if not self.low_rank:
            used = beta.any(1).nonzero()[:, 0]
            return used, beta[used]
        rows, order = self.pivots.sort()
        features = wide_product_t(self.factor, beta)
        triangle = self.factor[self.pivots].double().tril()
        found = torch.linalg.solve_triangular(triangle.T, features, upper=True)
        return rows, found[order]

    def solve(
        self, root: Root, target: Tensor, shift: Tensor, *, coupled: bool, tol: float
    ) -> Tensor:
        """S v, (n, k), for the v that solves (I + Sᵀ (K + shift 1 1ᵀ) S) v = target.

        The residual is at most ``tol`` relative to the target, where rounding allows it.
        """
        if not bool(torch.isfinite(torch.linalg.vector_norm(target))):
            raise NotPositiveError("solve: kernel must be finite and its products too, got more.")
        found = torch.zeros_like(target)
        active = root.weights.any(1).nonzero()[:, 0]
        if not bool(target[active].any()):
            return found
        rough = tol >= _ROUGHEST and self.tolerates_float32(root.weights)
        active, inner, cost = self._block(active, self.narrow if rough else self.exact)
        local = root.take(active)
        right = target[active]
        if not coupled:
            # problems apart make one long system; in one scale, so that each gets its digits
            scale = torch.linalg.vector_norm(right, dim=0)
            scale = torch.where(scale > 0, scale, 1.0)
            right = right / scale
        inverse = self._inverse(inner, active, local, shift, rough)

        def preconditioned(v: Tensor) -> Tensor:
            columns = local.project(v.reshape(right.shape))
            return local.project(inverse(columns)).reshape(-1, 1)

        clock = Clock("newton")
        solution = conjugate_gradient(
            cast(Operator, ScaledKernel(inner, local, shift)),  # it needs products and no entries
            right.reshape(-1, 1),
            ridge=1.0,
            tol=tol,
            preconditioner=preconditioned,
            max_iterations=_STEPS,
            clock=clock,
        )
        self.passes += cost * clock.passes
        v = solution.x.reshape(right.shape)
        found[active] = local.times(v if coupled else v * scale)
        return found

    def _inverse(
        self,
        inner: KernelTable | DenseOperator,
        active: Tensor,
        root: Root,
        shift: Tensor,
        rough: bool,
    ) -> DenseInverse | WeightedInverse:
        """The preconditioner: a dense factor where it is cheaper than the low-rank one."""
        size = len(active)
        bytes_needed = 24 * size**2 * root.weights.shape[1]
        small = size**2 <= 3 * self.factor.shape[1] ** 2
        if small and isinstance(inner, DenseOperator) and bytes_needed <= _config.current().memory:
            try:
                return DenseInverse(inner.matrix, root.weights, shift)
            except torch.linalg.LinAlgError:
                pass  # a kernel that rounding has made indefinite: the low-rank one is never that
        factor = self.factor if size == len(self) else self.factor[active]
        try:
            return WeightedInverse(factor, root.weights, shift, rough=rough)
        except torch.linalg.LinAlgError:
            largest = float(root.weights.max()) ** 2
            raise NotPositiveError(
                f"solve: C times the kernel must leave digits to 1, got curvatures of {largest:g} "
                f"on a kernel of {self.diagonal:g}. Lower C or scale the features."
            ) from None

    def _block(
        self, active: Tensor, table: KernelTable
    ) -> tuple[Tensor, KernelTable | DenseOperator, float]:
        """K among rows that include ``active``, which rows they are, and the price of a product."""
        if self.low_rank:
            return active, table.between(active, active), 0.0
        if isinstance(table, DenseTable) and len(self) <= _WHOLE * len(active):
            return torch.arange(len(self), device=active.device), DenseOperator(table.matrix), 0.0
        if self.stored is not None:
            rows, block = self.stored
            if (
                block.dtype == table.dtype
                and len(rows) <= _SPARE * len(active)
                and bool(torch.isin(active, rows).all())
            ):
                return rows, block, 0.0
        share = 0.0 if self._is_free(table) else (len(active) / len(self)) ** 2
        cheap = isinstance(table, PairTable) and table.x.shape[1] <= FEW_FEATURES
        limit = _config.current().memory // 2
        if len(active) ** 2 * table.dtype.itemsize > limit or (cheap and len(active) > _SMALL):
            return active, table.between(active, active), share
        self.stored = None
        self.stored = active, DenseOperator(table.block(active, active))
        self.passes += share
        return *self.stored, 0.0

    def _is_free(self, table: KernelTable) -> bool:
        """Whether products with a table compute no entries."""
        return self.low_rank or isinstance(table, DenseTable)


def _narrow(table: KernelTable) -> KernelTable:
    """The table in float32, where that takes nothing but rounding off the entries."""
    if isinstance(table, LowRankTable):
        return table.narrow()
    if not isinstance(table, PairTable) or table.dtype == torch.float32:
        return table
    if getattr(table.kernel, "form", None) not in _OF_DIFFERENCES:
        return table
    x = (table.x - table.x.mean(0)).float()
    return PairTable(x, x, table.kernel)
