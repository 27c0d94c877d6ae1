"""Soft sort and soft rank against isotonic regression, definitions and finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.isotonic import isotonic_regression
from torch import Tensor, func

from gramian.linalg.isotonic import falling_blocks
from gramian.symmetry import soft_rank, soft_sort
from gramian.symmetry.discovery import _isotonic
from gramian.symmetry.discovery._isotonic import fit_kl, fit_l2

# torch's own forward mode calls what torch deprecates
forward_mode = pytest.mark.filterwarnings("ignore:`torch.jit.script` is:DeprecationWarning")
FORMS = ("l2", "kl", "pairwise")
SHAPES = [(1,), (2,), (7,), (3, 1), (5, 33), (2, 3, 8)]


def values(*shape: int, seed: int = 0) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=g, dtype=torch.float64)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=40), st.integers(0, 5))
def test_l2_is_isotonic_regression(numbers: list[int], seed: int) -> None:
    noise = np.random.default_rng(seed).normal(size=len(numbers)) * (seed > 0)
    y = np.array(numbers, dtype=float) + noise
    other = torch.from_numpy(y[::-1].copy())
    found = fit_l2(torch.stack([torch.from_numpy(y), other]))
    for row, truth in zip(found, (y, y[::-1]), strict=True):
        np.testing.assert_allclose(row, isotonic_regression(truth, increasing=False), atol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 17, 400])
def test_l2_on_long_runs(n: int) -> None:
    for y in (np.arange(n) * 1.0, -np.arange(n) * 1.0, np.arange(n) % 3 - 0.01 * np.arange(n)):
        truth = isotonic_regression(y, increasing=False)
        np.testing.assert_allclose(fit_l2(torch.from_numpy(y)[None])[0], truth, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (300, 7)])
def test_pooling_entry_by_entry_and_pooling_everywhere_at_once_agree(
    shape: tuple[int, int], scale: float
) -> None:
    y = scale * values(*shape)
    assert torch.equal(_isotonic._starts_l2(y), falling_blocks(y))


def test_kl_is_the_least_of_its_objective() -> None:
    s, w = (
        values(6, seed=1).sort(descending=True).values,
        values(6, seed=2).sort(descending=True).values,
    )
    found = fit_kl(s[None], w[None])[0].numpy()

    def objective(v: np.ndarray) -> float:
        return float(np.exp(s.numpy() - v).sum() + (np.exp(w.numpy()) * v).sum())

    falling = {"type": "ineq", "fun": lambda v: v[:-1] - v[1:]}
    best = minimize(
        objective, np.zeros(6), constraints=falling, method="SLSQP", options={"ftol": 1e-14}
    )
    assert (np.diff(found) <= 1e-12).all()
    assert objective(found) <= best.fun + 1e-9
    np.testing.assert_allclose(found, best.x, atol=1e-4)


def oracle_sort(x: np.ndarray, strength: float) -> np.ndarray:
    """Soft sort by scikit-learn's isotonic regression, ascending."""
    z = np.arange(len(x), 0, -1) / strength
    w = np.sort(-x)[::-1]
    made: np.ndarray = -(z - isotonic_regression(z - w, increasing=False))
    return made


def oracle_rank(x: np.ndarray, strength: float) -> np.ndarray:
    """Soft rank by scikit-learn's isotonic regression."""
    order = np.argsort(-x, kind="stable")
    z, w = x[order] / strength, np.arange(len(x), 0, -1)
    ranks = np.empty(len(x))
    ranks[order] = z - isotonic_regression(z - w, increasing=False)
    return ranks


