"""From an exception to one line on standard error and an exit code."""

from __future__ import annotations

import io
import os
import re
import sys
import traceback

from gramian.errors import DataError

__all__ = ["BAD_INPUT", "DONE", "FAILED", "INTERNAL", "INTERRUPTED", "BadInputError", "explain"]

DONE, FAILED, BAD_INPUT, INTERNAL, INTERRUPTED = 0, 1, 2, 70, 130

_IN_THE_LIBRARYS_FORM = re.compile(r"^[A-Za-z_][\w.]*: .+ must .+, got ", re.DOTALL)
_CALLER = re.compile(r"^[A-Za-z_][\w.]*: ")


class BadInputError(Exception):
    """What the user gave cannot be used. The message is one line that says why."""


def explain(error: BaseException, command: str, *, debug: bool) -> int:
    """Say on standard error what went wrong, in one line, and return the exit code.

    Messages of the library name the parameter and the remedy, so they count as bad input; any
    other exception is a fault of the program.
    """
    if isinstance(error, BrokenPipeError):
        _give_up_stdout()
        return DONE
    if debug and not isinstance(error, KeyboardInterrupt):
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, KeyboardInterrupt):
        line, code = "interrupted; no file was written.", INTERRUPTED
    elif _is_bad_input(error):
        line, code = _one_line(_CALLER.sub("", str(error))), BAD_INPUT
    elif isinstance(error, MemoryError):
        line = "out of memory. Use fewer rows or columns, or lower --memory."
        code = BAD_INPUT
    else:
        line, code = _internal(error, debug), INTERNAL
    print(f"{command}: {line}", file=sys.stderr)
    return code


def _is_bad_input(error: BaseException) -> bool:
    if isinstance(error, BadInputError | DataError):
        return True
    kinds = (ValueError, TypeError, MemoryError)
    return isinstance(error, kinds) and bool(_IN_THE_LIBRARYS_FORM.match(str(error)))


def _internal(error: BaseException, debug: bool) -> str:
    what = _one_line(f"{type(error).__name__}: {error}".rstrip(": "))
    more = "the traceback above" if debug else "what --debug shows"
    return f"internal error, {what}. Please report it with the command and {more}."


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 600 else line[:597] + "..."


def _give_up_stdout() -> None:
    """Whoever read our output went away: that is no fault, and the files are written."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(devnull, sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = io.TextIOWrapper(io.BytesIO())  # it has no descriptor to redirect
    finally:
        os.close(devnull)
