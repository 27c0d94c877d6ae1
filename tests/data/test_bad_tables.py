"""What is no table: wrong types, paths and damaged files, each with its message."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from tests.data.files import FRAME, write

from gramian.data import read_table
from gramian.errors import DataError


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
