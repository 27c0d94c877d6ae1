"""The centred and weighted table A = √w (X − 1 mᵀ): read in blocks or multiplied, never stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gramian import _config
from gramian._input import BLOCK_ELEMENTS, Rows
from gramian.errors import MemoryBudgetError

__all__ = ["Design"]

_TABLES_AT_ONCE = 8
"""Tables of small × small numbers that the heaviest dense solver holds."""


@dataclass(frozen=True)
class Design:
    """Least squares sees the rows of X through this.

    Attributes
    ----------
    rows : Rows
    offset : Tensor of shape (d,), float64
        What is taken from every row: the weighted mean, or zeros without an intercept.
    roots : Tensor of shape (n,), float64, or None
        Square roots of the weights; None where every weight is one.
    centred : bool
        Whether ``offset`` is the mean, so that √w is orthogonal to every column.
    """

    rows: Rows
    offset: Tensor
    roots: Tensor | None
    centred: bool

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return self.rows.shape

    @property
    def tall(self) -> bool:
        """Whether there are more rows than features."""
        return self.shape[0] > self.shape[1]

    @property
    def small(self) -> int:
        """The lesser of n and d."""
        return min(self.shape)

    @property
    def dense_bytes(self) -> int:
        """Working memory of the dense solvers."""
        return 8 * (_TABLES_AT_ONCE * self.small**2 + 2 * max(BLOCK_ELEMENTS, self.small))

    @property
    def dense_fits(self) -> bool:
        """Whether the dense solvers stay inside the memory budget in force."""
        return self.dense_bytes <= _config.current().memory

    def check_budget(self, caller: str) -> None:
        """Raise ``MemoryBudgetError`` where the dense solvers would not fit."""
        if not self.dense_fits:
            needed, budget = self.dense_bytes, _config.current().memory
            raise MemoryBudgetError(
                f"{caller}: memory must be at least {needed} bytes for a dense solver on "
                f"{self.shape[0]} x {self.shape[1]} numbers, got {budget}. Raise it with "
                "gramian.config(memory=...), or choose an iterative solver.",
                needed=needed,
                budget=budget,
            )

    def null_direction(self) -> Tensor | None:
        """√w / ‖√w‖, (n,), to which every column is orthogonal; None without an intercept."""
        if not self.centred:
            return None
        ones = torch.ones(self.shape[0], dtype=torch.float64, device=self.rows.device)
        roots = ones if self.roots is None else self.roots
        return roots / torch.linalg.vector_norm(roots)

    def unweighted(self) -> Design:
        """The same rows, each in its own scale."""
        return replace(self, roots=None)

    def row_blocks(self, least: int = 1) -> Iterator[tuple[slice, Tensor]]:
        """Blocks of A in order, in float64; each of ``least`` rows or more, but for the last.

        All lie in the same memory: a block is gone when the next one comes.
        """
        n, d = self.shape
        step = min(n, max(1, BLOCK_ELEMENTS // d, least))
        buffer = self.offset.new_empty(step, d)
        for start in range(0, n, step):
            span = slice(start, min(n, start + step))
            block = buffer[: span.stop - start].copy_(self.rows.take(span)).sub_(self.offset)
            yield span, block if self.roots is None else block.mul_(self.roots[span, None])

    def column_blocks(self, least: int = 1) -> Iterator[Tensor]:
        """Columns of A as the rows of blocks (·, n), in float64 and in the same memory."""
        n, d = self.shape
        step = min(d, max(1, BLOCK_ELEMENTS // n, least))
        buffer = self.offset.new_empty(n, step)
        for start in range(0, d, step):
            span = slice(start, min(d, start + step))
            if self.rows.tensor is not None:
                columns = self.rows.tensor[:, span]
            else:
                columns = torch.from_numpy(self.rows.given[:, span].toarray())
            block = buffer[:, : span.stop - start].copy_(columns).sub_(self.offset[span])
            yield (block if self.roots is None else block.mul_(self.roots[:, None])).T

    def product(self, v: Tensor) -> Tensor:
        """A v, (n, r), for v of shape (d, r)."""
        if self.rows.tensor is None:
            found = torch.from_numpy(self.rows.given @ v.numpy()).double()
        else:
            found = v.new_empty(self.shape[0], v.shape[1])
            for span, block in self._plain_blocks():
                torch.mm(block, v, out=found[span])
        found -= self.offset @ v
        return found if self.roots is None else found.mul_(self.roots[:, None])

    def adjoint(self, u: Tensor) -> Tensor:
        """Aᵀ u, (d, r), for u of shape (n, r)."""
        weighted = u if self.roots is None else u * self.roots[:, None]
        if self.rows.tensor is None:
            found = torch.from_numpy(self.rows.given.T @ weighted.numpy()).double()
        else:
            found = u.new_zeros(self.shape[1], u.shape[1])
            for span, block in self._plain_blocks():
                found.addmm_(block.T, weighted[span])
        return found - torch.outer(self.offset, weighted.sum(0))

    def _plain_blocks(self) -> Iterator[tuple[slice, Tensor]]:
        """Blocks of a dense X in float64: views, or copies in the same memory."""
        buffer = None
        for span in self.rows.spans():
            block = self.rows.take(span)
            if block.dtype != torch.float64:
                buffer = self.offset.new_empty(block.shape) if buffer is None else buffer
                block = buffer[: len(block)].copy_(block)
            yield span, block
