"""``gramian predict``: labels, log densities or values for new rows from a saved model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian import _config
from gramian.cli._density_words import spread_rows
from gramian.cli._labelled import CLUSTER, COMPONENT, PREDICTION, labelled
from gramian.cli._machine import versions
from gramian.cli._outputs import STDOUT, Outputs, as_json
from gramian.cli._progress import Progress
from gramian.cli._source import Source
from gramian.cli._words import NAMES, columns, plural
from gramian.cli.density import log_densities, spread
from gramian.cli.embed import ranges
from gramian.cli.model import SavedModel, load_model
from gramian.cli.regress import quartiles

__all__ = ["SCHEMA", "Request", "run"]

SCHEMA = "gramian.predict/1"
_COLUMN = {"density": PREDICTION, "embedding": COMPONENT, "regression": PREDICTION}
"""Name of the new column of models that give every row numbers, not a cluster."""


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
    """Label or score the rows; files appear only once everything has succeeded."""
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
            progress.step(f"Predicting {table.n_rows:,} rows")
            found = _predicted(saved, table.X)
        notes = list(table.notes)
        if request.out is not None:
            name = _COLUMN.get(saved.algorithm, CLUSTER)
            content, note = labelled(source, found, request.out, name)
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
            **_summed_up(saved.algorithm, found),
            "versions": versions(),
            "command": request.command,
        }
        if request.json is not None:
            outputs.put(request.json, as_json(summary).encode())
        if not (request.quiet or outputs.own_stdout):
            outputs.put(STDOUT, ("\n".join(_lines(summary, request.out)) + "\n").encode())
        outputs.commit()
    return 0


def _predicted(saved: SavedModel, X: np.ndarray) -> np.ndarray:
    """What the model says of each row."""
    if saved.algorithm == "density":
        return log_densities(saved.estimator, X, saved.preparation)
    if saved.algorithm == "embedding":
        return np.asarray(saved.estimator.transform(X))
    if saved.algorithm == "regression":
        X = X.astype(np.float64)
    return np.asarray(saved.estimator.predict(X))


def _summed_up(algorithm: str, found: np.ndarray) -> dict[str, Any]:
    if algorithm == "density":
        return {"log_density": spread(found)}
    if algorithm == "embedding":
        return {"components": ranges(found)}
    if algorithm == "regression":
        return {"prediction": quartiles(found)}
    return {"clusters": _sizes(found), "noise": int((found < 0).sum())}


def _sizes(labels: np.ndarray) -> list[dict[str, int]]:
    found, counts = np.unique(labels[labels >= 0], return_counts=True)
    return [
        {"cluster": int(label), "rows": int(count)}
        for label, count in zip(found, counts, strict=True)
    ]


def _lines(summary: dict[str, Any], out: str | None) -> list[str]:
    data = summary["data"]
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    if "log_density" in summary:
        verb, header, rows = "scored", ("log density", ""), spread_rows(summary["log_density"])
    elif "components" in summary:
        verb, header = "placed", ("component", "min", "median", "max")
        parts = summary["components"]
        rows = [tuple(f"{part[name]:.6g}" for name in header) for part in parts]
    elif "prediction" in summary:
        verb, header = "predicted", ("prediction", "")
        rows = [(name.replace("_", " "), f"{v:.6g}") for name, v in summary["prediction"].items()]
    else:
        verb, header = "labelled", ("cluster", "rows")
        rows = [(str(c["cluster"]), f"{c['rows']:,}") for c in summary["clusters"]]
        if summary["noise"]:
            rows = [*rows, ("noise", f"{summary['noise']:,}")]
    return [
        f"{data['name']}: {plural(data['rows'], 'row')} {verb} by {NAMES[summary['algorithm']]}",
        *(f"  {note}" for note in data["notes"]),
        "",
        *columns(header, rows),
        *([] if out is None else ["", f"out  {out}"]),
    ]
