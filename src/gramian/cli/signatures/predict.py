"""The options of ``gramian predict``."""

from __future__ import annotations

from typing import Annotated

import typer

from gramian.cli._guard import command_line, guarded
from gramian.cli._options import Data, Debug, Device, Header, Json, Memory, Out, Quiet, Separator

__all__ = ["predict"]


@guarded
def predict(
    ctx: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="File that --save wrote.")],
    data: Data,
    out: Out = None,
    json: Json = None,
    device: Device = "cpu",
    memory: Memory = "2GiB",
    separator: Separator = None,
    header: Header = True,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Label or score new rows with a model that --save wrote.

    Example: gramian predict wine.model new.csv --out labels.csv
    """
    from gramian.cli.predict import Request, run

    return run(
        Request(
            model=model,
            data=data,
            out=out,
            json=json,
            device=device,
            memory=memory,
            separator=separator,
            header=header,
            quiet=quiet,
            command=command_line(ctx),
        )
    )
