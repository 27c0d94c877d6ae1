"""From a call to a plan: which backend, how many tiles at once, and what that costs.

Tile shapes are constants of the call's kind (features, dtype, right-hand sides), never of its
size or budget: budget and threads decide only how many tiles are in flight, so the bits of a
result do not depend on them.
"""

from __future__ import annotations

import importlib
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from types import ModuleType
from typing import Any

import torch

from gramian.engine.call import Call
from gramian.errors import BackendUnavailableError, MemoryBudgetError

__all__ = ["AUTO_ORDER", "Plan", "backend_reasons", "format_bytes", "make_plan", "run"]

AUTO_ORDER = ("triton", "native", "torch")


@dataclass(frozen=True)
class Plan:
    """How a call will be run.

    Attributes
    ----------
    backend : str
    refused : dict of str to str
        Backends that come earlier in the order of preference, each with its reason.
    tile : tuple of int
        Rows and columns computed at once by one worker.
    workers : int
        Tiles in flight.
    working_memory, budget : int
        Bytes beyond inputs and outputs: what the plan needs at most, and what is allowed.
    passes : int
        Times that each entry is computed.
    estimated_seconds : float
        A rough figure from entries, features and workers.
    """

    backend: str
    refused: dict[str, str]
    tile: tuple[int, int]
    workers: int
    working_memory: int
    budget: int
    passes: int
    estimated_seconds: float
    call: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        call, (rows, columns) = self.call, self.tile
        lines = [
            f"{call['reduction']} of {call['kernel']}, {call['shape'][0]:,} x "
            f"{call['shape'][1]:,} entries, {call['n_features']} features, {call['dtype']}",
            f"backend         {self.backend} on {call['device']}, precision {call['precision']}",
            *(f"                not {name}: {why}" for name, why in self.refused.items()),
            f"tiles           {rows} x {columns}, {self.workers} at a time",
            f"working memory  {format_bytes(self.working_memory)} of "
            f"{format_bytes(self.budget)} allowed",
            f"passes          {self.passes}",
            f"estimated time  {self.estimated_seconds:.2g} s",
        ]
        return "\n".join(lines)


def format_bytes(count: float) -> str:
    """A byte count for people.

    Examples
    --------
    >>> format_bytes(3 * 2**20)
    '3.0 MiB'
    """
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


@cache
def _load(name: str) -> ModuleType | str:
    """The backend's module, or the reason why it is not there.

    Looked for once: asking the file system for a module that is not there costs as much as a small
    call.
    """
    try:
        return importlib.import_module(f"gramian.engine.{name}_backend")
    except ModuleNotFoundError as error:
        return f"{error.name} is not installed"


def backend_reasons(call: Call) -> dict[str, str | None]:
    """For every backend, why it cannot run ``call``; None where it can."""
    reasons: dict[str, str | None] = {}
    for name in AUTO_ORDER:
        module = _load(name)
        reasons[name] = module if isinstance(module, str) else module.why_not(call)
    return reasons


def _select(call: Call) -> tuple[str, ModuleType, dict[str, str]]:
    wanted = call.config.backend
    refused: dict[str, str] = {}
    for name in AUTO_ORDER if wanted == "auto" else (wanted,):
        module = _load(name)
        reason = module if isinstance(module, str) else module.why_not(call)
        if reason is None and not isinstance(module, str):
            return name, module, refused
        refused[name] = str(reason)
    listed = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
    raise BackendUnavailableError(
        f"{call.reduction}: no backend fits. {listed}. Use backend='auto' or 'torch'."
    )


def make_plan(call: Call) -> tuple[Plan, ModuleType]:
    """The plan for ``call`` and the backend that carries it out.

    Raises
    ------
    BackendUnavailableError
        If no backend, or not the named one, can run the call.
    MemoryBudgetError
        If not even one tile fits the budget; it says the least budget that would.
    """
    plan, backend = _allot(call)
    return replace(plan, call=call.describe()), backend


def _allot(call: Call) -> tuple[Plan, ModuleType]:
    """The same without the call in words, which would take a small call's time again."""
    name, backend, refused = _select(call)
    tile = backend.tile(call)
    fixed, each = backend.working_bytes(call, tile)
    budget = call.config.memory
    n_tasks = max(1, backend.tasks(call, tile))
    wanted = min(torch.get_num_threads() if call.device.type == "cpu" else 1, n_tasks)
    workers = min(wanted, (budget - fixed) // each)
    if workers < 1:
        raise MemoryBudgetError(
            f"{call.reduction}: memory must be at least {format_bytes(fixed + each)} for "
            f"{call.x.shape[1]} features, got {format_bytes(budget)}. "
            f"Raise it with gramian.config(memory={fixed + each}).",
            needed=fixed + each,
            budget=budget,
        )
    passes = 2 if call.reduction == "neighbors" else 1
    seconds = len(call.x) * len(call.y) * passes * backend.seconds_per_entry(call) / workers
    plan = Plan(
        backend=name,
        refused=refused,
        tile=tile,
        workers=workers,
        working_memory=fixed + workers * each,
        budget=budget,
        passes=passes,
        estimated_seconds=seconds,
    )
    return plan, backend


def run(call: Call) -> Any:
    """Plan ``call`` and carry it out; the result carries no gradients."""
    call = call.detached()
    plan, backend = _allot(call)
    return backend.run(call, plan)
