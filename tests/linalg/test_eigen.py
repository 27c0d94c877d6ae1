"""Eigenpairs against the dense decomposition: both solvers, centring, signs, degenerate spectra."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import gramian as gm
from gramian.linalg import DenseOperator, Progress, eigh

SOLVERS = ["dense", "lanczos"]


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("centered", [False, True])
def test_values_vectors_and_residuals(
    gaussian: Any, seed: Any, solver: str, dtype: torch.dtype, centered: bool
) -> None:
    K = gaussian(230, repeated=20).to(dtype)
    wide = K.double()
    if centered:
        wide = wide - wide.mean(0) - wide.mean(1, keepdim=True) + wide.mean()
    values = torch.linalg.eigvalsh(wide).flip(0)[:6]
    found = eigh(DenseOperator(K), 6, centered=centered, generator=seed(), solver=solver)
    assert found.converged
    assert found.solver == solver
    tol = 1e-4 if dtype == torch.float32 else 1e-9
    torch.testing.assert_close(found.values, values, rtol=0, atol=float(tol * values[0]))
    eye = found.vectors.T @ found.vectors
    torch.testing.assert_close(eye, torch.eye(6).double(), rtol=0, atol=1e-10)
    rest = (wide @ found.vectors - found.vectors * found.values).norm(dim=0)
    torch.testing.assert_close(found.residuals, rest, rtol=1e-3, atol=1e-10)
    sizes = found.vectors.abs()
    for vector, size in zip(found.vectors.T, sizes.T, strict=True):
        assert vector[size >= (1 - 1e-5) * size.max()][0] > 0


@pytest.mark.parametrize("more", [(0.0, 0.0), (1e-9, 0.0), (0.0, 1e-9)])
def test_rounding_does_not_decide_the_sign_among_equal_entries(
    seed: Any, more: tuple[float, float]
) -> None:
    K = torch.tensor([[2.0, -1.0], [-1.0, 2.0]], dtype=torch.float64)
    K = K + torch.diag(torch.tensor(more, dtype=torch.float64))
    found = eigh(DenseOperator(K), 1, generator=seed())
    assert found.vectors[0, 0] > 0 > found.vectors[1, 0]


def test_both_solvers_agree_on_vectors(gaussian: Any, seed: Any) -> None:
    K = DenseOperator(gaussian(200))
    dense, lanczos = (eigh(K, 4, generator=seed(), solver=name, tol=1e-11) for name in SOLVERS)
    torch.testing.assert_close(dense.vectors, lanczos.vectors, rtol=0, atol=1e-7)
    again = eigh(K, 4, generator=torch.Generator().manual_seed(99), solver="lanczos", tol=1e-11)
    torch.testing.assert_close(again.vectors, lanczos.vectors, rtol=0, atol=1e-7)


@pytest.mark.parametrize("solver", SOLVERS)
def test_degenerate_spectra(draw: Any, seed: Any, solver: str) -> None:
    half = draw(70, 3)
    cases = {
        "one value": torch.eye(70).double(),
        "low rank": half @ half.T,
        "zero": torch.zeros(70, 70).double(),
        "indefinite": -torch.diag(torch.arange(70).double()),
        "double": torch.diag(torch.tensor([5.0, 5.0, 4.0, 4.0] + [1.0] * 66)).double(),
    }
    for K in cases.values():
        found = eigh(DenseOperator(K), 5, generator=seed(), solver=solver)
        expected = torch.linalg.eigvalsh(K).flip(0)[:5]
        torch.testing.assert_close(found.values, expected, rtol=0, atol=1e-8)
        assert found.converged


@pytest.mark.parametrize("n", [1, 2, 9])
def test_all_eigenvectors_of_small_matrices(gaussian: Any, seed: Any, n: int) -> None:
    K = gaussian(n)
    for solver in SOLVERS:
        found = eigh(DenseOperator(K), n, generator=seed(), solver=solver)
        expected = torch.linalg.eigvalsh(K).flip(0)
        torch.testing.assert_close(found.values, expected, rtol=0, atol=1e-10)


def test_a_slow_spectrum_needs_restarts_and_gets_there(draw: Any, seed: Any) -> None:
    basis = torch.linalg.qr(draw(300, 300))[0]
    K = (basis * torch.linspace(2, 1, 300).double()) @ basis.T
    passes: list[Progress] = []
    found = eigh(
        DenseOperator(K),
        3,
        generator=seed(),
        solver="lanczos",
        tol=1e-8,
        callback=lambda state: passes.append(state) and False,
    )
    assert found.converged
    assert len(passes) > 10
    expected = torch.linspace(2, 1, 300)[:3].double()
    torch.testing.assert_close(found.values, expected, rtol=0, atol=1e-6)


def test_what_stops_it_is_said(gaussian: Any, seed: Any) -> None:
    K = DenseOperator(gaussian(200, bandwidth=0.2))
    settings: dict[str, Any] = {"generator": seed(), "solver": "lanczos", "tol": 1e-12}
    short = eigh(K, 5, max_passes=2, **settings)
    assert not short.converged
    assert short.reason == "max_passes=2 is reached"
    assert "callback" in eigh(K, 5, callback=lambda state: True, **settings).reason
    assert "time budget" in eigh(K, 5, time_budget=0.0, **settings).reason
    rough = DenseOperator(gaussian(200, bandwidth=0.2).float())
    assert "rounding" in eigh(rough, 5, **settings).reason


def test_what_does_not_fit_is_named(seed: Any) -> None:
    K = DenseOperator(torch.eye(4))
    with pytest.raises(ValueError, match="must be square"):
        eigh(DenseOperator(torch.ones(3, 2)), 1, generator=seed())
    with pytest.raises(ValueError, match="k must be an int in \\[1, 4\\]"):
        eigh(K, 5, generator=seed())
    with pytest.raises(ValueError, match="solver must be one of"):
        eigh(K, 1, generator=seed(), solver="power")
    with pytest.raises(ValueError, match="tol must be"):
        eigh(K, 1, generator=seed(), tol=-1.0)
    with pytest.raises(ValueError, match="max_passes must be"):
        eigh(K, 1, generator=seed(), max_passes=0)
    nan = DenseOperator(torch.full((4, 4), torch.nan))
    with pytest.raises(FloatingPointError, match="products must be finite"):
        eigh(nan, 1, generator=seed(), solver="lanczos")


def test_the_basis_must_fit_the_memory(seed: Any) -> None:
    G = gm.Gram(torch.ones(20_000, 1), kernel=gm.Gaussian())
    with (
        gm.config_context(memory="8MiB"),
        pytest.raises(gm.MemoryBudgetError, match="memory must be at least") as caught,
    ):
        eigh(G, 10, generator=seed())
    assert caught.value.needed > 2**23
