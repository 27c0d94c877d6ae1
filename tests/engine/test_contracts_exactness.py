"""Contract 2: searches return what float64 brute force returns, whatever is done to the data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engine.conftest import normal
from tests.examples import examples

import gramian as gm

pytestmark = pytest.mark.usefixtures("each_backend")

FEATURES = (1, 2, 3, 8, 9, 16, 17, 33, 64, 130)
METRICS = (gm.SquaredEuclidean, gm.Euclidean, gm.Manhattan, gm.Chebyshev)


def brute(metric: type, x: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    """Distances summed in feature order in float64 by NumPy, one feature after another."""
    a, b = x.double().numpy(), y.double().numpy()
    total = np.zeros((len(a), len(b)))
    for f in range(a.shape[1]):
        gap = a[:, f, None] - b[None, :, f]
        if metric is gm.Manhattan:
            total = total + np.abs(gap)
        elif metric is gm.Chebyshev:
            total = np.maximum(total, np.abs(gap))
        else:
            total = total + gap * gap
    return np.sqrt(total) if metric is gm.Euclidean else total


def assert_search_is_exact(x: torch.Tensor, y: torch.Tensor, metric: type, k: int) -> None:
    distances = brute(metric, x, y)
    ordering = distances**2 if metric is gm.Euclidean else distances
    if metric is gm.Euclidean:
        ordering = brute(gm.SquaredEuclidean, x, y)
    order = np.argsort(ordering, axis=1, kind="stable")[:, :k]
    values, indices = gm.Gram(x, y, metric()).topk(k)
    assert np.array_equal(indices.numpy(), order)
    expected = torch.from_numpy(np.take_along_axis(distances, order, axis=1)).to(x.dtype)
    assert torch.equal(values, expected)
    assert np.array_equal(gm.Gram(x, y, metric()).argmin(1).numpy(), order[:, 0])


def assert_radius_is_exact(x: torch.Tensor, y: torch.Tensor, metric: type, radius: float) -> None:
    inside = brute(metric, x, y) <= radius
    G = gm.Gram(x, y, metric())
    assert np.array_equal(G.count(radius).numpy(), inside.sum(1))
    indptr, indices, values = G.neighbors(radius)
    assert np.array_equal(indptr.numpy(), np.concatenate([[0], inside.sum(1).cumsum()]))
    assert np.array_equal(indices.numpy(), inside.nonzero()[1])
    expected = torch.from_numpy(brute(metric, x, y)[inside]).to(x.dtype)
    assert torch.equal(values, expected)


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("d", FEATURES)
def test_translated_data(d: int, dtype: torch.dtype, offset: float) -> None:
    x, y = normal(61, d, dtype, 1, offset), normal(500, d, dtype, 2, offset)
    for metric in METRICS:
        for k in (1, 7):
            assert_search_is_exact(x, y, metric, k)
        radius = float(np.quantile(brute(metric, x, y), 0.05))
        assert_radius_is_exact(x, y, metric, radius)


@pytest.mark.parametrize("m", [1, 2, 479, 480, 481, 961])
@pytest.mark.parametrize("d", [2, 17])
def test_column_tails(d: int, m: int) -> None:
    x, y = normal(5, d, torch.float32, 3), normal(m, d, torch.float32, 4)
    assert_search_is_exact(x, y, gm.SquaredEuclidean, min(m, 3))
    assert_radius_is_exact(x, y, gm.Euclidean, 1.0)


def hard_cases(d: int) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Data on which float32 distances mislead."""
    x, y = normal(40, d, torch.float32, 5), normal(700, d, torch.float32, 6)
    twins = torch.cat([y, y + 1e-6 * normal(700, d, torch.float32, 7)])
    outlier = torch.cat([y, torch.full((1, d), 1e8)])
    clusters = torch.cat([y * 1e-2, y * 1e-2 + 1e5])
    lattice = (y * 2).round()
    return {
        "near duplicates": (y[:40], twins),
        "exact duplicates": (x, x[:1].expand(600, d).contiguous()),
        "ties on a lattice": ((x * 2).round(), lattice),
        "one outlier": (x, outlier),
        "an outlier among the rows": (torch.cat([x, torch.full((1, d), -1e8)]), y),
        "two far clusters": (clusters[::20], clusters),
        "huge": (x * 1e37, y * 1e37),
        "tiny": (x * 1e-38, y * 1e-38),
        "mixed scales": (x * torch.logspace(-6, 6, d), y * torch.logspace(-6, 6, d)),
    }


