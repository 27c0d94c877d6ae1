"""The CPU backend: tiles in the compiled core `gramian._native`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

import gramian._native as _native
from gramian.engine.call import Call
from gramian.engine.exact import reach
from gramian.engine.native_backend import partition
from gramian.engine.native_backend.recipe import FORMS, PROFILES, Recipe, recipe
from gramian.engine.partition import Partition
from gramian.engine.plan import Plan

__all__ = ["run", "seconds_per_entry", "tasks", "tile", "why_not", "working_bytes"]

_SUM, _WEIGHTED_MEAN, _LOGSUMEXP, _BLOCK = range(4)
_GOALS = {
    "product": _SUM,
    "weighted_mean": _WEIGHTED_MEAN,
    "logsumexp": _LOGSUMEXP,
    "block": _BLOCK,
}
_MOST_NEIGHBOURS = 1024
_PANEL = 32  # rows that a worker takes at a time at least
_HELD_FORMS = 65536  # exact forms that are in memory before they become entries

WORTH_A_THREAD = 2.5e-4
"""Seconds of work, by the estimate, for which one more thread pays: to start and to join one takes
0.15 ms on a virtual machine."""


def why_not(call: Call) -> str | None:
    """The reason why the core cannot take ``call``, or None."""
    if call.device.type != "cpu" or call.x.device.type != "cpu":
        return f"it runs on the CPU, not on {call.device}"
    if call.x.dtype not in (torch.float32, torch.float64):
        return f"{str(call.x.dtype).removeprefix('torch.')} is left to torch"
    found = recipe(call.kernel)
    if isinstance(found, str):
        return found
    if call.reduction == "topk":
        return _why_not_search(call, found)
    if call.reduction in ("count", "neighbors"):
        plain = found.kernel.metric and not found.logarithm
        return None if plain else "radii are compiled for metrics only"
    if call.reduction == "weighted_mean" and (found.logarithm or not found.has_logarithm):
        return f"weights from {type(found.kernel).__name__} are left to torch"
    if found.logarithm and call.reduction != "logsumexp":
        return "logarithms are compiled for logsumexp only"
    return None


def _why_not_search(call: Call, found: Recipe) -> str | None:
    if found.logarithm or found.kernel.order == 0:
        return "the kernel's order is not that of its distance"
    if (found.kernel.order > 0) == call.largest:
        return "searches for the farthest rows are left to torch"
    if call.k > _MOST_NEIGHBOURS:
        return f"k is at most {_MOST_NEIGHBOURS}, got {call.k}"
    return None


def _grid(call: Call) -> tuple[int, int, int]:
    """Rows of a tile, columns of a chunk, bytes of a worker."""
    features = call.x.shape[1]
    if isinstance(call, Partition):
        return partition.grid(call)
    if call.reduction == "topk":
        return _native.search_plan(features, len(call.y), call.k)
    if call.reduction in ("count", "neighbors"):
        return _native.radius_plan(features)
    is_double = call.x.dtype == torch.float64
    return _native.sum_plan(features, is_double, _GOALS[call.reduction], call.n_right)


def tile(call: Call) -> tuple[int, int]:
    """Rows and columns of one tile: constants of the kind of call and the instruction set."""
    return _grid(call)[:2]


def tasks(call: Call, tile: tuple[int, int]) -> int:
    """Pieces of work that are worth a thread of their own."""
    columns = 0 if call.reduction in ("inertia", "measure") else len(call.y)
    seconds = len(call.x) * (columns * seconds_per_entry(call) + _seconds_per_row(call))
    return min(_pieces(call, tile), 1 + int(seconds / WORTH_A_THREAD))


def _pieces(call: Call, tile: tuple[int, int]) -> int:
    """Pieces of work that may be done at the same time: blocks of rows, and of columns too
    where lists can be merged. Sums share few rows out in smaller tiles."""
    if call.reduction in _GOALS:
        return -(-len(call.x) // _PANEL)
    rows, columns = (
        -(-len(table) // size) for table, size in zip((call.x, call.y), tile, strict=True)
    )
    return rows * columns if call.reduction == "topk" else rows


def working_bytes(call: Call, tile: tuple[int, int]) -> tuple[int, int]:
    """Bytes needed once, and by each worker."""
    held = 8 * _HELD_FORMS if call.reduction in ("topk", "neighbors") else 0
    # lists of the pieces that columns are searched in, before they are merged
    lists = 16 * tile[0] * call.k if call.reduction == "topk" else 0
    kept = call.kept.bytes if isinstance(call, Partition) and call.kept else 0
    return held + kept + 16 * call.x.shape[1] + 4096, _grid(call)[2] + lists + 128


def seconds_per_entry(call: Call) -> float:
    """A rough figure for one worker."""
    each = 1.5e-10 + 2.5e-11 * call.x.shape[1] + 2e-11 * call.n_right
    return each * _singles(call)


def _seconds_per_row(call: Call) -> float:
    """What a row takes besides, to be read and to be answered."""
    return (2e-9 + 4.5e-10 * call.x.shape[1]) * _singles(call)


def _singles(call: Call) -> int:
    """How many float32 numbers take the time of one of the call's."""
    return 2 if call.x.dtype == torch.float64 else 1


