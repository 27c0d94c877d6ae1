"""Sums in the compiled core: how far they may be from float64, and how work is shared out."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples
from torch import Tensor

import gramian as gm
from gramian import _config
from gramian.engine import plan as planning
from gramian.engine.call import Call

pytest.importorskip("gramian._native", reason="the compiled core is not built here")
backend: Any = pytest.importorskip("gramian.engine.native_backend")

KERNELS: dict[str, Any] = {
    "gaussian": lambda h: gm.Gaussian(h),
    "laplacian": lambda h: gm.Laplacian(h, norm="l2"),
    "manhattan": lambda h: gm.Laplacian(h),
    "matern12": lambda h: gm.Matern(h, nu=0.5),
    "matern32": lambda h: gm.Matern(h, nu=1.5),
    "matern52": lambda h: gm.Matern(h, nu=2.5),
    "rational": lambda h: gm.RationalQuadratic(h, alpha=1.5),
}


def computed(reduction: str, x: Tensor, y: Tensor, kernel: Any, **extra: Any) -> Tensor:
    """What the core makes of it, on one thread."""
    call = Call(reduction, x, y, kernel, _config.Config(backend="native"), **extra)
    result = planning.run(call)
    assert isinstance(result, Tensor)
    return result


def exact_sums(x: Tensor, y: Tensor, kernel: Any, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Sums in float64, and the mean exponent of each row's entries, weighted by the entries."""
    entries = kernel.forward(x.double(), y.double()) * weights[:, 0].double()
    total = entries.sum(1)
    exponents = -torch.where(entries > 0, entries, 1.0).log() + weights[:, 0].double().log()
    return total, (entries * exponents.clamp_min(0)).sum(1) / total


def clusters(
    seed: int, d: int, offset: float, apart: float, away: float, dtype: torch.dtype
) -> tuple[Tensor, Tensor, Tensor]:
    """Rows, columns in three clusters around places `apart` from each other, and weights.

    Each row is `away` from a column, so that exponents are small or large as the test wants.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    y = (normal(250, d) + apart * normal(3, d)[torch.arange(250) % 3] + offset).to(dtype)
    gap = normal(36, d)
    x = (y[::7].double() + away * gap / gap.norm(dim=1, keepdim=True)).to(dtype)
    return x, y, (torch.rand(250, 2, generator=generator, dtype=torch.float64) + 0.1).to(dtype)


@settings(max_examples=examples(40))
@given(
    name=st.sampled_from(sorted(KERNELS)),
    d=st.sampled_from([1, 2, 3, 8, 16, 17, 20, 40, 64, 100, 300]),
    offset=st.sampled_from([0.0, 1e3, 1e5]),
    apart=st.sampled_from([0.0, 3.0, 100.0, 1e5]),
    bandwidth=st.sampled_from([0.2, 0.5, 1.0, 3.0]),
    away=st.sampled_from([0.0, 0.1, 1.0, 7.0]),
    seed=st.integers(0, 2**16),
)
def test_float32_sums(
    name: str, d: int, offset: float, apart: float, bandwidth: float, away: float, seed: int
) -> None:
    """2e-6, and beyond a mean exponent of ten 2e-7 for each."""
    x, y, weights = clusters(seed, d, offset, apart, away * bandwidth * d**0.5, torch.float32)
    kernel = KERNELS[name](bandwidth * (d if name == "manhattan" else d**0.5))
    for columns in (1, 2):
        found = computed("product", x, y, kernel, weights=weights[:, :columns])[:, 0]
        expected, exponent = exact_sums(x, y, kernel, weights)
        error = (found.double() - expected).abs() / expected
        assert bool((error <= 2e-6 + 2e-7 * (exponent - 10).clamp_min(0)).all()), float(error.max())


@settings(max_examples=examples(30))
@given(
    name=st.sampled_from(sorted(KERNELS)),
    d=st.sampled_from([1, 3, 16, 17, 70]),
    offset=st.sampled_from([0.0, 1e3, 1e5]),
    apart=st.sampled_from([0.0, 100.0, 1e5]),
    bandwidth=st.sampled_from([0.2, 1.0]),
    away=st.sampled_from([0.0, 0.1, 1.0, 7.0]),
    seed=st.integers(0, 2**16),
)
def test_float64_sums(
    name: str, d: int, offset: float, apart: float, bandwidth: float, away: float, seed: int
) -> None:
    """1e-14, and 1e-15 for each unit of the mean exponent."""
    x, y, weights = clusters(seed, d, offset, apart, away * bandwidth * d**0.5, torch.float64)
    kernel = KERNELS[name](bandwidth * (d if name == "manhattan" else d**0.5))
    found = computed("product", x, y, kernel, weights=weights[:, :1])[:, 0]
    expected, exponent = exact_sums(x, y, kernel, weights)
    error = (found - expected).abs() / expected
    assert bool((error <= 1e-14 + 1e-15 * exponent).all()), float(error.max())


@pytest.mark.parametrize("d", [17, 64, 300])
def test_no_entry_of_the_product_form_is_far_off(instruction_set: str, d: int) -> None:
    """1e-5 of each entry, whatever cancels, and two roundings for each unit of its exponent."""
    generator = torch.Generator().manual_seed(d)
    base = torch.randn(12, d, generator=generator)
    steps = 10.0 ** torch.linspace(-6, 1, 20)
    y = (base[:, None] + steps[:, None] * torch.randn(20, d, generator=generator)).reshape(-1, d)
    for scale in (0.03, 1.0, 3.0):
        for name in sorted(set(KERNELS) - {"manhattan"}):
            kernel = KERNELS[name](scale * d**0.5)
            found = computed("block", base, y, kernel).double()
            exact = kernel.forward(base.double(), y.double())
            real = exact > 1e-36
            error = ((found - exact).abs() / exact)[real]
            assert bool((error <= 1e-5 - 2.0**-23 * exact[real].log()).all()), (name, scale)
        distances = computed("block", base, y, gm.Euclidean()).double()
        torch.testing.assert_close(
            distances, gm.Euclidean().forward(base.double(), y.double()), rtol=1e-5, atol=0
        )


@pytest.mark.parametrize("d", [255, 257, pytest.param(4100, marks=pytest.mark.full)])
def test_many_features(instruction_set: str, d: int) -> None:
    """Chains over the features stay short, and the panels of a tile may be few."""
    x, y, weights = clusters(d, d, 10.0, 1.0, 1.0, torch.float32)
    for kernel in (gm.Gaussian(d**0.5), gm.Laplacian(d**0.5, norm="l2"), gm.Laplacian(float(d))):
        found = computed("product", x, y, kernel, weights=weights)
        expected = kernel.forward(x.double(), y.double()) @ weights.double()
        torch.testing.assert_close(found.double(), expected, rtol=2e-6, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_few_rows_use_every_thread(instruction_set: str, dtype: torch.dtype) -> None:
    """Tiles shrink until each thread has one, and no bit changes."""
    generator = torch.Generator().manual_seed(5)
    for d, n, right in ((2, 70, 0), (3, 480, 1), (40, 130, 9)):
        x = torch.randn(n, d, generator=generator, dtype=dtype)
        y = torch.randn(5000, d, generator=generator, dtype=dtype)
        weights = torch.rand(5000, right, generator=generator, dtype=dtype) if right else None
        call = Call(
            "product", x, y, gm.Gaussian(), _config.Config(backend="native"), weights=weights
        )
        results = []
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            plan, _ = planning.make_plan(call)
            assert plan.workers == threads
            results.append(planning.run(call))
        assert all(torch.equal(results[0], other) for other in results[1:])
