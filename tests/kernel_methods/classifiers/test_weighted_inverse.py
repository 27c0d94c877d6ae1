"""Inverses of I + D (K + shift 1 1ᵀ) D against dense ones."""

from __future__ import annotations

import pytest
import torch

from gramian.kernel_methods.classifiers._weighted_inverse import DenseInverse, WeightedInverse


@pytest.mark.parametrize("shift", [0.0, 3.0, 1e6])
@pytest.mark.parametrize(("n", "rank"), [(1, 1), (40, 7), (7, 40)])
def test_inverses(n: int, rank: int, shift: float) -> None:
    generator = torch.Generator().manual_seed(0)
    factor = torch.randn(n, rank, dtype=torch.float64, generator=generator)
    weights = torch.rand(n, 3, dtype=torch.float64, generator=generator)
    weights[weights < 0.4] = 0
    shifts = torch.tensor([shift, 0.0, shift], dtype=torch.float64)
    v = torch.randn(n, 3, dtype=torch.float64, generator=generator)
    low_rank = WeightedInverse(factor, weights, shifts)(v)
    rough = WeightedInverse(factor.float(), weights, shifts, rough=True)(v)
    dense = DenseInverse(factor @ factor.T, weights, shifts)(v)
    for c in range(3):
        D = weights[:, c].diag()
        matrix = torch.eye(n) + D @ (factor @ factor.T + shifts[c]) @ D
        expected = torch.linalg.solve(matrix, v[:, c])
        torch.testing.assert_close(low_rank[:, c], expected, rtol=1e-8, atol=1e-9)
        torch.testing.assert_close(rough[:, c], expected, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(dense[:, c], expected, rtol=1e-8, atol=1e-9)
