"""The options of ``gramian cluster``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gramian.cli._guard import guarded, name_idle_options, shared
from gramian.cli._options import (
    Columns,
    Data,
    Debug,
    Device,
    Header,
    Json,
    Memory,
    Out,
    Quiet,
    Report,
    Save,
    Seed,
    Separator,
    Standardize,
    Text,
    Weight,
    whole,
)

__all__ = ["cluster"]


class Algorithm(StrEnum):
    """Clusterers by their name on the command line."""

    kmeans = "kmeans"
    dbscan = "dbscan"
    hdbscan = "hdbscan"
    mean_shift = "mean-shift"


class Kernel(StrEnum):
    """Kernels of mean shift."""

    flat = "flat"
    gaussian = "gaussian"


OPTION_OF: dict[str, tuple[StrEnum, ...]] = {
    "k": (Algorithm.kmeans,),
    "eps": (Algorithm.dbscan,),
    "min_samples": (Algorithm.dbscan, Algorithm.hdbscan),
    "min_cluster_size": (Algorithm.hdbscan,),
    "bandwidth": (Algorithm.mean_shift,),
    "kernel": (Algorithm.mean_shift,),
}
"""The algorithms that read each option of `gramian cluster` that not all do."""


@guarded
def cluster(
    ctx: typer.Context,
    data: Data,
    algorithm: Annotated[Algorithm, typer.Option("--algorithm", "-a", help="How to group.")],
    k: Annotated[
        int,
        typer.Option("-k", parser=whole, metavar="INTEGER", help="Number of clusters (kmeans)."),
    ] = 8,
    eps: Annotated[str, typer.Option(metavar="NUMBER", help="Radius, or auto (dbscan).")] = "auto",
    min_samples: Annotated[
        int,
        typer.Option(
            parser=whole,
            metavar="INTEGER",
            help="Rows that make a core, itself counted (dbscan, hdbscan).",
        ),
    ] = 5,
    min_cluster_size: Annotated[
        int,
        typer.Option(
            parser=whole, metavar="INTEGER", help="Rows without which it is noise (hdbscan)."
        ),
    ] = 5,
    bandwidth: Annotated[
        str, typer.Option(metavar="NUMBER", help="Width, or auto (mean-shift).")
    ] = "auto",
    kernel: Annotated[Kernel, typer.Option(help="Window (mean-shift).")] = Kernel.flat,
    columns: Columns = None,
    label: Annotated[
        Text, typer.Option(metavar="COLUMN", help="Column that is not fitted, but scored against.")
    ] = None,
    standardize: Standardize = True,
    weight: Weight = None,
    out: Out = None,
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
    """Group the rows of a table; labels, pictures and numbers come out.

    Example: gramian cluster wine.csv -a kmeans -k 3 --label class --report wine.html
    """
    from gramian.cli.cluster import Request, run

    if not quiet:
        name_idle_options(ctx, algorithm, OPTION_OF)
    return run(
        Request(
            algorithm=algorithm.value,
            n_clusters=k,
            eps=eps,
            min_samples=min_samples,
            min_cluster_size=min_cluster_size,
            bandwidth=bandwidth,
            kernel=kernel.value,
            label=label,
            weight=weight,
            **shared(ctx),
        )
    )
