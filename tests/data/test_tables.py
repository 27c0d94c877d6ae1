"""Reading tables: formats, cleaning against a plain loop, every message."""

from __future__ import annotations

import io
import math
import os
import re
import statistics
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gramian.data import read_table
from gramian.errors import DataError

FRAME = pl.DataFrame(
    {
        "name": ["u", "v", "w", "x"],
        "a": [1.5, None, -2.0, 4.0],
        "on": [True, False, True, True],
        "k": [7, 7, 7, 7],
        "y": [0, 1, 1, 0],
    }
)
EXPECTED = np.array([[1.5, 1, 7], [1.5, 0, 7], [-2.0, 1, 7], [4.0, 1, 7]])


def write(folder: Path, name: str) -> Path:
    """FRAME in the format of the suffix."""
    path = folder / name
    writers = {
        ".csv": lambda: FRAME.write_csv(path),
        ".tsv": lambda: FRAME.write_csv(path, separator="\t"),
        ".parquet": lambda: FRAME.write_parquet(path),
        ".arrow": lambda: FRAME.write_ipc(path),
        ".ipc": lambda: FRAME.write_ipc_stream(path),
        ".feather": lambda: FRAME.write_ipc(path),
    }
    writers[path.suffix.lower()]()
    return path


@pytest.mark.parametrize("suffix", ["csv", "CSV", "tsv", "parquet", "arrow", "ipc", "feather"])
def test_every_named_format_gives_the_same_table(tmp_path, suffix):
    table = read_table(write(tmp_path, f"t.{suffix}"), label="y")
    assert table.feature_names == ["a", "on", "k"]
    assert table.X.dtype == np.float64
    assert table.X.flags.c_contiguous
    assert table.X.flags.writeable
    assert table.n_rows == 4
    np.testing.assert_array_equal(table.X, EXPECTED)
    np.testing.assert_array_equal(table.label, [0, 1, 1, 0])
    assert table.label_name == "y"
    assert table.weight is None
    assert table.weight_name is None
    assert table.notes == [
        "Left out, as they hold text: name.",
        "Constant columns (kept): k.",
        "Missing values filled with the column's median: a (1).",
    ]


def test_standard_input(monkeypatch):
    content = FRAME.write_csv().encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    np.testing.assert_array_equal(read_table("-", label="y").X, EXPECTED)


def test_empty_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(DataError, match="standard input must hold a table, got an empty file"):
        read_table("-")


@pytest.mark.parametrize(
    ("stored", "kept"),
    [("f2", "f4"), ("f4", "f4"), ("f8", "f8"), ("i4", "f8"), ("u1", "f8"), ("?", "f8")],
)
def test_npy_keeps_the_width_of_floats(tmp_path, stored, kept):
    array = np.array([[0, 1], [1, 1], [1, 0]]).astype(stored)
    np.save(tmp_path / "t.npy", array)
    table = read_table(tmp_path / "t.npy")
    assert table.X.dtype == kept
    assert table.feature_names == ["x0", "x1"]
    np.testing.assert_array_equal(table.X, array.astype(kept))


@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_in_either_order_with_missing_values(tmp_path, order):
    array = np.array([[1.0, np.nan], [3.0, 5.0], [8.0, 7.0]], order=order)
    np.save(tmp_path / "t.npy", array)
    np.testing.assert_array_equal(read_table(tmp_path / "t.npy").X, [[1, 6], [3, 5], [8, 7]])


def test_parquet_keeps_float32_only_if_every_feature_has_it(tmp_path):
    path = tmp_path / "t.parquet"
    narrow = pl.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.5]}, schema_overrides={"a": pl.Float32})
    narrow.cast(pl.Float32).write_parquet(path)
    assert read_table(path, standardize=True).X.dtype == np.float32
    narrow.write_parquet(path)
    assert read_table(path).X.dtype == np.float64