def run(call: Call, plan: Plan) -> Any:
    """Carry out ``call``."""
    x, y = call.x.detach(), call.y.detach()
    _check_finite(call, _about(call, y), call.names[1])
    if isinstance(call, Partition):
        return _partition(call, plan)
    if call.reduction == "topk":
        return _search(call, plan, x, y)
    if call.reduction == "count":
        return _count(call, plan, x, y)
    if call.reduction == "neighbors":
        return _neighbors(call, plan, x, y)
    return _sum(call, plan, x, y)


def _partition(call: Partition, plan: Plan) -> Any:
    if call.reduction != "assign":
        return getattr(partition, call.reduction)(call, plan)
    found = partition.assign(call, plan)
    if found is None:
        _check_finite(call, call.x, call.names[0])
    return found


def _check_finite(call: Call, table: Tensor, name: str) -> None:
    row = _native.first_bad_row(table.numpy())
    if row >= 0:
        raise ValueError(
            f"{call.reduction}: {name} must be finite, got NaN or infinity in row {row}. "
            "Remove or fill such rows."
        )


def _recipe(call: Call) -> Recipe:
    found = recipe(call.kernel)
    assert isinstance(found, Recipe)
    return found


def _about(call: Call, y: Tensor) -> Tensor:
    return y if call.centre_on is None else call.centre_on.detach()


def _search(call: Call, plan: Plan, x: Tensor, y: Tensor) -> tuple[Tensor | None, Tensor]:
    """The k nearest columns of each row; entries come from the exact forms, in float64."""
    found, n, k = _recipe(call), len(x), call.k
    indices = torch.empty(n, k, dtype=torch.int64)
    values = x.new_empty(n, k) if call.values else None
    whole_tiles = max(1, _HELD_FORMS // k // plan.tile[0]) * plan.tile[0]
    step = n if values is None else min(n, whole_tiles)
    forms = None if values is None else torch.empty(step, k, dtype=torch.float64)
    for start in range(0, n, step):
        rows = slice(start, min(n, start + step))
        held = None if forms is None else forms[: rows.stop - start]
        finite = _native.search(
            x[rows],
            y,
            FORMS.index(found.form),
            k,
            _about(call, y),
            indices[rows],
            held,
            plan.workers,
        )
        if not finite:
            _check_finite(call, x, call.names[0])
        if values is not None and held is not None:
            values[rows] = found.kernel.entry(held)
    return values, indices


def _count(call: Call, plan: Plan, x: Tensor, y: Tensor) -> Tensor:
    found = _recipe(call)
    weights = None if call.weights is None else call.weights.detach().double().reshape(-1)
    kind = torch.int64 if weights is None else torch.float64
    result = torch.empty(len(x), dtype=kind)
    finite = _native.count(
        x,
        y,
        FORMS.index(found.form),
        reach(found.kernel, call.radius),
        _about(call, y),
        None if weights is None else weights.contiguous(),
        result if weights is None else None,
        None if weights is None else result,
        plan.workers,
    )
    if not finite:
        _check_finite(call, x, call.names[0])
    return result


def _neighbors(call: Call, plan: Plan, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Counts first, so that the lists are allocated once and exactly."""
    found = _recipe(call)
    indptr = torch.zeros(len(x) + 1, dtype=torch.int64)
    torch.cumsum(_count(call, plan, x, y), 0, out=indptr[1:])
    indices = torch.empty(int(indptr[-1]), dtype=torch.int64)
    values = x.new_empty(len(indices))
    start = 0
    while start < len(x):
        # as many rows as fill the buffer of exact forms, at least one
        filled = indptr[start] + _HELD_FORMS
        stop = max(start + 1, int(torch.searchsorted(indptr, filled, right=True)) - 1)
        part = slice(int(indptr[start]), int(indptr[stop]))
        forms = torch.empty(part.stop - part.start, dtype=torch.float64)
        _native.neighbors(
            x[start:stop],
            y,
            FORMS.index(found.form),
            reach(found.kernel, call.radius),
            _about(call, y),
            indptr[start : stop + 1] - indptr[start],
            indices[part],
            forms,
            plan.workers,
        )
        values[part] = found.kernel.entry(forms).to(x.dtype)
        start = stop
    return indptr, indices, values


def _sum(call: Call, plan: Plan, x: Tensor, y: Tensor) -> Tensor:
    found, goal = _recipe(call), _GOALS[call.reduction]
    weights = None if call.weights is None else call.weights.detach()
    out = call.room() if goal == _BLOCK else x.new_empty(len(x), max(1, call.n_right))
    finite = _native.sum(
        x,
        y,
        FORMS.index(found.form),
        PROFILES.index(found.profile),
        found.rate,
        found.alpha,
        found.logarithm or goal == _WEIGHTED_MEAN,
        _about(call, y),
        goal,
        weights,
        None if call.row_of is None else call.row_of.contiguous(),
        out,
        plan.workers,
        -(-len(x) // plan.workers),
    )
    if not finite:
        _check_finite(call, x, call.names[0])
    return out[:, 0] if weights is None and goal != _BLOCK else out
