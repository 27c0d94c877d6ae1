"""Files that the tests of tables read: one table in every format, and CSV as written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

FRAME = pl.DataFrame(
    {
        "name": ["u", "v", "w", "x"],
        "a": [1.5, None, -2.0, 4.0],
        "on": [True, False, True, True],
        "k": [7, 7, 7, 7],
        "y": [0, 1, 1, 0],
    }
)

EXPECTED = np.array([[1.5, 1, 7], [1.5, 0, 7], [-2.0, 1, 7], [4.0, 1, 7]])


def write(folder: Path, name: str) -> Path:
    """FRAME in the format of the suffix."""
    path = folder / name
    writers = {
        ".csv": lambda: FRAME.write_csv(path),
        ".tsv": lambda: FRAME.write_csv(path, separator="\t"),
        ".parquet": lambda: FRAME.write_parquet(path),
        ".arrow": lambda: FRAME.write_ipc(path),
        ".ipc": lambda: FRAME.write_ipc_stream(path),
        ".feather": lambda: FRAME.write_ipc(path),
    }
    writers[path.suffix.lower()]()
    return path


def csv(folder: Path, text: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
