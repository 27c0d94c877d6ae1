"""Dense solves: refinement, failure without jitter, least-norm solutions."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gramian.linalg import DenseOperator
from gramian.linalg._result import Clock
from gramian.linalg.direct import cholesky_solve, dense, eigen_solve


@pytest.mark.parametrize("kind", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("n", [1, 2, 150])
def test_a_float32_factor_gives_float64_answers(
    gaussian: Any, draw: Any, kind: torch.dtype, dtype: torch.dtype, n: int
) -> None:
    K, b = gaussian(n).to(kind), draw(n, 2)
    found = cholesky_solve(
        DenseOperator(K), b, ridge=0.01, tol=1e-10, dtype=dtype, clock=Clock("direct")
    )
    assert found is not None
    assert found.reason == ""
    expected = torch.linalg.solve(K.double() + 0.01 * torch.eye(n).double(), b)
    torch.testing.assert_close(found.x, expected, rtol=1e-7, atol=1e-8)
    assert float(found.residual.max()) <= 1e-10


def test_nothing_but_the_ridge_is_added_to_the_diagonal(draw: Any) -> None:
    settings: dict[str, Any] = {"tol": 1e-10, "clock": Clock("direct")}
    for dtype in (torch.float32, torch.float64):
        operator = DenseOperator(torch.ones(5, 5).double())
        assert cholesky_solve(operator, draw(5, 1), ridge=0.0, dtype=dtype, **settings) is None
        operator = DenseOperator(-torch.eye(5).double())
        assert cholesky_solve(operator, draw(5, 1), ridge=0.5, dtype=dtype, **settings) is None


def test_the_matrix_is_filled_in_blocks(draw: Any) -> None:
    table = torch.randn(30, 200_000, generator=torch.Generator().manual_seed(0))  # three blocks
    assert torch.equal(dense(DenseOperator(table), torch.float64), table.double())


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_singular_and_indefinite_systems_get_the_least_norm_solution(
    draw: Any, ridge: float
) -> None:
    half = draw(40, 6)
    basis = torch.linalg.qr(draw(40, 40))[0]
    cases = {
        "low rank": half @ half.T,
        "indefinite": (basis * torch.linspace(-1, 1, 40).double()) @ basis.T,
        "cancelled": -ridge * torch.eye(40).double() + half @ half.T,
    }
    b = draw(40, 2)
    for name, K in cases.items():
        found, rank = eigen_solve(DenseOperator(K), b, ridge=ridge, clock=Clock("direct"))
        whole = K + ridge * torch.eye(40).double()
        expected = torch.linalg.pinv(whole, hermitian=True, rtol=1e-12) @ b
        torch.testing.assert_close(found.x, expected, rtol=1e-8, atol=1e-8, msg=name)
        assert rank == int(torch.linalg.matrix_rank(whole, hermitian=True, rtol=1e-12))
        rest = (b - whole @ found.x).norm(dim=0) / b.norm(dim=0)
        torch.testing.assert_close(found.residual, rest, rtol=1e-6, atol=1e-10)
