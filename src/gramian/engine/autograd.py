"""Gradients of reductions, by computing tiles again: memory stays that of one tile.

Every reduction is written as Σ_j f(x_i, y_j) w_j, where f is the kernel or exp(log-kernel − s_i)
with a constant shift s_i per row. log-sum-exp and the weighted mean become logarithms and ratios of
such sums, and the shift cancels, so first and second derivatives are those of the whole reduction.
Tiles are computed in float64 here, which keeps derivatives of distances right near zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from gramian.engine import plan as engine
from gramian.engine.call import Call
from gramian.pairwise._base import Elementary, PairFunction
from gramian.pairwise._forms import FORMS
from gramian.pairwise.composition import Composite, Exp, Log

__all__ = ["differentiable"]

_ROWS, _COLUMNS = 64, 128


def differentiable(call: Call) -> Any:
    """Run ``call``; the result carries gradients where its inputs ask for them."""
    parameters = call.kernel.parameters()
    inputs = [call.x, call.y, *([] if call.weights is None else [call.weights]), *parameters]
    if not (torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs)):
        return engine.run(call)
    if call.reduction == "logsumexp":
        shift = _value(call)
        total = _Pair.apply(
            _Job(call, shift, call.kernel), shift.new_ones(len(shift)), *_args(call)
        )
        return shift + total.log()
    if call.reduction == "weighted_mean":
        logs = Log(call.kernel)
        shift = _value(replace(call, reduction="logsumexp", kernel=logs, weights=None))
        ones = replace(call, weights=None)
        above = _Pair.apply(_Job(call, shift, logs), _value(call), *_args(call))
        below = _Pair.apply(_Job(ones, shift, logs), shift.new_ones(len(shift)), *_args(ones))
        return above / below[:, None]
    if call.reduction == "topk":
        values, indices = _value(call)
        return _Chosen.apply(call.kernel, indices, values, call.x, call.y, *parameters), indices
    return _Pair.apply(_Job(call, None, call.kernel), _value(call), *_args(call))


def _value(call: Call) -> Any:
    """The reduction's value, from the engine, without gradients."""
    with torch.no_grad():
        return engine.run(call)


def _args(call: Call) -> tuple[Any, ...]:
    return (call.x, call.y, call.weights, *call.kernel.parameters())


@dataclass(frozen=True, eq=False)
class _Job:
    """What one tile contributes."""

    call: Call
    shift: Tensor | None
    kernel: PairFunction

    def tile(
        self, kernel: PairFunction, x: Tensor, y: Tensor, w: Tensor | None, rows: slice
    ) -> Tensor:
        table = _entries(kernel, x, y)
        if self.shift is not None:
            table = (table - self.shift[rows, None].to(table)).exp()
        if self.call.reduction == "block":
            return table
        return table.sum(1) if w is None else table @ w


def _entries(kernel: PairFunction, x: Tensor, y: Tensor) -> Tensor:
    """Entries of a tile, without the (n, m, d) table where there are many features."""
    if isinstance(kernel, Log):
        return _logs(kernel.part, x, y)
    if isinstance(kernel, Composite):
        return kernel.combine([_entries(part, x, y) for part in kernel.parts])
    if isinstance(kernel, Elementary):
        return kernel.entry(_form(kernel.form, kernel.embed(x), kernel.embed(y)))
    return kernel.forward(x, y)


def _logs(kernel: PairFunction, x: Tensor, y: Tensor) -> Tensor:
    if isinstance(kernel, Log):
        return _logs(kernel.part, x, y).log()
    if isinstance(kernel, Exp):
        return _entries(kernel.part, x, y)
    if isinstance(kernel, Composite):
        return kernel.log_combine([_logs(part, x, y) for part in kernel.parts])
    if isinstance(kernel, Elementary):
        return kernel.log_entry(_form(kernel.form, kernel.embed(x), kernel.embed(y)))
    return kernel.log_forward(x, y)


