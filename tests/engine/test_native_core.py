"""The compiled core against float64 brute force, on every instruction set of this machine."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.engine.conftest import normal
from torch import Tensor

import gramian as gm
from gramian import _config
from gramian.engine import reference
from gramian.engine.call import Call
from gramian.engine.plan import Plan

ABSENT = "the compiled core is not built here"
pytest.importorskip("gramian._native", reason=ABSENT)


class Core:
    """The native backend, called directly, and float64 brute force beside it."""

    def __init__(self) -> None:
        self.native = pytest.importorskip("gramian._native", reason=ABSENT)
        self.backend = pytest.importorskip("gramian.engine.native_backend")

    def make(self, reduction: str, x: Tensor, y: Tensor, kernel: Any, **extra: Any) -> Call:
        return Call(reduction, x, y, kernel, _config.Config(), **extra)

    def run(self, call: Call, workers: int = 1) -> Any:
        reason = self.backend.why_not(call)
        assert reason is None, reason
        tile = self.backend.tile(call)
        return self.backend.run(call, Plan("native", {}, tile, workers, 0, 0, 1, 0.0, {}))

    def assert_exact(self, reduction: str, *tables: Any, **extra: Any) -> None:
        """Every bit as float64 brute force has it, values rounded once."""
        call = self.make(reduction, *tables, **extra)
        found: Any = self.run(call)
        wanted: Any = reference.run(call)
        if isinstance(found, Tensor):
            found, wanted = (found,), (wanted,)
        for left, right in zip(found, wanted, strict=True):
            torch.testing.assert_close(left, right.to(left.dtype), rtol=0, atol=0)

    def assert_near(self, call: Call, rtol: float, atol: float = 0.0) -> None:
        found, wanted = self.run(call), reference.run(call)
        assert isinstance(wanted, Tensor)
        torch.testing.assert_close(found, wanted.to(found.dtype), rtol=rtol, atol=atol)


@pytest.fixture(scope="session")
def core() -> Core:
    return Core()


FEATURES = (1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 33, 64, 65, 130)
SHAPES = ((1, 1), (7, 3), (33, 9), (100, 513), (481, 70))
METRICS = [gm.SquaredEuclidean(), gm.Euclidean(), gm.Manhattan(), gm.Chebyshev()]
DTYPES = [torch.float32, torch.float64]
# of sums: a few roundings of the form, times the exponent
RTOL = {torch.float32: 3e-6, torch.float64: 1e-13}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("offset", [0.0, 1e3, 1e5])
def test_topk_on_all_tails(
    core: Core, instruction_set: str, dtype: torch.dtype, offset: float
) -> None:
    for d in FEATURES:
        for n, m in SHAPES:
            x, y = normal(n, d, dtype, 1, offset), normal(m, d, dtype, 2, offset)
            y[m // 2] = y[0]
            for k in {1, min(3, m), min(12, m)}:
                core.assert_exact("topk", x, y, gm.SquaredEuclidean(), k=k)


@pytest.mark.parametrize("kernel", METRICS, ids=repr)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_metric(core: Core, instruction_set: str, kernel: Any, dtype: torch.dtype) -> None:
    for d in (1, 3, 17, 70):
        x, y = normal(50, d, dtype, 3), normal(77, d, dtype, 4)
        core.assert_exact("topk", x, y, kernel, k=5)
        typical = float(kernel.forward(x[:1].double(), y[:9].double()).median())
        for radius in (0.0, -1.0, typical):
            core.assert_exact("count", x, y, kernel, radius=radius)
            core.assert_exact("neighbors", x, y, kernel, radius=radius)
        weights = normal(77, 1, torch.float64, 5)[:, 0]
        call = core.make("count", x, y, kernel, radius=typical, weights=weights)
        torch.testing.assert_close(core.run(call), reference.run(call))


@pytest.mark.parametrize(
    "kernel",
    [
        gm.Gaussian(2.0),
        gm.Laplacian(1.5, norm="l2"),
        gm.Laplacian(1.5),
        gm.Matern(2.0, nu=2.5),
        gm.RationalQuadratic(torch.tensor(1.2)),
        gm.Epanechnikov(3.0),
    ],
    ids=repr,
)
def test_largest_kernel_entries_are_the_nearest(core: Core, kernel: Any) -> None:
    for d in (2, 20):
        x, y = normal(60, d, torch.float32, 6), normal(90, d, torch.float32, 7)
        core.assert_exact("topk", x, y, kernel, k=4, largest=True)


def _hard_inputs() -> dict[str, tuple[Tensor, Tensor]]:
    inputs: dict[str, tuple[Tensor, Tensor]] = {}
    for d in (3, 20):
        x, y = normal(70, d, torch.float32, 8), normal(90, d, torch.float32, 9)
        tiny = torch.finfo(torch.float32).tiny
        outlier, far_row = y.clone(), x.clone()
        outlier[5], far_row[5] = 1e30, -3e37
        copies = y[torch.arange(90) % 4]
        zeros = torch.zeros(20, d)
        zeros[::2] = -0.0
        inputs |= {
            f"1e38, d={d}": (x.clamp(-3, 3) * 1e38, y.clamp(-3, 3) * 1e38),
            f"1e-38, d={d}": (x * 1e-38, y * 1e-38),
            f"subnormal, d={d}": (x * tiny / 64, y * tiny / 64),
            f"one column far out, d={d}": (x, outlier),
            f"one row far out, d={d}": (far_row, y),
            f"far from y, d={d}": (x + 1e8, y),
            f"copies, d={d}": (copies[:70], copies),
            f"zeros, d={d}": (zeros, -zeros),
            f"tight blob, d={d}": (x * 1e-4 + 1e3, y * 1e-4 + 1e3),
            f"tight beside one far, d={d}": (x * 1e-4, torch.cat([y * 1e-4, outlier[5:6] * 1e-28])),
            f"double 1e200, d={d}": (x.double() * 1e200, y.double() * 1e200),
            f"double 1e-170, d={d}": (x.double() * 1e-170, y.double() * 1e-170),
            f"double 1e154, d={d}": (x.double() * 1e154, y.double() * 1e154),
        }
    return inputs


@pytest.mark.parametrize("name", _hard_inputs())
def test_extreme_numbers(core: Core, instruction_set: str, name: str) -> None:
    x, y = _hard_inputs()[name]
    for kernel in (gm.SquaredEuclidean(), gm.Euclidean(), gm.Manhattan()):
        for k in (1, 6):
            core.assert_exact("topk", x, y, kernel, k=k)
        radius = float(kernel.forward(x[:1].double(), y[:9].double()).median())
        if math.isfinite(radius):
            core.assert_exact("count", x, y, kernel, radius=radius)
            core.assert_exact("neighbors", x, y, kernel, radius=radius)


def test_integer_lattice_has_ties_everywhere(core: Core, instruction_set: str) -> None:
    axis = torch.arange(5.0)
    grid = torch.cartesian_prod(axis, axis, axis)
    for table in (grid, torch.nn.functional.pad(grid, (0, 17))):
        core.assert_exact("topk", table, table, gm.SquaredEuclidean(), k=40)
        for radius in (1.0, math.sqrt(2.0), math.sqrt(3.0), math.nextafter(math.sqrt(3.0), 0)):
            core.assert_exact("count", table, table, gm.Euclidean(), radius=radius)
            core.assert_exact("neighbors", table, table, gm.Euclidean(), radius=radius)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_strides(core: Core, dtype: torch.dtype) -> None:
    wide = normal(120, 60, dtype, 10)
    for d in (3, 20):
        for x, y in (
            (wide[::3, :d], wide[1::2, :d]),
            (wide[:, : 2 * d : 2], wide[:50, 1 : 2 * d : 2]),
            (wide[: d + 1].T[:, 1:], wide[: d + 1].T[:30, 1:]),
            (wide[:1, :d].expand(9, d), wide[:, :d]),
        ):
            core.assert_exact("topk", x, y, gm.Euclidean(), k=3)
            core.assert_exact("neighbors", x, y, gm.Euclidean(), radius=1.5)


def test_threads_and_batches_do_not_matter(core: Core) -> None:
    for d in (4, 40):
        x, y = normal(2000, d, torch.float32, 11), normal(700, d, torch.float32, 12)
        call = core.make("topk", x, y, gm.Euclidean(), k=3)
        values, indices = core.run(call, workers=1)
        for other_values, other_indices in (
            core.run(call, workers=2),
            [
                torch.cat(parts)
                for parts in zip(
                    *(
                        core.run(core.make("topk", part, y, gm.Euclidean(), k=3))
                        for part in x.split(173)
                    ),
                    strict=True,
                )
            ],
        ):
            assert torch.equal(values, other_values)
            assert torch.equal(indices, other_indices)


def test_indices_without_values(core: Core) -> None:
    x, y = normal(300, 30, torch.float32, 13), normal(80, 30, torch.float32, 14)
    values, indices = core.run(core.make("topk", x, y, gm.SquaredEuclidean(), values=False))
    assert values is None
    assert torch.equal(indices, core.run(core.make("topk", x, y, gm.SquaredEuclidean()))[1])


def test_columns_beyond_one_chunk(core: Core, instruction_set: str) -> None:
    x, y = normal(30, 2, torch.float32, 15), normal(9001, 2, torch.float32, 16)
    for k in (1, 7):
        core.assert_exact("topk", x, y, gm.SquaredEuclidean(), k=k)
    core.assert_exact("count", x, y, gm.Euclidean(), radius=0.7)
    wide_x, wide_y = normal(20, 300, torch.float32, 17), normal(1100, 300, torch.float32, 18)
    core.assert_exact("topk", wide_x, wide_y, gm.SquaredEuclidean(), k=5)
    core.assert_exact("neighbors", wide_x, wide_y, gm.Euclidean(), radius=24.0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_many_features_and_many_neighbours(
    core: Core, instruction_set: str, dtype: torch.dtype
) -> None:
    """Tiles of one panel, chunks of few columns, lists that are longer than a panel."""
    for d, n, m, k in ((13_000, 35, 41, 3), (900, 60, 300, 20), (5, 40, 1500, 1024)):
        x, y = normal(n, d, dtype, 41), normal(m, d, dtype, 42)
        for kernel in (gm.Euclidean(), gm.Manhattan()):
            core.assert_exact("topk", x, y, kernel, k=k)
            radius = float(kernel.forward(x[:1].double(), y[:9].double()).median())
            core.assert_exact("neighbors", x, y, kernel, radius=radius)
        weights = normal(m, 130, dtype, 43).abs()
        call = core.make("product", x, y, gm.Gaussian(d**0.5), weights=weights)
        core.assert_near(call, RTOL[dtype])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["x", "y"])
def test_numbers_that_are_not_finite(core: Core, name: str, value: float) -> None:
    for d in (2, 20):
        for dtype in DTYPES:
            tables = {"x": normal(9, d, dtype, 19), "y": normal(8, d, dtype, 20)}
            tables[name][3, d - 1] = value
            for call in (
                core.make("topk", tables["x"], tables["y"], gm.Euclidean()),
                core.make("count", tables["x"], tables["y"], gm.Euclidean(), radius=1.0),
                core.make("product", tables["x"], tables["y"], gm.Gaussian()),
            ):
                with pytest.raises(
                    ValueError,
                    match=f"{call.reduction}: {name} must be finite, got NaN or infinity in row 3. "
                    "Remove or fill such rows.",
                ):
                    core.run(call)


# ---------------------------------------------------------------------- sums and blocks

KERNELS: list[Any] = [
    gm.SquaredEuclidean(),
    gm.Euclidean(),
    gm.Manhattan(),
    gm.Chebyshev(),
    gm.Gaussian(4.0),
    gm.Laplacian(9.0),
    gm.Laplacian(5.0, norm="l2"),
    gm.Matern(4.0, nu=0.5),
    gm.Matern(4.0, nu=1.5),
    gm.Matern(torch.tensor(4.0), nu=2.5),
    gm.RationalQuadratic(3.0, alpha=0.7),
    gm.Exponential(5.0),
    gm.Tophat(5.0),
    gm.Epanechnikov(30.0),
    gm.Triangular(30.0),
    gm.CosineWindow(30.0),
]


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_sums_products_and_blocks(core: Core, instruction_set: str, kernel: Any) -> None:
    for dtype, rtol in RTOL.items():
        for d in (1, 3, 16, 17, 66):
            for n, m in ((1, 1), (33, 9), (50, 300)):
                x, y = normal(n, d, dtype, 21, 2.0), normal(m, d, dtype, 22, 2.0)
                weights = normal(m, 11, dtype, 23).abs()
                scale = float(reference.dense(core.make("block", x, y, kernel)).abs().max())
                for extra in ({}, {"weights": weights[:, :1]}, {"weights": weights}):
                    call = core.make("product", x, y, kernel, **extra)
                    core.assert_near(call, rtol, atol=rtol * scale)
                core.assert_near(core.make("block", x, y, kernel), rtol, atol=rtol * scale)
                core.assert_near(core.make("logsumexp", x, y, kernel), rtol, atol=rtol)


@pytest.mark.parametrize(
    "kernel",
    [gm.Gaussian(0.8), gm.Laplacian(1.0), gm.Matern(1.0), gm.Matern(1.0, nu=2.5),
     gm.Laplacian(1.0, norm="l2"), gm.RationalQuadratic(0.5, alpha=3.0)],
    ids=repr,
)  # fmt: skip
def test_means_and_logarithms_far_from_y(core: Core, instruction_set: str, kernel: Any) -> None:
    """Entries underflow, their weighted means and the logarithms of their sums do not."""
    for dtype, rtol in ((torch.float32, 3e-3), (torch.float64, 1e-10)):
        for d in (2, 20):
            x, y = normal(40, d, dtype, 24, 9.0), normal(300, d, dtype, 25)
            values = normal(300, 3, dtype, 26)
            core.assert_near(
                core.make("weighted_mean", x, y, kernel, weights=values), rtol, atol=rtol
            )
            core.assert_near(core.make("logsumexp", x, y, kernel.log()), rtol / 100)


def test_long_sums_stay_accurate(core: Core, instruction_set: str) -> None:
    x = torch.zeros(3, 2)
    y = torch.full((200_000, 2), 0.4)
    entry = float(gm.Gaussian(1.0).forward(x[:1].double(), y[:1].double()))
    found = core.run(core.make("product", x, y, gm.Gaussian(1.0)))
    np.testing.assert_allclose(found.double().numpy(), 200_000 * entry, rtol=1e-6)


@pytest.mark.parametrize("d", [3, 40])
def test_y_is_x(core: Core, instruction_set: str, d: int) -> None:
    """An exactly symmetric matrix with exact ones on its diagonal, also in pieces."""
    x = normal(150, d, torch.float32, 27, 50.0)
    rows = torch.arange(150)
    for kernel in (gm.Laplacian(2.0, norm="l2"), gm.Gaussian(2.0), gm.Euclidean()):
        whole = core.run(core.make("block", x, x, kernel, row_of=rows))
        assert torch.equal(whole, whole.T)
        assert torch.equal(whole.diagonal(), kernel.entry(torch.zeros(150)))
        some = torch.tensor([149, 3, 77, 4])
        piece = core.make("block", x[some], x, kernel, row_of=some, centre_on=x)
        assert torch.equal(core.run(piece), whole[some])


def test_peaked_kernels_near_their_peak(core: Core, instruction_set: str) -> None:
    """Pairs much nearer to each other than to the centre, where the product form cancels."""
    blob = normal(60, 30, torch.float32, 28) * 1e-3
    y = torch.cat([blob + 5, blob - 5, normal(1, 30, torch.float32, 29) * 1e4])
    for kernel in (gm.Laplacian(0.01, norm="l2"), gm.Gaussian(0.01), gm.Euclidean(),
                   gm.Matern(0.01), gm.Triangular(0.02), gm.Tophat(0.008)):  # fmt: skip
        core.assert_near(core.make("product", y, y, kernel), 2e-5)


@pytest.mark.parametrize("factor", [1e-38, 1e-30, 1e30, 1e37])
def test_sums_of_extreme_numbers(core: Core, instruction_set: str, factor: float) -> None:
    for d in (3, 20):
        x, y = normal(40, d, torch.float32, 30) * factor, normal(50, d, torch.float32, 31) * factor
        for kernel in (gm.Gaussian(2.0 * factor), gm.Laplacian(2.0 * factor), gm.Matern(factor)):
            core.assert_near(core.make("product", x, y, kernel), 2e-5)
        core.assert_near(core.make("product", x, y, gm.Gaussian(1.0)), 1e-6)
        core.assert_near(core.make("block", x, y, gm.Manhattan()), 1e-6)
    far = torch.cat([x, torch.full((1, 20), -3e38)])
    core.assert_near(core.make("product", far, y, gm.Euclidean()), 1e-5)


def test_sums_do_not_depend_on_batch_or_threads(core: Core, instruction_set: str) -> None:
    for d in (3, 33):
        x, y = normal(1100, d, torch.float32, 32), normal(700, d, torch.float32, 33)
        weights = normal(700, 9, torch.float32, 34)
        for reduction, kernel in (("product", gm.Gaussian(1.0)), ("weighted_mean", gm.Matern(1.0))):
            whole = core.run(core.make(reduction, x, y, kernel, weights=weights))
            two = core.run(core.make(reduction, x, y, kernel, weights=weights), workers=2)
            parts = [
                core.run(core.make(reduction, part, y, kernel, weights=weights))
                for part in x.split(191)
            ]
            assert torch.equal(whole, two)
            assert torch.equal(whole, torch.cat(parts))


# ---------------------------------------------------------------------- functions


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_elementary_functions(core: Core, instruction_set: str, dtype: torch.dtype) -> None:
    """Within two units in the last place of a longer type, gradual underflow included."""
    low, high, unit = (-152, 128, 2.0**-23) if dtype == torch.float32 else (-1077, 1024, 2.0**-52)
    half_pi = np.longdouble("1.5707963267948966192313216916398")
    cases = (
        (0, torch.linspace(low, math.nextafter(high, 0), 200_001, dtype=torch.float64), np.exp2),
        (1, torch.linspace(low + 60, high - 2, 100_001, dtype=torch.float64).exp2(), np.log2),
        (
            2,
            torch.linspace(0, 1, 10_001),
            lambda u: np.cos(np.sqrt(u) * half_pi),
        ),
    )
    for function, points, truth in cases:
        points = points.to(dtype)
        points = points[points < high] if function == 0 else points
        found = torch.empty_like(points)
        core.native.evaluate(function, points, found)
        exact = truth(points.numpy().astype(np.longdouble))
        floor = np.longdouble(2.0) ** (-126 if dtype == torch.float32 else -1022)
        size = np.maximum(np.abs(exact), floor if function == 0 else 1.0)
        assert float((np.abs(found.numpy() - exact) / size).max()) < 2 * unit
    edges = torch.tensor([0.0, -1e30, 1e30, -torch.inf, torch.inf], dtype=dtype)
    found = torch.empty_like(edges)
    core.native.evaluate(0, edges, found)
    assert found.tolist() == [1.0, 0.0, math.inf, 0.0, math.inf]


# ---------------------------------------------------------------------- dispatch and threads


def test_why_not(core: Core) -> None:
    x = normal(5, 3, torch.float32, 35)
    v = x[:, :1]
    for call, words in (
        (core.make("product", x.half(), x.half(), gm.Gaussian()), "float16 is left to torch"),
        (core.make("product", x, x, gm.Linear()), "Linear is not compiled"),
        (core.make("product", x, x, gm.Gaussian() + gm.Matern()), "Sum is a composition or custom"),
        (core.make("product", x, x, gm.Gaussian(torch.ones(3))), "a bandwidth per feature"),
        (core.make("product", x, x, gm.Gaussian(1e-160)), "a bandwidth of 1e-160"),
        (core.make("topk", x, x, gm.Euclidean(), largest=True), "farthest rows"),
        (core.make("topk", x, x, gm.Gaussian()), "farthest rows"),
        (core.make("topk", x, x, gm.Euclidean(), k=2000), "k is at most 1024, got 2000"),
        (core.make("count", x, x, gm.Gaussian()), "metrics only"),
        (core.make("weighted_mean", x, x, gm.Tophat(), weights=v), "weights from Tophat"),
        (core.make("product", x, x, gm.Gaussian().log()), "for logsumexp only"),
        (core.make("logsumexp", x, x, gm.Tophat().log()), "the logarithm of Tophat"),
    ):
        reason = core.backend.why_not(call)
        assert reason is not None
        assert words in reason
    elsewhere = Call("product", x, x, gm.Gaussian(), _config.Config(device="meta"))
    assert "it runs on the CPU" in str(core.backend.why_not(elsewhere))


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_instruction_set_by_environment(core: Core) -> None:
    show = "import gramian._native as n; print(n.selected())"
    assert _python(show, GRAMIAN_ISA="baseline").stdout == "baseline\n"
    refused = _python(show, GRAMIAN_ISA="sse9")
    assert "ValueError: environment: GRAMIAN_ISA must be an instruction set" in refused.stderr
    assert "got 'sse9'. Unset it to take the best one." in refused.stderr
    with pytest.raises(ValueError, match="force: name must be an instruction set"):
        core.native.force("sse9")
    assert core.native.instruction_sets()[-1] == "baseline"


def test_interrupt_and_fork() -> None:
    """Ctrl-C ends a long call within a second or two; a child process can compute after a fork."""
    code = """
