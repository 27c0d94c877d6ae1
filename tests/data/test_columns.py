"""Which columns of a table become features, label and weight."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from tests.data.files import FRAME

from gramian.data import read_table
from gramian.errors import DataError


def test_what_is_left_out_and_why():
    frame = FRAME.with_columns(
        pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 1, 4)).alias("day"),
        pl.Series("list", [[1], [2], [3], [4]]),
        pl.Series("kind", ["p", "q", "p", "q"], dtype=pl.Categorical),
        pl.Series("void", [None] * 4),
        pl.Series("nans", [math.nan, None, math.nan, math.nan]),
        pl.Series("blank", ["", "NA", "?", None]),
    )
    table = read_table(frame)
    assert table.feature_names == ["a", "on", "k", "y"]
    assert table.notes[:4] == [
        "Left out, as they hold text: name, kind.",
        "Left out, as they hold dates or times: day.",
        "Left out, as they hold list(int64): list.",
        "Left out, as they hold nothing but missing values: void, nans, blank.",
    ]


def test_long_lists_in_notes_are_cut():
    table = read_table(pl.DataFrame({f"c{j}": [1.0] for j in range(13)}))
    names = ", ".join(f"c{j}" for j in range(10))
    assert table.notes == [f"Constant columns (kept): {names} and 3 more."]


def test_columns_choose_and_order():
    table = read_table(FRAME, columns=["k", "a"], standardize=True)
    assert table.feature_names == ["k", "a"]
    assert table.X[:, 0].tolist() == [0, 0, 0, 0]
    assert "Constant columns (kept, and 0 once standardised): k." in table.notes


def test_the_source_is_not_modified():
    before = FRAME.clone()
    read_table(FRAME, label="y", standardize=True)
    assert FRAME.equals(before)


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([1, 2, 1], None, np.int64),
        ([1.5, 2.0, 1.0], None, np.float64),
        ([True, False, True], None, np.bool_),
        (["p", "NA", "q"], None, np.str_),
        (["p", "q", "p"], pl.Categorical, np.str_),
        (["1", "2", " 3"], None, np.float64),
    ],
)
def test_label_types(values, dtype, expected):
    frame = pl.DataFrame({"a": [1, 2, 3], "y": pl.Series(values, dtype=dtype)})
    label = read_table(frame, label="y").label
    assert np.issubdtype(label.dtype, expected)
    assert label.flags.writeable
    assert [str(v) for v in label] == [str(expected(v)) for v in values]


def test_weights_are_kept_apart():
    frame = FRAME.with_columns(w=pl.Series([0.0, 1.5, 2.0, 0.0]))
    table = read_table(frame, weight="w", label="y")
    assert "w" not in table.feature_names
    assert table.weight.tolist() == [0, 1.5, 2, 0]
    assert table.weight.dtype == np.float64
    assert table.weight.flags.writeable
    assert table.weight_name == "w"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"label": "Y"}, "label must be a column of the data frame, got 'Y'. Did you mean 'y'"),
        ({"weight": "zzz"}, "weight must be a column of the data frame, got 'zzz'. It has name, a"),
        (
            {"columns": ["a", "nam"]},
            "columns must be a column of .*, got 'nam'. Did you mean 'name",
        ),
        ({"columns": ["a", "a"]}, "columns must differ, got 'a' twice"),
        ({"columns": []}, "columns must name at least one column"),
        ({"columns": ["a", "y"], "label": "y"}, "columns must not hold the label column, got 'y'"),
        ({"columns": ["a", "k"], "weight": "k"}, "must not hold the weight column, got 'k'"),
        ({"columns": ["a", "name"]}, "column 'name' of .* must hold numbers, got text"),
        ({"columns": ["void"]}, "column 'void' of .* got nothing but missing values"),
        ({"label": "y", "weight": "y"}, "weight must be another column than the label, got 'y'"),
        ({"weight": "name"}, "weight column 'name' of .* must hold numbers, got text"),
        ({"weight": "a"}, "weight column 'a' .* finite and >= 0, got a missing value in row 2"),
        ({"weight": "neg"}, "weight column 'neg' .* finite and >= 0, got -1.0 in row 3"),
        ({"weight": "inf"}, "weight column 'inf' .* finite and >= 0, got inf in row 2"),
        ({"weight": "zero"}, "weight column 'zero' .* must have a positive sum, got 0"),
        (
            {"label": "a"},
            "label column 'a' .* value in every row, got 1 missing, the first in row 2",
        ),
        ({"label": "hole"}, "label column 'hole' .* got 1 missing, the first in row 3"),
        ({"label": "nan"}, "label column 'nan' .* got 1 missing, the first in row 1"),
        ({"label": "list"}, "label column 'list' .* must hold one value per row, got list"),
    ],
)
def test_bad_columns(arguments, message):
    frame = FRAME.with_columns(
        neg=pl.Series([1.0, 2.0, -1.0, 0.0]),
        inf=pl.Series([1.0, math.inf, 1.0, 1.0]),
        zero=pl.lit(0),
        void=pl.lit(None),
        hole=pl.Series(["p", "q", " ", "p"]),
        nan=pl.Series([math.nan, 1.0, 2.0, 3.0]),
        list=pl.Series([[1], [2], [3], [4]]),
    )
    with pytest.raises(DataError, match=message):
        read_table(frame, **{"columns": ["on"], **arguments})


def test_only_label_and_weight():
    frame = pl.DataFrame({"y": [1, 2], "w": [1.0, 2.0]})
    with pytest.raises(DataError, match="Only label and weight are there"):
        read_table(frame, label="y", weight="w")