def _form(form: str, x: Tensor, y: Tensor) -> Tensor:
    if x.shape[1] <= 64:
        return FORMS[form](x, y)
    if form == "dot":
        return x @ y.T
    if form == "squared_euclidean":
        centre = y.detach().mean(0)
        x, y = x - centre, y - centre
        return x.square().sum(1)[:, None] + y.square().sum(1)[None] - 2 * x @ y.T
    if form in ("manhattan", "chebyshev"):
        return torch.cdist(x, y, p=1.0 if form == "manhattan" else torch.inf)
    parts = zip(x.split(64, dim=1), y.split(64, dim=1), strict=True)
    return torch.stack([FORMS[form](a, b) for a, b in parts]).sum(0)


def _blocks(n: int, size: int) -> Iterator[slice]:
    return (slice(start, min(n, start + size)) for start in range(0, n, size))


class _Pair(torch.autograd.Function):
    """The reduction's value with `_Pullback` as its derivative."""

    @staticmethod
    def forward(ctx: Any, job: _Job, value: Tensor, *args: Any) -> Tensor:
        ctx.job = job
        ctx.save_for_backward(*args)
        return value.clone()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        return None, None, *_Pullback.apply(ctx.job, grad, *ctx.saved_tensors)


class _Pullback(torch.autograd.Function):
    """Gradients of Σ_ij <g_i, tile_ij> with respect to x, y, w and the kernel's parameters."""

    @staticmethod
    def forward(ctx: Any, job: _Job, grad: Tensor, *args: Any) -> tuple[Tensor | None, ...]:
        ctx.job = job
        ctx.save_for_backward(grad, *args)
        needs = ctx.needs_input_grad[2:]

        def gradients(value: Tensor, leaves: _Leaves) -> Tensor:
            return (leaves.grad * value).sum()

        found = _sweep(job, grad, args, needs, gradients)
        return tuple(found[1:])

    @staticmethod
    def backward(ctx: Any, *outer: Tensor | None) -> tuple[Any, ...]:
        grad, *args = ctx.saved_tensors
        needs = ctx.needs_input_grad[2:]

        def curvature(value: Tensor, leaves: _Leaves) -> Tensor:
            inner = (leaves.grad * value).sum()
            wanted = [i for i, given in enumerate(outer) if given is not None]
            targets = [leaves.args[i] for i in wanted]
            first = torch.autograd.grad(inner, targets, create_graph=True, allow_unused=True)
            total = inner * 0
            for i, derivative in zip(wanted, first, strict=True):
                if derivative is not None:
                    total = total + (leaves.cut(i, outer[i]) * derivative).sum()
            return total

        return None, *_sweep(ctx.job, grad, args, needs, curvature)


@dataclass
class _Leaves:
    """The tensors of one tile, in float64, each a fresh leaf of its own small graph."""

    rows: slice
    columns: slice
    grad: Tensor
    args: list[Any]

    def cut(self, i: int, whole: Any) -> Tensor:
        """The part of a full-size tensor that belongs to argument ``i`` in this tile."""
        part = whole[self.rows] if i == 0 else whole[self.columns] if i in (1, 2) else whole
        return part.double()


