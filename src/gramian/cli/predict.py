"""``gramian predict``: labels for new rows from a saved model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian import _config
from gramian.cli._labelled import labelled
from gramian.cli._machine import versions
from gramian.cli._outputs import STDOUT, Outputs, as_json
from gramian.cli._progress import Progress
from gramian.cli._source import Source
from gramian.cli._words import NAMES, columns, plural
from gramian.cli.model import load_model

__all__ = ["SCHEMA", "Request", "run"]

SCHEMA = "gramian.predict/1"


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    model: str
    data: str
    out: str | None
    json: str | None
    device: str
    memory: str
    separator: str | None
    header: bool
    quiet: bool
    command: str


def run(request: Request) -> int:
    """Label the rows; files appear only once everything has succeeded."""
    with (
        Outputs([request.data, request.model]) as outputs,
        Progress(not request.quiet) as progress,
    ):
        outputs.claim("--out", request.out, stdout=True)
        outputs.claim("--json", request.json, stdout=True)
        with _config.config_context(memory=request.memory, device=request.device):
            progress.step("Reading the model and the table")
            saved = load_model(request.model)
            source = Source.open(request.data, separator=request.separator, header=request.header)
            table = source.apply(saved.preparation)
            progress.step(f"Labelling {table.n_rows:,} rows")
            labels = np.asarray(saved.estimator.predict(table.X))
        notes = list(table.notes)
        if request.out is not None:
            content, note = labelled(source, labels, request.out)
            outputs.put(request.out, content)
            notes += [note] if note else []
        summary = {
            "schema": SCHEMA,
            "algorithm": saved.algorithm,
            "model": {"path": request.model, "version": saved.facts["version"]},
            "data": {
                "name": source.name,
                "sha256": source.sha256,
                "rows": table.n_rows,
                "columns": list(table.feature_names),
                "notes": notes,
            },
            "clusters": _sizes(labels),
            "noise": int((labels < 0).sum()),
            "versions": versions(),
            "command": request.command,
        }
        if request.json is not None:
            outputs.put(request.json, as_json(summary).encode())
        if not (request.quiet or outputs.own_stdout):
            outputs.put(STDOUT, ("\n".join(_lines(summary, request.out)) + "\n").encode())
        outputs.commit()
    return 0


def _sizes(labels: np.ndarray) -> list[dict[str, int]]:
    found, counts = np.unique(labels[labels >= 0], return_counts=True)
    return [
        {"cluster": int(label), "rows": int(count)}
        for label, count in zip(found, counts, strict=True)
    ]


def _lines(summary: dict[str, Any], out: str | None) -> list[str]:
    data = summary["data"]
    rows: list[tuple[Any, Any]] = [(c["cluster"], f"{c['rows']:,}") for c in summary["clusters"]]
    if summary["noise"]:
        rows.append(("noise", f"{summary['noise']:,}"))
    return [
        f"{data['name']}: {plural(data['rows'], 'row')} labelled by {NAMES[summary['algorithm']]}",
        *(f"  {note}" for note in data["notes"]),
        "",
        *columns(("cluster", "rows"), rows),
        *([] if out is None else ["", f"out  {out}"]),
    ]
