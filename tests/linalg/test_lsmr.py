"""LSMR against dense solutions: shapes, ranks, damping, warm starts, rounding, budgets."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from gramian.linalg import LeastSquares, Progress, lsmr

SHAPES = [(1, 1, 1), (50, 10, 10), (50, 10, 4), (10, 50, 10), (1, 5, 1), (5, 1, 1), (120, 40, 40)]


def run(A: Tensor, b: Tensor, **settings: Any) -> LeastSquares:
    return lsmr(lambda v: A @ v, lambda u: A.T @ u, b, A.shape[1], **settings)


def truth(A: Tensor, b: Tensor, damp: float) -> Tensor:
    if not damp:
        return torch.linalg.pinv(A, rtol=1e-12) @ b
    return torch.linalg.solve(A.T @ A + damp**2 * torch.eye(A.shape[1]).double(), A.T @ b)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("damp", [0.0, 0.5])
def test_the_solution_is_the_dense_one(draw: Any, shape: tuple[int, ...], damp: float) -> None:
    n, d, rank = shape
    A, b = draw(n, rank) @ draw(rank, d), draw(n, 3)
    expected = truth(A, b, damp)
    found = run(A, b, damp=damp, atol=1e-13, btol=1e-13)
    assert found.converged
    assert (found.x - expected).norm() <= 1e-9 * expected.norm()
    torch.testing.assert_close(found.residual, (A @ found.x - b).norm(dim=0), rtol=1e-9, atol=1e-12)


def test_the_certificate_is_the_gradient_of_the_whole_problem(draw: Any) -> None:
    A, b = draw(30, 8), draw(30, 2)
    found = run(A, b, damp=0.7, max_iterations=3)
    gradient = A.T @ (A @ found.x - b) + 0.49 * found.x
    assert not found.converged
    torch.testing.assert_close(found.gradient, gradient.norm(dim=0))
    assert "max_iterations=3" in found.reason
    assert found.iterations == 3
    assert found.norm <= float(torch.linalg.norm(A)) + 1


def test_a_flat_right_hand_side_sees_flat_vectors(draw: Any) -> None:
    A, b = draw(20, 6), draw(20)
    found = run(A, b, atol=1e-12)
    assert found.x.shape == (6,)
    torch.testing.assert_close(found.x, truth(A, b, 0.0))


@pytest.mark.parametrize("damp", [0.0, 0.5])
def test_a_warm_start_leads_to_the_same_minimum(draw: Any, damp: float) -> None:
    A, b = draw(40, 7), draw(40, 2)
    expected = truth(A, b, damp)
    start = draw(7, 2)
    warm = run(A, b, damp=damp, x0=start, atol=1e-13, btol=1e-13)
    torch.testing.assert_close(warm.x, expected, rtol=1e-8, atol=1e-10)
    assert run(A, b, damp=damp, x0=expected).iterations <= 1


def test_right_hand_sides_end_on_their_own_and_zero_gives_zero(draw: Any) -> None:
    A, b = draw(30, 5), draw(30, 3)
    b[:, 1] = 0
    b[:, 2] = A @ torch.ones(5).double()
    found = run(A, b, atol=1e-12, btol=1e-12)
    assert not found.x[:, 1].any()
    torch.testing.assert_close(found.x[:, 2], torch.ones(5).double())
    torch.testing.assert_close(found.x[:, 0], truth(A, b, 0.0)[:, 0])


def test_float32_products_give_what_float32_can(draw: Any) -> None:
    A, b = draw(200, 30), draw(200, 2)
    found = run(A.float(), b.float(), atol=0.0, btol=0.0)
    expected = truth(A, b, 0.0)
    assert found.converged
    assert (found.x.double() - expected).norm() <= 1e-5 * expected.norm()


def test_products_that_are_too_coarse_are_admitted(draw: Any) -> None:
    A, b = draw(30, 30), draw(30)
    coarse = A.bfloat16()

    def product(v: Tensor) -> Tensor:
        return (coarse @ v.bfloat16()).double()

    found = lsmr(product, lambda u: (coarse.T @ u.bfloat16()).double(), b, 30, atol=1e-9, btol=1e-9)
    assert not found.converged
    assert "rounding" in found.reason or "max_iterations" in found.reason


def test_callback_and_time_budget_stop_it(draw: Any) -> None:
    A, b = draw(50, 20), draw(50)
    seen: list[Progress] = []
    found = run(A, b, atol=1e-14, callback=lambda state: seen.append(state) or len(seen) == 2)
    assert found.iterations == 2
    assert "callback" in found.reason
    assert [state.iteration for state in seen] == [1, 2]
    assert seen[0].solver == "lsmr"
    assert seen[1].passes > seen[0].passes
    spent = run(A, b, atol=1e-14, time_budget=0.0)
    assert spent.iterations == 1
    assert "time budget" in spent.reason


def test_products_must_be_finite(draw: Any) -> None:
    with pytest.raises(FloatingPointError, match="products must be finite"):
        lsmr(lambda v: v * torch.nan, lambda u: u, torch.ones(3), 3)


WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "b": ({"b": torch.ones(3, dtype=torch.int64)}, TypeError, "b must be float32 or float64"),
    "NaN": ({"b": torch.full((3,), torch.nan)}, ValueError, "b must be finite"),
    "shape": ({"b": torch.ones(0)}, ValueError, "b must have shape"),
    "columns": ({"n_columns": 0}, ValueError, "n_columns must be an int"),
    "damp": ({"damp": -1.0}, ValueError, "damp must be"),
    "atol": ({"atol": -1.0}, ValueError, "atol must be"),
    "btol": ({"btol": torch.nan}, ValueError, "btol must be"),
    "iterations": ({"max_iterations": 0}, ValueError, "max_iterations must be"),
    "x0": ({"x0": torch.ones(2)}, ValueError, "x0 must be finite and of shape"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_named(name: str) -> None:
    changed, error, message = WRONG[name]
    settings = {"b": torch.ones(3), "n_columns": 3} | changed
    with pytest.raises(error, match=message):
        lsmr(lambda v: v, lambda u: u, **settings)
