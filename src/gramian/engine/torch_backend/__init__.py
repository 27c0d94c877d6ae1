"""The torch backend: any device, needs nothing but torch.

Tiles stay in cache, and a pool of single-threaded workers takes them one block of rows at a time.

- ``workers``: the pool, and arithmetic that global switches cannot weaken
- ``frame``: the centre, scale and radius that distances are taken about
- ``entries``: tiles of entries for sums; ``sums``: what is done with them
- ``filters``: fast tiles with error bounds; ``search`` and ``ball``: exact answers from them
- ``partition``: the passes of k-means
- ``by_entry``: searches for compositions and for the fast mode
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import torch
from torch import Tensor

from gramian.engine import exact
from gramian.engine.call import Call
from gramian.engine.partition import Assigned, Partition
from gramian.engine.plan import Plan
from gramian.engine.torch_backend import ball, by_entry, partition, search, sums
from gramian.pairwise._base import Elementary
from gramian.pairwise.composition import Composite

__all__ = ["run", "seconds_per_entry", "tasks", "tile", "why_not", "working_bytes"]


def why_not(call: Call) -> str | None:
    """None for every call but one: what it skips by bounds does not pay here."""
    return "bounds are for the compiled core" if call.reduction == "refine" else None


def tile(call: Call) -> tuple[int, int]:
    """Rows and columns of a tile.

    For sums, multiples of 48, where MKL's products keep a row's bits; searches are exact anyway.
    """
    features = call.x.shape[1]
    if features <= 1024 and call.device.type == "cpu" and _bounded(call):
        return search.tile_shape(len(call.y), call.k)
    if call.device.type != "cpu":
        return (1920, 3840)
    if features <= 1024:
        return (240, min(480, -(-len(call.y) // 48) * 48))
    return (96, 192) if features <= 4096 else (48, 96)


def tasks(call: Call, tile: tuple[int, int]) -> int:
    """Pieces of work that may be done at the same time: blocks of rows."""
    return -(-len(call.x) // tile[0])


def working_bytes(call: Call, tile: tuple[int, int]) -> tuple[int, int]:
    """Bytes of working memory: once, and for each worker."""
    rows, columns = tile
    features, leaves = call.x.shape[1], _leaves(call.kernel)
    table = rows * columns * (8 * 4 + 8 * leaves)
    placed = (rows + columns) * features * (8 + 8 + 8)
    right = (rows * 3 + columns) * sums.padded_right(max(1, call.n_right)) * 8
    chosen = search.waiting_bytes(rows, call.k) if call.reduction == "topk" else 0
    return 2**19, table + placed + right + chosen


def _leaves(kernel: Any) -> int:
    return sum(map(_leaves, kernel.parts)) if isinstance(kernel, Composite) else 1


def seconds_per_entry(call: Call) -> float:
    """A rough figure for one thread of a present-day processor."""
    return 6e-10 + 4e-11 * call.x.shape[1] * _leaves(call.kernel)


def run(call: Call, plan: Plan) -> Any:
    """Carry out ``call``."""
    if call.device != call.x.device:
        return _elsewhere(call, plan)
    if isinstance(call, Partition):
        return getattr(partition, call.reduction)(call, plan)
    if call.reduction == "topk":
        how = search.search if _bounded(call) else by_entry.search_by_entry
        return how(call, plan)
    if call.reduction == "count":
        return ball.count(call, plan, _inside(call, plan))
    if call.reduction == "neighbors":
        return ball.neighbors(call, plan, _inside(call, plan), _value_of(call))
    return getattr(sums, call.reduction)(call, plan)


def _bounded(call: Call) -> bool:
    """Whether error bounds decide most of the search, and brute force the rest."""
    if call.config.precision == "fast":
        return False
    if call.reduction in ("topk", "assign"):
        return call.ordered
    return call.reduction in ("count", "neighbors") and _edge(call) is not None


def _edge(call: Call) -> float | None:
    """The value of the kernel's form at the radius; None where there is no such value."""
    return call.kernel.form_at(call.radius) if isinstance(call.kernel, Elementary) else None


def _inside(call: Call, plan: Plan) -> ball.Inside:
    return ball.nearness(call) if _bounded(call) else by_entry.nearness_by_entry(call, plan.tile)


def _value_of(call: Call) -> Any:
    """Entries of pairs (row i of a block of x, column j of y), by float64 brute force."""
    kernel = call.kernel

    def value_of(x: Tensor, i: Tensor, j: Tensor) -> Tensor:
        if isinstance(kernel, Elementary):
            return exact.finished(kernel, search.exact_pairs(kernel, x, call.y, i, j))
        size = max(64, 2**17 // x.shape[1])
        parts = zip(i.split(size), j.split(size), strict=True)
        found = [kernel.paired(x[a].double(), call.y[b].double()) for a, b in parts]
        return torch.cat(found) if found else x.new_empty(0, dtype=torch.float64)

    return value_of


def _elsewhere(call: Call, plan: Plan) -> Any:
    """Run on another device than the input's, and bring the result back."""

    moved: dict[str, Any] = {"out": None}
    for field in fields(call):
        value = getattr(call, field.name)
        if isinstance(value, Tensor) and field.name not in moved:
            moved[field.name] = value.to(call.device)
    if call.y is call.x:
        moved["y"] = moved["x"]
    result = run(replace(call, **moved), plan)
    return _brought(result, call.x.device) if call.out is None else call.out.copy_(result)


def _brought(result: Any, home: torch.device) -> Any:
    """A result, or each part of it, on the input's device."""
    if isinstance(result, Tensor):
        return result.to(home)
    if not isinstance(result, tuple):
        return result
    parts = [_brought(part, home) for part in result]
    return Assigned(*parts) if isinstance(result, Assigned) else tuple(parts)
