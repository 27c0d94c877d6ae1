"""The learner's process seen from this side: started, asked with a time limit, ended."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gramian.labs.checking.codec import decode, encode, read_frame, write_frame
from gramian.labs.checking.evidence import Lost

__all__ = ["NONSENSE", "Limits", "Process"]

NONSENSE = "its answers were no longer understood"

_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_SINGLE = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds for a function and for the file, and bytes."""

    function: float = 20.0
    file: float = 120.0
    memory: int = 2 * 2**30


class Process:
    """One fresh interpreter in an empty folder, with no way to this one but frames on pipes.

    Parameters
    ----------
    limits : Limits
    """

    def __init__(self, limits: Limits) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gramian.labs.checking.worker", str(limits.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
            env=_environment(self._folder.name),
            start_new_session=True,  # so that all it may have started ends with it
        )
        self._frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        more = True
        while more:
            frame: bytes | None = None
            with contextlib.suppress(OSError, ValueError):  # closed on this side meanwhile
                frame = read_frame(self._process.stdout)
            self._frames.put(frame)
            more = bool(frame)  # after one that was not read nothing has its place
        self._process.stdout.close()

    def send(self, message: dict[str, Any]) -> None:
        """Send a request; a process that is gone shows at the next `receive`."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            write_frame(self._process.stdin, encode(message))

    def receive(self, seconds: float) -> dict[str, Any] | Lost:
        """The next message, or why none came; after a loss the process has ended."""
        try:
            frame = self._frames.get(timeout=max(0.0, seconds))
        except queue.Empty:
            self.end()
            return Lost("time")
        if frame is None:
            return Lost("process", self._how_it_ended())
        message: Any = None
        with contextlib.suppress(ValueError):
            message = decode(frame)
        if isinstance(message, dict):
            return message
        self.end()
        return Lost("process", NONSENSE)

    def _how_it_ended(self) -> str:
        try:
            code = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return NONSENSE
        finally:
            self.end()
        if code >= 0:
            return f"it ended with exit code {code}"
        with contextlib.suppress(ValueError):
            return f"it was ended by {signal.Signals(-code).name}"
        return f"it was ended by signal {-code}"

    def end(self) -> None:
        """End the process and all that it started, and remove its folder."""
        if os.name == "posix":
            self._kill_group()
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._folder.cleanup()

    def _kill_group(self) -> None:
        """Kill every process of the group until none is left, however fast it starts more."""
        for _ in range(200):
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):  # nobody is left, or only the dead
                return
            self._process.poll()  # a dead leader keeps the group until it was waited for
            time.sleep(0.005)


def _environment(folder: str) -> dict[str, str]:
    """Nothing of this process but what an interpreter needs; one thread."""
    import gramian

    home = Path(gramian.__file__).parents[1]
    paths = [str(home), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **dict.fromkeys(_SINGLE, "1"),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(os.path.abspath(path) for path in paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
        "HOME": folder,
        "TMPDIR": folder,
    }
