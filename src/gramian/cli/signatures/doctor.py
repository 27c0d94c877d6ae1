"""The options of ``gramian doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

from gramian.cli._guard import guarded
from gramian.cli._options import Debug

__all__ = ["doctor"]


@guarded
def doctor(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
    debug: Debug = False,
) -> int:
    """Say what is installed and used, and test it for two seconds."""
    from gramian.cli.doctor import run

    return run(as_json=json)
