"""What a learner's process may not do: best effort, against accidents and not against attackers."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["NotAllowedError", "confine"]

_EXTRA_TASKS = 64
_LARGEST_FILE = 64 * 2**20
_MOST_CPU = 600
"""Seconds after which a process ends by itself whose check is gone."""
_REFUSED = {
    "os.fork": "start processes",
    "os.forkpty": "start processes",
    "os.exec": "start processes",
    "os.posix_spawn": "start processes",
    "os.spawn": "start processes",
    "os.system": "start processes",
    "subprocess.Popen": "start processes",
    "pty.spawn": "start processes",
    "os.kill": "send signals",
    "os.killpg": "send signals",
    "socket.connect": "use the network",
    "socket.bind": "use the network",
}


class NotAllowedError(PermissionError):
    """A submission tried what the check does not allow."""


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise NotAllowedError(f"a submission cannot {_REFUSED[event]} while it is checked")


def confine(memory: int) -> None:
    """Limit this process for good: memory in bytes, files, processes, signals, network."""
    _limit_resources(memory)
    sys.addaudithook(_refuse)
    # the answers stand there, and nobody imports them by accident
    sys.modules["gramian.labs.exercises"] = None  # type: ignore[assignment]  # importing it raises


def _limit_resources(memory: int) -> None:
    try:
        import resource
    except ImportError:  # not on this platform; time limits still hold
        return
    limits = {
        # private writable memory; the address space also counts what libraries only map
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: _MOST_CPU,
        resource.RLIMIT_FSIZE: _LARGEST_FILE,
    }
    if tasks := _tasks_of_user():
        limits[resource.RLIMIT_NPROC] = tasks + _EXTRA_TASKS
    for kind, most in limits.items():
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(kind, (most, most))


def _tasks_of_user() -> int:
    """Threads of this user on Linux, which the limit counts; 0 where that is not known."""
    count = 0
    try:
        for entry in os.scandir("/proc"):
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{entry.name}/task"))
    except OSError:  # a process ended meanwhile, or there is no /proc
        return 0
    return count
