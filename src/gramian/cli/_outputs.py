"""Files that a command writes: checked before the work, written after it, all or none."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gramian.cli._faults import BadInputError

__all__ = ["STDOUT", "Outputs", "as_json"]

STDOUT = "-"


def as_json(value: Any) -> str:
    """Indented JSON without NaN or infinity."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


class Outputs:
    """The files of one command.

    `claim` refuses, before any work, a place that cannot be written; `put` stages the content
    under a temporary name in the same folder; `commit` gives all files their names. Leaving the
    ``with`` block without `commit` removes what was staged. "-" stands for standard output.

    Parameters
    ----------
    inputs : sequence of str
        Files that must not be overwritten.
    """

    def __init__(self, inputs: Sequence[str]) -> None:
        self._inputs = {os.path.realpath(path): path for path in inputs if path != STDOUT}
        self._claimed: dict[str, str] = {}
        self._staged: list[tuple[Path, Path]] = []
        self._printed = b""

    @property
    def own_stdout(self) -> bool:
        """Whether standard output belongs to one of the outputs."""
        return STDOUT in self._claimed

    def claim(self, option: str, path: str | None, *, stdout: bool = False) -> None:
        """Make sure that ``path`` can be written; None is no output."""
        if path is None:
            return
        where = path if path == STDOUT and stdout else os.path.realpath(path)
        if where in self._claimed:
            raise BadInputError(
                f"{option} must be another place than {self._claimed[where]}, got {path!r}."
            )
        if where != STDOUT:
            self._check_place(option, path, Path(where))
        self._claimed[where] = option

    def _check_place(self, option: str, shown: str, target: Path) -> None:
        if path := self._inputs.get(str(target)):
            raise BadInputError(f"{option} must not overwrite the input, got {path!r}.")
        if target.is_dir():
            raise BadInputError(f"{option} must be a file, got the folder {shown!r}.")
        if target.exists() and not target.is_file():
            raise BadInputError(f"{option} must be a regular file, got {shown!r}.")
        if not target.parent.is_dir():
            raise BadInputError(
                f"{option} must be in an existing folder, got {shown!r}. "
                f"Make {str(target.parent)!r} first."
            )
        if not os.access(target.parent, os.W_OK):
            raise BadInputError(f"{option} must be in a writable folder, got {shown!r}.")

    def put(self, path: str | None, content: bytes) -> None:
        """Stage ``content`` for a claimed path."""
        if path is None:
            return
        if path == STDOUT:
            self._printed += content
            return
        target = Path(os.path.realpath(path))
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        self._staged.append((temporary, target))
        try:
            with temporary.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise BadInputError(f"cannot write {path!r}: {error.strerror}.") from error

    def commit(self) -> None:
        """Give every staged file its name, then print what goes to standard output."""
        while self._staged:
            temporary, target = self._staged[0]
            os.replace(temporary, target)
            self._staged.pop(0)
        if self._printed:
            sys.stdout.flush()
            sys.stdout.buffer.write(self._printed)
            sys.stdout.buffer.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for temporary, _ in self._staged:
            temporary.unlink(missing_ok=True)
