"""The options of ``gramian lab notebook`` and ``gramian lab check``."""

from __future__ import annotations

from typing import Annotated

import typer

from gramian.cli._guard import guarded
from gramian.cli._options import Debug, Json, Quiet, Text, whole

__all__ = ["check", "notebook"]

Lab = Annotated[str, typer.Argument(metavar="NAME", help="A lab that has an exercise.")]
Variant = Annotated[
    Text,
    typer.Option(
        metavar="DIGITS", help="Replace the lab's numbers by own ones; only a hash is kept."
    ),
]


@guarded
def notebook(
    ctx: typer.Context,
    name: Lab,
    solution: Annotated[
        bool, typer.Option("--solution", help="With the functions written.")
    ] = False,
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder for both files.")] = ".",
    variant: Variant = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that differ.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Write the exercise of a lab as a notebook and as a program.

    Example: gramian lab notebook deep-sets --out exercises
    """
    from gramian.cli.exercises import write_notebook

    return write_notebook(
        name, solution=solution, out=out, variant=variant, force=force, quiet=quiet
    )


@guarded
def check(
    ctx: typer.Context,
    name: Lab,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A .py or .ipynb file, or a folder of them.")
    ],
    seed: Annotated[
        int | None,
        typer.Option(
            parser=whole, metavar="INTEGER", help="Seed of the inputs; fresh ones without it."
        ),
    ] = None,
    variant: Variant = None,
    only: Annotated[Text, typer.Option(metavar="FUNC", help="Check this function alone.")] = None,
    json: Json = None,
    csv: Annotated[
        Text, typer.Option(metavar="FILE", help="A folder's table as CSV; - is standard output.")
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Check the functions of a submission: the broken property, a small input, a hint.

    Each file runs in a process of its own, in an empty folder, with 20 s for a function, 120 s for
    the file and 2 GB. What it prints is not shown. This keeps accidents away, not attackers: grade
    the files of strangers in a container. It is made for learning, not for examinations.

    Exit code 0: all functions accepted; 1: some rejected or missing; 2: bad usage; 3: nothing
    could be judged.

    Example: gramian lab check deep-sets deep-sets.ipynb
    """
    from gramian.cli.exercises import Request, check_submissions

    return check_submissions(
        Request(name, file, seed=seed, variant=variant, only=only, json=json, csv=csv, quiet=quiet)
    )
