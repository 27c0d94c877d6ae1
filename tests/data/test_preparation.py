"""The same preparation for new rows, also after a trip through JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from gramian.data import Preparation, read_table
from gramian.errors import DataError

TRAIN = pl.DataFrame(
    {
        "a": [1.0, 2.0, None, 6.0],
        "b": [0, 10, 20, 30],
        "c": [5, 5, 5, 5],
        "text": ["p", "q", "r", "s"],
        "y": [0, 0, 1, 1],
        "w": [1.0, 2.0, 3.0, 4.0],
    }
)


def prepared(**changes) -> Preparation:
    return read_table(TRAIN, label="y", weight="w", standardize=True, **changes).preparation


def through_json(preparation: Preparation) -> Preparation:
    return Preparation.from_dict(json.loads(json.dumps(preparation.to_dict())))


@pytest.mark.parametrize("standardize", [False, True])
def test_applied_to_the_first_table_it_gives_the_same_bits(standardize):
    table = read_table(TRAIN, label="y", weight="w", standardize=standardize)
    again = through_json(table.preparation).apply(TRAIN)
    assert again.X.tobytes() == table.X.tobytes()
    assert again.feature_names == table.feature_names
    assert again.label.tolist() == table.label.tolist()
    assert again.weight.tolist() == table.weight.tolist()


def test_new_rows_use_what_was_learnt():
    new = pl.DataFrame({"extra": [1, 2], "c": [5, 9], "b": [15, 30], "a": [None, 4.0]})
    table = prepared().apply(new)
    a = np.array([1.0, 2.0, 2.0, 6.0])
    b = np.array([0.0, 10, 20, 30])
    expected = [
        [(2.0 - a.mean()) / a.std(), 0.0, 0.0],
        [(4.0 - a.mean()) / a.std(), (30 - b.mean()) / b.std(), 0.0],
    ]
    np.testing.assert_allclose(table.X, expected, rtol=1e-14)
    assert table.label is None
    assert table.weight is None
    assert table.notes == [
        "Columns that are not used: extra.",
        "Constant where the preparation was learnt, so 0: c.",
        "Missing values filled with the column's median: a (1).",
        "Columns standardised to mean 0 and standard deviation 1.",
    ]


def test_medians_do_not_depend_on_row_order():
    first = prepared()
    shuffled = read_table(TRAIN.sample(fraction=1.0, shuffle=True, seed=3), label="y", weight="w")
    assert first.medians == shuffled.preparation.medians == (2.0, 15.0, 5.0)


def test_new_rows_from_a_file_without_header(tmp_path):
    np.save(tmp_path / "t.npy", np.array([[1.0, 2.0], [3.0, 5.0]], dtype=np.float32))
    preparation = read_table(tmp_path / "t.npy").preparation
    (tmp_path / "new.csv").write_text("7:8\n")
    table = preparation.apply(tmp_path / "new.csv", header=False, separator=":")
    assert table.X.tolist() == [[7, 8]]
    assert table.X.dtype == np.float32


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ({"a": [1.0], "B": [2], "c": [5]}, "feature must be a column of .*, got 'b'. .* 'B'"),
        ({"a": ["x"], "b": [2], "c": [5]}, "column 'a' of .* must hold numbers, got text"),
        (
            {"a": [math.inf], "b": [2], "c": [5]},
            "column 'a' of .* must be finite, got inf in row 1",
        ),
        ({"a": [], "b": [], "c": []}, "must hold at least one row"),
    ],
)
def test_rows_that_do_not_fit(new, message):
    with pytest.raises(DataError, match=f"Preparation.apply: .*{message}"):
        prepared().apply(pl.DataFrame(new))


def test_a_value_too_large_for_the_stored_width(tmp_path):
    np.save(tmp_path / "t.npy", np.array([[1.0], [2.0]], dtype=np.float32))
    preparation = read_table(tmp_path / "t.npy").preparation
    with pytest.raises(DataError, match=r"column 'x0' of .* must fit float32, got a value that is"):
        preparation.apply(pl.DataFrame({"x0": [1e300]}))


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=examples(100))
@given(data=st.data(), d=st.integers(1, 4), standardize=st.booleans())
def test_json_round_trip_is_exact(data, d, standardize):
    row = st.lists(finite, min_size=d, max_size=d).map(tuple)
    made = Preparation(
        feature_names=data.draw(st.lists(st.text(), min_size=d, max_size=d).map(tuple)),
        medians=data.draw(row),
        means=data.draw(row),
        scales=data.draw(row),
        standardize=standardize,
        dtype=data.draw(st.sampled_from(["float32", "float64"])),
        label=data.draw(st.none() | st.text()),
    )
    assert through_json(made) == made


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"feature_names": []}, "feature_names must be a list of at least one name"),
        ({"feature_names": [1, 2, 3]}, "feature_names must be a list of at least one name"),
        ({"medians": [1.0, 2.0]}, "medians must have one number per feature, got 2 for 3"),
        ({"means": [1.0, 2.0, math.nan]}, "means must be a list of finite numbers"),
        ({"scales": [1.0, 2.0, True]}, "scales must be a list of finite numbers"),
        ({"scales": "x"}, "scales must be a list of finite numbers, got 'x'"),
        ({"standardize": 1}, "standardize must be true or false, got 1"),
        ({"dtype": "int8"}, "dtype must be 'float32' or 'float64', got 'int8'"),
        ({"label": 3}, "label must be a name or null, got 3"),
        ({"weight": []}, "weight must be a name or null"),
        ({"more": 1}, "values must have the keys"),
    ],
)
def test_from_dict_refuses_what_it_cannot_use(change, message):
    with pytest.raises(DataError, match=f"Preparation.from_dict: {message}"):
        Preparation.from_dict({**prepared().to_dict(), **change})


def test_from_dict_wants_a_mapping():
    with pytest.raises(DataError, match=r"values must have the keys .*, got 3"):
        Preparation.from_dict(3)
