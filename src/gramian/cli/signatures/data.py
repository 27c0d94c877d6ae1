"""The options of ``gramian data``."""

from __future__ import annotations

from typing import Annotated

import typer

from gramian.cli._guard import guarded
from gramian.cli._options import Debug, Text

__all__ = ["fetch", "list_"]


@guarded
def list_(ctx: typer.Context, debug: Debug = False) -> int:
    """List the data sets and where they are."""
    from gramian.cli.datasets import list_all

    return list_all()


@guarded
def fetch(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="fashion-mnist or mnist.")],
    root: Annotated[Text, typer.Option(metavar="FOLDER", help="Folder for the files.")] = None,
    debug: Debug = False,
) -> int:
    """Download a complete image set; what is there and whole is kept."""
    from gramian.cli.datasets import fetch_one

    return fetch_one(name, root)
