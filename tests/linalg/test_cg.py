"""Conjugate gradients: dense truth, true residuals, breakdown that is admitted."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

import gramian as gm
from gramian.linalg import DenseOperator, conjugate_gradient, rpcholesky
from gramian.linalg._preconditioner import LowRankInverse
from gramian.linalg._result import Clock


def residual(K: Tensor, x: Tensor, b: Tensor, ridge: float) -> Tensor:
    rest: Tensor = (b - K @ x - ridge * x).norm(dim=0)
    return rest / b.norm(dim=0)


@pytest.mark.parametrize("rank", [0, 20, 90])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("ridge", [1.0, 1e-2])
def test_the_solution_is_the_dense_one(
    gaussian: Any, draw: Any, seed: Any, rank: int, dtype: torch.dtype, ridge: float
) -> None:
    K, b = gaussian(133, repeated=30).to(dtype), draw(133, 3)
    operator, exact, inverse = DenseOperator(K), K.double(), None
    if rank:
        inverse = LowRankInverse(rpcholesky(operator, rank, generator=seed()).factor, ridge)
    found = conjugate_gradient(operator, b, ridge=ridge, tol=1e-9, preconditioner=inverse)
    assert found.reason == ""
    assert bool((found.residual <= 1e-9).all())
    torch.testing.assert_close(
        found.residual, residual(exact, found.x, b, ridge), rtol=1e-3, atol=1e-13
    )
    expected = torch.linalg.solve(exact + ridge * torch.eye(133).double(), b)
    assert (found.x - expected).norm() <= 1e-6 * expected.norm()


def test_more_rank_takes_fewer_steps(gaussian: Any, draw: Any, seed: Any) -> None:
    K, b = DenseOperator(gaussian(300)), draw(300, 1)
    steps = []
    for rank in (10, 40, 120):
        clock = Clock("pcg")
        inverse = LowRankInverse(rpcholesky(K, rank, generator=seed()).factor, 1e-3)
        conjugate_gradient(K, b, ridge=1e-3, tol=1e-8, preconditioner=inverse, clock=clock)
        steps.append(clock.iteration)
    assert steps[0] > 2 * steps[1] > 4 * steps[2]
    assert steps[2] <= 8


@pytest.mark.parametrize("ridge", [1.0, 1e-6, 1e-12, 0.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_preconditioner_is_the_dense_inverse_down_to_tiny_ridges(
    gaussian: Any, draw: Any, seed: Any, ridge: float, dtype: torch.dtype
) -> None:
    factor = rpcholesky(DenseOperator(gaussian(70).to(dtype)), 25, generator=seed()).factor
    inverse = LowRankInverse(factor, ridge)
    wide, v = factor.double(), draw(70, 2)
    assert inverse.ridge >= ridge
    left, values, _ = torch.linalg.svd(wide)
    filled = torch.cat([values.square(), torch.zeros(45).double()])
    expected = left @ ((inverse.ridge / (filled + inverse.ridge))[:, None] * (left.T @ v))
    assert (inverse(v) - expected).norm() <= 1e-6 * v.norm()


def test_the_preconditioner_goes_block_by_block_where_memory_is_short(draw: Any) -> None:
    factor, v = draw(1025, 130), draw(1025, 1)  # one row beyond a block, and above 8 MiB / 8
    with gm.config_context(memory="8MiB"):
        tail = LowRankInverse(factor.float(), 0.1)
        found = tail(v)
    assert tail.factor.dtype == torch.float32
    wide = factor.float().double()
    assert (found + wide @ (wide.T @ found) / 0.1 - v).norm() <= 1e-10 * v.norm()
    torch.testing.assert_close(LowRankInverse(factor.float(), 0.1)(v), found)


def test_columns_end_on_their_own(gaussian: Any, draw: Any) -> None:
    K = gaussian(60)
    b = draw(60, 3)
    b[:, 1] = 0
    b[:, 2] = torch.linalg.eigh(K)[1][:, -1]  # an eigenvector is one step's work
    found = conjugate_gradient(DenseOperator(K), b, ridge=0.1, tol=1e-8)
    assert not found.x[:, 1].any()
    assert found.residual[1] == 0
    expected = torch.linalg.solve(K + 0.1 * torch.eye(60).double(), b)
    torch.testing.assert_close(found.x, expected, rtol=1e-5, atol=1e-7)


def test_a_warm_start_saves_steps(gaussian: Any, draw: Any) -> None:
    K, b = DenseOperator(gaussian(80)), draw(80, 2)
    whole = conjugate_gradient(K, b, ridge=0.1, tol=1e-8)
    clock = Clock("pcg")
    again = conjugate_gradient(K, b, ridge=0.1, tol=1e-8, x0=whole.x, clock=clock)
    assert clock.iteration == 0
    torch.testing.assert_close(again.x, whole.x)
    bad = conjugate_gradient(K, b, ridge=0.1, tol=1e-8, x0=1e3 * draw(80, 2))
    torch.testing.assert_close(bad.x, whole.x, rtol=1e-5, atol=1e-6)


def test_rough_float32_products_give_way_to_float64(draw: Any) -> None:
    # an operator whose float32 products are far off: only the float64 steps can finish
    class Rough(DenseOperator):
        def __matmul__(self, v: Tensor) -> Tensor:
            product = super().__matmul__(v)
            return product * 1.5 if self.dtype == torch.float32 else product

    half = draw(50, 50)
    K = (half @ half.T / 50).float()
    b = draw(50, 1)
    found = conjugate_gradient(Rough(K), b, ridge=0.5, tol=1e-8)
    assert found.reason == ""
    assert bool((residual(K.double(), found.x, b, 0.5) <= 1e-8).all())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_an_indefinite_matrix_is_named_and_the_best_is_kept(draw: Any, dtype: torch.dtype) -> None:
    basis = torch.linalg.qr(draw(40, 40))[0]
    K = (basis * torch.linspace(-1, 3, 40).double()) @ basis.T
    b = draw(40, 2)
    found = conjugate_gradient(DenseOperator(K.to(dtype)), b, ridge=0.0, tol=1e-8)
    assert "not positive definite" in found.reason
    assert bool((found.residual <= 1).all())
    exact = K.to(dtype).double()
    torch.testing.assert_close(
        found.residual, residual(exact, found.x, b, 0.0), rtol=1e-3, atol=1e-9
    )


def test_a_singular_system_out_of_reach_is_not_called_solved(gaussian: Any, draw: Any) -> None:
    K, b = gaussian(60, repeated=20), draw(60, 1)
    found = conjugate_gradient(DenseOperator(K), b, ridge=0.0, tol=1e-8, max_iterations=200)
    assert found.reason
    assert float(found.residual) > 1e-8
    assert float(found.residual) <= 1


def test_budgets_and_callback_stop_it(gaussian: Any, draw: Any) -> None:
    K, b = DenseOperator(gaussian(60)), draw(60, 1)
    few = conjugate_gradient(K, b, ridge=1e-4, tol=1e-10, max_iterations=3)
    assert few.reason == "max_iterations=3 is reached"
    clock = Clock("pcg", pass_budget=4.0)
    assert "4 passes" in conjugate_gradient(K, b, ridge=1e-4, tol=1e-10, clock=clock).reason
    assert clock.iteration == 4
    clock = Clock("pcg", time_budget=0.0)
    assert "time budget" in conjugate_gradient(K, b, ridge=1e-4, tol=1e-10, clock=clock).reason
    seen: list[float] = []
    clock = Clock("pcg", callback=lambda state: seen.append(state.residual) or len(seen) == 2)
    stopped = conjugate_gradient(K, b, ridge=1e-4, tol=1e-10, clock=clock)
    assert stopped.reason == "the callback stopped it"
    assert len(seen) == 2


def test_products_must_be_finite(draw: Any) -> None:
    K = torch.full((5, 5), torch.nan).double()
    with pytest.raises(FloatingPointError, match="products must be finite"):
        conjugate_gradient(DenseOperator(K), draw(5, 1), ridge=1.0, tol=1e-6)
