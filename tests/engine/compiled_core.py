"""The compiled core, called directly, and float64 brute force beside it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

import gramian as gm
from gramian import _config
from gramian.engine import reference
from gramian.engine.call import Call
from gramian.engine.plan import Plan

ABSENT = "the compiled core is not built here"


class Core:
    """The native backend, called directly, and float64 brute force beside it."""

    def __init__(self) -> None:
        self.native = pytest.importorskip("gramian._native", reason=ABSENT)
        self.backend = pytest.importorskip("gramian.engine.native_backend")

    def make(self, reduction: str, x: Tensor, y: Tensor, kernel: Any, **extra: Any) -> Call:
        return Call(reduction, x, y, kernel, _config.Config(), **extra)

    def run(self, call: Call, workers: int = 1) -> Any:
        reason = self.backend.why_not(call)
        assert reason is None, reason
        tile = self.backend.tile(call)
        return self.backend.run(call, Plan("native", {}, tile, workers, 0, 0, 1, 0.0, {}))

    def assert_exact(self, reduction: str, *tables: Any, **extra: Any) -> None:
        """Every bit as float64 brute force has it, values rounded once."""
        call = self.make(reduction, *tables, **extra)
        found: Any = self.run(call)
        wanted: Any = reference.run(call)
        if isinstance(found, Tensor):
            found, wanted = (found,), (wanted,)
        for left, right in zip(found, wanted, strict=True):
            torch.testing.assert_close(left, right.to(left.dtype), rtol=0, atol=0)

    def assert_near(self, call: Call, rtol: float, atol: float = 0.0) -> None:
        found, wanted = self.run(call), reference.run(call)
        assert isinstance(wanted, Tensor)
        torch.testing.assert_close(found, wanted.to(found.dtype), rtol=rtol, atol=atol)


FEATURES = (1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 33, 64, 65, 130)
SHAPES = ((1, 1), (7, 3), (33, 9), (100, 513), (481, 70))
METRICS = [gm.SquaredEuclidean(), gm.Euclidean(), gm.Manhattan(), gm.Chebyshev()]
DTYPES = [torch.float32, torch.float64]
# of sums: a few roundings of the form, times the exponent
RTOL = {torch.float32: 3e-6, torch.float64: 1e-13}
