"""Commands and options; each command imports its work when it is called."""

from __future__ import annotations

import functools
import os
import shlex
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Optional, cast

import typer

from gramian.cli._faults import BAD_INPUT, DONE, BadInputError, explain

__all__ = ["application", "run"]

ClickError = cast(type[Exception], typer.BadParameter.__mro__[2])
"""What the parser raises; typer exports no name for it."""


class Algorithm(StrEnum):
    """Clusterers by their name on the command line."""

    kmeans = "kmeans"
    dbscan = "dbscan"
    mean_shift = "mean-shift"


OPTION_OF = {
    "k": Algorithm.kmeans,
    "eps": Algorithm.dbscan,
    "min_samples": Algorithm.dbscan,
    "bandwidth": Algorithm.mean_shift,
    "kernel": Algorithm.mean_shift,
}
"""The algorithm that reads each option of `gramian cluster` that only one does."""


class Kernel(StrEnum):
    """Kernels of mean shift."""

    flat = "flat"
    gaussian = "gaussian"


def _rich_help() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"


application = typer.Typer(
    name="gramian",
    help="Learn from pairwise structure at any scale.",
    add_completion=False,
    rich_markup_mode="rich" if _rich_help() else None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data_commands = typer.Typer(
    help="List the data sets, or fetch a complete one.",
    rich_markup_mode="rich" if _rich_help() else None,
)
application.add_typer(data_commands, name="data")


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


def _guarded(command: Callable[..., int]) -> Callable[..., int]:
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


def _command_line(ctx: typer.Context) -> str:
    return shlex.join(["gramian", *ctx.obj["arguments"]])


def _name_idle_options(ctx: typer.Context, algorithm: Algorithm) -> None:
    """Say on standard error which of the given options the algorithm does not read."""
    for name, owner in OPTION_OF.items():
        source = ctx.get_parameter_source(name)
        if owner is not algorithm and source is not None and source.name == "COMMANDLINE":
            flag = "-k" if name == "k" else f"--{name.replace('_', '-')}"
            line = f"{flag} is read by {owner.value} only; {algorithm.value} goes without."
            print(f"{ctx.command_path}: {line}", file=sys.stderr)


def _split(columns: str | None) -> list[str] | None:
    """Names between commas."""
    if columns is None:
        return None
    names = [name.strip() for name in columns.split(",")]
    if not all(names):
        raise BadInputError(f"--columns must be names with commas between them, got {columns!r}.")
    return names


def _whole(text: str | int) -> int:
    """A whole number; the parser's own message says it at length."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"must be a whole number, got {text!r}.") from None


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


Separator = Annotated[
    Optional[str],  # noqa: UP045  (typer reads it at run time)
    typer.Option(metavar="CHAR", help="Character between the fields of delimited text."),
]
Header = Annotated[
    bool, typer.Option("--header/--no-header", help="Whether the first line holds the names.")
]
Device = Annotated[
    str, typer.Option(metavar="DEVICE", help="Where entries are computed, such as cpu or cuda.")
]
Memory = Annotated[str, typer.Option(metavar="SIZE", help="Most working memory beyond the data.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="Table: CSV, TSV, Parquet, Arrow, NPY or NPZ; - reads CSV from standard input.",
    ),
]
Text = Optional[str]  # noqa: UP045  (typer reads it at run time)
Out = Annotated[
    Text,
    typer.Option(
        metavar="FILE", help="Rows with a last column 'cluster'; .csv, .tsv, .parquet or -."
    ),
]
Json = Annotated[Text, typer.Option(metavar="FILE", help="Summary as JSON; - is standard output.")]


@application.command()
@_guarded
def cluster(
    ctx: typer.Context,
    data: Data,
    algorithm: Annotated[Algorithm, typer.Option("--algorithm", "-a", help="How to group.")],
    k: Annotated[
        int,
        typer.Option("-k", parser=_whole, metavar="INTEGER", help="Number of clusters (kmeans)."),
    ] = 8,
    eps: Annotated[str, typer.Option(metavar="NUMBER", help="Radius, or auto (dbscan).")] = "auto",
    min_samples: Annotated[
        int,
        typer.Option(
            parser=_whole, metavar="INTEGER", help="Rows that make a core, itself counted (dbscan)."
        ),
    ] = 5,
    bandwidth: Annotated[
        str, typer.Option(metavar="NUMBER", help="Width, or auto (mean-shift).")
    ] = "auto",
    kernel: Annotated[Kernel, typer.Option(help="Window (mean-shift).")] = Kernel.flat,
    columns: Annotated[
        Text,
        typer.Option(
            metavar="NAMES", help="Columns to use, with commas between them; else all numeric ones."
        ),
    ] = None,
    label: Annotated[
        Text, typer.Option(metavar="COLUMN", help="Column that is not fitted, but scored against.")
    ] = None,
    standardize: Annotated[
        bool,
        typer.Option("--standardize/--no-standardize", help="Give columns mean 0, deviation 1."),
    ] = True,
    weight: Annotated[Text, typer.Option(metavar="COLUMN", help="Column of row weights.")] = None,
    out: Out = None,
    report: Annotated[Text, typer.Option(metavar="FILE", help="Report, one HTML file.")] = None,
    json: Json = None,
    save: Annotated[
        Text, typer.Option(metavar="FILE", help="Model file for `gramian predict`.")
    ] = None,
    seed: Annotated[
        int,
        typer.Option(parser=_whole, metavar="INTEGER", help="Seed of everything that is drawn."),
    ] = 0,
    device: Device = "cpu",
    memory: Memory = "2GiB",
    separator: Separator = None,
    header: Header = True,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Group the rows of a table; labels, pictures and numbers come out.

    Example: gramian cluster wine.csv -a kmeans -k 3 --label class --report wine.html
    """
    from gramian.cli.cluster import Request, run

    if not quiet:
        _name_idle_options(ctx, algorithm)
    return run(
        Request(
            data=data,
            algorithm=algorithm.value,
            n_clusters=k,
            eps=eps,
            min_samples=min_samples,
            bandwidth=bandwidth,
            kernel=kernel.value,
            columns=_split(columns),
            label=label,
            standardize=standardize,
            weight=weight,
            out=out,
            report=report,
            json=json,
            save=save,
            seed=seed,
            device=device,
            memory=memory,
            separator=separator,
            header=header,
            quiet=quiet,
            command=_command_line(ctx),
        )
    )


@application.command()
@_guarded
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
    """Label new rows with a model that `gramian cluster --save` wrote.

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
            command=_command_line(ctx),
        )
    )


@application.command()
@_guarded
def tour(
    ctx: typer.Context,
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "--report",
            metavar="PATH",
            help="Folder for tour.html, or a name that ends so.",
        ),
    ] = ".",
    quick: Annotated[bool, typer.Option("--quick", help="Smaller sizes, a few seconds.")] = False,
    debug: Debug = False,
) -> int:
    """Show on built-in data what the library promises; ends in one report."""
    from gramian.cli.tour import run

    return run(out, quick=quick, command=_command_line(ctx))


@application.command()
@_guarded
def doctor(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
    debug: Debug = False,
) -> int:
    """Say what is installed and used, and test it for two seconds."""
    from gramian.cli.doctor import run

    return run(as_json=json)


@data_commands.command("list")
@_guarded
def list_(ctx: typer.Context, debug: Debug = False) -> int:
    """List the data sets and where they are."""
    from gramian.cli.datasets import list_all

    return list_all()


@data_commands.command()
@_guarded
def fetch(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="fashion-mnist or mnist.")],
    root: Annotated[Text, typer.Option(metavar="FOLDER", help="Folder for the files.")] = None,
    debug: Debug = False,
) -> int:
    """Download a complete image set; what is there and whole is kept."""
    from gramian.cli.datasets import fetch_one

    return fetch_one(name, root)
