"""Where a board is seen: a notebook, a terminal, or plain lines."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from gramian.train._board import ProgressBoard

__all__ = ["Face", "best_face", "in_notebook", "interactive", "show_figure"]

_BARS = "▁▂▃▄▅▆▇█"


class Face(Protocol):
    """Something that shows a board."""

    def show(self, board: ProgressBoard, text: str, *, epoch_done: bool) -> None:
        """Show the curves, or the text, as they are now."""

    def close(self) -> None:
        """Leave the last state standing."""


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this program."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


def _on_terminal() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb"


def interactive() -> bool:
    """Whether somebody may be watching."""
    return in_notebook() or _on_terminal()


def best_face() -> Face:
    """The best that can be seen here."""
    if in_notebook():
        return _Notebook()
    return _Terminal() if _on_terminal() else _Lines()


def show_figure(figure: Any) -> None:
    """Show a finished figure in a notebook; elsewhere it waits to be saved."""
    if in_notebook():
        _ipython().display(_image(figure))


def _image(figure: Any) -> Any:
    target = io.BytesIO()
    figure.savefig(target, format="png")
    return _ipython().Image(target.getvalue())


def _ipython() -> Any:
    return importlib.import_module("IPython.display")


class _Notebook:
    """One picture below the cell, replaced as the curves grow."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, board: ProgressBoard, text: str, *, epoch_done: bool) -> None:
        """Replace the picture."""
        image = _image(board.figure)
        if self._handle is None:
            self._handle = _ipython().display(image, display_id=True)
        else:
            self._handle.update(image)

    def close(self) -> None:
        """The picture stays."""


class _Terminal:
    """One line that is rewritten, with a small curve for each series."""

    def __init__(self) -> None:
        self._live: Any = None

    def show(self, board: ProgressBoard, text: str, *, epoch_done: bool) -> None:
        """Rewrite the line."""
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        if self._live is None:
            self._live = Live(console=Console(stderr=True), auto_refresh=False)
            self._live.start()
        series = [f"{name} {bars(y)} {y[-1]:.4g}" for name, (_, y) in board.curves().items()]
        self._live.update(Text("  ".join([text, *series])), refresh=True)

    def close(self) -> None:
        """Give the cursor back."""
        if self._live is not None:
            self._live.stop()
            self._live = None


class _Lines:
    """One line per epoch, for a log file."""

    def show(self, board: ProgressBoard, text: str, *, epoch_done: bool) -> None:
        """Print at the end of an epoch."""
        if epoch_done:
            series = [f"{name} {y[-1]:.4g}" for name, (_, y) in board.curves().items()]
            print("  ".join([text, *series]), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing is open."""


def bars(values: Sequence[float], width: int = 12) -> str:
    """The last values as a row of bars, the lowest and the highest for the least and the most."""
    shown = [value for value in values[-width:] if value == value]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    scale = (len(_BARS) - 1) / (high - low) if 0 < high - low < float("inf") else 0.0
    return "".join(_BARS[round((value - low) * scale) if scale else 0] for value in shown)
