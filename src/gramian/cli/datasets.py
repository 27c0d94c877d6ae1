"""``gramian data``: what there is, and fetching what is not."""

from __future__ import annotations

from typing import Any

from gramian.cli._progress import on_terminal
from gramian.cli._words import columns
from gramian.data import fetch_dataset, list_datasets

__all__ = ["fetch_one", "list_all"]


def list_all() -> int:
    """Print one line for each data set."""
    rows = [
        (info.name, f"{info.n_rows:,}", info.n_features, f" {info.where}")
        for info in list_datasets()
    ]
    for line in columns(("name", "rows", "columns", " where"), rows):
        print(line)
    return 0


def fetch_one(name: str, root: str | None) -> int:
    """Download a data set, with a bar on a terminal, and print its folder."""
    if not on_terminal():
        print(fetch_dataset(name, root=root))
        return 0
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    parts: list[Any] = [TextColumn("{task.description}"), BarColumn(), DownloadColumn()]
    with Progress(*parts, console=Console(stderr=True)) as bar:
        tasks: dict[str, Any] = {}

        def advance(file: str, done: int, total: int | None) -> None:
            if file not in tasks:
                tasks[file] = bar.add_task(file, total=total)
            bar.update(tasks[file], completed=done, total=total)

        folder = fetch_dataset(name, root=root, progress=advance)
    print(folder)
    return 0