@pytest.mark.parametrize("strength", [0.01, 0.3, 1.0, 10.0])
@pytest.mark.parametrize("n", [1, 2, 9, 100])
def test_the_oracle(n: int, strength: float) -> None:
    x = values(4, n, seed=n)
    ordered = soft_sort(x, strength=strength)
    ranks = soft_rank(x, strength=strength)
    for row in range(4):
        np.testing.assert_allclose(ordered[row], oracle_sort(x[row].numpy(), strength), atol=1e-6)
        np.testing.assert_allclose(ranks[row], oracle_rank(x[row].numpy(), strength), atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_weak_smoothing_sorts_and_ranks(shape: tuple[int, ...], form: str) -> None:
    x = torch.arange(shape[-1], dtype=torch.float64)[
        torch.randperm(shape[-1], generator=torch.Generator().manual_seed(1))
    ].expand(shape)
    ordered = soft_sort(x, strength=1e-3, regularization=form)
    torch.testing.assert_close(ordered, x.sort(-1).values, atol=1e-6, rtol=0)
    falling = soft_sort(x, strength=1e-3, regularization=form, descending=True)
    torch.testing.assert_close(falling, x.sort(-1, descending=True).values, atol=1e-6, rtol=0)
    ranks = soft_rank(x, strength=1e-3, regularization=form)
    torch.testing.assert_close(ranks, x + 1, atol=1e-6, rtol=0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("function", [soft_sort, soft_rank])
def test_vectors_do_not_feel_each_other_or_their_order(function: Any, form: str) -> None:
    x = values(6, 11)
    whole = function(x, strength=0.5, regularization=form)
    for row in range(6):
        alone = function(x[row], strength=0.5, regularization=form)
        torch.testing.assert_close(whole[row], alone, atol=1e-12, rtol=0)
    shuffle = torch.randperm(11, generator=torch.Generator().manual_seed(0))
    shuffled = function(x[:, shuffle], strength=0.5, regularization=form)
    expected = whole if function is soft_sort else whole[:, shuffle]
    torch.testing.assert_close(shuffled, expected, atol=1e-12, rtol=0)


def test_what_each_form_keeps() -> None:
    x = values(5, 9)
    torch.testing.assert_close(soft_sort(x, strength=3.0).sum(1), x.sum(1))
    log_sum = soft_sort(x, strength=3.0, regularization="kl", descending=True).logsumexp(1)
    torch.testing.assert_close(log_sum, x.logsumexp(1))
    for form in FORMS:
        ranks = soft_rank(x, strength=0.7, regularization=form)
        torch.testing.assert_close(ranks.sum(1), torch.full((5,), 45.0, dtype=torch.float64))


def test_a_strong_smoothing_pools_everything() -> None:
    x = values(9).requires_grad_()
    first = torch.autograd.grad(soft_sort(x, strength=1e3)[0], x)[0]
    torch.testing.assert_close(first, torch.full((9,), 1 / 9, dtype=torch.float64))


@forward_mode
@pytest.mark.parametrize("strength", [0.2, 1.0])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("function", [soft_sort, soft_rank])
def test_gradients(function: Any, form: str, strength: float) -> None:
    x = values(3, 6, seed=5).requires_grad_()

    def call(x: Tensor) -> Tensor:
        made: Tensor = function(x, strength=strength, regularization=form)
        return made

    assert torch.autograd.gradcheck(call, x, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(call, x, check_fwd_over_rev=True)


@forward_mode
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("function", [soft_sort, soft_rank])
def test_torch_func_passes_through(function: Any, form: str) -> None:
    x, weights = values(4, 6, seed=5), values(6, seed=6)

    def call(row: Tensor) -> Tensor:
        made: Tensor = function(row, strength=0.7, regularization=form)
        return made

    def score(row: Tensor) -> Tensor:
        made = call(row)
        return (made * weights).sum() + made.square().sum()

    wanted = x.clone().requires_grad_()
    (slopes,) = torch.autograd.grad(torch.stack([score(row) for row in wanted]).sum(), wanted)
    torch.testing.assert_close(func.vmap(call)(x), call(x))
    torch.testing.assert_close(func.vmap(call, in_dims=1)(x.T), call(x))
    torch.testing.assert_close(func.vmap(func.grad(score))(x), slopes)
    torch.testing.assert_close(func.vmap(func.vmap(func.grad(score)))(x[None])[0], slopes)
    torch.testing.assert_close(func.jacfwd(call)(x[0]), func.jacrev(call)(x[0]))
    curvature = torch.stack([torch.autograd.functional.hessian(score, row) for row in x])
    torch.testing.assert_close(func.vmap(func.hessian(score))(x), curvature)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize("function", [soft_sort, soft_rank])
def test_short_floats_are_projected_in_double(function: Any, dtype: torch.dtype) -> None:
    x = values(5, 30).to(dtype)
    found = function(x, strength=0.3)
    assert found.dtype == dtype
    torch.testing.assert_close(found, function(x.double(), strength=0.3).to(dtype))


@pytest.mark.parametrize("form", FORMS)
def test_ties_and_extremes_stay_finite(form: str) -> None:
    x = torch.tensor([[1.0, 1.0, 1.0, 1.0], [1e6, -1e6, 0.0, 0.0]], requires_grad=True)
    for function in (soft_sort, soft_rank):
        result = function(x, strength=1e-2, regularization=form)
        assert result.dtype == torch.float32
        gradient = torch.autograd.grad(result.square().sum(), x)[0]
        assert bool(torch.isfinite(result).all())
        assert bool(torch.isfinite(gradient).all())


@pytest.mark.parametrize("function", [soft_sort, soft_rank])
def test_bad_input_is_refused(function: Any) -> None:
    name = function.__name__
    with pytest.raises(TypeError, match=f"{name}: values must be a floating tensor, got 'torch.in"):
        function(torch.arange(3))
    with pytest.raises(ValueError, match=f"{name}: values must be non-empty vectors"):
        function(torch.empty(2, 0))
    with pytest.raises(ValueError, match=f"{name}: strength must be a finite number in"):
        function(torch.ones(2), strength=0.0)
    with pytest.raises(ValueError, match=f"{name}: regularization must be one of 'l2', 'kl'"):
        function(torch.ones(2), regularization="entropy")
