"""The choice of a solver, its certificate, and hostile systems, through Gram and operators."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

import gramian as gm
from gramian.linalg import DenseOperator, NotPositiveError, Progress, Solution, _choice, solve

SOLVERS = ["auto", "direct", "pcg", "sketch"]
HOSTILE: dict[str, tuple[gm.PairFunction, float, float]] = {
    # kernel, offset of the data, part of the rows that is repeated
    "duplicates": (gm.Gaussian(2.0), 0.0, 0.5),
    "offset": (gm.Gaussian(2.0), 1e5, 0.1),
    "low rank": (gm.Linear(), 0.0, 0.0),
    "kink": (gm.Laplacian(2.0), 0.0, 0.3),
    "polynomial": (gm.Polynomial(3, offset=1.0), 0.0, 0.2),
    "indefinite": (gm.Sigmoid(), 0.0, 0.0),
    "constant": (gm.Gaussian(), 0.0, -1.0),
}


def points(draw: Any, n: int, offset: float, repeated: float) -> Tensor:
    x: Tensor = draw(n, 3)
    if repeated < 0:
        return torch.ones_like(x)
    part = int(repeated * n)
    x[n - part :] = x[:part]
    return x + offset


def dense(x: Tensor, kernel: gm.PairFunction, ridge: float) -> Tensor:
    n = len(x)
    K = torch.stack([kernel.paired(row.expand(n, -1), x.double()) for row in x.double()])
    return K + ridge * torch.eye(n).double()


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("n", [1, 2, 63, 211])
def test_every_solver_gives_the_dense_solution(
    draw: Any, solver: str, dtype: torch.dtype, n: int
) -> None:
    x, b = points(draw, n, 0.0, 0.2).to(dtype), draw(n, 3)
    G = gm.Gram(x, kernel=gm.Gaussian(2.0))
    found, info = G.solve(b, ridge=1.0, solver=solver, random_state=0, return_info=True, tol=1e-6)
    A = dense(x, gm.Gaussian(2.0), 1.0)
    expected = torch.linalg.solve(A, b)
    assert found.dtype == dtype
    assert info.x.dtype == torch.float64
    assert info.converged
    assert info.residual <= 1e-6
    rest = ((A @ info.x - b).norm(dim=0) / b.norm(dim=0)).max()
    assert info.residual == pytest.approx(float(rest), rel=1e-2, abs=1e-12)
    assert (info.x - expected).norm() <= 1e-5 * expected.norm()
    assert info.passes > 0
    assert info.seconds > 0


@pytest.mark.parametrize("ridge", [1.0, 1e-4, 1e-10, 0.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_systems_are_solved_or_warned_about(
    draw: Any, name: str, dtype: torch.dtype, ridge: float
) -> None:
    kernel, offset, repeated = HOSTILE[name]
    x, b = points(draw, 90, offset, repeated).to(dtype), draw(90, 2)
    for solver in ("auto", "pcg"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            _, info = gm.Gram(x, kernel=kernel).solve(
                b, ridge=ridge, solver=solver, random_state=0, return_info=True
            )
        A = dense(x, kernel, ridge)
        rest = ((A @ info.x - b).norm(dim=0) / b.norm(dim=0)).max()
        scale = float(A.norm() * info.x.norm() / b.norm())
        assert info.residual == pytest.approx(float(rest), rel=0.1, abs=1e-14 * scale)
        if info.converged:
            assert not caught
            continue
        assert caught[0].category is ConvergenceWarning
        message = str(caught[0].message)
        assert re.match(r"Gram\.solve: the relative residual must be at most \S+, got", message)
        assert "Raise ridge" in message


def test_a_singular_system_gets_the_least_norm_solution(draw: Any) -> None:
    x = draw(40, 3)
    G = gm.Gram(x, kernel=gm.Linear())
    inside = x @ draw(3, 1)
    found, info = G.solve(inside, ridge=0.0, return_info=True)
    expected = torch.linalg.pinv(x @ x.T, hermitian=True, rtol=1e-10) @ inside
    torch.testing.assert_close(found, expected)
    assert info.rank == 3
    assert "least-norm solution, rank 3 of 40" in info.reason
    with pytest.warns(ConvergenceWarning, match="singular or indefinite: least-norm"):
        G.solve(draw(40), ridge=0.0)


def test_a_ridge_below_float32_is_solved_in_float64(draw: Any) -> None:
    x, b = draw(60, 3).float(), draw(60)
    G = gm.Gram(x, kernel=gm.Gaussian(1.0))
    _, info = G.solve(b, ridge=1e-9, return_info=True)
    expected = torch.linalg.solve(dense(x, gm.Gaussian(1.0), 1e-9), b)
    assert info.converged
    assert (info.x - expected).norm() <= 1e-4 * expected.norm()


def test_landmarks_solve_the_restricted_problem(draw: Any) -> None:
    x, b = draw(150, 2), draw(150, 2)
    G = gm.Gram(x, kernel=gm.Gaussian(2.0))
    found, info = G.solve(
        b, ridge=0.1, solver="nystroem", rank=20, random_state=0, return_info=True
    )
    used = found.abs().sum(1).nonzero()[:, 0]
    assert len(used) == info.rank == 20
    K = dense(x, gm.Gaussian(2.0), 0.0)
    table, core = K[:, used], K[used][:, used]
    expected = torch.linalg.solve(table.T @ table + 0.1 * core, table.T @ b)
    assert (table @ (found[used] - expected)).norm() <= 1e-6 * b.norm()
    assert info.converged
    rest = ((K @ found + 0.1 * found - b).norm(dim=0) / b.norm(dim=0)).max()
    assert info.residual == pytest.approx(float(rest), rel=1e-6)


def test_indefinite_kernels_have_no_landmarks_and_no_factor(draw: Any) -> None:
    G = gm.Gram(draw(30, 2), kernel=gm.Sigmoid())
    with pytest.raises(NotPositiveError, match="positive semi-definite"):
        G.solve(draw(30), ridge=1.0, solver="nystroem")
    with (
        gm.config_context(memory="8MiB"),
        pytest.raises(gm.MemoryBudgetError, match="solver='direct' and 3000 rows"),
    ):
        gm.Gram(draw(3000, 2), kernel=gm.Sigmoid()).solve(draw(3000), ridge=1.0, solver="direct")


def solved(n: int, draw: Any, **settings: Any) -> Solution:
    generator = torch.Generator().manual_seed(0)
    kernel = gm.Gram(draw(n, 2), kernel=gm.Gaussian(2.0))
    return solve(kernel, draw(n), ridge=1.0, tol=1e-3, generator=generator, **settings)


def test_auto_follows_cost_and_memory(draw: Any) -> None:
    assert solved(200, draw).solver == "direct"
    cheap = solved(2000, draw, seconds_per_entry=1e-12, rank=30)
    assert cheap.solver == "direct"  # a tenth of a second is not worth a thought
    with gm.config_context(memory="64MiB"):
        found = solved(3000, draw)
        assert found.solver == "pcg"
        assert found.rank > 0
        assert "passes are cheaper" in found.reason
    with gm.config_context(memory="11MiB"):
        with pytest.warns(ConvergenceWarning, match="budget of 0.01 passes"):
            found = solved(20_000, draw, pass_budget=0.01)
        assert found.solver == "sketch"


@pytest.mark.parametrize(
    ("least", "reason"),
    [
        (-0.5, "pcg stopped because K.*eigenvectors|pcg stopped because K.*least-norm"),
        (1e-4, "pcg stopped because max_iterations=104 is reached.*dense factor in float"),
    ],
    ids=["they fail", "they take long"],
)
def test_auto_takes_a_dense_factor_where_gradients_do_badly(
    draw: Any, monkeypatch: pytest.MonkeyPatch, least: float, reason: str
) -> None:
    monkeypatch.setattr(_choice, "_flops", lambda device: 1e3)  # so that it begins with gradients
    n = 300
    basis = torch.linalg.qr(draw(n, n))[0]
    K = (basis * torch.linspace(least, 2, n).double()) @ basis.T
    found = solve(
        DenseOperator(K),
        draw(n),
        ridge=1e-9 if least > 0 else 0.1,
        solver="auto",
        rank=1,
        seconds_per_entry=1e-3,
        generator=torch.Generator().manual_seed(0),
    )
    assert found.solver == "direct"
    assert found.converged
    assert re.search(reason, found.reason)


def test_memory_is_checked_before_any_work(draw: Any) -> None:
    class Untouched(DenseOperator):
        def __matmul__(self, v: Tensor) -> Tensor:
            raise AssertionError

        rows = columns = block = __matmul__  # type: ignore[assignment] # none is called

    operator = Untouched(torch.zeros(1, 1).expand(400_000, 400_000))
    generator = torch.Generator().manual_seed(0)
    with gm.config_context(memory="8MiB"):
        for solver in ("auto", "direct", "pcg", "sketch", "nystroem"):
            with pytest.raises(gm.MemoryBudgetError, match="memory must be at least") as caught:
                solve(operator, torch.ones(400_000), ridge=1.0, solver=solver, generator=generator)
            assert caught.value.needed > caught.value.budget == 2**23


def test_warm_start_budgets_and_callback(draw: Any) -> None:
    x, b = draw(200, 3), draw(200, 2)
    G = gm.Gram(x, kernel=gm.Gaussian(1.0))
    settings: dict[str, Any] = {"ridge": 1e-2, "random_state": 0, "return_info": True}
    first, _ = G.solve(b, **settings, solver="pcg")
    _, again = G.solve(b, **settings, solver="pcg", x0=first)
    assert again.passes < 2
    for solver in ("pcg", "sketch"):
        with pytest.warns(ConvergenceWarning, match="budget of 1 passes is spent"):
            _, info = G.solve(b, **settings, solver=solver, rank=5, pass_budget=1)
        assert not info.converged
        with pytest.warns(ConvergenceWarning, match="time budget of 0 s is spent"):
            G.solve(b, **settings, solver=solver, rank=5, time_budget=0)
        _, info = G.solve(b, **settings, solver=solver, rank=5, callback=lambda state: True)
        assert "the callback stopped it" in info.reason


def test_a_callback_is_told_where_the_solver_stands(draw: Any) -> None:
    seen: list[Progress] = []
    gm.Gram(draw(50, 2), kernel=gm.Gaussian()).solve(
        draw(50), ridge=0.1, solver="pcg", callback=seen.append
    )
    assert [state.iteration for state in seen] == list(range(1, len(seen) + 1))
    assert {state.solver for state in seen} == {"pcg"}
    assert seen[-1].residual <= 1e-10 < seen[0].residual


def test_one_seed_one_result(draw: Any) -> None:
    G, b = gm.Gram(draw(150, 3), kernel=gm.Gaussian(2.0)), draw(150)
    for solver in ("pcg", "sketch", "nystroem"):
        first, again = (
            G.solve(b, ridge=1.0, solver=solver, rank=20, tol=1e-4, random_state=3)
            for _ in range(2)
        )
        assert torch.equal(first, again)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "ridge": ({"ridge": -1.0}, "ridge must be a finite number in \\[0"),
    "solver": ({"solver": "magic"}, "solver must be one of 'auto', 'direct'"),
    "tol": ({"tol": 0.0}, "tol must be a finite number in \\(0"),
    "rank": ({"rank": 4}, "rank must be an int in \\[1, 3\\]"),
    "iterations": ({"max_iterations": 0}, "max_iterations must be"),
    "b": ({"b": torch.ones(2)}, "b must have shape \\(3,\\)"),
    "NaN": ({"b": torch.full((3,), torch.nan)}, "b must be finite"),
    "x0 rows": ({"x0": torch.ones(2)}, "x0 must have shape"),
    "x0 columns": ({"x0": torch.ones(3, 2)}, "x0 must have the shape of b"),
    "operator": ({"operator": DenseOperator(torch.ones(3, 2))}, "matrix must be square"),
    "sketch": ({"ridge": 0.0, "solver": "sketch"}, "ridge must be a finite number in \\(0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_named(name: str) -> None:
    changed, message = WRONG[name]
    settings: dict[str, Any] = {
        "operator": DenseOperator(torch.eye(3)),
        "b": torch.ones(3),
        "ridge": 1.0,
        "generator": torch.Generator().manual_seed(0),
    } | changed
    with pytest.raises(ValueError, match=message):
        solve(settings.pop("operator"), settings.pop("b"), **settings)
