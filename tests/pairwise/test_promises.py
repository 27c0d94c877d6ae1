"""What metrics and kernels promise: order, slope, definiteness, dtype."""

from __future__ import annotations

import pytest
import torch
from tests.pairwise.formulas import (
    CASES,
    Case,
    every_case,
    points,
)

import gramian as gm


@every_case
def test_order_is_true(case: Case) -> None:
    t = torch.linspace(-3 if case.function.form == "dot" else 0, 9, 400, dtype=torch.float64)
    steps = case.function.entry(t).diff()
    rises, falls = bool((steps >= 0).all()), bool((steps <= 0).all())
    if case.function.order:
        assert (rises, falls) == (case.function.order == 1, case.function.order == -1)
    else:
        assert isinstance(case.function, gm.Polynomial)


@pytest.mark.parametrize("case", [c for c in CASES if c.function.slope() is not None], ids=str)
def test_slope_is_an_upper_bound(case: Case) -> None:
    bound = case.function.slope()
    assert bound is not None
    t = torch.linspace(0, 9, 200_001, dtype=torch.float64)
    steepest = float((case.function.entry(t).diff() / t.diff()).abs().max())
    assert steepest <= bound * (1 + 1e-6)
    assert steepest >= bound / 2, "a bound so loose sends rows to float64 for nothing"


@every_case
def test_the_form_at_an_entry_reaches_it(case: Case) -> None:
    for value in (0.0, 0.3, 1.9):
        form = case.function.form_at(value)
        if case.function.metric:
            assert form is not None
            entry = case.function.entry(torch.tensor(form, dtype=torch.float64))
            assert entry.item() == pytest.approx(value)
        else:
            assert form is None


@every_case
def test_positive_definite_is_true(case: Case) -> None:
    tables = [points(case, 40, d, seed) * 1.5 for d in (1, 2, 5) for seed in range(5)]
    # sharp edges on a lattice: what a window's negative frequencies show on
    tables += [
        torch.cartesian_prod(*[torch.arange(7.0).double() * step] * 2) for step in (0.9, 1.4)
    ]
    least = min(float(torch.linalg.eigvalsh(case.function.forward(x, x))[0]) for x in tables)
    if case.function.positive_definite:
        assert least > -1e-7
    else:
        assert least < -1e-3, "a counter-example was expected"


def test_a_negative_offset_is_not_positive_definite() -> None:
    kernel = gm.Polynomial(2, offset=-1.0)
    assert not kernel.positive_definite
    x = torch.tensor([[1.0], [-1.0]], dtype=torch.float64) * 1.2
    assert float(torch.linalg.eigvalsh(gm.Polynomial(1, offset=-2.0).forward(x, x))[0]) < 0


@every_case
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
def test_the_dtype_is_kept(case: Case, dtype: torch.dtype) -> None:
    x = points(case, 3).to(dtype)
    assert case.function.forward(x, x).dtype == case.function.paired(x, x).dtype == dtype


@every_case
def test_a_row_is_like_itself(case: Case) -> None:
    x = points(case, 5, 20) * 1e3
    if case.function.order == -1:
        assert bool((case.function.paired(x, x) == 1).all())
    elif case.function.metric:
        assert bool((case.function.paired(x, x) == 0).all())
