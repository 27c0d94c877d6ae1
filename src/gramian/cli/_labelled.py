"""The input's rows with their cluster as last column: what ``--out`` gets."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gramian.cli._faults import BadInputError
from gramian.cli._source import Source

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CLUSTER", "labelled"]

CLUSTER = "cluster"


def labelled(source: Source, labels: np.ndarray, path: str) -> tuple[bytes, str]:
    """The rows and their labels as bytes, and a note if a column gave way.

    Parquet or Arrow where the suffix of ``path`` says so, tab-separated for ``.tsv``, else CSV.
    Text that comes from text is not touched: a ``007`` stays a ``007``.
    """
    suffix = Path(path).suffix.lower()
    note = ""
    if CLUSTER in source.raw.frame.columns:
        note = f"The input's own column {CLUSTER!r} gave way to the labels in --out."
    if suffix in (".parquet", ".arrow", ".ipc", ".feather"):
        return _columnar(source, labels, suffix), note
    separator = "\t" if suffix == ".tsv" else ","
    rows = _fields(source)
    if rows is None:
        return _typed_text(source, labels, path, separator), note
    kept = [j for j, name in enumerate(source.raw.frame.columns) if name != CLUSTER]
    target = io.StringIO()
    writer = csv.writer(target, delimiter=separator, lineterminator="\n")
    writer.writerow([*(source.raw.frame.columns[j] for j in kept), CLUSTER])
    for row, label in zip(rows, labels.tolist(), strict=True):
        writer.writerow([*(row[j] for j in kept), label])
    return target.getvalue().encode(), note


def _columnar(source: Source, labels: np.ndarray, suffix: str) -> bytes:
    target = io.BytesIO()
    frame = _with_labels(source, labels)
    if suffix == ".parquet":
        frame.write_parquet(target)
    else:
        frame.write_ipc(target)
    return target.getvalue()


def _typed_text(source: Source, labels: np.ndarray, path: str, separator: str) -> bytes:
    frame = _with_labels(source, labels)
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    if nested:
        raise BadInputError(
            f"--out must end in .parquet or .arrow for nested columns, got {path!r} and the "
            f"column {nested[0]!r}."
        )
    return frame.write_csv(separator=separator).encode()


def _with_labels(source: Source, labels: np.ndarray) -> pl.DataFrame:
    """The columns as they were read, and the labels."""
    import polars as pl

    frame = source.raw.frame.drop(CLUSTER, strict=False)
    return frame.with_columns(pl.Series(CLUSTER, labels, dtype=pl.Int64))


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
