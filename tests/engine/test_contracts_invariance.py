"""Contract 3: a row's bits depend on the row and on y, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

import gramian as gm

pytestmark = pytest.mark.usefixtures("each_backend")

KERNELS = {
    "gaussian": lambda d: gm.Gaussian(d**0.5),
    "narrow gaussian": lambda d: gm.Gaussian(0.2),
    "laplacian l1": lambda d: gm.Laplacian(float(d)),
    "laplacian l2": lambda d: gm.Laplacian(d**0.5, norm="l2"),
    "matern": lambda d: gm.Matern(d**0.5, nu=2.5),
    "composition": lambda d: gm.Gaussian(d**0.5) * gm.RationalQuadratic(2.0) + gm.Linear(),
}


def right_sides(m: int, r: int, dtype: torch.dtype) -> torch.Tensor:
    return torch.randn(m, r, generator=torch.Generator().manual_seed(r), dtype=torch.float64).to(
        dtype
    )


def reductions(m: int, dtype: torch.dtype) -> dict[str, Callable[[gm.Gram], torch.Tensor]]:
    """Every reduction, with the numbers of right-hand sides at which BLAS changes its ways."""

    def product(r: int) -> Callable[[gm.Gram], torch.Tensor]:
        v = right_sides(m, r, dtype)
        return lambda G: G @ v

    products = {f"product {r}": product(r) for r in (1, 2, 5, 9, 33)}
    return {
        **products,
        "sum": lambda G: G.sum(1),
        "logsumexp": lambda G: G.logsumexp(1),
        "block": lambda G: G.dense(),
        "topk": lambda G: torch.cat([part.double() for part in G.topk(3)], dim=1),
        "count": lambda G: G.count(0.4),
    }


def data(d: int, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(d)
    x = torch.randn(500, d, generator=generator, dtype=torch.float64).to(dtype)
    y = torch.randn(1100, d, generator=generator, dtype=torch.float64).to(dtype)
    return x, y


def assert_invariant(kernel: gm.PairFunction, d: int, dtype: torch.dtype) -> None:
    x, y = data(d, dtype)
    threads = torch.get_num_threads()
    for name, reduce in reductions(len(y), dtype).items():
        torch.set_num_threads(2)
        whole = reduce(gm.Gram(x, y, kernel))
        for part in (slice(5, 6), slice(0, 7), slice(133, 450)):
            assert torch.equal(reduce(gm.Gram(x[part], y, kernel)), whole[part]), (name, part)
        shuffled = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
        assert torch.equal(reduce(gm.Gram(x[shuffled], y, kernel)), whole[shuffled]), name
        with gm.config_context(memory="16MiB"):
            assert torch.equal(reduce(gm.Gram(x, y, kernel)), whole), name
        torch.set_num_threads(1)
        assert torch.equal(reduce(gm.Gram(x, y, kernel)), whole), name
    torch.set_num_threads(threads)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("d", [3, 17])
@pytest.mark.parametrize("name", ["gaussian", "laplacian l2"])
def test_rows_budget_and_threads(name: str, d: int, dtype: torch.dtype) -> None:
    assert_invariant(KERNELS[name](d), d, dtype)


@pytest.mark.full
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("d", [1, 2, 9, 16, 40, 130, 320])
@pytest.mark.parametrize("name", list(KERNELS))
def test_rows_budget_and_threads_everywhere(name: str, d: int, dtype: torch.dtype) -> None:
    assert_invariant(KERNELS[name](d), d, dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_weighted_mean(dtype: torch.dtype) -> None:
    x, y = data(20, dtype)
    kernel, v = gm.Gaussian(3.0), right_sides(1100, 5, dtype)
    whole = gm.Gram(x, y, kernel).weighted_mean(v)
    for part in (slice(5, 6), slice(133, 450)):
        assert torch.equal(gm.Gram(x[part], y, kernel).weighted_mean(v), whole[part])


@pytest.mark.parametrize("d", [2, 40])
def test_one_outlier_among_the_rows_leaves_the_others_alone(d: int) -> None:
    x, y = data(d, torch.float32)
    polluted = torch.cat([x, torch.full((1, d), 1e30)])
    for kernel in (gm.Gaussian(2.0), gm.Euclidean(), gm.Matern(1.0)):
        clean, other = gm.Gram(x, y, kernel), gm.Gram(polluted, y, kernel)
        assert torch.equal(other.sum(1)[:-1], clean.sum(1))
        assert torch.equal(other.dense()[:-1], clean.dense())


def test_pieces_have_the_bits_of_the_whole() -> None:
    for d in (3, 40):
        x, _ = data(d, torch.float32)
        for kernel in (gm.Gaussian(2.0), gm.Euclidean(), gm.Laplacian(2.0)):
            G = gm.Gram(x, kernel=kernel)
            dense = G.dense()
            i, j = [3, 499, 3, 250], [0, 250, 77]
            assert torch.equal(G.rows(i), dense[i])
            assert torch.equal(G.columns(j), dense[:, j])
            assert torch.equal(G.block(i, j), dense[i][:, j])


def test_several_python_threads_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    x, y = data(20, torch.float32)
    G = gm.Gram(x, y, gm.Gaussian(3.0))
    expected = G.sum(1)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: G.sum(1), range(12)))
    assert all(torch.equal(expected, other) for other in found)


def test_the_assertion_can_fail() -> None:
    class Neighbourly(gm.PairFunction):
        """Entries that feel the other rows of the tile."""

        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return x.sum() + y.sum(1)[None] + x.sum(1)[:, None]

    with pytest.raises(AssertionError):
        assert_invariant(Neighbourly(), 3, torch.float64)
