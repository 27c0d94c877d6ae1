"""What a long command is doing: on a terminal only, and only from the third second on."""

from __future__ import annotations

import os
import sys
import threading
from types import TracebackType
from typing import Any, Self

__all__ = ["PATIENCE", "Progress", "on_terminal"]

PATIENCE = 2.0
"""Seconds before the first word."""


def on_terminal() -> bool:
    """Whether standard error is a terminal that can move its cursor."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb"


class Progress:
    """A line that names the step in hand, gone when the work is done.

    Parameters
    ----------
    shown : bool
        False keeps it silent, whatever the terminal.
    """

    def __init__(self, shown: bool) -> None:
        self._shown = shown and on_terminal()
        self._text = ""
        self._status: Any = None
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def step(self, text: str) -> None:
        """Name the step that begins."""
        with self._lock:
            self._text = text
            if self._status is not None:
                self._status.update(text)

    def _show(self) -> None:
        from rich.console import Console
        from rich.markup import escape

        with self._lock:
            if self._timer is not None:
                self._status = Console(stderr=True).status(escape(self._text))
                self._status.start()

    def __enter__(self) -> Self:
        if self._shown:
            self._timer = threading.Timer(PATIENCE, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._status is not None:
                self._status.stop()
