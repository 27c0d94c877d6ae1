"""What surrounds every command: one line and an exit code for each exception."""

from __future__ import annotations

import functools
import shlex
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import typer

from gramian.cli._faults import explain
from gramian.cli._options import split

__all__ = ["command_line", "guarded", "name_idle_options", "shared"]


def guarded(command: Callable[..., int]) -> Callable[..., int]:
    """``command`` with every exception turned into one line and an exit code."""

    @functools.wraps(command)
    def guarded(ctx: typer.Context, **options: Any) -> int:
        try:
            code = command(ctx, **options)
            sys.stdout.flush()
        except typer.Exit:
            raise
        except (Exception, KeyboardInterrupt) as error:
            code = explain(error, ctx.command_path, debug=options.get("debug", False))
        raise typer.Exit(code)

    return guarded


def command_line(ctx: typer.Context) -> str:
    """The command as it was typed."""
    return shlex.join(["gramian", *ctx.obj["arguments"]])


def shared(ctx: typer.Context) -> dict[str, Any]:
    """The options that every command reads which learns from a table, as its request takes them."""
    names = ("data", "standardize", "out", "report", "json", "save", "seed", "device", "memory")
    given = {name: ctx.params[name] for name in (*names, "separator", "header", "quiet")}
    return {**given, "columns": split(ctx.params["columns"]), "command": command_line(ctx)}


def name_idle_options(
    ctx: typer.Context, algorithm: StrEnum, option_of: dict[str, tuple[StrEnum, ...]]
) -> None:
    """Say on standard error which of the given options the algorithm does not read."""
    for name, readers in option_of.items():
        source = ctx.get_parameter_source(name)
        if algorithm not in readers and source is not None and source.name == "COMMANDLINE":
            flag = "-k" if name == "k" else f"--{name.replace('_', '-')}"
            named = " and ".join(reader.value for reader in readers)
            line = f"{flag} is read by {named} only; {algorithm.value} goes without."
            print(f"{ctx.command_path}: {line}", file=sys.stderr)
