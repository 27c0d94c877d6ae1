"""Pivoted Cholesky: exact on its pivots, honest about the rest, right on degenerate matrices."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import gramian as gm
from gramian.linalg import DenseOperator, NotPositiveError, rpcholesky

METHODS = ["plain", "accelerated"]
TYPES = [torch.float32, torch.float64]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("n", [1, 2, 17, 211])
def test_pivot_rows_are_met_and_the_trace_is_true(
    gaussian: Any, seed: Any, method: str, dtype: torch.dtype, n: int
) -> None:
    K = gaussian(n)
    found = rpcholesky(DenseOperator(K.to(dtype)), min(n, 20), generator=seed(), method=method)
    F = found.factor.double()
    rest = K - F @ F.T
    tol = 1e-12 if dtype == torch.float64 else 2e-5
    assert found.rank <= 20
    assert found.pivots.unique().numel() == found.rank
    assert rest[found.pivots].abs().max() <= tol
    assert abs(float(rest.trace()) - found.trace_residual) <= n * tol
    assert torch.linalg.eigvalsh(rest)[0] >= -n * tol
    history = found.trace_residuals
    assert history[0] == pytest.approx(found.trace)
    assert bool((history.diff() <= 0).all())
    torch.testing.assert_close(found.residual_diagonal.sum(), history[-1])


@pytest.mark.parametrize("method", METHODS)
def test_exact_rank_duplicates_and_zeros_end_it(
    draw: Any, gaussian: Any, seed: Any, method: str
) -> None:
    half = draw(60, 5)
    cases = {
        5: half @ half.T,
        30: gaussian(60, repeated=30, bandwidth=0.3),
        0: torch.zeros(8, 8).double(),
        1: torch.ones(9, 9).double(),
        4: torch.diag(torch.tensor([1.0, 0.0, 2.0, 0.0, 1e-9, 3.0])).double(),
    }
    for rank, K in cases.items():
        found = rpcholesky(DenseOperator(K), generator=seed(), method=method)
        assert found.rank == rank
        assert found.factor.shape == (len(K), rank)
        assert (K - found.factor @ found.factor.T).abs().max() <= 1e-12


def test_tolerance_ends_it_early(gaussian: Any, seed: Any) -> None:
    K = DenseOperator(gaussian(200))
    found = rpcholesky(K, tol=0.05, generator=seed())
    assert 0 < found.trace_residual <= 0.05 * found.trace
    assert found.rank < 100
    assert rpcholesky(K, tol=1.0, generator=seed()).rank == 0


def test_one_generator_one_result(gaussian: Any, seed: Any) -> None:
    K = DenseOperator(gaussian(150))
    first, again = (rpcholesky(K, 30, generator=seed()) for _ in range(2))
    other = rpcholesky(K, 30, generator=torch.Generator().manual_seed(8))
    assert torch.equal(first.pivots, again.pivots)
    assert torch.equal(first.factor, again.factor)
    assert not torch.equal(first.pivots, other.pivots)


def test_both_methods_draw_from_one_distribution() -> None:
    # the second pivot of a matrix of two blocks: the block not yet explained, with its weight
    K = torch.block_diag(torch.ones(3, 3), 2 * torch.eye(2)).double()
    shares = {}
    for method in METHODS:
        generator = torch.Generator().manual_seed(0)
        counts = torch.zeros(5)
        for _ in range(1500):
            pivots = rpcholesky(DenseOperator(K), 2, generator=generator, method=method).pivots
            counts[pivots[1]] += 1
        shares[method] = counts / counts.sum()
    assert (shares["plain"] - shares["accelerated"]).abs().max() < 0.06


def test_random_pivots_beat_uniform_ones_on_clusters(draw: Any, seed: Any) -> None:
    x = torch.cat([0.01 * draw(190, 2), 5 + 20 * torch.rand(10, 2, dtype=torch.float64)])
    K = torch.exp(-torch.cdist(x, x).square() / 2)
    found = rpcholesky(DenseOperator(K), 20, generator=seed())
    uniform = torch.randperm(200, generator=seed())[:20]
    part = K[:, uniform]
    rest = K - part @ torch.linalg.pinv(K[uniform][:, uniform], hermitian=True) @ part.T
    assert found.trace_residual < 0.2 * float(rest.trace())


def test_the_rank_follows_from_the_memory(gaussian: Any, seed: Any) -> None:
    x = torch.randn(40_000, 2, generator=seed())
    G = gm.Gram(x, kernel=gm.Laplacian(0.1))
    with gm.config_context(memory="8MiB"):
        found = rpcholesky(G, generator=seed())
        assert found.rank == 2**23 // 2 // (4 * 40_000)
        wide = gm.Gram(torch.ones(2**20 + 1, 1), kernel=gm.Gaussian())
        with pytest.raises(gm.MemoryBudgetError, match="memory must be at least") as caught:
            rpcholesky(wide, generator=seed())
    assert caught.value.needed == 8 * (2**20 + 1)


@pytest.mark.parametrize(
    "K",
    [-torch.eye(3), torch.tensor([[1.0, 2.0], [2.0, 1.0]]), torch.tensor([[0.1, 1.0], [1.0, 5.0]])],
    ids=["negative", "indefinite", "small diagonal"],
)
def test_an_indefinite_matrix_is_refused(K: torch.Tensor, seed: Any) -> None:
    with pytest.raises(NotPositiveError, match="must be positive semi-definite, got a diagonal"):
        rpcholesky(DenseOperator(K.double()), generator=seed())


def test_what_does_not_fit_is_named(seed: Any) -> None:
    with pytest.raises(ValueError, match="matrix must be square"):
        rpcholesky(DenseOperator(torch.ones(3, 2)), generator=seed())
    with pytest.raises(ValueError, match="rank must be an int in"):
        rpcholesky(DenseOperator(torch.eye(3)), 4, generator=seed())
    with pytest.raises(ValueError, match="tol must be"):
        rpcholesky(DenseOperator(torch.eye(3)), tol=2.0, generator=seed())
    with pytest.raises(ValueError, match="method must be one of"):
        rpcholesky(DenseOperator(torch.eye(3)), method="greedy", generator=seed())


@pytest.mark.parametrize("start", range(4))
def test_a_factor_ends_at_rounding_and_not_in_an_error(start: int) -> None:
    """A long float32 factor of a smooth kernel: what is left is rounding long before the rank."""
    x = torch.rand(600, 9, generator=torch.Generator().manual_seed(0))
    K = gm.Gram(x, kernel=gm.Gaussian(3.0))
    found = rpcholesky(K, 500, generator=torch.Generator().manual_seed(start))
    rest = K.double().dense() - found.factor.double() @ found.factor.double().T
    assert 200 < found.rank < 300
    assert rest.abs().max() <= 1e-3
