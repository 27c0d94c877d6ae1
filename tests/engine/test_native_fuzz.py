"""Random sizes, layouts and threads on the compiled core, against float64 brute force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.instruction_sets import forced
from torch import Tensor

import gramian as gm
from gramian._config import Config
from gramian.engine import reference
from gramian.engine.call import Call
from gramian.engine.partition import Partition, reference_assign
from gramian.engine.plan import make_plan
from gramian.pairwise import PairFunction

native = pytest.importorskip("gramian._native", reason="the compiled core is not built here")

METRICS = (gm.SquaredEuclidean(), gm.Euclidean(), gm.Manhattan(), gm.Chebyshev())
# of a bandwidth h
SMOOTH: tuple[Callable[[float], PairFunction], ...] = (
    gm.Gaussian,
    gm.Laplacian,
    gm.Exponential,
    lambda h: gm.Laplacian(h, norm="l2"),
    lambda h: gm.Matern(h, nu=0.5),
    lambda h: gm.Matern(h, nu=1.5),
    lambda h: gm.Matern(h, nu=2.5),
    lambda h: gm.RationalQuadratic(h, alpha=0.7),
)
WINDOWS = (gm.Tophat, gm.Epanechnikov, gm.Triangular, gm.CosineWindow)
# of the sum of magnitudes: a float's entries may be off by what the core calls doubt
RTOL = {torch.float32: 2e-5, torch.float64: 1e-12}

# strides of a table (n, d)
LAYOUTS: dict[str, Callable[[int, int], tuple[int, int]]] = {
    "rows": lambda n, d: (d, 1),
    "columns": lambda n, d: (1, n),
    "some rows": lambda n, d: (3 * d + 1, 1),
    "some columns": lambda n, d: (2 * d + 1, 2),
    "some of both, transposed": lambda n, d: (2, 2 * n + 3),
    "one row": lambda n, d: (0, 1),
    "one column": lambda n, d: (1, 0),
    "one number": lambda n, d: (0, 0),
    "sliding window": lambda n, d: (1, 1),
}

MOST_NUMBERS = 1_000_000  # entries times features, so that brute force stays quick
rows_of_x = st.integers(1, 70) | st.sampled_from([255, 479, 480, 481, 961])
rows_of_y = st.integers(1, 70) | st.sampled_from([127, 128, 511, 513, 4095, 4097])
features = st.integers(1, 40) | st.sampled_from([63, 64, 65, 127, 129, 257, 1030])


@st.composite
def sizes(draw: st.DrawFn) -> tuple[int, int, int]:
    """n, m and d about every tail of the tiles."""
    d = draw(features)
    n = min(draw(rows_of_x), MOST_NUMBERS // d)
    return n, min(draw(rows_of_y), MOST_NUMBERS // (n * d)), d


def strided(
    n: int, d: int, dtype: torch.dtype, layout: str, first: int, lattice: bool, seed: int
) -> Tensor:
    """A table (n, d) whose storage ends with its last number and holds NaN wherever it does not."""
    steps = LAYOUTS[layout](n, d)
    generator = torch.Generator().manual_seed(seed)
    row, column = torch.arange(n)[:, None], torch.arange(d)
    places = first + row * steps[0] + column * steps[1]
    numbers = torch.randn(int(places.max()) + 1, generator=generator, dtype=torch.float64)
    storage = torch.full_like(numbers, torch.nan, dtype=dtype)
    storage[places] = ((2 * numbers).round() if lattice else numbers)[places].to(dtype)
    return storage.as_strided((n, d), steps, first)


def tables(n: int, d: int, dtype: torch.dtype) -> st.SearchStrategy[Tensor]:
    """Tables of every layout; on a lattice, where ties abound, or not."""
    layouts, first, seeds = st.sampled_from([*LAYOUTS]), st.integers(0, 17), st.integers(0, 2**31)
    sizes_and_type = map(st.just, (n, d, dtype))
    return st.builds(strided, *sizes_and_type, layouts, first, st.booleans(), seeds)


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """x and y, sometimes of the same rows, and a table to be centred on."""
    n, m, d = draw(sizes())
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    y = draw(tables(m, d, dtype))
    about = draw(st.none() | tables(5, d, dtype))
    if not draw(st.booleans()):
        return {"x": draw(tables(n, d, dtype)), "y": y, "centre_on": about}
    row_of = torch.arange(n) % m
    return {"x": y[row_of], "y": y, "centre_on": about, "row_of": row_of}


@st.composite
def machines(draw: st.DrawFn) -> Callable[[Call], Any]:
    """How a call is run on the native backend: instruction set and threads."""
    name = draw(st.sampled_from(native.instruction_sets()))
    workers = draw(st.integers(1, 4))

    def run(call: Call) -> Any:
        with forced(name):
            plan, backend = make_plan(call)
            return backend.run(call, replace(plan, workers=workers))

    return run


def native_call(
    reduction: str, kernel: PairFunction, problem: dict[str, Any], **extra: Any
) -> Call:
    return Call(
        reduction=reduction, kernel=kernel, config=Config(backend="native"), **problem, **extra
    )


def assert_exact(found: Any, call: Call) -> None:
    """Every bit as float64 brute force has it, values rounded once."""
    wanted: Any = reference.run(call)
    pairs = [(found, wanted)] if isinstance(found, Tensor) else zip(found, wanted, strict=True)
    for left, right in pairs:
        torch.testing.assert_close(left, right.to(left.dtype), rtol=0, atol=0)


@given(problems(), st.sampled_from(METRICS), st.integers(1, 60), machines())
def test_topk(problem: dict[str, Any], kernel: PairFunction, k: int, run: Any) -> None:
    call = native_call("topk", kernel, problem, k=min(k, len(problem["y"])))
    assert_exact(run(call), call)
    indices_only = replace(call, values=False)
    assert torch.equal(run(indices_only)[1], run(call)[1])


@given(problems(), st.sampled_from(METRICS), st.sampled_from([0, 0.01, 0.3, 1]), machines())
def test_radius(problem: dict[str, Any], kernel: PairFunction, share: float, run: Any) -> None:
    """Radii that are an entry of the matrix, so that some pair lies exactly on the edge."""
    entries = reference.dense(native_call("block", kernel, problem)).flatten().sort().values
    radius = float(entries[int(share * (len(entries) - 1))])
    for reduction in ("count", "neighbors"):
        call = native_call(reduction, kernel, problem, radius=radius)
        assert_exact(run(call), call)
    weights = strided(len(problem["y"]), 1, torch.float64, "some columns", 1, False, 0)[:, 0]
    call = native_call("count", kernel, problem, radius=radius, weights=weights)
    torch.testing.assert_close(run(call), reference.run(call))


@st.composite
def sums(draw: st.DrawFn) -> Call:
    """A sum, mean, log-sum or block of any kernel."""
    problem = draw(problems())
    m, d = problem["y"].shape
    h = draw(st.sampled_from([0.3, 1.1, 4.3])) * d**0.5
    smooth = draw(st.sampled_from(SMOOTH))(h)
    reduction = draw(st.sampled_from(["product", "weighted_mean", "logsumexp", "block"]))
    right = draw(st.integers(1, 40) | st.just(130))
    weights = draw(tables(m, right, problem["x"].dtype))
    if reduction == "weighted_mean":
        return native_call(reduction, smooth, problem, weights=weights)
    window = draw(st.sampled_from(WINDOWS))(h)
    kernel = draw(st.sampled_from([*METRICS, smooth, window]))
    if reduction == "product":
        return native_call(
            reduction, kernel, problem, weights=draw(st.sampled_from([None, weights]))
        )
    if reduction == "logsumexp":
        kernel = draw(st.sampled_from([kernel, smooth.log()]))
    return native_call(reduction, kernel, problem)


def magnitude(call: Call) -> Tensor:
    """What the errors of ``call`` are relative to: the same sums with every term positive.

    Windows vanish at their edge by a difference, so their errors are relative to their peak, 1.
    """
    if isinstance(call.kernel, WINDOWS):
        call = replace(call, kernel=gm.Tophat(1e9))
    if call.weights is not None:
        call = replace(call, weights=call.weights.abs())
    found = reference.run(call)
    assert isinstance(found, Tensor)
    return found.abs() + 1 if call.reduction == "logsumexp" else found


@given(sums(), machines(), st.integers(0, 961))
def test_sums(call: Call, run: Any, cut: int) -> None:
    found, wanted = run(call), reference.run(call)
    assert isinstance(wanted, Tensor)
    assert found.dtype == call.x.dtype
    assert found.shape == wanted.shape
    allowed = RTOL[found.dtype] * magnitude(call) + torch.finfo(found.dtype).tiny * len(call.y)
    assert bool(((found - wanted).abs() <= allowed).all())
    for part in (slice(0, cut), slice(cut, None)):
        if len(call.x[part]):
            row_of = None if call.row_of is None else call.row_of[part]
            assert torch.equal(run(replace(call, x=call.x[part], row_of=row_of)), found[part])


def partition_call(draw: st.DrawFn, reduction: str, **settings: Any) -> Partition:
    """A pass of k-means: rows, centres and weights of every layout."""
    n, m, d = draw(sizes())
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    spacing, seed = draw(st.integers(0, 3)), draw(st.integers(0, 2**31))
    weights = torch.rand(n * spacing + 1, generator=torch.Generator().manual_seed(seed)).double()
    return Partition(
        reduction,
        draw(tables(n, d, dtype)),
        draw(tables(m, d, dtype)),
        gm.SquaredEuclidean(),
        Config(backend="native"),
        row_weights=weights.as_strided((n,), (spacing,), 0),
        **settings,
    )


@given(st.data(), machines())
def test_assign(data: st.DataObject, run: Any) -> None:
    call = data.draw(st.composite(partition_call)("assign", values=True))
    previous = torch.arange(len(call.x)) % len(call.y) if data.draw(st.booleans()) else None
    assert call.row_weights is not None
    wanted = reference_assign(call.x, call.y, call.row_weights, previous)
    found = run(replace(call, previous=None if previous is None else previous.clone()))
    assert wanted.squared is not None
    assert torch.equal(found.labels, wanted.labels)
    assert torch.equal(found.squared, wanted.squared)
    assert found.changed == wanted.changed
    assert torch.equal(found.moved, wanted.moved)
    torch.testing.assert_close(found.sums, wanted.sums, rtol=1e-12, atol=1e-11)
    torch.testing.assert_close(found.mass, wanted.mass, rtol=1e-13, atol=0)


@given(st.data(), machines(), st.sampled_from([0.25, 1.0, 8.0]))
def test_potential(data: st.DataObject, run: Any, scale: float) -> None:
    call = data.draw(st.composite(partition_call)("potential", scale=scale))
    closest = (torch.arange(len(call.x)) % 5 * scale**2).to(call.x.dtype)
    assert call.row_weights is not None
    total, squared = run(replace(call, closest=closest))
    gaps = call.x.double()[None] - call.y.double()[:, None]
    wanted = (scale * gaps).square().sum(2)
    rtol = RTOL[call.x.dtype]
    torch.testing.assert_close(squared.double(), wanted, rtol=rtol, atol=0)
    left = torch.minimum(wanted, closest.double()) @ call.row_weights
    torch.testing.assert_close(total, left, rtol=rtol, atol=0)
