"""Sketch-and-project reaches the dense solution and says how far it got."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import torch

from gramian.linalg import DenseOperator, sketch_and_project
from gramian.linalg._result import Clock

module = importlib.import_module("gramian.linalg.sketch_and_project")


@pytest.mark.parametrize("ridge", [5.0, 0.3])
@pytest.mark.parametrize("repeated", [0, 60])
def test_the_solution_is_the_dense_one(
    gaussian: Any, draw: Any, seed: Any, ridge: float, repeated: int
) -> None:
    K, b = gaussian(240, repeated=repeated), draw(240, 2)
    found = sketch_and_project(DenseOperator(K), b, ridge=ridge, tol=1e-7, generator=seed())
    assert found.reason == ""
    rest = (b - K @ found.x - ridge * found.x).norm(dim=0) / b.norm(dim=0)
    torch.testing.assert_close(found.residual, rest, rtol=1e-6, atol=1e-12)
    assert bool((rest <= 1e-7).all())


def test_one_block_of_all_rows_and_full_rank_is_a_direct_solve(
    gaussian: Any, draw: Any, seed: Any
) -> None:
    K, b = gaussian(30), draw(30, 1)
    clock = Clock("sketch")
    found = sketch_and_project(
        DenseOperator(K), b, ridge=1.0, tol=1e-9, generator=seed(), rank=30, clock=clock
    )
    assert found.reason == ""
    assert clock.iteration <= 30


def test_a_divergence_is_undone_without_acceleration(gaussian: Any, draw: Any, seed: Any) -> None:
    b = draw(50, 2)
    clock = Clock("sketch")
    run = module._Run(DenseOperator(gaussian(50)), b, 0.1, None, 10, 5, seed(), clock)
    assert run.alpha < 0.5
    assert not run.look(1e-6)
    run.w = run.w + 1e3
    assert not run.look(1e-6)
    assert not run.w.any()
    assert (run.alpha, run.beta, run.gamma) == (0.5, 0.0, 1.0)
    for _ in range(200):
        run.step()
    assert run.look(1e-2)
    plain = run.best.clone()
    run.step()
    assert torch.equal(run.z, run.w)
    assert not torch.equal(run.w, plain)


def test_it_says_how_far_it_got_and_begins_where_it_is_told(
    gaussian: Any, draw: Any, seed: Any
) -> None:
    K, b = DenseOperator(gaussian(200)), draw(200, 1)
    settings: dict[str, Any] = {"ridge": 1e-2, "tol": 1e-9}
    short = sketch_and_project(K, b, **settings, generator=seed(), max_passes=4.0)
    assert short.reason == "max_passes=4 is reached"
    assert 1e-9 < float(short.residual) <= 1
    longer = sketch_and_project(K, b, **settings, generator=seed(), max_passes=8.0, x0=short.x)
    assert float(longer.residual) < float(short.residual)
    zero = sketch_and_project(K, 0 * b, **settings, generator=seed())
    assert not zero.x.any()
    assert zero.reason == ""


def test_one_seed_one_result_and_budgets(gaussian: Any, draw: Any, seed: Any) -> None:
    K, b = DenseOperator(gaussian(120)), draw(120, 1)
    settings: dict[str, Any] = {"ridge": 0.1, "tol": 1e-6, "block_size": 20}
    first, again = (sketch_and_project(K, b, **settings, generator=seed()) for _ in range(2))
    assert torch.equal(first.x, again.x)
    stopped = sketch_and_project(
        K, b, **settings, generator=seed(), clock=Clock("sketch", time_budget=0.0)
    )
    assert "time budget" in stopped.reason
    with pytest.raises(ValueError, match="ridge must be a finite number in \\(0"):
        sketch_and_project(K, b, ridge=0.0, tol=1e-6, generator=seed())


def test_rough_float32_products_give_way_to_float64(gaussian: Any, draw: Any, seed: Any) -> None:
    class Rough(DenseOperator):
        def __matmul__(self, v: Any) -> Any:
            product = super().__matmul__(v)
            return product.bfloat16().float() if self.dtype == torch.float32 else product

        def take(self, i: Any) -> DenseOperator:
            return type(self)(self.matrix[i])

    K, b = gaussian(150).float(), draw(150, 1)
    settings: dict[str, Any] = {"ridge": 1.0, "tol": 1e-7, "rank": 60}
    found = sketch_and_project(Rough(K), b, **settings, generator=seed())
    assert found.reason == ""
    rest = (b - K.double() @ found.x - found.x).norm() / b.norm()
    assert rest <= 1e-7


def test_an_indefinite_matrix_ends_it(draw: Any, seed: Any) -> None:
    basis = torch.linalg.qr(draw(150, 150))[0]
    K = (basis * torch.linspace(-1, 1, 150).double()) @ basis.T
    found = sketch_and_project(
        DenseOperator(K), draw(150, 1), ridge=0.1, tol=1e-6, generator=seed()
    )
    assert found.reason == "the residual no longer falls"
    assert float(found.residual) <= 1
