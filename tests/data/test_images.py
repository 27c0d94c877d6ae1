"""IDX files: every dtype, both packings, every fault."""

from __future__ import annotations

import gzip
import os
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.examples import examples

from gramian.data import read_idx, write_idx
from gramian.errors import DataError

DTYPES = ["u1", "i1", "i2", "i4", "f4", "f8"]


@settings(max_examples=examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    array=st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0))
    ),
    suffix=st.sampled_from([".idx", ".idx.gz"]),
    swap=st.booleans(),
)
def test_round_trip(tmp_path, array, suffix, swap):
    path = tmp_path / f"a{suffix}"
    write_idx(path, array.astype(array.dtype.newbyteorder(">")) if swap else array)
    back = read_idx(path)
    assert back.dtype == array.dtype
    assert back.dtype.isnative
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_the_bytes_are_those_of_the_format(tmp_path):
    write_idx(tmp_path / "a.idx", np.array([[1, -2]], dtype=np.int16))
    expected = b"\0\0\x0b\x02" + struct.pack(">IIhh", 1, 2, 1, -2)
    assert (tmp_path / "a.idx").read_bytes() == expected


def test_gzip_is_told_by_content_and_has_no_time(tmp_path):
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    write_idx(tmp_path / "a.gz", array)
    packed = (tmp_path / "a.gz").read_bytes()
    assert packed[:2] == b"\x1f\x8b"
    assert packed[3:8] == bytes(5)
    (tmp_path / "named.idx").write_bytes(packed)
    np.testing.assert_array_equal(read_idx(str(tmp_path / "named.idx")), array)
    write_idx(tmp_path / "b.gz", array)
    assert (tmp_path / "b.gz").read_bytes() == packed


def test_strided_input(tmp_path):
    array = np.arange(12, dtype=np.int32).reshape(3, 4)[:, ::2].T
    write_idx(tmp_path / "a", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "a"), array)


WHOLE = b"\0\0\x08\x02" + struct.pack(">II", 2, 3) + bytes(6)
PACKED = gzip.compress(WHOLE, mtime=0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must begin as an IDX file does .*, got b''"),
        (b"\0\0\x08", "must begin as an IDX file does"),
        (b"\0\1\x08\x01", "must begin as an IDX file does"),
        (b"\0\0\x07\x01" + bytes(5), "must begin as an IDX file does"),
        (b"\0\0\x08\x00", "must begin as an IDX file does"),
        (b"a,b\n1,2\n", "must begin as an IDX file does"),
        (WHOLE[:9], "must be a whole IDX file, got a header cut short"),
        (WHOLE[:-1], r"must have 18 bytes for shape \(2, 3\) and dtype uint8, got 17"),
        (WHOLE + b"x", r"must have 18 bytes for shape \(2, 3\) and dtype uint8, got 19"),
        (b"\0\0\x0e\x02" + b"\xff" * 8, "bytes for shape .* and dtype float64, got 12"),
        (PACKED[:-9], "must be a whole gzip file, got: Compressed file ended"),
        (PACKED[:-8] + bytes(8), "must be a whole gzip file, got: CRC check failed"),
        (PACKED[:10] + b"\xff" * 9, "must be a whole gzip file, got: Error -3"),
        (PACKED + b"junk", "must be a whole gzip file, got: Not a gzipped file"),
    ],
)
def test_damaged_files(tmp_path, content, message):
    path = tmp_path / "a.idx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"^read_idx: .*{message}"):
        read_idx(path)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match="path must be an existing file, got"):
        read_idx(tmp_path / "none")
    with pytest.raises(DataError, match=r"path must be a readable file, got .*: Is a directory"):
        read_idx(tmp_path)


def test_arrays_that_cannot_be_written(tmp_path):
    with pytest.raises(TypeError, match=r"array must have dtype uint8, .*, got int64. Convert it"):
        write_idx(tmp_path / "a", np.arange(3))
    with pytest.raises(ValueError, match=r"at least one axis, .* got shape \(\)"):
        write_idx(tmp_path / "a", np.uint8(3))
    assert os.listdir(tmp_path) == []


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.gz"
    write_idx(path, np.zeros(3, np.uint8))
    before = path.read_bytes()

    def fail(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(gzip.GzipFile, "write", fail)
    with pytest.raises(KeyboardInterrupt):
        write_idx(path, np.ones(3, np.uint8))
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.gz"]