def _sweep(
    job: _Job,
    grad: Tensor,
    args: Sequence[Any],
    needs: Sequence[bool],
    scalar: Callable[[Tensor, _Leaves], Tensor],
) -> list[Tensor | None]:
    """Gradients of Σ scalar(tile) for (grad, x, y, w, parameters…), one outer block at a time.

    Row-sided tensors are summed with rows outside, column-sided ones with columns outside, so each
    result is written once, from a float64 sum of fixed order.
    """
    x, y, w, *parameters = args
    results: list[Tensor | None] = [None] * (1 + len(args))
    row_sided = [0, *([1] if needs[0] else []), *(i + 4 for i in range(len(parameters)))]
    column_sided = [i + 2 for i, tensor in enumerate((y, w)) if needs[i + 1] and tensor is not None]
    sources = [grad, *args]
    rows, columns = list(_blocks(len(x), _ROWS)), list(_blocks(len(y), _COLUMNS))
    for sided, pairs in (
        (row_sided, [[(r, c) for c in columns] for r in rows]),
        (column_sided, [[(r, c) for r in rows] for c in columns]),
    ):
        for group in pairs if sided else []:
            sums: dict[int, Tensor] = {}
            for r, c in group:
                for i, found in _tile_gradients(job, sources, sided, scalar, r, c):
                    if i == 0 and job.call.reduction == "block":
                        _store(results, i, found, grad, (r, c))
                    else:
                        sums[i] = sums[i] + found if i in sums else found
            r, c = group[0]
            for i, total in sums.items():
                _store(results, i, total, sources[i], r if i < 2 else c if i < 4 else ...)
    return results


def _tile_gradients(
    job: _Job,
    sources: Sequence[Any],
    sided: Sequence[int],
    scalar: Callable[[Tensor, _Leaves], Tensor],
    r: slice,
    c: slice,
) -> Iterator[tuple[int, Tensor]]:
    """For each wanted source, its gradient from one tile, in float64."""
    grad, x, y, w, *parameters = sources
    block = job.call.reduction == "block"
    with torch.enable_grad():
        cut = [grad[r, c] if block else grad[r], x[r], y[c], None if w is None else w[c]]
        leaves = [
            None if tensor is None else tensor.detach().double().requires_grad_()
            for tensor in [*cut, *parameters]
        ]
        kernel = job.kernel.with_parameters(iter([p for p in leaves[4:] if p is not None]))
        grad_of, x_of, y_of, weights = leaves[:4]
        assert grad_of is not None
        assert x_of is not None
        assert y_of is not None
        value = job.tile(kernel, x_of, y_of, weights, r)
        total = scalar(value, _Leaves(r, c, grad_of, leaves[1:]))
        wanted = [leaf for i in sided if (leaf := leaves[i]) is not None]
        found = torch.autograd.grad(total, wanted, allow_unused=True)
    for i, gradient in zip(sided, found, strict=True):
        if gradient is not None:
            yield i, gradient.detach()


def _store(results: list[Tensor | None], i: int, total: Tensor, source: Tensor, place: Any) -> None:
    """Add a block's gradient to the result of its source, at its place there."""
    if results[i] is None:
        results[i] = torch.zeros_like(source, dtype=torch.float64 if i > 3 else source.dtype)
    target = results[i]
    assert target is not None
    target[place] += total.to(target.dtype)


class _Chosen(torch.autograd.Function):
    """The entries that a search chose, differentiable as k(x_i, y_chosen)."""

    @staticmethod
    def forward(
        ctx: Any, kernel: PairFunction, indices: Tensor, values: Tensor, *args: Any
    ) -> Tensor:
        ctx.kernel, ctx.indices = kernel, indices
        ctx.save_for_backward(*args)
        return values.clone()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        with torch.enable_grad():
            # views tell apart what is one tensor in two places, such as x and y of y = x
            x, y, *parameters = (tensor.view_as(tensor) for tensor in ctx.saved_tensors)
            kernel = ctx.kernel.with_parameters(iter(parameters))
            k = ctx.indices.shape[1]
            wide = torch.promote_types(x.dtype, torch.float32)
            left = x.repeat_interleave(k, 0).to(wide)
            values = kernel.paired(left, y[ctx.indices.reshape(-1)].to(wide))
            inputs = [tensor for tensor in (x, y, *parameters) if tensor.requires_grad]
            create = torch.is_grad_enabled()
            found = iter(
                torch.autograd.grad(
                    values,
                    inputs,
                    grad.reshape(-1).to(values),
                    create_graph=create,
                    allow_unused=True,
                )
            )
        full = [next(found) if tensor.requires_grad else None for tensor in (x, y, *parameters)]
        return None, None, None, *full
