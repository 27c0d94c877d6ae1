"""Any supported source to one polars frame; numbers are not looked at here."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gramian.data._csv import read_delimited
from gramian.errors import DataError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["RawTable", "read_raw"]

_SUFFIXES = (".csv", ".tsv", ".parquet", ".arrow", ".ipc", ".feather", ".npy", ".npz")


@dataclass
class RawTable:
    """A source as it stands: its columns, and vectors that can only be label or weight."""

    shown: str
    frame: pl.DataFrame
    side: dict[str, pl.Series] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def column(self, name: str | None) -> pl.Series | None:
        """The column or side vector ``name``; None if there is none."""
        if name in self.frame.columns:
            return self.frame[name]
        return self.side.get(name) if name is not None else None


def read_raw(source: Any, *, separator: str | None, header: bool, caller: str) -> RawTable:
    """Read ``source``: a path, ``"-"`` for standard input, or a polars frame."""
    import polars as pl

    if separator is not None and (not isinstance(separator, str) or len(separator) != 1):
        raise ValueError(f"{caller}: separator must be one character, got {separator!r}.")
    if isinstance(source, pl.DataFrame):
        raw = RawTable("the data frame", source)
    elif source == "-":
        frame, notes = read_delimited(
            sys.stdin.buffer.read(),
            separator=separator,
            header=header,
            caller=caller,
            shown="standard input",
        )
        raw = RawTable("standard input", frame, notes=notes)
    elif isinstance(source, str | os.PathLike):
        raw = _read_path(Path(source), separator, header, caller)
    else:
        raise TypeError(
            f"{caller}: source must be a path, '-' or a polars DataFrame, "
            f"got {type(source).__name__}."
        )
    if raw.frame.width == 0 or raw.frame.height == 0:
        raise DataError(f"{caller}: {raw.shown} must hold at least one row, got none.")
    return raw


def _read_path(path: Path, separator: str | None, header: bool, caller: str) -> RawTable:
    shown = repr(str(path))
    suffix = path.suffix.lower()
    try:
        if path.is_dir():
            raise DataError(f"{caller}: source must be a file, got the folder {shown}.")
        if not path.exists():
            raise DataError(f"{caller}: source must be an existing file, got {shown}.")
        if not path.is_file():
            raise DataError(f"{caller}: source must be a regular file, got {shown}.")
        if suffix not in _SUFFIXES:
            raise DataError(
                f"{caller}: source must end in one of {', '.join(_SUFFIXES)}, got {shown}. "
                "Rename or convert it, or pipe CSV into '-'."
            )
        with path.open("rb"):
            pass  # polars words a missing permission in several lines
        if suffix in (".csv", ".tsv"):
            sep = separator or ("\t" if suffix == ".tsv" else None)
            frame, notes = read_delimited(
                path, separator=sep, header=header, caller=caller, shown=shown
            )
            return RawTable(shown, frame, notes=notes)
        if suffix == ".npy":
            return _read_npy(path, caller, shown)
        if suffix == ".npz":
            return _read_npz(path, caller, shown)
        return RawTable(shown, _read_columnar(path, suffix, caller, shown))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(
            f"{caller}: source must be a readable file, got {shown}: {reason}."
        ) from error


def _read_columnar(path: Path, suffix: str, caller: str, shown: str) -> pl.DataFrame:
    """Parquet, or Arrow as a file or as a stream."""
    import polars as pl

    kind = "Parquet" if suffix == ".parquet" else "Arrow"
    try:
        if kind == "Parquet":
            return pl.read_parquet(path)
        with path.open("rb") as stream:
            is_file = stream.read(6) == b"ARROW1"
        content = path.read_bytes()  # polars may map a path, which a truncated file makes fatal
        return pl.read_ipc(content) if is_file else pl.read_ipc_stream(content)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError(
            f"{caller}: {shown} must be a whole {kind} file, got: {reason}. Write it again."
        ) from error


def _load_numpy(path: Path, caller: str, shown: str) -> np.ndarray | dict[str, np.ndarray]:
    """The array of an NPY file, or the arrays of an NPZ file."""
    import zipfile

    try:
        with path.open("rb") as stream:  # np.load leaves a broken file open
            loaded = np.load(stream, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return loaded
            return {key: loaded[key] for key in loaded.files}
    except (ValueError, EOFError, SyntaxError, zipfile.BadZipFile) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        if "pickle" in reason:  # NumPy would advise to load it unsafely
            reason = "Python objects or another format, which are not read"
        raise DataError(
            f"{caller}: {shown} must be a whole {path.suffix[1:].upper()} file of numbers, "
            f"got: {reason}."
        ) from error


def _matrix_frame(array: np.ndarray, what: str, caller: str) -> pl.DataFrame:
    """Columns x0, x1, ... of a real matrix; float32 is kept, the rest is float64 or float32."""
    import polars as pl

    if array.ndim != 2:
        remedy = " Reshape it to (n, 1) for one feature." if array.ndim == 1 else ""
        raise DataError(
            f"{caller}: {what} must have two axes, rows and columns, got shape {array.shape}."
            + remedy
        )
    if array.dtype.kind not in "fiub":
        raise DataError(f"{caller}: {what} must hold real numbers, got dtype {array.dtype}.")
    narrow = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    target = np.float32 if narrow else np.float64
    return pl.DataFrame({f"x{j}": array[:, j].astype(target) for j in range(array.shape[1])})


def _read_npy(path: Path, caller: str, shown: str) -> RawTable:
    array = _load_numpy(path, caller, shown)
    if not isinstance(array, np.ndarray):
        raise DataError(f"{caller}: {shown} must be an NPY file, got an archive. Name it .npz.")
    return RawTable(shown, _matrix_frame(array, shown, caller))


def _read_npz(path: Path, caller: str, shown: str) -> RawTable:
    """The matrix ``X`` or ``data``, or the only one; vectors of its length go to the side."""
    import polars as pl

    arrays = _load_numpy(path, caller, shown)
    if isinstance(arrays, np.ndarray):
        raise DataError(f"{caller}: {shown} must be an NPZ file, got an array. Name it .npy.")
    matrices = [key for key, array in arrays.items() if array.ndim == 2]
    chosen: str | None = next((key for key in ("X", "data") if key in arrays), None)
    if chosen is None:
        if len(matrices) != 1:
            found = ", ".join(f"{key} {array.shape}" for key, array in arrays.items()) or "nothing"
            raise DataError(
                f"{caller}: {shown} must hold one array with two axes, or one named X or data, "
                f"got {found}."
            )
        chosen = matrices[0]
    frame = _matrix_frame(arrays[chosen], f"array {chosen!r} of {shown}", caller)
    side = {
        key: pl.Series(key, array)
        for key, array in arrays.items()
        if array.ndim == 1 and len(array) == frame.height and array.dtype.kind in "fiubU"
    }
    return RawTable(shown, frame, side)
