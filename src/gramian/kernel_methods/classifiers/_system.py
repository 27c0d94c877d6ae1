"""The linear systems of Newton's method in a kernel's function space."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor

from gramian import _config
from gramian.kernel_methods.classifiers._losses import Root
from gramian.kernel_methods.classifiers._low_rank_table import LowRankTable
from gramian.kernel_methods.classifiers._weighted_inverse import DenseInverse, WeightedInverse
from gramian.kernel_methods.kernel._table import KernelTable, PairTable
from gramian.linalg import DenseOperator, Operator, conjugate_gradient, rpcholesky
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
_FEW_FEATURES = 64
"""Up to so many features, entries are computed again as fast as they are read from memory."""
_OF_DIFFERENCES = ("squared_euclidean", "manhattan", "chebyshev")
"""Forms that do not change when all rows are moved."""
_ROUGHEST = 1e-5
"""Relative residual down to which float32 products lead."""
_DISTURBED = 0.1
"""Rounding of I + S K S, in units of its least eigenvalue, that a step survives."""
_SPARE = 1.25
"""A stored block may have this many times the rows that are needed."""


class KernelSystem:
    """A kernel matrix K with its products and its Newton systems, and what they have cost.

    Parameters
    ----------
    table : KernelTable of shape (n, n)
        Products that decide are float64. Steps towards a solution are float32 where that leaves
        them their way.
    factor : Tensor of shape (n, r + 1)
        A factor of an approximation of K, and a column of ones.

    Attributes
    ----------
    passes : float
        Entries computed so far, in units of n².
    diagonal, left_out : float
        Mean of the diagonals of K, and of K less the approximation.
    """

    def __init__(self, table: KernelTable, factor: Tensor, left_out: float = 0.0) -> None:
        self.exact, self.narrow, self.factor = table.double(), _narrow(table), factor
        self.passes, self.diagonal = 0.0, float(table.diagonal().double().mean())
        self.left_out = left_out
        self.stored: tuple[Tensor, DenseOperator] | None = None

    @classmethod
    def build(cls, table: KernelTable, columns: int, generator: torch.Generator) -> KernelSystem:
        """The system of a kernel matrix, for so many problems side by side."""
        n, budget = table.shape[0], _config.current().memory
        rank = max(_LEAST_RANK, round(_RANK_PER_ROOT * math.sqrt(n)))
        source = table if n <= _SMALL else _narrow(table)
        in_budget = min(
            budget // (4 * n * source.dtype.itemsize), math.isqrt(budget // 64 // columns)
        )
        rank = max(1, min(n, rank, in_budget))
        found = rpcholesky(source, rank, tol=_COMPLETE, generator=generator)
        constant = torch.ones(n, 1, dtype=source.dtype, device=table.device)
        left_out = found.trace_residual / n
        system = cls(table, torch.cat([found.factor, constant], 1), left_out)
        system.passes = found.rank / n
        return system

    def simplified(self) -> KernelSystem:
        """The system of the approximation, whose products cost O(n r)."""
        factor = self.factor
        if 8 * factor.numel() <= _config.current().memory // 4:
            factor = factor.double()
        features = factor[:, :-1]
        return KernelSystem(LowRankTable(features, features), self.factor)

    def __len__(self) -> int:
        return self.exact.shape[0]

    @property
    def rank(self) -> int:
        """Rank of the preconditioner."""
        return self.factor.shape[1] - 1

    def tolerates_float32(self, weights: Tensor) -> bool:
        """Whether I + S K S stays what it is when K is rounded to float32."""
        largest = float(weights.max()) ** 2 * self.diagonal * len(self)
        return largest * torch.finfo(torch.float32).eps <= _DISTURBED

    def product(self, v: Tensor, *, rough: bool = False) -> Tensor:
        """K v from the columns in which v is not zero, in float64; ``rough``: from float32."""
        used = v.any(1).nonzero()[:, 0]
        if not len(used):
            return torch.zeros_like(v)
        self.passes += len(used) / len(self)
        table = self.narrow if rough else self.exact
        if len(used) < len(self):
            table, v = table.between(None, used), v[used]
        return (table @ v.to(table.dtype)).double()

    def solve(
        self, root: Root, target: Tensor, shift: Tensor, *, coupled: bool, tol: float
    ) -> Tensor:
        """S v, (n, k), for the v that solves (I + Sᵀ (K + shift 1 1ᵀ) S) v = target.

        The residual is at most ``tol`` relative to the target, where rounding allows it.
        """
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
            cast(Operator, _Scaled(inner, local, shift)),  # it needs products and no entries
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
        return WeightedInverse(self.factor[active], root.weights, shift, rough=rough)

    def _block(
        self, active: Tensor, table: KernelTable
    ) -> tuple[Tensor, KernelTable | DenseOperator, float]:
        """K among rows that include ``active``, which rows they are, and the price of a product."""
        share = (len(active) / len(self)) ** 2
        lazy = table.between(active, active)
        if isinstance(table, LowRankTable):
            return active, lazy, 0.0
        if self.stored is not None:
            rows, block = self.stored
            if (
                block.dtype == table.dtype
                and len(rows) <= _SPARE * len(active)
                and bool(torch.isin(active, rows).all())
            ):
                return rows, block, 0.0
        cheap = isinstance(lazy, PairTable) and lazy.x.shape[1] <= _FEW_FEATURES
        limit = _config.current().memory // 4
        if len(active) ** 2 * table.dtype.itemsize > limit or (cheap and len(active) > _SMALL):
            return active, lazy, share
        self.stored = None
        self.stored = active, DenseOperator(lazy.entries())
        self.passes += share
        return *self.stored, 0.0


class _Scaled:
    """Sᵀ (K + shift 1 1ᵀ) S among some rows, on all problems in one long vector.

    It counts as float64 even where K is float32: then K is the matrix of a step, not a truth.
    """

    dtype = torch.float64

    def __init__(self, kernel: KernelTable | DenseOperator, root: Root, shift: Tensor) -> None:
        self.kernel, self.root, self.shift = kernel, root, shift
        self.device = kernel.device
        self.shape = (root.weights.numel(),) * 2

    def __matmul__(self, v: Tensor) -> Tensor:
        inside = self.root.times(v.reshape(self.root.weights.shape))
        product = (self.kernel @ inside.to(self.kernel.dtype)).double()
        product += self.shift * inside.sum(0)
        return self.root.adjoint(product).reshape(-1, 1)

    def double(self) -> _Scaled:
        return self


def _narrow(table: KernelTable) -> KernelTable:
    """The table in float32, where that takes nothing but rounding off the entries."""
    if not isinstance(table, PairTable) or table.dtype == torch.float32:
        return table
    if getattr(table.kernel, "form", None) not in _OF_DIFFERENCES:
        return table
    x = (table.x - table.x.mean(0)).float()
    return PairTable(x, x, table.kernel)