@pytest.mark.parametrize("key", ["X", "data", "points"])
def test_npz_matrix_and_vectors(tmp_path, key):
    X, y = np.arange(6.0).reshape(3, 2), np.array(["p", "q", "p"])
    np.savez(tmp_path / "t.npz", **{key: X}, y=y, target=[3, 4, 5], w=[0.0, 1.0, 2.0], meta=[1, 2])
    table = read_table(tmp_path / "t.npz", label="y", weight="w")
    np.testing.assert_array_equal(table.X, X)
    assert table.feature_names == ["x0", "x1"]
    assert table.label.tolist() == ["p", "q", "p"]
    assert table.weight.tolist() == [0, 1, 2]
    assert read_table(tmp_path / "t.npz", label="target").label.tolist() == [3, 4, 5]
    with pytest.raises(DataError, match=r"label must be a column of .*, got 'meta'"):
        read_table(tmp_path / "t.npz", label="meta")


def test_npz_prefers_x_among_several_matrices(tmp_path):
    np.savez(tmp_path / "t.npz", X=np.ones((2, 1)), other=np.zeros((2, 2)))
    assert read_table(tmp_path / "t.npz").X.tolist() == [[1], [1]]


def csv(folder: Path, text: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "names", "expected", "note"),
    [
        ("a;b\n1;2\n", ["a", "b"], [[1, 2]], "Fields are separated by ';'."),
        ("a|b\n1|2\n", ["a", "b"], [[1, 2]], "Fields are separated by '|'."),
        ("a\tb\n1\t2\n", ["a", "b"], [[1, 2]], "Fields are separated by '\\t'."),
        ("\ufeffa,b\n1,2\n", ["a", "b"], [[1, 2]], None),
        (" a , b \n 1 , 2 \n", ["a", "b"], [[1, 2]], None),
        ("a,b\r\n1,2\r\n", ["a", "b"], [[1, 2]], None),
        ("a,b\n1,2", ["a", "b"], [[1, 2]], None),
        ('"a,b",c\n1,"2"\n', ["a,b", "c"], [[1, 2]], None),
        ('"a\nb",c\n1,2\n', ["a\nb", "c"], [[1, 2]], None),
        ("\n\na,b\n1,2\n\n3,4\n\n\n", ["a", "b"], [[1, 2], [3, 4]], "Blank lines were skipped: 3."),
        ("a\n1\n\n3\n", ["a"], [[1], [3]], "Blank lines were skipped: 1."),
        ("a,b\n1,2\n3,\n", ["a", "b"], [[1, 2], [3, 2]], "median: b (1)."),
        ("a,b\n1,TRUE\n2,false\n3, true\n", ["a", "b"], [[1, 1], [2, 0], [3, 1]], None),
        ("a,b\n1,99999999999999999999\n", ["a", "b"], [[1, 1e20]], None),
        (",b\n0,2\n", ["column_1", "b"], [[0, 2]], "A column without a name was called column_1"),
        ("1,2\n3,4\n", ["1", "2"], [[3, 4]], "Every column name is a number"),
        ("a\n1e3\n+2\n.5\n5.\n", ["a"], [[1000], [2], [0.5], [5]], None),
    ],
)
def test_dialects_of_csv(tmp_path, text, names, expected, note):
    table = read_table(csv(tmp_path, text))
    assert table.feature_names == names
    assert table.X.tolist() == expected
    if note is not None:
        assert any(note in sentence for sentence in table.notes)


def test_no_header_and_another_separator(tmp_path):
    table = read_table(csv(tmp_path, "1:2\n3:4\n"), header=False, separator=":")
    assert table.feature_names == ["x0", "x1"]
    assert table.X.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("token", ["", "NA", "n/a", "#N/A", "nan", "NaN", "null", "None", "?", "-"])