@pytest.mark.parametrize("d", [3, 20])
@pytest.mark.parametrize("name", list(hard_cases(2)))
def test_hard_cases(name: str, d: int) -> None:
    x, y = hard_cases(d)[name]
    for metric in (gm.SquaredEuclidean, gm.Euclidean):
        assert_search_is_exact(x, y, metric, 5)
        distances = brute(metric, x, y)
        for radius in (float(np.quantile(distances, 0.1)), float(distances[3, 4])):
            assert_radius_is_exact(x, y, metric, radius)


@pytest.mark.parametrize("d", [2, 30])
def test_the_far_end_of_float64(d: int) -> None:
    """Where brute force itself overflows or vanishes, its ties are kept."""
    for factor in (1e200, 1e-200, 1e-320):
        x = normal(7, d, torch.float64, 8) * factor
        y = normal(50, d, torch.float64, 9) * factor
        with np.errstate(over="ignore"):
            assert_search_is_exact(x, y, gm.SquaredEuclidean, 3)


def test_farthest_and_kernels_follow_the_distance() -> None:
    """A kernel that underflows to 0 still orders by distance."""
    x, y = normal(30, 5, torch.float32, 10), normal(200, 5, torch.float32, 11, offset=50.0)
    order = np.argsort(brute(gm.SquaredEuclidean, x, y), axis=1, kind="stable")
    values, nearest = gm.Gram(x, y, gm.Gaussian(0.1)).topk(4, largest=True)
    assert bool((values == 0).all())
    assert np.array_equal(nearest.numpy(), order[:, :4])
    reverse = np.argsort(-brute(gm.SquaredEuclidean, x, y), axis=1, kind="stable")
    assert np.array_equal(gm.Gram(x, y).topk(4, largest=True)[1].numpy(), reverse[:, :4])


def test_global_switches_change_nothing() -> None:
    x, y = normal(100, 40, torch.float32, 12, 1e3), normal(900, 40, torch.float32, 13, 1e3)
    G = gm.Gram(x, y, gm.Gaussian(6.0))
    expected = G.sum(1), *G.topk(3, largest=True)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = G.sum(1), *G.topk(3, largest=True)
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)
    assert all(map(torch.equal, expected, found))


def test_a_distance_to_itself_is_zero_and_the_matrix_symmetric() -> None:
    for d in (2, 17, 100):
        x = normal(300, d, torch.float32, 14, 1e4)
        for kernel in (gm.Euclidean(), gm.Laplacian(3.0), gm.Matern(2.0, 0.5), gm.Gaussian(3.0)):
            dense = gm.Gram(x, kernel=kernel).dense()
            assert torch.equal(dense, dense.T)
            top = 0.0 if kernel.order > 0 else 1.0
            assert bool((dense.diagonal() == top).all())


def test_float16_input_is_exact_too() -> None:
    for dtype in (torch.float16, torch.bfloat16):
        x, y = normal(20, 12, dtype, 15), normal(300, 12, dtype, 16)
        order = np.argsort(brute(gm.SquaredEuclidean, x, y), axis=1, kind="stable")
        assert np.array_equal(gm.Gram(x, y).topk(3)[1].numpy(), order[:, :3])


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 40),
    st.integers(1, 60),
    st.integers(1, 20),
    st.sampled_from([torch.float32, torch.float64]),
    st.sampled_from([1e-3, 1.0, 1e4]),
    st.integers(0, 2**31),
)
def test_any_small_problem(
    n: int, m: int, d: int, dtype: torch.dtype, spread: float, seed: int
) -> None:
    """Coarse numbers, so that ties and duplicates abound."""
    generator = torch.Generator().manual_seed(seed)
    x = (torch.randint(-3, 4, (n, d), generator=generator) * spread).to(dtype)
    y = (torch.randint(-3, 4, (m, d), generator=generator) * spread).to(dtype)
    for metric in METRICS:
        assert_search_is_exact(x, y, metric, min(3, m))
        assert_radius_is_exact(x, y, metric, float(brute(metric, x, y)[0, 0]))


def test_the_assertion_can_fail() -> None:
    x, y = normal(20, 3, torch.float32, 17), normal(30, 3, torch.float32, 18)
    with pytest.raises(AssertionError):
        assert np.array_equal(gm.Gram(x, y).argmin(1), gm.Gram(x, y).argmax(1))
