"""The options of ``gramian tour``."""

from __future__ import annotations

from typing import Annotated

import typer

from gramian.cli._guard import command_line, guarded
from gramian.cli._options import Debug

__all__ = ["tour"]


@guarded
def tour(
    ctx: typer.Context,
    out: Annotated[
        str,
        typer.Option(
            "--report",
            "--out",
            metavar="PATH",
            help="Folder for tour.html, or a name that ends so.",
        ),
    ] = ".",
    quick: Annotated[bool, typer.Option("--quick", help="Smaller sizes, a few seconds.")] = False,
    debug: Debug = False,
) -> int:
    """Show on built-in data what the library promises; ends in one report."""
    from gramian.cli.tour import run

    return run(out, quick=quick, command=command_line(ctx))
