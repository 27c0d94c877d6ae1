"""Submissions as files: the cells of a ``.py`` or ``.ipynb``, without magics and shell lines."""

from __future__ import annotations

import ast
import itertools
import json
import re
from dataclasses import dataclass
from pathlib import Path

from gramian.errors import DataError

__all__ = ["SKIP_TAG", "SUFFIXES", "Cells", "read_cells"]

SUFFIXES = (".py", ".ipynb")
SKIP_TAG = "skip-check"
"""Cells with this tag are not run by the check: they run the lab."""

Cells = list[tuple[str, str]]
"""Pairs of a cell's name, as reports say it, and its source."""

_PERCENT = re.compile(r"^# %%", re.MULTILINE)
_MAGIC = re.compile(r"^(\s*)(?:[%!?]|\w+(?:\s*,\s*\w+)*\s*=\s*[%!]|[\w.]+\?{1,2}\s*$)")
_TRANSPARENT = ("%%time", "%%timeit", "%%capture", "%%prun")
_MOST_BYTES = 20 * 2**20


@dataclass(frozen=True)
class _Cell:
    source: str
    tags: tuple[str, ...] = ()


def read_cells(path: Path) -> Cells:
    """The code cells of a submission.

    Raises
    ------
    DataError
        If the file is no text, no notebook, or far too large.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("more than 20 MB")
        text = path.read_text(encoding="utf-8-sig")
        cells = _notebook(text) if path.suffix == ".ipynb" else _program(text)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(
            f"read_cells: file must be a readable {path.suffix} file, got {path.name!r}: {error}."
        ) from None
    named = cells if len(cells) > 1 else cells[:1]
    names = [f"cell {i}" for i in range(1, len(named) + 1)] if len(cells) > 1 else [path.name]
    return [
        (name, _without_magics(cell.source))
        for name, cell in zip(names, named, strict=False)
        if SKIP_TAG not in cell.tags
    ]


def _notebook(text: str) -> list[_Cell]:
    content = json.loads(text)
    cells = content["cells"] if "cells" in content else content["worksheets"][0]["cells"]
    found = []
    for cell in cells:
        if cell["cell_type"] != "code":
            found.append(_Cell(""))  # so that numbers count all cells, as the eye does
            continue
        source = cell.get("source", cell.get("input", ""))
        tags = tuple(cell.get("metadata", {}).get("tags", ()))
        found.append(_Cell(source if isinstance(source, str) else "".join(source), tags))
    return found


def _program(text: str) -> list[_Cell]:
    """Cells of a program in the percent format; without marks it is one cell."""
    starts = [0, *(mark.start() for mark in _PERCENT.finditer(text)), len(text)]
    cells = []
    for start, stop in itertools.pairwise(starts):
        source = text[start:stop]
        head = source.partition("\n")[0]
        if head.startswith("# %% [markdown]") or SKIP_TAG in head:
            source = ""
        if source.strip() or start:
            # leading blank lines keep the line numbers of the file
            cells.append(_Cell("\n" * text.count("\n", 0, start) + source if source else ""))
    return cells


def _without_magics(source: str) -> str:
    """The source with IPython's own lines replaced, where it does not compile as it is."""
    if source.lstrip().startswith("%%"):
        head, _, rest = source.lstrip().partition("\n")
        source = "\n" + rest if head.split()[0] in _TRANSPARENT else ""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return "\n".join(
            f"{found[1]}pass" if (found := _MAGIC.match(line)) else line
            for line in source.split("\n")
        )
    return source
