"""CSV in its dialects, and what is wrong with some."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.data.files import FRAME, csv
from tests.examples import examples

from gramian.data import read_table
from gramian.errors import DataError


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


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_csv_numbers_are_read_as_python_reads_them(tmp_path, values):
    limit = sys.float_info.max / 2
    values = [v for v in values if abs(v) <= limit] or [0.5]
    table = read_table(csv(tmp_path, "a\n" + "\n".join(map(repr, values)) + "\n"))
    assert table.X[:, 0].tolist() == values


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


@pytest.mark.parametrize("separator", ["", "ab", 3])
def test_bad_separator(separator):
    with pytest.raises(ValueError, match="separator must be one character, got"):
        read_table(FRAME, separator=separator)
