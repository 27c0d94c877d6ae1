"""A submission in the process that runs it: its statements, and each version of a function."""

from __future__ import annotations
import __future__

import ast
import linecache
import sys
import traceback
import types
from collections.abc import Callable, Container, Iterator
from typing import Any

__all__ = ["Submission", "told"]

_MOST_TEXT = 300


def told(error: BaseException) -> dict[str, str]:
    """Type, message and place of an exception, cut to what a report shows."""
    places = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("<")]
    own = [frame for frame in places if frame.filename.endswith(" of the submission>")]
    where = f"line {own[-1].lineno} of {own[-1].filename[1:-19]}" if own else ""
    if isinstance(error, SyntaxError) and error.lineno:
        where = f"line {error.lineno} of {str(error.filename)[1:-19]}"
    message = str(error.msg if isinstance(error, SyntaxError) else error)
    return {"type": type(error).__name__, "message": message[:_MOST_TEXT], "where": where}


class Submission:
    """Runs cells statement by statement; a statement that fails does not stop the next.

    Parameters
    ----------
    names : list of str
        Functions to look for.
    """

    def __init__(self, names: list[str]) -> None:
        self._module = types.ModuleType("submission")
        sys.modules["submission"] = self._module  # dataclasses look their module up
        self.versions: dict[str, dict[int, Callable[..., Any]]] = {name: {} for name in names}
        self._flags = 0

    def run(
        self,
        cells: list[tuple[str, str]],
        skip: Container[tuple[int, int]],
        begin: Callable[[int, int], None],
    ) -> Iterator[tuple[int, dict[str, str]]]:
        """Run cells given as (name, source); yields the failures, each with its cell.

        ``begin(cell, statement)`` is called before each statement that is not in ``skip``.
        """
        for number, (name, source) in enumerate(cells):
            filename = f"<{name} of the submission>"
            linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
            try:
                body = ast.parse(source, filename).body
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                yield number, told(error)
                continue
            for index, statement in enumerate(body):
                if (number, index) in skip:
                    continue
                begin(number, index)
                try:
                    self._execute(statement, filename)
                except BaseException as error:  # SystemExit stops a program, not the check
                    yield number, told(error)
                self._note_versions(number)

    def defined(self) -> list[str]:
        """Names of all functions and classes that the submission defines itself."""
        return [
            name
            for name, value in vars(self._module).items()
            if callable(value) and getattr(value, "__module__", "") == "submission"
        ]

    def _execute(self, statement: ast.stmt, filename: str) -> None:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                feature = getattr(__future__, alias.name, None)
                self._flags |= getattr(feature, "compiler_flag", 0)
        tree = ast.Module([statement], [])
        code = compile(tree, filename, "exec", flags=self._flags, dont_inherit=True)
        exec(code, vars(self._module))

    def _note_versions(self, cell: int) -> None:
        for name, versions in self.versions.items():
            value = getattr(self._module, name, None)
            if callable(value) and (not versions or value is not list(versions.values())[-1]):
                versions.pop(cell, None)
                versions[cell] = value
