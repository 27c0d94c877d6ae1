"""What every command has in common that learns from a table and leaves files."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from gramian import _config
from gramian.cli._labelled import labelled
from gramian.cli._machine import peak_memory, versions
from gramian.cli._outputs import STDOUT, Outputs, as_json
from gramian.cli._progress import Progress
from gramian.cli._source import Source
from gramian.cli.model import save_bytes
from gramian.data import Preparation, Table

__all__ = ["Job", "Presentation", "carry_out", "circumstances", "described", "open_table"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """The options that all commands of this kind read."""

    data: str
    columns: list[str] | None
    standardize: bool
    out: str | None
    report: str | None
    json: str | None
    save: str | None
    seed: int
    device: str
    memory: str
    separator: str | None
    header: bool
    quiet: bool
    command: str


class Outcome(Protocol):
    """What a command's work comes to."""

    @property
    def source(self) -> Source: ...

    @property
    def table(self) -> Table: ...

    @property
    def model(self) -> Any: ...

    @property
    def summary(self) -> dict[str, Any]: ...


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """How a result becomes files.

    Attributes
    ----------
    found : ndarray of shape (n,) or (n, k)
        What ``--out`` adds to the rows, under ``column``; ``what`` names it.
    kind : str
        Of the model that ``--save`` writes.
    python : str
        The program that repeats it.
    lines : callable
        The summary for the screen.
    report : str
        The module whose ``build_report`` draws the report; it loads matplotlib.
    preparation : Preparation, optional
        What new rows go through, where it is not what the table went through.
    """

    found: np.ndarray
    column: str
    what: str
    kind: str
    python: str
    lines: Callable[[dict[str, Any]], list[str]]
    report: str
    preparation: Preparation | None = None


R = TypeVar("R", bound=Outcome)


def carry_out(job: Job, work: Callable[[Progress], R], present: Callable[[R], Presentation]) -> int:
    """Do the work and leave its files, which appear only once everything has succeeded."""
    with Outputs([job.data]) as outputs, Progress(not job.quiet) as progress:
        outputs.claim("--out", job.out, stdout=True)
        outputs.claim("--json", job.json, stdout=True)
        outputs.claim("--report", job.report)
        outputs.claim("--save", job.save)
        with _config.config_context(memory=job.memory, device=job.device):
            result = work(progress)
            shown = present(result)
            _stage(job, result, shown, outputs, progress)
        if not (job.quiet or outputs.own_stdout):
            outputs.put(STDOUT, ("\n".join(shown.lines(result.summary)) + "\n").encode())
        outputs.commit()
    return 0


def open_table(
    job: Job, progress: Progress, *, label: str | None, weight: str | None
) -> tuple[Source, Table]:
    """The table that the job names."""
    progress.step("Reading the table")
    source = Source.open(job.data, separator=job.separator, header=job.header)
    table = source.table(
        columns=job.columns, label=label, weight=weight, standardize=job.standardize
    )
    return source, table


def described(
    job: Job, source: Source, table: Table, notes: list[str], **names: str | None
) -> dict[str, Any]:
    """The data, for the summary; ``names`` are those of columns with a part of their own."""
    return {
        "name": source.name,
        "sha256": source.sha256,
        "rows": table.n_rows,
        "columns": list(table.feature_names),
        **names,
        "standardized": job.standardize,
        "dtype": str(table.X.dtype),
        "notes": notes,
    }


def circumstances(job: Job) -> dict[str, Any]:
    """Where and with what the work was done, for the summary."""
    import torch

    return {
        "seed": job.seed,
        "device": job.device,
        "memory_budget": _config.current().memory,
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }


def _stage(
    job: Job, result: Outcome, shown: Presentation, outputs: Outputs, progress: Progress
) -> None:
    """Make every file that was asked for, under temporary names."""
    summary = result.summary
    summary["command"] = job.command
    summary["python"] = shown.python
    if job.out is not None:
        progress.step(f"Writing the {shown.what}")
        content, note = labelled(result.source, shown.found, job.out, shown.column)
        outputs.put(job.out, content)
        summary["data"]["notes"] += [note] if note else []
    if job.save is not None:
        preparation = shown.preparation or result.table.preparation
        used, n_rows = summary["parameters"]["used"], result.table.n_rows
        content = save_bytes(shown.kind, result.model, used, preparation, n_rows)
        outputs.put(job.save, content)
    summary["files"] = {
        name: path
        for name in ("out", "report", "json", "save")
        if (path := getattr(job, name)) not in (None, STDOUT)
    }
    summary["peak_memory"] = peak_memory()
    if job.report is not None:
        progress.step("Drawing the pictures")
        report = importlib.import_module(shown.report).build_report(result)
        outputs.put(job.report, report.html().encode())
        summary["peak_memory_with_report"] = peak_memory()
    if job.json is not None:
        outputs.put(job.json, as_json(summary).encode())
