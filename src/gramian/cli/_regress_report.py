"""The report of ``gramian regress``: asked, done, seen, counted, repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gramian.cli._regress_words import cautions, chosen, error_rows
from gramian.cli._words import plural, provenance
from gramian.engine.plan import format_bytes
from gramian.plot import PredictionDisplay, ResidualDisplay, RidgePathDisplay
from gramian.report import Report

if TYPE_CHECKING:
    from gramian.cli.regress import Result

__all__ = ["build_report"]

MOST_WRONG = 10


def build_report(result: Result) -> Report:
    """One self-contained page."""
    summary = result.summary
    data, errors = summary["data"], summary["leave_one_out"]
    report = Report(
        f"Regression of {data['target']}",
        f"{data['name']}: {plural(data['rows'], 'row')}, {plural(len(data['columns']), 'column')}.",
    )
    for text in cautions(summary):
        report.verdict(text, "caution")
    r2 = errors["r2"]
    report.highlights(
        {
            "rows": data["rows"],
            "R² of left-out rows": "none" if r2 is None else f"{r2:.3f}",
            "error of left-out rows": f"{errors['rmse']:.4g}",
            "deviation of the target": f"{errors['target_deviation']:.4g}",
        }
    )
    report.ask(
        f"Predict {data['target']} from the other columns of {data['name']}.",
        {
            "kernel": summary["parameters"]["used"]["kernel"],
            "pairs tried": len(summary["path"]["ridge"]),
            "chosen by leave-one-out": chosen(summary),
            "weight column": data["weight"] or "none",
            "working memory": f"at most {format_bytes(summary['memory_budget'])}",
        },
    )
    report.notes(data["notes"])
    _add_pictures(report, result)
    report.section("Numbers")
    report.table(["rows left out", "value"], error_rows(summary), "Errors of left-out rows")
    report.table(["certificate", "value"], _certificate(summary), "How exactly it was solved")
    _add_worst(report, result)
    report.section("How to repeat it")
    report.code("Command line", summary["command"])
    report.code("Python, the same predictions", summary["python"])
    report.provenance(provenance(summary, "to choose and predict"))
    return report


def _add_pictures(report: Report, result: Result) -> None:
    report.section("Pictures")
    left_out, name = np.asarray(result.model.loo_prediction_), result.request.target
    kept = np.isfinite(left_out)
    truth, left_out = result.truth[kept], left_out[kept]
    said = "Each row predicted by the model that has not seen it. On the line both agree."
    pairs = PredictionDisplay.from_predictions(truth, left_out, name=name)
    report.figure(pairs, "Prediction against truth", caption=said)
    said = "What is left. A bend or a funnel is something that the model does not know."
    rest = ResidualDisplay.from_predictions(truth, left_out, name=name)
    report.figure(rest, "Residuals", caption=said)
    if len(result.summary["path"]["ridge"]) > 1:
        path = RidgePathDisplay.from_estimator(result.model)
        said = "Every pair that was tried; the ring marks the one that was taken."
        report.figure(path, "The choice of ridge and bandwidth", caption=said)


def _certificate(summary: dict[str, Any]) -> list[tuple[str, str]]:
    found, path = summary["certificate"], summary["path"]
    scored = "all eigenvectors, exactly"
    if path["method"] == "low-rank":
        scored = f"landmarks, which leave out {path['error']:.2g} of the ridge"
    return [
        ("solver", found["solver"]),
        ("relative residual", f"{found['residual']:.2e}"),
        ("products with the kernel matrix", f"{found['passes']:.1f}"),
        ("rank of its factor", f"{found['rank']:,}"),
        ("path scored from", scored),
    ]


def _add_worst(report: Report, result: Result) -> None:
    """The rows that the others predict worst."""
    left_out = np.asarray(result.model.loo_prediction_)
    size = np.where(np.isfinite(left_out), np.abs(left_out - result.truth), -1.0)
    worst = np.argsort(-size, kind="stable")[:MOST_WRONG]
    body = [
        [
            f"{row + 1:,}",
            f"{result.truth[row]:.6g}",
            f"{left_out[row]:.6g}",
            f"{result.truth[row] - left_out[row]:+.4g}",
        ]
        for row in worst.tolist()
    ]
    caption = f"The {plural(len(body), 'row')} that the others predict worst"
    report.table(["row", "true", "predicted without it", "difference"], body, caption)
