"""One table in every format, from files and from standard input."""

from __future__ import annotations

import io
import sys

import numpy as np
import polars as pl
import pytest
from tests.data.files import EXPECTED, FRAME, write

from gramian.data import read_table
from gramian.errors import DataError


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
