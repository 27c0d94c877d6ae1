"""How much anonymous memory a call takes at its peak, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

__all__ = ["growth_of", "printed_by"]

ROOT = Path(__file__).parents[1]
STATUS = Path("/proc/self/status")
EVERY = 0.001


def printed_by(script: str, *arguments: object) -> int:
    """The number that a script prints; it finds the arguments in ``sys.argv[1:]``.

    Where the system does not tell anonymous memory, the test is skipped.
    """
    import pytest  # here alone: what is measured does without it

    if not STATUS.exists():
        pytest.skip("needs Linux's /proc")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def growth_of(call: Callable[[], object]) -> int:
    """Bytes of anonymous resident memory that a call takes at its peak, for such a script.

    Libraries and pools should be warm: what they keep for later counts too.
    """
    base = peak = _anonymous()
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(EVERY):
            peak = max(peak, _anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        call()
    finally:
        done.set()
        watcher.join()
    return peak - base


def _anonymous() -> int:
    """Bytes of this process that no file holds."""
    with STATUS.open() as lines:
        line = next(line for line in lines if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024
