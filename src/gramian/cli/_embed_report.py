"""The report of ``gramian embed``: asked, done, seen, counted, repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gramian.cli._embed_words import FLAT, HEADER, component_rows, flat, kernel_words
from gramian.cli._words import plural, provenance
from gramian.cli.model import build
from gramian.engine.plan import format_bytes
from gramian.plot import ComponentCorrelationDisplay, EmbeddingDisplay, SpectrumDisplay
from gramian.report import Report

if TYPE_CHECKING:
    from gramian.cli.embed import Result

__all__ = ["build_report"]

SPECTRUM = 10
"""Components that the pictures show at least, where there are so many rows."""


def build_report(result: Result) -> Report:
    """One self-contained page."""
    summary = result.summary
    data, parts = summary["data"], summary["components"]
    total, words = parts[-1]["cumulated_share"], kernel_words(summary)
    title = f"Embedding of {data['name']}"
    found = plural(len(parts), "component")
    lead = f"{plural(data['rows'], 'row')}, {plural(len(data['columns']), 'column')}: {found} "
    report = Report(
        title, lead + f"with {total:.1%} of the variance in the kernel's feature space."
    )
    if flat(summary):
        report.verdict(FLAT, "caution")
    report.highlights(
        {
            "rows": data["rows"],
            "columns": len(data["columns"]),
            "components": len(parts),
            "share of the variance": f"{total:.1%}",
        }
    )
    report.ask(
        f"Place the rows of {data['name']} by kernel principal components.",
        {
            "kernel": words,
            "how chosen": summary["parameters"]["how"],
            "label column": data["label"] or "none",
            "seed": str(summary["seed"]),
            "working memory": f"at most {format_bytes(summary['memory_budget'])}",
        },
    )
    report.notes(data["notes"])
    _add_pictures(report, result)
    report.section("Numbers")
    rows = [
        [*line, f"{part['residual']:.1e}"]
        for line, part in zip(component_rows(summary), parts, strict=True)
    ]
    said = "Components; the residual bounds the distance to an eigenvalue of the exact matrix"
    report.table([*HEADER, "residual"], rows, said)
    report.section("How to repeat it")
    report.code("Command line", summary["command"])
    report.code("Python, the same embedding", summary["python"])
    solver = f"{summary['solver']}, {summary['passes']:g} products with the whole matrix"
    report.provenance(provenance(summary, "to fit", solver=solver))
    return report


def _add_pictures(report: Report, result: Result) -> None:
    """The plane of the first two components, the next two, the spectrum, and the columns."""
    table, parts = result.table, result.summary["components"]
    shares = [part["share"] for part in parts]
    named = "label" if table.label_name is None else table.label_name
    by = "" if table.label_name is None else f", coloured by {named!r}, which was not used"
    report.section("Pictures")
    for first in range(0, min(len(parts), 4), 2):
        pair = result.embedding[:, first : first + 2]
        axes = [f"component {j + 1} ({shares[j]:.1%} of the variance)" for j in range(len(shares))]
        axes = [*axes[first : first + 2], ""]
        display = EmbeddingDisplay.from_predictions(
            pair, label=table.label, label_name=named, axis_names=axes
        )
        title = "The embedding" if first == 0 else "The next components"
        report.figure(display, title, caption=f"One point for each row{by}.")
    leading, embedding = _leading(result)
    said = "Shares of the variance in the kernel's feature space. A flat end is noise, or a curve."
    report.figure(SpectrumDisplay.from_estimator(leading), "The spectrum", caption=said)
    display = ComponentCorrelationDisplay.from_predictions(
        table.X, embedding, feature_names=table.feature_names
    )
    said = "Correlations of columns and components. A faint row is a curve that no column follows."
    report.figure(display, "What the components follow", caption=said)


def _leading(result: Result) -> tuple[Any, np.ndarray]:
    """The model with `SPECTRUM` components at least, and the rows in them."""
    most = min(SPECTRUM, result.table.n_rows)
    if len(result.summary["components"]) >= most:
        return result.model, result.embedding
    used = result.summary["parameters"]["used"] | {"n_components": most}
    model = build("embedding", used)
    return model, np.asarray(model.fit_transform(result.table.X))