def test_words_for_missing(tmp_path, token):
    table = read_table(csv(tmp_path, f"a,b\n1,{token}\n2, {token} \n3,5\n4,8\n"))
    assert table.X[:, 1].tolist() == [6.5, 6.5, 5, 8]
    assert table.notes == ["Missing values filled with the column's median: b (2)."]


def test_a_type_that_shows_late_is_seen(tmp_path):
    rows = "1,2\n" * 20_000
    assert read_table(csv(tmp_path, f"a,b\n{rows}1.5,3\n")).X[-1].tolist() == [1.5, 3]
    assert read_table(csv(tmp_path, f"a,b\n{rows}x,3\n")).feature_names == ["b"]


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


@settings(max_examples=150, deadline=None)
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


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_csv_numbers_are_read_as_python_reads_them(tmp_path, values):
    limit = sys.float_info.max / 2
    values = [v for v in values if abs(v) <= limit] or [0.5]
    table = read_table(csv(tmp_path, "a\n" + "\n".join(map(repr, values)) + "\n"))
    assert table.X[:, 0].tolist() == values


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must hold a table, got an empty file"),
        ("\n\n", "must hold a table, got an empty file"),
        ("a,b\n", "must hold at least one row, got none"),
        ("a,b\n\n", "must hold at least one row, got none"),
        ("a,b\n1,2\n3\n", "must have 2 fields, got 1 in line 3. Mend that line"),
        ("a,b\n1,2\n3,4,5\n", "must have 2 fields, got 3 in line 3"),
        ('a,b\n1,"x\ny"\n3\n', "must have 2 fields, got 1 in line 4"),
        ("a,a,b\n1,2,3\n", "must be unique, got 'a' more than once"),
        ("a,b\n1,é\n".encode("latin-1"), "must be UTF-8 text, got other bytes"),
        ("é,b\n1,2\n".encode("latin-1"), "must be UTF-8 text, got other bytes"),
        ("a,b\n1,2\n".encode("utf-16"), "must be UTF-8 text, got other bytes"),
        (b"\x1f\x8b\x08\x00abc", "must be UTF-8 text, got other bytes. Unpack it"),
        ("a,b\r1,2\r3,4\r", "must have lines that end in a line feed"),
        ('a,b\n"1,2\n', "must"),
        ("a,b\nx,y\n", "at least one numeric column, got none. Left out, as they hold text: a, b"),
        ("a,b\nx,\ny,\n", "nothing but missing values: b"),
        ("a,b\n1,2\n3,inf\n", "column 'b' of '.*' must be finite, got inf in row 2"),
        ("a,b\n1,2\n-1e999,4\n", "column 'a' of '.*' must be finite, got -inf in row 2"),
        ("a\n1.5e308\n", "column 'a' must hold values up to 8.9e\\+307, got 1.5e\\+308"),
    ],
)
def test_bad_csv(tmp_path, text, message):
    path = csv(tmp_path, text)
    with pytest.raises(DataError, match=message) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("read_table: ")


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


@pytest.mark.parametrize("separator", ["", "ab", 3])
def test_bad_separator(separator):
    with pytest.raises(ValueError, match="separator must be one character, got"):
        read_table(FRAME, separator=separator)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": 3}, "source must be a path, '-' or a polars DataFrame, got int"),
        ({"source": FRAME, "columns": "a"}, "columns must be a sequence of names, got 'a'"),
        ({"source": FRAME, "columns": [1]}, "columns must be a sequence of names, got"),
    ],
)
def test_wrong_types(arguments, message):
    with pytest.raises(TypeError, match=message):
        read_table(**arguments)


def test_bad_paths(tmp_path):
    (tmp_path / "d.csv").mkdir()
    (tmp_path / "t.xlsx").write_text("x")
    os.mkfifo(tmp_path / "pipe.csv")
    for name, message in [
        ("d.csv", "source must be a file, got the folder"),
        ("none.csv", "source must be an existing file, got"),
        ("t.xlsx", "source must end in one of .csv, .tsv, .* Rename or convert it"),
        ("pipe.csv", "source must be a regular file, got"),
    ]:
        with pytest.raises(DataError, match=message):
            read_table(tmp_path / name)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "arrow"])