import os, signal, threading, time, torch, gramian as gm
torch.set_num_threads(2)
x = torch.randn(300_000, 8)
gm.config(backend="native")
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
started = time.monotonic()
try:
    gm.Gram(x, kernel=gm.Gaussian()).sum(1)
except KeyboardInterrupt:
    print("interrupted", time.monotonic() - started < 5)
small = gm.Gram(x[:2000], kernel=gm.Gaussian())
total = small.sum(1)
child = os.fork()
if child == 0:
    os._exit(0 if torch.equal(small.sum(1), total) else 1)
print("child", os.waitpid(child, 0)[1])
"""
    done = _python(code)
    assert done.stdout == "interrupted True\nchild 0\n", done.stderr


def test_several_python_threads(core: Core) -> None:
    x = normal(1500, 5, torch.float32, 36)
    call = core.make("product", x, x, gm.Gaussian())
    alone = core.run(call)
    found: list[Tensor] = []
    threads = [
        threading.Thread(target=lambda: found.append(core.run(call, workers=2))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(torch.equal(alone, other) for other in found)


def test_the_page_about_the_core_compiles(tmp_path: Path) -> None:
    """The example of docs/engine.md is a program that finds what it says."""
    root = Path(__file__).parents[2]
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    page = (root / "docs" / "engine.md").read_text("utf-8")
    source = tmp_path / "example.cpp"
    source.write_text(page.split("```cpp\n")[1].split("```")[0], encoding="utf-8")
    program = tmp_path / "example"
    flags = ["-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{root / 'native'}"]
    subprocess.run([compiler, *flags, "-o", str(program), str(source)], check=True, timeout=120)
    assert subprocess.run([str(program)], check=False, timeout=20).returncode == 0
