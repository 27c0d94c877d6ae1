"""The options of ``gramian lab``."""

from __future__ import annotations

from typing import Annotated

import typer

from gramian.cli._guard import command_line, guarded
from gramian.cli._options import Debug, Device, Quiet, Seed, Text
from gramian.cli.signatures.lab_exercises import check, notebook

__all__ = ["COMMANDS"]

Name = Annotated[str, typer.Argument(metavar="NAME", help="A lab, as `gramian lab list` has it.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME...", help="Labs to run.", show_default=False),
]


@guarded
def list_(ctx: typer.Context, debug: Debug = False) -> int:
    """List the labs: topic, time, data and source of each."""
    from gramian.cli.labs import list_all

    return list_all()


@guarded
def show(ctx: typer.Context, name: Name, debug: Debug = False) -> int:
    """Say what a lab asks, claims and controls, and which faults can be planted."""
    from gramian.cli.labs import show_one

    return show_one(name)


@guarded
def run(
    ctx: typer.Context,
    names: Names = None,
    full: Annotated[
        bool, typer.Option("--full/--quick", help="All replicates, or a minute at most.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Run every lab.")] = False,
    seed: Seed = 0,
    device: Device = "cpu",
    data: Annotated[
        Text, typer.Option(metavar="DIR", help="Folder of the complete image sets.")
    ] = None,
    out: Annotated[
        Text, typer.Option(metavar="DIR", help="Folder for NAME.html and NAME.json.")
    ] = None,
    fault: Annotated[
        Text,
        typer.Option(metavar="ID", help="Plant a negative control as if it were the method."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Timing claims count too.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Run labs and judge their claims.

    Exit code 0: every claim holds and every control behaves; 1: a claim is refuted; 2: bad usage;
    3: a control misbehaves; 4: data are missing or corrupt; 5: a claim is undecided; 6: more than
    five times the budget; 70: a lab broke off.
    """
    from gramian.cli.labs import Request
    from gramian.cli.labs import run as run_labs

    return run_labs(
        Request(
            names=names or [],
            every=every,
            mode="full" if full else "quick",
            seed=seed,
            device=device,
            data=data,
            out=out,
            fault=fault,
            strict=strict,
            quiet=quiet,
            debug=debug,
            command=command_line(ctx),
        )
    )


@guarded
def compare(
    ctx: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A.json", help="Record of a run.")],
    second: Annotated[str, typer.Argument(metavar="B.json", help="Record of another run.")],
    debug: Debug = False,
) -> int:
    """Say whether two runs of a lab are alike; exit code 1 if they are not."""
    from gramian.cli.labs import compare_files

    return compare_files(first, second)


COMMANDS = {
    "list": list_,
    "show": show,
    "run": run,
    "compare": compare,
    "notebook": notebook,
    "check": check,
}
"""What ``gramian lab`` offers, in the order of its help."""
