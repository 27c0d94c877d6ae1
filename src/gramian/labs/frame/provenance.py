"""Where numbers come from: versions, machine, threads, and the state of the source."""

from __future__ import annotations

import functools
import platform
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import torch

import gramian

__all__ = ["environment"]


def environment(device: torch.device) -> dict[str, Any]:
    """What the numbers may depend on."""
    commit, dirty = _source_state()
    return {
        "gramian": gramian.__version__,
        "commit": commit,
        "dirty": dirty,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "os": platform.platform(terse=True),
        "cpu": _processor(),
        "threads": torch.get_num_threads(),
        "device": _device_name(device),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
    }


def _device_name(device: torch.device) -> str:
    if device.type != "cuda":
        return str(device)
    return f"{device}, {torch.cuda.get_device_name(device)}"


@functools.cache
def _processor() -> str:
    """The model of the processor where the system tells it, else its architecture."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@functools.cache
def _source_state() -> tuple[str | None, bool | None]:
    """Commit of the checkout that runs, and whether files differ from it; None without one."""
    root = Path(gramian.__file__).parents[2]
    if not (root / ".git").exists():
        return None, None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        dirty = bool(_git(root, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return None, None
    return commit, dirty


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "--no-optional-locks", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()