def test_no_permission(tmp_path, monkeypatch, suffix):
    path = write(tmp_path, f"t.{suffix}")

    def refuse(*args, **kwargs):  # root may read everything, so the mode bits would not do
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"source must be a readable file, got .*Permission denied"):
        read_table(path)


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "ipc", "feather", "npy", "npz"])
@pytest.mark.parametrize("damage", ["empty", "text", "cut"])
def test_damaged_binary_files(tmp_path, suffix, damage):
    path = tmp_path / f"t.{suffix}"
    if suffix == "npy":
        np.save(path, np.ones((20, 3)))
    elif suffix == "npz":
        np.savez(path, X=np.ones((20, 3)))
    else:
        write(tmp_path, path.name)
    whole = path.read_bytes()
    path.write_bytes(
        {"empty": b"", "text": b"hello, world\n", "cut": whole[: len(whole) // 2]}[damage]
    )
    kind = {"parquet": "Parquet", "npy": "NPY", "npz": "NPZ"}.get(suffix, "Arrow")
    with pytest.raises(DataError, match=f"must be a whole {kind} file") as caught:
        read_table(path)
    assert "\n" not in str(caught.value)


def test_arrays_that_are_no_tables(tmp_path):
    path = tmp_path / "t.npy"
    for array, message in [
        (np.ones(3), r"two axes, rows and columns, got shape \(3,\). Reshape it to \(n, 1\)"),
        (np.ones((2, 2, 2)), r"two axes, rows and columns, got shape \(2, 2, 2\)"),
        (np.ones((2, 2), complex), "must hold real numbers, got dtype complex128"),
        (np.array([["a"]]), "must hold real numbers, got dtype <U1"),
        (np.ones((0, 3)), "must hold at least one row, got none"),
        (np.ones((3, 0)), "must hold at least one row, got none"),
        (np.array([[None]]), "must be a whole NPY file of numbers, got: Python objects"),
    ]:
        np.save(path, array)
        with pytest.raises(DataError, match=message):
            read_table(path)


def test_archives_that_are_no_tables(tmp_path):
    path = tmp_path / "t.npz"
    for arrays, message in [
        ({}, "must hold one array with two axes, or one named X or data, got nothing"),
        ({"a": np.ones(2)}, r"got a \(2,\)"),
        ({"a": np.ones((2, 2)), "b": np.ones((2, 2))}, r"got a \(2, 2\), b \(2, 2\)"),
        ({"X": np.ones(2)}, "array 'X' of .* must have two axes"),
        ({"X": np.array([[None]])}, "must be a whole NPZ file of numbers, got: Python objects"),
    ]:
        np.savez(path, **arrays)
        with pytest.raises(DataError, match=message):
            read_table(path)


def test_npy_and_npz_taken_for_each_other(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.ones((2, 2)))
    (tmp_path / "a.npz").rename(tmp_path / "a.npy")
    with pytest.raises(DataError, match=r"must be an NPY file, got an archive. Name it .npz"):
        read_table(tmp_path / "a.npy")
    np.save(tmp_path / "b.npy", np.ones((2, 2)))
    (tmp_path / "b.npy").rename(tmp_path / "b.npz")
    with pytest.raises(DataError, match=r"must be an NPZ file, got an array. Name it .npy"):
        read_table(tmp_path / "b.npz")


def test_messages_of_the_reader_are_one_line(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("t.parquet", "t.arrow"):
        whole = bytearray(write(tmp_path, name).read_bytes())
        for _ in range(20):
            (tmp_path / name).write_bytes(whole[: rng.integers(1, len(whole))])
            with pytest.raises(DataError, match=re.escape("must be a whole")) as caught:
                read_table(tmp_path / name)
            assert "\n" not in str(caught.value)
