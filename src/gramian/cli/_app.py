"""The application: its commands, and what the parser says about wrong ones."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, cast

import typer

from gramian.cli._faults import BAD_INPUT, DONE, explain
from gramian.cli.signatures.cluster import cluster
from gramian.cli.signatures.data import fetch, list_
from gramian.cli.signatures.density import density
from gramian.cli.signatures.doctor import doctor
from gramian.cli.signatures.embed import embed
from gramian.cli.signatures.lab import COMMANDS as LAB_COMMANDS
from gramian.cli.signatures.predict import predict
from gramian.cli.signatures.regress import regress
from gramian.cli.signatures.tour import tour

__all__ = ["application", "run"]

ClickError = cast(type[Exception], typer.BadParameter.__mro__[2])
"""What the parser raises; typer exports no name for it."""


def _rich_help() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"


application = typer.Typer(
    name="gramian",
    help="Learn from pairwise structure at any scale.",
    add_completion=False,
    rich_markup_mode="rich" if _rich_help() else None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (cluster, density, embed, regress, predict, tour, doctor):
    application.command()(command)

data_commands = typer.Typer(
    help="List the data sets, or fetch a complete one.",
    rich_markup_mode="rich" if _rich_help() else None,
)
application.add_typer(data_commands, name="data")
data_commands.command("list")(list_)
data_commands.command()(fetch)

lab_commands = typer.Typer(
    help="Run experiments with claims and controls, or list them.",
    rich_markup_mode="rich" if _rich_help() else None,
)
application.add_typer(lab_commands, name="lab")
for name, lab_command in LAB_COMMANDS.items():
    lab_commands.command(name)(lab_command)


def run(arguments: list[str]) -> int:
    """Parse and run; returns the exit code."""
    command = typer.main.get_command(application)
    given = arguments or ["--help"]
    try:
        code = command.main(
            args=given, prog_name="gramian", standalone_mode=False, obj={"arguments": given}
        )
        sys.stdout.flush()
    except ClickError as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context else "gramian"
        message = " ".join(str(cast(Any, error).format_message()).split())
        message = message.replace("Value error, ", "")
        end = "" if message.endswith((".", "?")) else "."
        print(f"{where}: {message}{end} Try '{where} --help'.", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError as error:
        return explain(error, "gramian", debug=False)
    return int(code or DONE)


def _version(shown: bool) -> None:
    if shown:
        from gramian import __version__

        print(f"gramian {__version__}")
        raise typer.Exit


@application.callback()
def _gramian(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Learn from pairwise structure at any scale."""
