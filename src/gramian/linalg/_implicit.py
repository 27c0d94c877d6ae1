"""Gradients through a solved linear system, by the implicit function theorem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["attach"]


def attach(x: Tensor, residual: Tensor, solve: Callable[[Tensor], Tensor]) -> Tensor:
    """``x`` itself, with the derivatives of the solution of A x = b.

    Parameters
    ----------
    x : Tensor of shape (n, r)
        The solution, without a graph.
    residual : Tensor of shape (n, r)
        b − A x at that constant ``x``, with the graph of A and b. The derivative of the solution is
        A⁻¹ times the derivative of this residual.
    solve : callable
        g ↦ A⁻¹ g, for symmetric A.
    """
    found: Tensor = _Implicit.apply(residual, x, solve)
    return found


class _Implicit(torch.autograd.Function):
    """The identity on ``x`` whose derivative with respect to the residual is A⁻¹."""

    @staticmethod
    def forward(ctx: Any, residual: Tensor, x: Tensor, solve: Any) -> Tensor:
        ctx.solve = solve
        return x.clone()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        if torch.is_grad_enabled():
            raise RuntimeError(
                "Gram.solve: create_graph must be False, got True. The solution has first "
                "derivatives only."
            )
        return ctx.solve(grad), None, None
