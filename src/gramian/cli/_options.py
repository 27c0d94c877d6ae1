"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

from typing import Annotated

import typer

from gramian.cli._faults import BadInputError

__all__ = [
    "Columns",
    "Data",
    "Debug",
    "Device",
    "Header",
    "Json",
    "Memory",
    "Out",
    "Quiet",
    "Report",
    "Save",
    "Seed",
    "Separator",
    "Standardize",
    "Text",
    "Weight",
    "split",
    "whole",
]


def whole(text: str | int) -> int:
    """A whole number; the parser's own message says it at length."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"must be a whole number, got {text!r}.") from None


def split(columns: str | None) -> list[str] | None:
    """Names between commas."""
    if columns is None:
        return None
    names = [name.strip() for name in columns.split(",")]
    if not all(names):
        raise BadInputError(f"--columns must be names with commas between them, got {columns!r}.")
    return names


Separator = Annotated[
    str | None,
    typer.Option(metavar="CHAR", help="Character between the fields of delimited text."),
]
Header = Annotated[
    bool, typer.Option("--header/--no-header", help="Whether the first line holds the names.")
]
Device = Annotated[
    str, typer.Option(metavar="DEVICE", help="Where entries are computed, such as cpu or cuda.")
]
Memory = Annotated[str, typer.Option(metavar="SIZE", help="Most working memory beyond the data.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="Table: CSV, TSV, Parquet, Arrow, NPY or NPZ; - reads CSV from standard input.",
    ),
]
Text = str | None
Out = Annotated[
    Text,
    typer.Option(
        metavar="FILE", help="Rows with a last column 'cluster'; .csv, .tsv, .parquet or -."
    ),
]
Json = Annotated[Text, typer.Option(metavar="FILE", help="Summary as JSON; - is standard output.")]
Columns = Annotated[
    Text,
    typer.Option(
        metavar="NAMES", help="Columns to use, with commas between them; else all numeric ones."
    ),
]
Standardize = Annotated[
    bool,
    typer.Option("--standardize/--no-standardize", help="Give columns mean 0, deviation 1."),
]
Weight = Annotated[Text, typer.Option(metavar="COLUMN", help="Column of row weights.")]
Report = Annotated[Text, typer.Option(metavar="FILE", help="Report, one HTML file.")]
Save = Annotated[Text, typer.Option(metavar="FILE", help="Model file for `gramian predict`.")]
Seed = Annotated[
    int, typer.Option(parser=whole, metavar="INTEGER", help="Seed of everything that is drawn.")
]
