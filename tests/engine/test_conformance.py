"""Every backend, reduction, kernel, dtype and shape against the slow truth.

`reference` computes in float64; results are rounded once to the data's dtype before they are
compared. The tolerances stand in one table, each with its reason.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import Tensor

import gramian as gm
from gramian._config import Config
from gramian.engine import exact, reference
from gramian.engine.call import Call
from gramian.engine.plan import AUTO_ORDER, backend_reasons, make_plan
from gramian.pairwise._base import Elementary

HALF, BRAIN, SINGLE, DOUBLE = torch.float16, torch.bfloat16, torch.float32, torch.float64
DTYPES = (HALF, BRAIN, SINGLE, DOUBLE)
N, M, D = (1, 239, 240, 241), (1, 479, 480, 481, 963), (1, 2, 8, 9, 16, 17, 33)


@dataclass(frozen=True)
class Tolerance:
    """|found − truth| ≤ relative · |truth| + of_row · (largest magnitude of the row's terms)."""

    relative: float
    of_row: float


# A row's terms are its entries (block), or entries times right-hand sides, summed (sums).
TOLERANCES: dict[tuple[str, torch.dtype], Tolerance] = {
    # 16-bit data is computed in float32, so one rounding to 11 or 8 bits is all that shows
    ("block", HALF): Tolerance(1e-3, 2e-5),
    ("block", BRAIN): Tolerance(8e-3, 2e-5),
    # the product form in float32: (d + 8) u (‖a‖ + ‖b‖)², graded so that kernels err below 1e-5
    ("block", SINGLE): Tolerance(1e-5, 2e-5),
    # the same in float64, graded below 1e-9
    ("block", DOUBLE): Tolerance(1e-9, 1e-9),
    # sums add errors of entries, at most 480 float32 terms between additions in float64
    ("product", HALF): Tolerance(1e-3, 2e-5),
    ("product", BRAIN): Tolerance(8e-3, 2e-5),
    ("product", SINGLE): Tolerance(1e-5, 2e-5),
    ("product", DOUBLE): Tolerance(1e-9, 1e-9),
    # log-sum-exp errs by the error of its largest entry, which is the scale of its row
    ("logsumexp", HALF): Tolerance(1e-3, 2e-5),
    ("logsumexp", BRAIN): Tolerance(8e-3, 2e-5),
    ("logsumexp", SINGLE): Tolerance(1e-5, 2e-5),
    ("logsumexp", DOUBLE): Tolerance(1e-9, 1e-9),
    # weights err by the error of their logarithm: ten times what entries of kernels err by
    ("weighted_mean", HALF): Tolerance(1e-3, 2e-4),
    ("weighted_mean", BRAIN): Tolerance(8e-3, 2e-4),
    ("weighted_mean", SINGLE): Tolerance(1e-5, 2e-4),
    ("weighted_mean", DOUBLE): Tolerance(1e-9, 1e-8),
    # searches return float64 brute force rounded once; exp may differ in its last bit
    **{("search", dtype): Tolerance(torch.finfo(dtype).eps, 0) for dtype in (HALF, BRAIN, SINGLE)},
    ("search", DOUBLE): Tolerance(1e-14, 0),
    # compositions and inner products are added in another order, still in float64
    **{("by entry", t): Tolerance(torch.finfo(t).eps, 1e-13) for t in (HALF, BRAIN, SINGLE)},
    ("by entry", DOUBLE): Tolerance(1e-12, 1e-12),
}

# kernels for features of a given scale; all of them are listed here, once
KERNELS: dict[str, Callable[[float], gm.PairFunction]] = {
    "SquaredEuclidean": lambda s: gm.SquaredEuclidean(),
    "Euclidean": lambda s: gm.Euclidean(),
    "Manhattan": lambda s: gm.Manhattan(),
    "Chebyshev": lambda s: gm.Chebyshev(),
    "CosineDistance": lambda s: gm.CosineDistance(),
    "Gaussian": lambda s: gm.Gaussian(3 * s),
    "Gaussian, narrow": lambda s: gm.Gaussian(0.3 * s),
    "Laplacian": lambda s: gm.Laplacian(9 * s),
    "Laplacian l2": lambda s: gm.Laplacian(3 * s, norm="l2"),
    "Matern 1/2": lambda s: gm.Matern(3 * s, nu=0.5),
    "Matern 5/2": lambda s: gm.Matern(3 * s, nu=2.5),
    "RationalQuadratic": lambda s: gm.RationalQuadratic(3 * s, alpha=0.7),
    "Periodic": lambda s: gm.Periodic(3.0, period=5 * s),
    "Epanechnikov": lambda s: gm.Epanechnikov(20 * s),
    "CosineWindow": lambda s: gm.CosineWindow(20 * s),
    "Linear": lambda s: gm.Linear(),
    "Polynomial": lambda s: gm.Polynomial(2, offset=1.0, scale=0.1),
    "Sigmoid": lambda s: gm.Sigmoid(scale=0.1, offset=0.0),
    "CosineSimilarity": lambda s: gm.CosineSimilarity(),
    "sum": lambda s: gm.Gaussian(3 * s) + 0.5 * gm.Laplacian(9 * s),
    "product": lambda s: gm.Gaussian(3 * s) * gm.Matern(5 * s),
    "logarithm": lambda s: (gm.Gaussian(3 * s) + gm.Matern(5 * s)).log(),
    "attention": lambda s: (0.2 * gm.Linear()).exp(),
}
SIGNED = {"Linear", "Sigmoid", "CosineSimilarity", "logarithm"}
OPERATIONS = (
    "block",
    "sum",
    "one right-hand side",
    "three right-hand sides",
    "logsumexp",
    "weighted_mean",
    "nearest",
    "farthest",
    "index only",
    "count",
    "weighted count",
    "neighbors",
)


@dataclass(frozen=True)
class Case:
    """One call to be made."""

    operation: str
    kernel: str
    dtype: torch.dtype
    n: int
    m: int
    d: int
    data: str = "plain"

    def __str__(self) -> str:
        kind = str(self.dtype).removeprefix("torch.")
        return f"{self.operation}-{self.kernel}-{kind}-{self.n}x{self.m}x{self.d}-{self.data}"


def sensible(case: Case) -> bool:
    return not (case.operation == "weighted_mean" and case.kernel in SIGNED)


def covering(*axes: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Few combinations among which every pair of values from two axes occurs."""
    places = list(itertools.combinations(range(len(axes)), 2))
    missing = {(i, a, j, b) for i, j in places for a, b in itertools.product(axes[i], axes[j])}
    chance, chosen = random.Random(0), []
    order = sorted(missing, key=repr)
    for i, a, j, b in order:
        if (i, a, j, b) not in missing:
            continue
        best, most = None, -1
        for _ in range(30):
            trial = [chance.choice(axis) for axis in axes]
            trial[i], trial[j] = a, b
            new = sum((p, trial[p], q, trial[q]) in missing for p, q in places)
            if new > most:
                best, most = trial, new
        assert best is not None
        missing -= {(p, best[p], q, best[q]) for p, q in places}
        chosen.append(tuple(best))
    return chosen


CASES = [
    case
    for values in covering(OPERATIONS, tuple(KERNELS), DTYPES, N, M, D)
    if sensible(case := Case(*values))
]


def test_the_covering_set_covers() -> None:
    axes = (("a", "b", "c"), (1, 2), (True, False), (0.0, 0.5))
    chosen = covering(*axes)
    assert len(chosen) < len(list(itertools.product(*axes)))
    for (i, left), (j, right) in itertools.combinations(enumerate(axes), 2):
        met = {(row[i], row[j]) for row in chosen}
        assert met == set(itertools.product(left, right))


# ---------------------------------------------------------------------- data


def scale_of(data: str, dtype: torch.dtype) -> float:
    """The magnitude of the features."""
    huge, tiny = (6e3, 1e-4) if dtype == HALF else (3e37, 1e-37)
    return {"huge": huge, "tiny": tiny, "subnormal": torch.finfo(dtype).tiny / 8}.get(data, 1.0)


def table(rows: int, case: Case, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    made = torch.randn(rows, case.d, generator=generator, dtype=DOUBLE)
    if case.data == "duplicates":
        made = made[torch.arange(rows) % 7]
    elif case.data == "lattice":
        made = made.round()
    elif case.data == "offset":
        made = made + 100
    elif case.data == "signed zeros":
        made = torch.where(made.abs() < 0.7, made.sign() * 0.0, made)
    elif case.data == "outliers":
        made[:: max(1, rows // 3)] *= 1e3
    elif case.data == "zeros":
        made = made * 0
    return (made * scale_of(case.data, case.dtype)).to(case.dtype)


def call_of(case: Case) -> Call:
    x, y = table(case.n, case, 1), table(case.m, case, 2)
    if case.data == "duplicates":
        x[: len(y)] = y[: len(x)]
    kernel = KERNELS[case.kernel](scale_of(case.data, case.dtype))
    right = torch.rand(case.m, 3, generator=torch.Generator().manual_seed(3), dtype=DOUBLE) - 0.3
    right = right.to(case.dtype)
    call = Call("block", x, y, kernel, Config())
    k = min(5, case.m)
    changes: dict[str, dict[str, Any]] = {
        "block": {},
        "sum": {"reduction": "product"},
        "one right-hand side": {"reduction": "product", "weights": right[:, :1]},
        "three right-hand sides": {"reduction": "product", "weights": right},
        "logsumexp": {"reduction": "logsumexp"},
        "weighted_mean": {"reduction": "weighted_mean", "weights": right},
        "nearest": {"reduction": "topk", "k": k},
        "farthest": {"reduction": "topk", "k": k, "largest": True},
        "index only": {"reduction": "topk", "k": 1, "values": False},
        "count": {"reduction": "count"},
        "weighted count": {"reduction": "count", "weights": right[:, 0].double()},
        "neighbors": {"reduction": "neighbors"},
    }
    call = replace(call, **changes[case.operation])
    return replace(call, radius=gap(reference.dense(call))) if "radius" in fields(call) else call


def fields(call: Call) -> set[str]:
    return {"radius"} if call.reduction in ("count", "neighbors") else set()


def gap(dense: Tensor) -> float:
    """A radius between two entries that differ, with a third of the entries inside."""
    entries = dense.flatten().sort().values
    entries = entries[entries.isfinite()]
    for place in range(len(entries) // 3, len(entries) - 1):
        low, high = float(entries[place]), float(entries[place + 1])
        if high - low > 1e-9 * max(abs(low), abs(high)):
            return low + (high - low) / 2
    return float(entries[-1]) + 1 if len(entries) else 1.0


# ---------------------------------------------------------------------- comparisons


def assert_near(found: Tensor, truth: Tensor, row_scale: Tensor, tolerance: Tolerance) -> None:
    """Equal up to the tolerance, after the truth is rounded to the dtype of ``found``."""
    assert found.shape == truth.shape
    rounded = truth.to(found.dtype).double()
    found = found.double()
    same = (found == rounded) | (found.isnan() & rounded.isnan())
    finite = rounded.isfinite() & row_scale.isfinite()
    allowed = tolerance.relative * truth.abs() + tolerance.of_row * row_scale
    allowed = allowed + torch.finfo(SINGLE).tiny * (truth != 0)  # subnormal results may be flushed
    good = same | (finite & ((found - truth).abs() <= allowed))
    if not bool(good.all()):
        worst = (found - truth).abs().where(~good, torch.zeros(())).nan_to_num(torch.inf).argmax()
        raise AssertionError(
            f"{int((~good).sum())} of {good.numel()} differ, such as {found.flatten()[worst]:.9g} "
            f"for {truth.flatten()[worst]:.9g} at {int(worst)}, where "
            f"{allowed.expand_as(truth).flatten()[worst]:.3g} is allowed"
        )


def assert_search(call: Call, values: Tensor | None, indices: Tensor) -> None:
    """The k best of each row: to the index where order is by the form, else any of equal merit."""
    dense = reference.dense(call)
    assert indices.dtype == torch.int64
    assert bool(((indices >= 0) & (indices < dense.shape[1])).all())
    assert all(len(set(row)) == call.k for row in indices.tolist()), "a column came twice"
    chosen = dense.gather(1, indices)
    truth, order = reference.run(call)
    if call.ordered and exactly_ordered(call.kernel):
        assert torch.equal(indices, order)
        kind = "search"
    else:
        kind = "by entry"
        merit = Tolerance(1e-12, 1e-12)
        assert_near(chosen, truth, dense.abs().amax(1, keepdim=True), merit)
    if values is not None:
        tolerance = TOLERANCES[kind, call.x.dtype]
        assert_near(values, chosen, dense.abs().amax(1, keepdim=True), tolerance)


def exactly_ordered(kernel: gm.PairFunction) -> bool:
    """Inner products are not added in feature order."""
    return isinstance(kernel, Elementary) and kernel.form != "dot"


def scale_of_rows(call: Call) -> Tensor:
    """The largest magnitude among the terms of each row."""
    dense = reference.dense(call)
    terms = dense.abs()
    if not exactly_ordered(call.kernel):
        # their entries are sums of both signs: a small one errs by the size of its neighbours
        terms = torch.full_like(terms, float(terms.amax()))
    if call.reduction == "product":
        return terms @ call.weights.double().abs() if call.weights is not None else terms.sum(1)
    if call.reduction == "weighted_mean":
        assert call.weights is not None
        return call.weights.double().abs().amax(0, keepdim=True).expand(len(dense), -1)
    return terms.amax(1) if call.reduction == "logsumexp" else terms.amax(1, keepdim=True)


def assert_agrees(call: Call, found: Any) -> None:
    """A backend's answer to ``call`` is the reference's."""
    if call.reduction == "topk":
        values, indices = found
        assert_search(call, values if call.values else None, indices)
        return
    truth = reference.run(call)
    if call.reduction == "count":
        assert isinstance(truth, Tensor)
        assert found.dtype == (torch.int64 if call.weights is None else DOUBLE)
        torch.testing.assert_close(found, truth, rtol=1e-12, atol=1e-12)
    elif call.reduction == "neighbors":
        assert torch.equal(found[0], truth[0])
        assert torch.equal(found[1], truth[1])
        kind = "search" if exactly_ordered(call.kernel) else "by entry"
        largest = truth[2].abs().amax() if len(truth[2]) else torch.zeros(())
        assert_near(found[2], truth[2], largest, TOLERANCES[kind, call.x.dtype])
    else:
        assert isinstance(truth, Tensor)
        assert found.dtype == call.x.dtype
        tolerance = TOLERANCES[call.reduction, call.x.dtype]
        assert_near(found, truth, scale_of_rows(call), tolerance)


def run(backend: str, call: Call) -> Any:
    """The named backend's answer; a skip with its reason where it has none."""
    call = replace(call, config=Config(backend=backend))
    reason = backend_reasons(call)[backend]
    if reason is not None:
        pytest.skip(f"{backend}: {reason}")
    plan, module = make_plan(call)
    return module.run(call, plan)


# ---------------------------------------------------------------------- the tests


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("backend", AUTO_ORDER)
def test_every_pair_of_circumstances(backend: str, case: Case) -> None:
    call = call_of(case)
    assert_agrees(call, run(backend, call))


SPECIAL = (
    "offset",
    "duplicates",
    "lattice",
    "signed zeros",
    "outliers",
    "zeros",
    "huge",
    "tiny",
    "subnormal",
)
ON_SPECIAL = (
    "SquaredEuclidean",
    "Euclidean",
    "Manhattan",
    "CosineDistance",
    "Gaussian",
    "Laplacian l2",
    "Matern 5/2",
    "sum",
)


@pytest.mark.parametrize("data", SPECIAL)
@pytest.mark.parametrize("kernel", ON_SPECIAL)
@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@pytest.mark.parametrize("backend", AUTO_ORDER)
def test_special_numbers(backend: str, dtype: torch.dtype, kernel: str, data: str) -> None:
    reasons = set()
    for operation in ("block", "sum", "weighted_mean", "logsumexp", "nearest", "neighbors"):
        for d in (3, 20):
            call = call_of(Case(operation, kernel, dtype, 30, 500, d, data))
            call = replace(call, config=Config(backend=backend))
            reason = backend_reasons(call)[backend]
            if reason is None:
                plan, module = make_plan(call)
                assert_agrees(call, module.run(call, plan))
            else:
                reasons.add(f"{backend}: {reason}")
    if reasons:
        pytest.skip("; ".join(sorted(reasons)))


@pytest.mark.full
@pytest.mark.parametrize("kernel", list(KERNELS))
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("backend", AUTO_ORDER)
def test_every_combination(backend: str, operation: str, kernel: str) -> None:
    for case in every_case(operation, kernel):
        call = call_of(case)
        try:
            assert_agrees(call, run(backend, call))
        except AssertionError as error:
            raise AssertionError(f"{case}: {error}") from error


def every_case(operation: str, kernel: str) -> Iterator[Case]:
    for dtype, n, m, d in itertools.product((SINGLE, DOUBLE), N, M, D):
        case = Case(operation, kernel, dtype, n, m, d)
        if sensible(case):
            yield case


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@pytest.mark.parametrize("backend", AUTO_ORDER)
def test_better_neighbours_after_a_crowd(backend: str, dtype: torch.dtype) -> None:
    """A tile of near-ties that takes several attempts must not shut out what comes after it."""
    for d in (3, 20):
        x, y = torch.zeros(1, d, dtype=DOUBLE), torch.zeros(1100, d, dtype=DOUBLE)
        y[:, 0] = 1 + torch.arange(1100) * 1e-9
        y[0, 0], y[1, 0], y[500:503, 0], y[1000, 0] = 0.1, 0.2, 0.3, 0.25
        for kernel, largest in ((gm.SquaredEuclidean(), False), (gm.Gaussian(1.0), True)):
            call = Call("topk", x.to(dtype), y.to(dtype), kernel, Config(), k=5, largest=largest)
            assert_agrees(call, run(backend, call))


def test_torch_takes_every_case() -> None:
    for case in CASES:
        assert backend_reasons(call_of(case))["torch"] is None


# ---------------------------------------------------------------------- the assertions can fail


def spoiled(call: Call) -> Iterator[Any]:
    """Answers that are wrong in one place, as little as the tolerance lets be seen."""
    truth = reference.run(call)
    if isinstance(truth, Tensor):
        found = truth.to(call.x.dtype) if call.reduction != "count" else truth
        wrong = found.clone()
        wrong.view(-1)[-1] += 1 if call.reduction == "count" else 1e-3 * max(1, found.abs().max())
        yield wrong
        yield found[:-1]
    elif call.reduction == "topk":
        values, indices = truth[0].to(call.x.dtype), truth[1]
        yield values, indices.flip(1)
        yield values.flip(1), indices
        yield values, indices.clone().fill_(int(indices[0, 0]))
        yield values * 1.0001, indices
    else:
        indptr, indices, values = truth[0], truth[1], truth[2].to(call.x.dtype)
        yield indptr, indices.flip(0), values
        yield indptr - 1, indices, values
        yield indptr, indices, values * 1.0001


@pytest.mark.parametrize("kernel", ["Euclidean", "Gaussian", "sum"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_wrong_answers_are_noticed(operation: str, kernel: str) -> None:
    call = call_of(Case(operation, kernel, SINGLE, 20, 30, 3))
    if operation == "index only":
        call = replace(call, k=2, values=True)
    for wrong in spoiled(call):
        with pytest.raises(AssertionError):
            assert_agrees(call, wrong)


def test_ties_are_told_apart_only_by_order() -> None:
    """Equal entries may come in any order from a composition, and in one only from a metric."""
    x, y = torch.zeros(1, 1), torch.tensor([[1.0], [-1.0], [2.0]])
    swapped = torch.tensor([[1.0, 1.0]]), torch.tensor([[1, 0]])
    call = Call("topk", x, y, gm.Euclidean(), Config(), k=2)
    with pytest.raises(AssertionError):
        assert_agrees(call, swapped)
    assert_agrees(replace(call, kernel=gm.Euclidean() * 1.0), swapped)
    worse = torch.tensor([[1.0, 2.0]]), torch.tensor([[1, 2]])
    with pytest.raises(AssertionError):
        assert_agrees(replace(call, kernel=gm.Euclidean() * 1.0), worse)


def test_comparisons_notice_nan_and_infinity() -> None:
    truth, scale = torch.tensor([1.0, torch.inf]).double(), torch.ones(())
    for wrong in ([torch.nan, torch.inf], [1.0, torch.nan], [1.0, 3e38], [torch.inf, torch.inf]):
        with pytest.raises(AssertionError, match="1 of 2 differ"):
            assert_near(torch.tensor(wrong), truth, scale, Tolerance(1e-3, 1e-3))
    assert_near(torch.tensor([1.0, torch.inf]), truth, scale, Tolerance(0, 0))


def test_the_reference_is_float64_brute_force() -> None:
    call = call_of(Case("block", "SquaredEuclidean", SINGLE, 9, 11, 5))
    expected = exact.form_table("squared_euclidean", call.x.double(), call.y.double())
    assert torch.equal(reference.dense(call), expected)
