"""Which solver a ridge system gets: a cost model inside the memory budget."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from gramian.errors import MemoryBudgetError
from gramian.linalg._operator import Operator

__all__ = ["SOLVERS", "Choice", "choose", "direct_bytes"]

SOLVERS = ("direct", "pcg", "sketch", "nystroem")

_VECTORS = 12
"""Blocks of right-hand sides in float64 that the iterative solvers hold at most."""
_PASSES = 30
"""Steps that preconditioned gradients are expected to take."""
_SETUP_PASSES = 10
"""Passes' worth of time that the factor of the preconditioner may cost."""
_LANDMARKS = 10
"""Landmarks are this many times the root of the rows, which keeps the statistical rate."""
_LEAST_RANK = 50
"""Rank below which a preconditioner is not worth its memory."""


@dataclass(frozen=True)
class Choice:
    """A solver, its rank, and why.

    ``patience`` is how many steps "auto" gives gradients before it turns to a dense factor; None
    where that is no choice.
    """

    solver: str
    rank: int
    reason: str
    patience: int | None = None


def choose(
    operator: Operator,
    n_right: int,
    solver: str,
    rank: int | None,
    *,
    memory: int,
    seconds_per_entry: float,
    caller: str,
) -> Choice:
    """The solver for n_right right-hand sides that fits ``memory`` bytes and is cheapest.

    Raises
    ------
    MemoryBudgetError
        If the named solver, or for "auto" every solver, needs more.
    """
    n = operator.shape[0]
    vectors = 8 * n * n_right * _VECTORS
    speed = _flops(operator.device)
    fits = {name: _least_bytes(name, operator, vectors, rank) <= memory for name in SOLVERS}
    patience = None
    if solver != "auto":
        if not fits[solver]:
            raise _too_large(
                solver, _least_bytes(solver, operator, vectors, rank), memory, n, caller
            )
        reason = "it was asked for"
    else:
        entries = n * n * seconds_per_entry
        direct, gradients = n**3 / 3 / speed + 4 * entries, _PASSES * entries
        if fits["direct"] and direct <= gradients + 0.1:
            solver, reason = "direct", f"about {direct:.2g} s, and the matrix fits the memory"
        elif fits["pcg"]:
            solver, reason = "pcg", "a factor fits the memory, and passes are cheaper than n³"
            if direct_bytes(n, torch.float64) + vectors <= memory:
                patience = max(2 * _PASSES, math.ceil(direct / entries))
        elif fits["sketch"]:
            solver, reason = "sketch", f"a factor of rank {_LEAST_RANK} does not fit the memory"
        else:
            raise _too_large(
                "auto", _least_bytes("sketch", operator, vectors, rank), memory, n, caller
            )
    if rank is None:
        rank = _room(operator, memory - vectors)
        worth = math.sqrt(_SETUP_PASSES * n * seconds_per_entry * speed / 6)
        wanted = _LANDMARKS * math.sqrt(n) if solver == "nystroem" else max(_LEAST_RANK, worth)
        rank = max(1, min(n, rank, int(wanted)))
    return Choice(solver, rank, reason, patience)


def direct_bytes(n: int, dtype: torch.dtype) -> int:
    """Memory of a dense factor and the block that it is filled from."""
    return dtype.itemsize * n * n + 2**26


def _least_bytes(solver: str, operator: Operator, vectors: int, rank: int | None) -> int:
    """Bytes below which ``solver`` cannot work."""
    n, size = operator.shape[0], operator.dtype.itemsize
    wanted = min(n, _LEAST_RANK if rank is None else rank)
    scratch = 2**23  # blocks of entries while a factor grows
    if solver == "direct":
        return direct_bytes(n, torch.float32) + vectors
    if solver == "sketch":
        return vectors + 24 * max(100, n // 100) ** 2 + scratch
    return vectors + size * n * wanted + 24 * wanted**2 + scratch


def _room(operator: Operator, memory: int) -> int:
    """The largest r for which a factor of n r numbers and 24 r² bytes fit 3/4 of ``memory``."""
    column = operator.dtype.itemsize * operator.shape[0]
    return int((math.sqrt(column**2 + 72 * max(0, memory)) - column) / 48)


def _flops(device: torch.device) -> float:
    """Multiplications and additions per second in float32 matrix products, roughly."""
    return 8e10 * torch.get_num_threads() if device.type == "cpu" else 1e13


def _too_large(solver: str, needed: int, memory: int, n: int, caller: str) -> MemoryBudgetError:
    return MemoryBudgetError(
        f"{caller}: memory must be at least {needed} bytes for solver={solver!r} and {n} rows, "
        f"got {memory}. Raise it with gramian.config(memory={needed}), or use solver='auto'.",
        needed=needed,
        budget=memory,
    )
