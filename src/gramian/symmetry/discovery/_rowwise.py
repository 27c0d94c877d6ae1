"""Functions of rows that leave torch for a while, and yet pass through `torch.func`."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

__all__ = ["RowWise"]


class RowWise(torch.autograd.Function):
    """A function of tables (rows, n), each row by itself, with a derivative of every order.

    A subclass has ``forward``. If it is `linear`, it is so in its first argument, and its own
    transpose, as a projection is: both derivatives are then the function itself. Otherwise it is
    constant between jumps, as an order is, and has none.
    """

    linear: ClassVar[bool] = False

    @classmethod
    def setup_context(cls, ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if cls.linear:
            ctx.save_for_backward(*inputs[1:])
            ctx.save_for_forward(*inputs[1:])
        else:
            ctx.mark_non_differentiable(output)
        ctx.n_inputs = len(inputs)

    @classmethod
    def backward(cls, ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        none = (None,) * ctx.n_inputs
        return (cls.apply(gradients[0], *ctx.saved_tensors), *none[1:]) if cls.linear else none

    @classmethod
    def jvp(cls, ctx: Any, *tangents: Tensor) -> Tensor | None:
        return cls.apply(tangents[0], *ctx.saved_tensors) if cls.linear else None

    @classmethod
    def vmap(
        cls, info: Any, in_dims: tuple[int | None, ...], *tables: Tensor
    ) -> tuple[Tensor, int]:
        """A batch of tables is one long table."""
        whole = [
            table.expand(info.batch_size, *table.shape) if dim is None else table.movedim(dim, 0)
            for table, dim in zip(tables, in_dims, strict=True)
        ]
        result: Tensor = cls.apply(*(table.flatten(0, 1) for table in whole))
        return result.reshape(info.batch_size, -1, *result.shape[1:]), 0
