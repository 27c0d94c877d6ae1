"""The options of ``gramian density``."""

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
    Weight,
)

__all__ = ["density"]


class Kernel(StrEnum):
    """Kernels by scikit-learn's names."""

    gaussian = "gaussian"
    tophat = "tophat"
    epanechnikov = "epanechnikov"
    exponential = "exponential"
    linear = "linear"
    cosine = "cosine"


@guarded
def density(
    ctx: typer.Context,
    data: Data,
    bandwidth: Annotated[
        str, typer.Option(metavar="WIDTH", help="A number, scott, silverman or loo.")
    ] = "scott",
    kernel: Annotated[Kernel, typer.Option(help="Bump on each row.")] = Kernel.gaussian,
    columns: Columns = None,
    standardize: Standardize = True,
    weight: Weight = None,
    out: Annotated[
        Text,
        typer.Option(
            metavar="FILE",
            help="Rows with a last column 'prediction', the log density; .csv, .tsv, .parquet, -.",
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
    """Estimate how densely the rows of a table lie; log densities and pictures come out.

    Example: gramian density wine.csv --bandwidth loo --out scored.csv --report wine.html
    """
    from gramian.cli.density import Request, run

    return run(
        Request(
            bandwidth=bandwidth,
            kernel=kernel.value,
            weight=weight,
            **shared(ctx),
        )
    )
