"""The most memory that a call takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]  # it ships no types

__all__ = ["Peak", "watched"]

_EVERY = 0.005


@dataclass
class Peak:
    """Resident bytes of the process: at the start, and at most."""

    before: int
    most: int

    @property
    def growth(self) -> int:
        return self.most - self.before

    def __str__(self) -> str:
        grown, most = (size / 2**20 for size in (self.growth, self.most))
        return f"{grown:.0f} MiB more than before, {most:.0f} MiB in all"


@contextmanager
def watched(*, files: bool = True) -> Iterator[Peak]:
    """Look at the resident memory of this process every 5 ms while the block runs.

    Where the system tells them apart, ``files=False`` leaves out the pages that files hold.
    """
    process, done = psutil.Process(), threading.Event()

    def resident() -> int:
        info = process.memory_info()
        return int(info.rss if files else info.rss - getattr(info, "shared", 0))

    start = resident()
    peak = Peak(start, start)

    def watch() -> None:
        while not done.wait(_EVERY):
            peak.most = max(peak.most, resident())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()
