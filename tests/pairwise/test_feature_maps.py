"""Kernels that know their features."""

from __future__ import annotations

import math

import pytest
import torch
from tests.pairwise.formulas import CASES, points
from torch import Tensor

import gramian as gm


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
@pytest.mark.parametrize("offset", [0.0, 0.7])
@pytest.mark.parametrize("scale", [1.0, torch.tensor(0.3, dtype=torch.float64)], ids=str)
def test_polynomial_feature_map(degree: int, offset: float, scale: float | Tensor) -> None:
    kernel = gm.Polynomial(degree, offset=offset, scale=scale)
    x, y = points(CASES[0], 5, 3), points(CASES[0], 6, 3, seed=1)
    features = kernel.feature_map(x)
    assert features.shape == (5, math.comb(3 + degree, degree))
    product = features @ kernel.feature_map(y).T
    torch.testing.assert_close(product, kernel.forward(x, y), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kernel", [gm.Linear(), gm.CosineSimilarity()], ids=repr)
def test_plain_feature_maps(kernel: gm.Linear | gm.CosineSimilarity) -> None:
    x, y = points(CASES[0], 5), points(CASES[0], 6, seed=1)
    x[2] = 0
    product = kernel.feature_map(x) @ kernel.feature_map(y).T
    torch.testing.assert_close(product, kernel.forward(x, y))
