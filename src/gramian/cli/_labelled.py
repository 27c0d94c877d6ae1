"""The input's rows with their cluster, value or components as last columns: for ``--out``."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gramian.cli._faults import BadInputError
from gramian.cli._source import Source

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CLUSTER", "COMPONENT", "PREDICTION", "labelled"]

CLUSTER, PREDICTION, COMPONENT = "cluster", "prediction", "component"


def labelled(
    source: Source, found: np.ndarray, path: str, name: str = CLUSTER
) -> tuple[bytes, str]:
    """The rows and what was found of each as bytes, and a note if columns gave way.

    Parquet or Arrow where the suffix of ``path`` says so, tab-separated for ``.tsv``, else CSV.
    Text that comes from text is not touched: a ``007`` stays a ``007``. A table (n, k) becomes the
    columns ``name1`` to ``namek``.
    """
    suffix = Path(path).suffix.lower()
    added = _columns(found, name)
    note = _note([column for column in source.raw.frame.columns if column in added], name)
    if suffix in (".parquet", ".arrow", ".ipc", ".feather"):
        return _columnar(source, added, suffix), note
    separator = "\t" if suffix == ".tsv" else ","
    rows = _fields(source)
    if rows is None:
        return _typed_text(source, added, path, separator), note
    kept = [j for j, column in enumerate(source.raw.frame.columns) if column not in added]
    target = io.StringIO()
    writer = csv.writer(target, delimiter=separator, lineterminator="\n")
    writer.writerow([*(source.raw.frame.columns[j] for j in kept), *added])
    values = zip(*(column.tolist() for column in added.values()), strict=True)
    for row, new in zip(rows, values, strict=True):
        writer.writerow([*(row[j] for j in kept), *new])
    return target.getvalue().encode(), note


def _columns(found: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """The new columns by their names."""
    if found.ndim == 1:
        return {name: found}
    return {f"{name}{j + 1}": column for j, column in enumerate(found.T)}


def _note(lost: list[str], name: str) -> str:
    """What to say of the input's columns that have the names of new ones."""
    if not lost:
        return ""
    what = "labels" if name == CLUSTER else "values"
    named = ", ".join(repr(column) for column in lost)
    return f"The input's own column{'s' * (len(lost) > 1)} {named} gave way to the {what} in --out."


def _columnar(source: Source, added: Mapping[str, np.ndarray], suffix: str) -> bytes:
    target = io.BytesIO()
    frame = _with(source, added)
    if suffix == ".parquet":
        frame.write_parquet(target)
    else:
        frame.write_ipc(target)
    return target.getvalue()


def _typed_text(
    source: Source, added: Mapping[str, np.ndarray], path: str, separator: str
) -> bytes:
    frame = _with(source, added)
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    if nested:
        raise BadInputError(
            f"--out must end in .parquet or .arrow for nested columns, got {path!r} and the "
            f"column {nested[0]!r}."
        )
    return frame.write_csv(separator=separator).encode()


def _with(source: Source, added: Mapping[str, np.ndarray]) -> pl.DataFrame:
    """The columns as they were read, and the new ones."""
    import polars as pl

    frame = source.raw.frame.drop(*added, strict=False)
    return frame.with_columns(
        pl.Series(name, column, dtype=pl.Int64 if column.dtype.kind == "i" else pl.Float64)
        for name, column in added.items()
    )


def _fields(source: Source) -> list[list[str]] | None:
    """The fields of every row as text; None where the input is no text or reads otherwise."""
    if source.text is None:
        return None
    content = source.text if isinstance(source.text, bytes) else source.text.read_bytes()
    text = content.decode("utf-8-sig")
    height, width = source.raw.frame.shape
    for separator in (source.separator or ",", ",", "\t", ";", "|"):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        rows = [row for row in reader if row and (width == 1 or len(row) > 1 or row[0].strip())]
        rows = rows[1:] if source.header else rows
        if len(rows) == height and all(len(row) == width for row in rows):
            return rows
    return None
