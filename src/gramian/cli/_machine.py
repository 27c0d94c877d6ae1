"""What a result was computed with: versions, threads, memory."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Any

__all__ = ["peak_memory", "total_memory", "versions"]

_PACKAGES = ("torch", "numpy", "scikit-learn", "scipy", "polars", "matplotlib", "safetensors")


def versions() -> dict[str, str]:
    """Versions of gramian, Python and the packages that a result depends on."""
    from gramian import __version__

    found = {"gramian": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def peak_memory() -> int | None:
    """Most resident memory of this process so far, in bytes; None where nobody counts it."""
    if sys.platform == "win32":
        return None
    import resource

    status = Path("/proc/self/status")
    if status.exists():
        # a child of a large process inherits its parent's peak in getrusage, but not here
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def total_memory() -> int | None:
    """Bytes of physical memory; None where the system does not say."""
    names: Any = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
