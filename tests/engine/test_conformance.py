"""Every backend, reduction, kernel, dtype and shape against the slow truth.

`reference` computes in float64; results are rounded once to the data's dtype before they are
compared.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from tests.engine.conformance_calls import (
    DOUBLE,
    DTYPES,
    KERNELS,
    OPERATIONS,
    SINGLE,
    Case,
    D,
    M,
    N,
    call_of,
    covering,
    sensible,
)
from tests.engine.conformance_tolerances import Tolerance, assert_agrees, assert_near
from torch import Tensor

import gramian as gm
from gramian._config import Config
from gramian.engine import exact, reference
from gramian.engine.call import Call
from gramian.engine.plan import AUTO_ORDER, backend_reasons, make_plan

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


def run(backend: str, call: Call) -> Any:
    """The named backend's answer; a skip with its reason where it has none."""
    call = replace(call, config=Config(backend=backend))
    reason = backend_reasons(call)[backend]
    if reason is not None:
        pytest.skip(f"{backend}: {reason}")
    plan, module = make_plan(call)
    return module.run(call, plan)


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


@pytest.mark.parametrize(
    "every_shape",
    [
        pytest.param(False, id="covering", marks=pytest.mark.full),
        pytest.param(True, id="all", marks=pytest.mark.nightly),
    ],
)
@pytest.mark.parametrize("kernel", list(KERNELS))
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("backend", AUTO_ORDER)
def test_every_combination(backend: str, operation: str, kernel: str, every_shape: bool) -> None:
    """On every pair of dtype, n, m and d, of other pairs' company each time; by night on all."""
    axes = (SINGLE, DOUBLE), N, M, D
    place = OPERATIONS.index(operation) * len(KERNELS) + list(KERNELS).index(kernel)
    shapes = itertools.product(*axes) if every_shape else covering(*axes, seed=place)
    for case in (Case(operation, kernel, *shape) for shape in shapes):
        if not sensible(case):
            continue
        call = call_of(case)
        try:
            assert_agrees(call, run(backend, call))
        except AssertionError as error:
            raise AssertionError(f"{case}: {error}") from error


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
