"""Filling and standardising, against a plain loop."""

from __future__ import annotations

import math
import statistics

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from gramian.data import read_table
from gramian.errors import DataError

numbers = st.one_of(
    st.none(),
    st.just(math.nan),
    st.integers(-(10**9), 10**9).map(lambda i: i / 1000),
    st.integers(-9, 9),
)


def plain_loop(rows: list[list[float | None]]) -> tuple[list[list[float]], list[bool]]:
    """Median filling and standardising, one number at a time."""
    columns, constant = [], []
    for column in zip(*rows, strict=True):
        present = [v for v in column if v is not None and not math.isnan(v)]
        if not present:
            continue
        median = statistics.median(present)
        full = [median if v is None or math.isnan(v) else float(v) for v in column]
        mean = math.fsum(full) / len(full)
        deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in full) / len(full))
        constant.append(len(set(full)) == 1)
        columns.append([0.0 if constant[-1] else (v - mean) / deviation for v in full])
    return [list(row) for row in zip(*columns, strict=True)], constant


@settings(max_examples=examples(150))
@given(
    rows=st.integers(1, 4).flatmap(
        lambda d: st.lists(st.lists(numbers, min_size=d, max_size=d), min_size=1, max_size=12)
    )
)
def test_cleaning_against_a_plain_loop(rows):
    frame = pl.DataFrame(
        {
            f"c{j}": pl.Series([row[j] for row in rows], dtype=pl.Float64, strict=False)
            for j in range(len(rows[0]))
        }
    )
    expected, constant = plain_loop(rows)
    if not expected:
        with pytest.raises(DataError, match="at least one numeric column"):
            read_table(frame)
        return
    table = read_table(frame, standardize=True)
    spread = [
        scale / max(1.0, abs(mean))
        for mean, scale in zip(table.preparation.means, table.preparation.scales, strict=True)
    ]
    for j, ratio in enumerate(spread):
        assert (table.preparation.scales[j] == 0) is constant[j]
        tolerance = 1e-12 if constant[j] else 1e-12 + 1e-13 / ratio
        np.testing.assert_allclose(
            table.X[:, j], [row[j] for row in expected], rtol=1e-9, atol=tolerance
        )


@pytest.mark.parametrize("factor", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_standardising_survives_extreme_units(factor):
    base = np.array([1.0, 2.0, 4.0, 8.0])
    table = read_table(pl.DataFrame({"a": base * factor}), standardize=True)
    expected = (base - base.mean()) / base.std()
    np.testing.assert_allclose(table.X[:, 0], expected, rtol=1e-13)


def test_a_constant_that_is_not_a_binary_fraction_stays_exactly_constant():
    table = read_table(pl.DataFrame({"a": [0.1] * 7}), standardize=True)
    assert table.X[:, 0].tolist() == [0.0] * 7


def test_far_from_zero_the_deviation_is_right():
    base = np.random.default_rng(0).normal(size=1000)
    table = read_table(pl.DataFrame({"a": base + 1e8}), standardize=True)
    assert abs(table.X.mean()) < 1e-7
    assert table.X.std() == pytest.approx(1.0, abs=1e-12)


def test_neighbouring_numbers_still_get_deviation_one():
    table = read_table(pl.DataFrame({"a": [1e8, math.nextafter(1e8, 2e8)]}), standardize=True)
    assert table.X.std() == 1.0
