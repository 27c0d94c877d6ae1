"""Rows, and maps of them that keep a symmetry or break it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gramian.symmetry import (
    SymmetryResult,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rows(n: int = 120, p: int = 8, seed: int = 0) -> Tensor:
    return torch.randn(n, p, generator=generator(seed))


def mirror(x: Tensor) -> Tensor:
    return x.flip(-1)


def noisy(size: float, seed: int = 1) -> Any:
    return lambda x: x + size * torch.randn(x.shape, generator=generator(seed))


def same(x: Tensor) -> Tensor:
    return x


def pilot(ratio: float, error: float, n: int = 100) -> SymmetryResult:
    fields = dict.fromkeys(SymmetryResult.__dataclass_fields__, None)
    return SymmetryResult(
        **fields
        | {  # type: ignore[arg-type]  # only three fields matter
            "ratio": ratio,
            "standard_error": error,
            "n": n,
            "delta": 0.1,
        }
    )
