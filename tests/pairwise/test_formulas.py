"""Every metric and kernel against its formula, and entries among themselves."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.pairwise.formulas import (
    CASES,
    Case,
    coordinate,
    every_case,
    every_falling_case,
    loop,
    points,
)
from torch import Tensor

import gramian as gm


def test_the_table_names_every_public_function() -> None:
    from gramian import pairwise as public

    listed = {type(case.function).__name__ for case in CASES}
    assert listed == set(public.__all__) - {"PairFunction"}


@every_case
@given(data=st.data())
def test_formula(case: Case, data: st.DataObject) -> None:
    """Coarse coordinates, so that equal rows, zero rows and edges of windows abound."""
    d = data.draw(st.integers(1, 4))
    number = coordinate.map(abs) if case.non_negative else coordinate
    rows = st.lists(st.lists(number, min_size=d, max_size=d), min_size=1, max_size=4)
    x, y = (torch.tensor(data.draw(rows), dtype=torch.float64) for _ in range(2))
    found, expected = case.function.forward(x, y), loop(case, x, y)
    if isinstance(case.function, gm.Tophat):
        edge = (torch.cdist(x, y) - 2.1).abs() < 1e-9  # rounding decides there
        expected = torch.where(edge, found, expected)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-7)


@every_case
def test_paired_is_the_diagonal(case: Case) -> None:
    x, y = points(case, 6), points(case, 6, seed=1)
    found = case.function.paired(x, y)
    torch.testing.assert_close(found, case.function.forward(x, y).diagonal(), rtol=1e-14, atol=0)


@every_case
def test_log_forward_is_the_logarithm(case: Case) -> None:
    x, y = points(case, 6), points(case, 7, seed=1)
    entries = case.function.forward(x, y)
    found = case.function.log_forward(x, y)
    good = entries > 1e-12
    torch.testing.assert_close(found[good], entries[good].log(), rtol=1e-10, atol=1e-12)
    assert bool((found[entries == 0] == -torch.inf).all())


@every_falling_case
def test_the_logarithm_outlives_underflow(case: Case) -> None:
    entry, found = (
        how(*far()).item() for how in (case.function.forward, case.function.log_forward)
    )
    if entry > 0:  # a long tail, or a bounded distance
        assert found == pytest.approx(math.log(entry))
        return
    compact = isinstance(
        case.function, gm.Tophat | gm.Epanechnikov | gm.Triangular | gm.CosineWindow
    )
    assert found == -math.inf if compact else -math.inf < found < -700


def far() -> tuple[Tensor, Tensor]:
    return torch.zeros(1, 2, dtype=torch.float64), torch.full((1, 2), 1e5, dtype=torch.float64)


@every_case
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_entry_in_place_is_entry(case: Case, dtype: torch.dtype) -> None:
    t = torch.tensor([0.0, 1e-6, 0.3, 1.0, 4.4099999, 4.4100001, 30.0], dtype=dtype)
    expected = case.function.entry(t.clone())
    eps = torch.finfo(dtype).eps
    torch.testing.assert_close(case.function.entry_(t.clone()), expected, rtol=30 * eps, atol=eps)
