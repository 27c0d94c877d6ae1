"""The options of ``gramian regress``."""

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

__all__ = ["regress"]


class Kernel(StrEnum):
    """Kernels by scikit-learn's names."""

    rbf = "rbf"
    laplacian = "laplacian"
    linear = "linear"


@guarded
def regress(
    ctx: typer.Context,
    data: Data,
    target: Annotated[str, typer.Option(metavar="COLUMN", help="Column to predict.")],
    kernel: Annotated[Kernel, typer.Option(help="Similarity of two rows.")] = Kernel.rbf,
    ridge: Annotated[
        str, typer.Option(metavar="NUMBERS", help="Ridges to try, with commas, or auto.")
    ] = "auto",
    bandwidth: Annotated[
        str, typer.Option(metavar="NUMBERS", help="Bandwidths to try, with commas, or auto.")
    ] = "auto",
    columns: Columns = None,
    standardize: Standardize = True,
    weight: Weight = None,
    out: Annotated[
        Text,
        typer.Option(
            metavar="FILE", help="Rows with a last column 'prediction'; .csv, .tsv, .parquet or -."
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
    """Predict a column by kernel ridge regression; ridge and bandwidth are chosen by leave-one-out.

    Example: gramian regress wine.csv --target alcohol --out predicted.csv --report wine.html
    """
    from gramian.cli.regress import Request, run

    return run(
        Request(
            target=target,
            kernel=kernel.value,
            ridge=ridge,
            bandwidth=bandwidth,
            weight=weight,
            **shared(ctx),
        )
    )
