"""The command line: one module per command, each imported when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run ``gramian ARGUMENTS`` and exit.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; None takes those of the process.

    Raises
    ------
    SystemExit
        Always. 0: done; 1: a claim or check failed; 2: bad usage or bad input; 70: an internal
        error; 130: interrupted.
    """
    try:
        from gramian.cli._app import run

        code = run(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:  # before the command itself could take it
        code = 130
    sys.exit(code)
