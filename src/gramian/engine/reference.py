"""The slow truth: every reduction on the dense float64 matrix, in the most obvious way.

It serves the tests and whoever wants to know what a reduction means. Nothing here is tiled, and
nothing is fast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gramian.engine import exact
from gramian.engine.call import Call
from gramian.pairwise._base import Elementary
from gramian.pairwise.composition import Log

__all__ = ["dense", "run"]


def dense(call: Call) -> Tensor:
    """The whole matrix, (n, m), float64."""
    return exact.entries(call.kernel, call.x.double(), call.y.double())


def run(call: Call) -> Tensor | tuple[Tensor, ...]:
    """The reduction that ``call`` describes; floating results stay in float64."""
    return _REDUCTIONS[call.reduction](call)


def _block(call: Call) -> Tensor:
    return dense(call)


def _product(call: Call) -> Tensor:
    matrix = dense(call)
    return matrix.sum(1) if call.weights is None else matrix @ call.weights.double()


def _logsumexp(call: Call) -> Tensor:
    return dense(call).logsumexp(1)


def _weighted_mean(call: Call) -> Tensor:
    assert call.weights is not None
    logs = Log(call.kernel).forward(call.x.double(), call.y.double())
    return logs.softmax(1) @ call.weights.double()


def _topk(call: Call) -> tuple[Tensor, Tensor]:
    """Sorted by the form's value where the kernel has an order, else by entry; ties by index."""
    matrix = dense(call)
    rank = matrix
    if isinstance(call.kernel, Elementary) and call.kernel.order:
        x, y = call.kernel.embed(call.x.double()), call.kernel.embed(call.y.double())
        rank = exact.form_table(call.kernel.form, x, y) * call.kernel.order
    order = (-rank if call.largest else rank).sort(dim=1, stable=True).indices[:, : call.k]
    return matrix.gather(1, order), order


def _count(call: Call) -> Tensor:
    inside = dense(call) <= call.radius
    return inside.sum(1) if call.weights is None else inside.double() @ call.weights.double()


def _neighbors(call: Call) -> tuple[Tensor, Tensor, Tensor]:
    matrix = dense(call)
    inside = matrix <= call.radius
    indptr = torch.zeros(len(matrix) + 1, dtype=torch.int64, device=matrix.device)
    indptr[1:] = inside.sum(1).cumsum(0)
    return indptr, inside.nonzero()[:, 1], matrix[inside]


_REDUCTIONS: dict[str, Callable[[Call], Any]] = {
    "block": _block,
    "product": _product,
    "logsumexp": _logsumexp,
    "weighted_mean": _weighted_mean,
    "topk": _topk,
    "count": _count,
    "neighbors": _neighbors,
}
