"""Delimited text to a polars frame, with the faults of a file named by line."""

from __future__ import annotations

import csv
import io
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING

from gramian.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

__all__ = ["read_delimited"]

_OTHER_SEPARATORS = ";\t|"


@contextmanager
def _as_text(content: Path | bytes) -> Iterator[IO[str]]:
    """The content as UTF-8 text, without a byte-order mark."""
    if isinstance(content, bytes):
        yield io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    else:
        with content.open(encoding="utf-8-sig", newline="") as stream:
            yield stream


@contextmanager
def _text_faults(caller: str, shown: str) -> Iterator[None]:
    """Turn what Python's text and csv layers raise into one clear line."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise DataError(_not_utf8(caller, shown)) from error
    except csv.Error as error:
        raise DataError(
            f"{caller}: {shown} must be well-formed delimited text, got: {error}."
        ) from error


def _not_utf8(caller: str, shown: str) -> str:
    return (
        f"{caller}: {shown} must be UTF-8 text, got other bytes. "
        "Unpack it if it is compressed, else save it as UTF-8."
    )


def _sniff(line: str) -> str:
    """The separator of a header line that was promised to be comma-separated."""
    if "," in line:
        return ","
    best = max(_OTHER_SEPARATORS, key=line.count)
    return best if best in line else ","


def _first_row(content: Path | bytes, separator: str | None) -> tuple[list[str], str]:
    """Fields of the first line that is not blank, and the separator; no fields if none is."""
    with _as_text(content) as stream:
        line = next((line for line in stream if line.strip()), "")
        sep = separator or _sniff(line)
        if not line:
            return [], sep
        stream.seek(0)
        return next(row for row in csv.reader(stream, delimiter=sep) if row), sep


def _blank_rows(
    content: Path | bytes, separator: str, width: int, header: bool, caller: str, shown: str
) -> tuple[list[int], int]:
    """Positions of blank lines among the rows, and how many rows there are.

    Raises for the first row that is too short or too long: polars would fill it up silently.
    """
    blank: list[int] = []
    n_rows, started = 0, False
    with _text_faults(caller, shown), _as_text(content) as stream:
        reader = csv.reader(stream, delimiter=separator)
        for row in reader:
            empty = not row or (width > 1 and len(row) == 1 and not row[0].strip())
            if not started:
                if empty:
                    continue
                started = True
                if header:
                    continue
            if empty:
                blank.append(n_rows)
            elif len(row) != width:
                raise DataError(
                    f"{caller}: every line of {shown} must have {width} fields, "
                    f"got {len(row)} in line {reader.line_num}. Mend that line."
                )
            n_rows += 1
    return blank, n_rows


def _check_names(names: list[str], caller: str, shown: str) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(
            f"{caller}: column names of {shown} must be unique, got {repeated[0]!r} more than "
            "once. Rename it, or say that the file has no header line."
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _header_names(fields: list[str], notes: list[str]) -> list[str]:
    """Column names without surrounding blanks; a nameless column is named by its position."""
    names = [field.strip() or f"column_{j + 1}" for j, field in enumerate(fields)]
    nameless = [name for name, field in zip(names, fields, strict=True) if not field.strip()]
    if nameless:
        notes.append(f"A column without a name was called {nameless[0]}: is it a row number?")
    if all(_is_number(name) for name in names):
        notes.append("Every column name is a number: does the file have a header line?")
    return names


def _parse(content: Path | bytes, separator: str, header: bool) -> pl.DataFrame:
    """Types from the first rows; from all rows, which takes more memory, if those mislead."""
    import polars as pl

    read = partial(pl.read_csv, content, separator=separator, has_header=header)
    try:
        return read(infer_schema_length=10_000)
    except pl.exceptions.ComputeError:
        return read(infer_schema_length=None)


def read_delimited(
    content: Path | bytes, *, separator: str | None, header: bool, caller: str, shown: str
) -> tuple[pl.DataFrame, list[str]]:
    """The frame, and sentences on what was done to read it.

    A separator of None means a comma, or what the header line has in its place. Blank lines
    are not rows.
    """
    import polars as pl

    notes: list[str] = []
    with _text_faults(caller, shown):
        fields, sep = _first_row(content, separator)
    if not fields:
        raise DataError(f"{caller}: {shown} must hold a table, got an empty file.")
    if separator is None and sep != ",":
        notes.append(f"Fields are separated by {sep!r}.")
    if header:
        names = _header_names(fields, notes)
        _check_names(names, caller, shown)
    else:
        names = [f"x{j}" for j in range(len(fields))]
    try:
        frame = _parse(content, sep, header)
    except pl.exceptions.PolarsError as error:
        _blank_rows(content, sep, len(names), header, caller, shown)
        reason = str(error).strip().splitlines()[0]
        if "utf-8" in reason.lower() or "utf8" in reason.lower():
            raise DataError(_not_utf8(caller, shown)) from error
        raise DataError(
            f"{caller}: {shown} must be well-formed delimited text, got: {reason}. "
            "Look for a quote that is not closed."
        ) from error
    if frame.width != len(names):
        raise DataError(
            f"{caller}: {shown} must have lines that end in a line feed, got other line ends."
        )
    frame.columns = names
    # A short row or a blank line always leaves its last field missing.
    if frame.height and frame.to_series(frame.width - 1).null_count():
        blank, n_rows = _blank_rows(content, sep, len(names), header, caller, shown)
        if n_rows != frame.height:
            raise DataError(
                f"{caller}: {shown} must be well-formed delimited text, got quotes that do not "
                "match up."
            )
        if blank:
            keep = pl.Series([True]).new_from_index(0, n_rows).scatter(blank, False)
            frame = frame.filter(keep)
            notes.append(f"Blank lines were skipped: {len(blank)}.")
    return frame, notes
