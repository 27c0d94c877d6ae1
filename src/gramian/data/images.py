"""The IDX format of MNIST: one array per file, big-endian, plain or gzip.

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", 1998,
section "The IDX file format".
"""

from __future__ import annotations

import gzip
import math
import os
import secrets
import struct
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from gramian.errors import DataError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["open_unpacked", "parse_idx", "read_idx", "unpacked", "write_idx"]

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_CODES = {np.dtype(name).newbyteorder("="): code for code, name in _DTYPES.items()}
_CHUNK = 1 << 20


def open_unpacked(path: Path) -> IO[bytes]:
    """The file opened for reading, seen through gzip if its content is gzip."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb")


def unpacked(path: Path, limit: int | None, caller: str) -> bytearray:
    """The content of ``path`` without gzip; at most ``limit`` + 1 bytes of it."""
    content = bytearray()
    try:
        with open_unpacked(path) as stream:
            while limit is None or len(content) <= limit:
                room = _CHUNK if limit is None else min(_CHUNK, limit + 1 - len(content))
                chunk = stream.read(room)
                if not chunk:
                    break
                content += chunk
    except FileNotFoundError as error:
        raise DataError(f"{caller}: path must be an existing file, got {str(path)!r}.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{caller}: {str(path)!r} must be a whole gzip file, got: {error}. Fetch it again."
        ) from error
    except OSError as error:
        raise DataError(
            f"{caller}: path must be a readable file, got {str(path)!r}: {error.strerror}."
        ) from error
    return content


def parse_idx(content: bytearray, path: Path, caller: str) -> np.ndarray:
    """The array in the bytes of an IDX file; it shares their memory where it can."""
    shown = repr(str(path))
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _DTYPES or not content[3]:
        raise DataError(
            f"{caller}: {shown} must begin as an IDX file does (0, 0, a type code, a number of "
            f"axes), got {bytes(content[:4])!r}."
        )
    n_axes, dtype = content[3], np.dtype(_DTYPES[content[2]])
    start = 4 + 4 * n_axes
    if len(content) < start:
        raise DataError(f"{caller}: {shown} must be a whole IDX file, got a header cut short.")
    shape = struct.unpack(f">{n_axes}I", content[4:start])
    expected = start + math.prod(shape) * dtype.itemsize
    if len(content) != expected:
        raise DataError(
            f"{caller}: {shown} must have {expected} bytes for shape {shape} and dtype "
            f"{dtype.newbyteorder('=')}, got {len(content)}."
        )
    array = np.frombuffer(content, dtype=dtype, offset=start).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def read_idx(path: str | PathLike[str]) -> np.ndarray:
    """Read one array from an IDX file, plain or gzip (told by its content, not its name).

    Parameters
    ----------
    path : path of the file

    Returns
    -------
    array : ndarray of uint8, int8, int16, int32, float32 or float64, native byte order
        As many axes as the file has; writable.

    Raises
    ------
    DataError
        If the file cannot be read, is no IDX file, is cut short or too long.

    Notes
    -----
    Memory: the array once for bytes, twice for wider types while the byte order is turned.

    Examples
    --------
    >>> import tempfile, pathlib, numpy as np
    >>> from gramian.data import read_idx, write_idx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.idx.gz")
    ...     write_idx(path, np.arange(4, dtype=np.int16).reshape(2, 2))
    ...     read_idx(path)
    array([[0, 1],
           [2, 3]], dtype=int16)
    """
    caller = "read_idx"
    path = Path(path)
    return parse_idx(unpacked(path, None, caller), path, caller)


def write_idx(path: str | PathLike[str], array: Any) -> None:
    """Write one array as an IDX file; gzip if the name ends in ``.gz``.

    The same array gives the same bytes: gzip's time stamp is 0 and it stores no name. The file
    appears whole or not at all.

    Parameters
    ----------
    path : path of the file
    array : array_like of 1 to 255 axes
        uint8, int8, int16, int32, float32 or float64, any byte order.

    Raises
    ------
    TypeError
        If IDX has no code for the dtype.
    ValueError
        If the array has no axis, or an axis of 2**32 or more.
    """
    caller = "write_idx"
    path, values = Path(path), np.asarray(array)
    code = _CODES.get(values.dtype.newbyteorder("="))
    if code is None:
        known = ", ".join(str(dtype) for dtype in _CODES)
        raise TypeError(f"{caller}: array must have dtype {known}, got {values.dtype}. Convert it.")
    if values.ndim == 0 or max(values.shape) >= 2**32:
        raise ValueError(
            f"{caller}: array must have at least one axis, each shorter than 2**32, got shape "
            f"{values.shape}."
        )
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, code, values.ndim, *values.shape)
    body = np.ascontiguousarray(values, dtype=_DTYPES[code]).tobytes()
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as stream:
            if path.suffix == ".gz":
                with gzip.GzipFile("", "wb", 9, stream, mtime=0) as packer:
                    packer.write(header + body)
            else:
                stream.write(header + body)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
