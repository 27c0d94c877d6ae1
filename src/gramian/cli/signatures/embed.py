"""The options of ``gramian embed``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gramian.cli._guard import guarded, shared
from gramian.cli._options import (
    Columns,
    Data,
    Debug,
    Device,
    Header,
    Json,
    Memory,
    Quiet,
    Report,
    Save,
    Seed,
    Separator,
    Standardize,
    Text,
    whole,
)

__all__ = ["embed"]


class Kernel(StrEnum):
    """Kernels by scikit-learn's names."""

    rbf = "rbf"
    laplacian = "laplacian"
    linear = "linear"
    poly = "poly"
    cosine = "cosine"


@guarded
def embed(
    ctx: typer.Context,
    data: Data,
    components: Annotated[
        int, typer.Option(parser=whole, metavar="INTEGER", help="Columns of the embedding.")
    ] = 2,
    kernel: Annotated[Kernel, typer.Option(help="Similarity of two rows.")] = Kernel.rbf,
    bandwidth: Annotated[
        str,
        typer.Option(
            metavar="NUMBER", help="Width of rbf and laplacian, or auto: the median distance."
        ),
    ] = "auto",
    columns: Columns = None,
    label: Annotated[
        Text, typer.Option(metavar="COLUMN", help="Column that is not used, but colours the rows.")
    ] = None,
    standardize: Standardize = True,
    out: Annotated[
        Text,
        typer.Option(
            metavar="FILE",
            help="Rows with columns 'component1', …; .csv, .tsv, .parquet or -.",
        ),
    ] = None,
    report: Report = None,
    json: Json = None,
    save: Save = None,
    seed: Seed = 0,
    device: Device = "cpu",
    memory: Memory = "2GiB",
    separator: Separator = None,
    header: Header = True,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Draw a table as points in a few columns by kernel principal components.

    Example: gramian embed wine.csv --label class --out placed.csv --report wine.html
    """
    from gramian.cli.embed import Request, run

    return run(
        Request(
            n_components=components,
            kernel=kernel.value,
            bandwidth=bandwidth,
            label=label,
            **shared(ctx),
        )
    )
