"""The table that a command was given: what it holds, its checksum, and the matrix made of it."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gramian.cli._faults import BadInputError
from gramian.data import Preparation, Table, read_table
from gramian.data._csv import read_delimited
from gramian.data._read import RawTable, read_raw
from gramian.errors import DataError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Source"]


@dataclass(frozen=True)
class Source:
    """A table as it stands.

    Attributes
    ----------
    path : str
        As the user gave it; "-" is standard input.
    name : str
        File name, or "standard input".
    sha256 : str
        Of the bytes that were read.
    raw : RawTable
        All columns as they were read.
    text : path, bytes or None
        Delimited text, to read once more; None for other forms.
    separator, header
        As the user said.
    """

    path: str
    name: str
    sha256: str
    raw: RawTable
    text: Path | bytes | None
    separator: str | None
    header: bool

    @classmethod
    def open(cls, path: str, *, separator: str | None, header: bool) -> Source:
        """Read the table; ``DataError`` if it cannot be read."""
        if separator is not None and len(separator) != 1:
            raise BadInputError(f"--separator must be one character, got {separator!r}.")
        if path == "-":
            content = sys.stdin.buffer.read()
            shown = "standard input"
            frame, notes = read_delimited(
                content, separator=separator, header=header, caller="cli", shown=shown
            )
            raw = RawTable(shown, frame, notes=notes)
            return cls(
                path, shown, hashlib.sha256(content).hexdigest(), raw, content, separator, header
            )
        raw = read_raw(path, separator=separator, header=header, caller="cli")
        where = Path(path)
        with where.open("rb") as stream:
            checksum = hashlib.file_digest(stream, "sha256").hexdigest()
        text = where if where.suffix.lower() in (".csv", ".tsv") else None
        return cls(path, where.name, checksum, raw, text, separator, header)

    def table(
        self,
        *,
        columns: Sequence[str] | None,
        label: str | None,
        weight: str | None,
        standardize: bool,
    ) -> Table:
        """The matrix to learn from."""
        with self._named():
            made = read_table(
                self._with_side(label, weight),
                columns=columns,
                label=label,
                weight=weight,
                standardize=standardize,
            )
        return replace(made, notes=[*self.raw.notes, *made.notes])

    def apply(self, preparation: Preparation) -> Table:
        """New rows, prepared as the ones that were learnt from."""
        with self._named():
            made = preparation.apply(self._with_side(preparation.label, preparation.weight))
        return replace(made, notes=[*self.raw.notes, *made.notes])

    def _with_side(self, *names: str | None) -> pl.DataFrame:
        """The columns, and the vectors beside them that are named; all where a name is unknown."""
        frame, side = self.raw.frame, self.raw.side
        known = {*frame.columns, *side, None}
        wanted = side if any(name not in known for name in names) else names
        return frame.with_columns(
            side[name] for name in wanted if name in side and name not in frame.columns
        )

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Let messages name the file where the library only sees a frame."""
        try:
            yield
        except DataError as error:
            raise DataError(str(error).replace("the data frame", self.raw.shown)) from error
