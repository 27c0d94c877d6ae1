"""The calls that every backend has to answer: operation, kernel, dtype, shape, kind of data."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

import gramian as gm
from gramian._config import Config
from gramian.engine import reference
from gramian.engine.call import Call

HALF, BRAIN, SINGLE, DOUBLE = torch.float16, torch.bfloat16, torch.float32, torch.float64
DTYPES = (HALF, BRAIN, SINGLE, DOUBLE)
N, M, D = (1, 239, 240, 241), (1, 479, 480, 481, 963), (1, 2, 8, 9, 16, 17, 33)


# kernels for features of a given scale; all of them are listed here, once
KERNELS: dict[str, Callable[[float], gm.PairFunction]] = {
    "SquaredEuclidean": lambda s: gm.SquaredEuclidean(),
    "Euclidean": lambda s: gm.Euclidean(),
    "Manhattan": lambda s: gm.Manhattan(),
    "Chebyshev": lambda s: gm.Chebyshev(),
    "CosineDistance": lambda s: gm.CosineDistance(),
    "Gaussian": lambda s: gm.Gaussian(3 * s),
    "Gaussian, narrow": lambda s: gm.Gaussian(0.3 * s),
    "Laplacian": lambda s: gm.Laplacian(9 * s),
    "Laplacian l2": lambda s: gm.Laplacian(3 * s, norm="l2"),
    "Matern 1/2": lambda s: gm.Matern(3 * s, nu=0.5),
    "Matern 5/2": lambda s: gm.Matern(3 * s, nu=2.5),
    "RationalQuadratic": lambda s: gm.RationalQuadratic(3 * s, alpha=0.7),
    "Periodic": lambda s: gm.Periodic(3.0, period=5 * s),
    "Epanechnikov": lambda s: gm.Epanechnikov(20 * s),
    "CosineWindow": lambda s: gm.CosineWindow(20 * s),
    "Linear": lambda s: gm.Linear(),
    "Polynomial": lambda s: gm.Polynomial(2, offset=1.0, scale=0.1),
    "Sigmoid": lambda s: gm.Sigmoid(scale=0.1, offset=0.0),
    "CosineSimilarity": lambda s: gm.CosineSimilarity(),
    "sum": lambda s: gm.Gaussian(3 * s) + 0.5 * gm.Laplacian(9 * s),
    "product": lambda s: gm.Gaussian(3 * s) * gm.Matern(5 * s),
    "logarithm": lambda s: (gm.Gaussian(3 * s) + gm.Matern(5 * s)).log(),
    "attention": lambda s: (0.2 * gm.Linear()).exp(),
}

SIGNED = {"Linear", "Sigmoid", "CosineSimilarity", "logarithm"}


OPERATIONS = (
    "block",
    "sum",
    "one right-hand side",
    "three right-hand sides",
    "logsumexp",
    "weighted_mean",
    "nearest",
    "farthest",
    "index only",
    "count",
    "weighted count",
    "neighbors",
)


@dataclass(frozen=True)
class Case:
    """One call to be made."""

    operation: str
    kernel: str
    dtype: torch.dtype
    n: int
    m: int
    d: int
    data: str = "plain"

    def __str__(self) -> str:
        kind = str(self.dtype).removeprefix("torch.")
        return f"{self.operation}-{self.kernel}-{kind}-{self.n}x{self.m}x{self.d}-{self.data}"


def sensible(case: Case) -> bool:
    return not (case.operation == "weighted_mean" and case.kernel in SIGNED)


def covering(*axes: tuple[Any, ...], seed: int = 0) -> list[tuple[Any, ...]]:
    """Few combinations among which every pair of values from two axes occurs."""
    places = list(itertools.combinations(range(len(axes)), 2))
    missing = {(i, a, j, b) for i, j in places for a, b in itertools.product(axes[i], axes[j])}
    chance, chosen = random.Random(seed), []
    order = sorted(missing, key=repr)
    for i, a, j, b in order:
        if (i, a, j, b) not in missing:
            continue
        best, most = None, -1
        for _ in range(30):
            trial = [chance.choice(axis) for axis in axes]
            trial[i], trial[j] = a, b
            new = sum((p, trial[p], q, trial[q]) in missing for p, q in places)
            if new > most:
                best, most = trial, new
        assert best is not None
        missing -= {(p, best[p], q, best[q]) for p, q in places}
        chosen.append(tuple(best))
    return chosen


def scale_of(data: str, dtype: torch.dtype) -> float:
    """The magnitude of the features."""
    huge, tiny = (6e3, 1e-4) if dtype == HALF else (3e37, 1e-37)
    return {"huge": huge, "tiny": tiny, "subnormal": torch.finfo(dtype).tiny / 8}.get(data, 1.0)


def table(rows: int, case: Case, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    made = torch.randn(rows, case.d, generator=generator, dtype=DOUBLE)
    if case.data == "duplicates":
        made = made[torch.arange(rows) % 7]
    elif case.data == "lattice":
        made = made.round()
    elif case.data == "offset":
        made = made + 100
    elif case.data == "signed zeros":
        made = torch.where(made.abs() < 0.7, made.sign() * 0.0, made)
    elif case.data == "outliers":
        made[:: max(1, rows // 3)] *= 1e3
    elif case.data == "zeros":
        made = made * 0
    return (made * scale_of(case.data, case.dtype)).to(case.dtype)


def call_of(case: Case) -> Call:
    x, y = table(case.n, case, 1), table(case.m, case, 2)
    if case.data == "duplicates":
        x[: len(y)] = y[: len(x)]
    kernel = KERNELS[case.kernel](scale_of(case.data, case.dtype))
    right = torch.rand(case.m, 3, generator=torch.Generator().manual_seed(3), dtype=DOUBLE) - 0.3
    right = right.to(case.dtype)
    call = Call("block", x, y, kernel, Config())
    k = min(5, case.m)
    changes: dict[str, dict[str, Any]] = {
        "block": {},
        "sum": {"reduction": "product"},
        "one right-hand side": {"reduction": "product", "weights": right[:, :1]},
        "three right-hand sides": {"reduction": "product", "weights": right},
        "logsumexp": {"reduction": "logsumexp"},
        "weighted_mean": {"reduction": "weighted_mean", "weights": right},
        "nearest": {"reduction": "topk", "k": k},
        "farthest": {"reduction": "topk", "k": k, "largest": True},
        "index only": {"reduction": "topk", "k": 1, "values": False},
        "count": {"reduction": "count"},
        "weighted count": {"reduction": "count", "weights": right[:, 0].double()},
        "neighbors": {"reduction": "neighbors"},
    }
    call = replace(call, **changes[case.operation])
    return replace(call, radius=gap(reference.dense(call))) if "radius" in fields(call) else call


def fields(call: Call) -> set[str]:
    return {"radius"} if call.reduction in ("count", "neighbors") else set()


def gap(dense: Tensor) -> float:
    """A radius between two entries that differ, with a third of the entries inside."""
    entries = dense.flatten().sort().values
    entries = entries[entries.isfinite()]
    for place in range(len(entries) // 3, len(entries) - 1):
        low, high = float(entries[place]), float(entries[place + 1])
        if high - low > 1e-9 * max(abs(low), abs(high)):
            return low + (high - low) / 2
    return float(entries[-1]) + 1 if len(entries) else 1.0
