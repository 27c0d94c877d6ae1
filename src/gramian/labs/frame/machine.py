"""What a call asks of the machine: threads that it may use, memory that it takes."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

__all__ = ["extra_memory", "threads"]

_PROCESS = Path("/proc/self")


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let torch compute with this many threads inside the block.

    Examples
    --------
    >>> import torch
    >>> from gramian.labs import threads
    >>> with threads(1):
    ...     torch.get_num_threads()
    1
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def extra_memory(call: Callable[[], torch.Tensor]) -> int | None:
    """Bytes that a call holds at its peak, beyond what was there before and beyond its result.

    Counted by the kernel as the peak of resident memory, so that every library is seen. Freed
    memory goes back to the system first, or the call would take it unnoticed. The peak of the
    process, "VmHWM", starts anew.

    Parameters
    ----------
    call : callable
        Returns a tensor in memory of its own. Call it once before on small data: code that is
        loaded at the first call counts too.

    Returns
    -------
    bytes : int or None
        To some pages for each thread. None where the system does not count: only Linux does.

    Examples
    --------
    >>> import torch
    >>> from gramian.labs import extra_memory
    >>> held = extra_memory(lambda: torch.ones(20_000_000).cumsum(0))
    >>> held is None or 79e6 < held < 90e6
    True
    """
    gc.collect()
    _give_back()
    try:
        (_PROCESS / "clear_refs").write_text("5", encoding="ascii")
        before = _status("VmRSS:")
        result = call()
        peak = _status("VmHWM:")
    except (OSError, LookupError):
        return None
    return max(0, peak - before - result.untyped_storage().nbytes())


def _give_back() -> None:
    """Return what the allocator keeps for later; only glibc has a call for it."""
    if sys.platform == "linux":
        trim: Any = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _status(name: str) -> int:
    """An entry of the process's status, in bytes."""
    for line in (_PROCESS / "status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(name):
            return 1024 * int(line.split()[1])
    raise LookupError(name)
