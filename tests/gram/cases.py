"""Rows, kernels, and the dense matrix that results are compared with."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

import gramian as gm

__all__ = ["CLOSE", "V", "X", "Y", "assert_close", "every_kernel", "table", "truth"]

KERNELS: list[gm.PairFunction] = [
    gm.SquaredEuclidean(),
    gm.Euclidean(),
    gm.Manhattan(),
    gm.CosineDistance(),
    gm.Gaussian(1.5),
    gm.Matern(1.5, nu=0.5),
    gm.Polynomial(2, scale=0.2),
    gm.Gaussian(1.5) + 0.5 * gm.Laplacian(2.0),
]
every_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=repr)
CLOSE: dict[torch.dtype, dict[str, float]] = {
    torch.float64: {"rtol": 1e-9, "atol": 1e-12},  # the product form in float64
    torch.float32: {"rtol": 2e-5, "atol": 2e-5},  # the product form in float32
    torch.float16: {"rtol": 2e-3, "atol": 1e-3},  # one rounding of the result
    torch.bfloat16: {"rtol": 1e-2, "atol": 1e-2},  # one rounding of the result
}


def table(n: int, d: int = 5, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=torch.float64)


X, Y = table(31), table(43, seed=1)
V = table(43, 3, seed=2)


def truth(x: Tensor, y: Tensor, kernel: gm.PairFunction) -> Tensor:
    return kernel.forward(x.double(), y.double())


def assert_close(found: Any, expected: Tensor, dtype: torch.dtype = torch.float64) -> None:
    assert found.dtype == dtype
    torch.testing.assert_close(found.double(), expected.double(), **CLOSE[dtype])
