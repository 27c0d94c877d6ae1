"""The report of ``gramian density``: asked, done, seen, counted, repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gramian.cli._density_words import CAUTION, how_wide, own_bumps, spread_rows
from gramian.cli._words import plural, provenance
from gramian.engine.plan import format_bytes
from gramian.kernel_methods import KernelDensity
from gramian.plot import DensityDisplay, LogDensityHistogramDisplay, MarginalDensityDisplay
from gramian.plot.density_curves import MOST_CURVES
from gramian.report import Report

if TYPE_CHECKING:
    from gramian.cli.density import Result

__all__ = ["build_report"]

CURVE_POINTS = 300
MOST_COLUMNS = 8


def build_report(result: Result) -> Report:
    """One self-contained page."""
    summary, values = result.summary, result.values
    data, kernel = summary["data"], summary["parameters"]["used"]["kernel"]
    width = how_wide(summary)
    title = f"Density of {data['name']}"
    size = f"{plural(data['rows'], 'row')}, {plural(len(data['columns']), 'column')}"
    report = Report(title, f"{size}: bandwidth {width}.")
    zero = summary["log_density"]["rows_of_density_zero"]
    if zero:
        text = f"{plural(zero, 'row')} of weight zero lie where the density is zero."
        report.verdict(text, "caution")
    if own_bumps(summary):
        report.verdict(CAUTION, "caution")
    report.highlights(
        {
            "rows": data["rows"],
            "columns": len(data["columns"]),
            "bandwidth": f"{summary['parameters']['used']['bandwidth']:.4g}",
            "median log density": f"{np.median(values):.4g}",
        }
    )
    report.ask(
        f"Estimate how densely the rows of {data['name']} lie.",
        {
            "kernel": kernel,
            "bandwidth": width,
            "weight column": data["weight"] or "none",
            "working memory": f"at most {format_bytes(summary['memory_budget'])}",
        },
    )
    report.notes(data["notes"])
    _add_pictures(report, result)
    report.section("Numbers")
    others = summary["leave_one_out_mean"]
    numbers = [
        *spread_rows(summary["log_density"]),
        ("mean from the other rows alone", "none" if others is None else f"{others:.6g}"),
    ]
    report.table(["log density", "value"], numbers, "Log densities of the rows")
    _add_sparsest(report, result)
    report.section("How to repeat it")
    report.code("Command line", summary["command"])
    report.code("Python, the same log densities", summary["python"])
    report.provenance(provenance(summary, "to fit and score"))
    return report


def _add_pictures(report: Report, result: Result) -> None:
    report.section("Pictures")
    table, names = result.table, result.table.feature_names
    unit = "standard deviations" if result.request.standardize else "the columns' own units"
    if len(names) == 2:
        display = DensityDisplay.from_estimator(result.model, table.X, feature_names=names)
        shift = result.values[0] - float(display.log_density[0])
        said = f"Axes in {unit}. Inside each line lies that share of the rows."
        if result.request.standardize and np.isfinite(shift):
            said += f" Log densities here are per unit of the axes: less by {shift:+.4g} in --out."
        report.figure(display, "The density", caption=said)
    elif len(names) > 2:
        display = DensityDisplay.from_predictions(table.X, result.values, feature_names=names)
        said = "Rows in the plane of the first two principal axes, the densest on top."
        report.figure(display, "The density", caption=said)
    if np.isfinite(result.values).any():
        histogram = LogDensityHistogramDisplay.from_predictions(result.values)
        said = "Rows on the far left lie alone: look at them first."
        report.figure(histogram, "Log densities of the rows", caption=said)
    report.figure(_marginals(result), "Each column alone", caption=_marginal_caption(result))


def _marginals(result: Result) -> MarginalDensityDisplay:
    """Gaussian estimates of single columns, each at the bandwidth of Silverman's rule."""
    X, weight = result.table.X, result.table.weight
    columns = range(min(X.shape[1], MOST_CURVES))
    scaled = []
    for j in columns:
        column = X[:, j].astype(np.float64)
        deviation = column.std()
        scaled.append((column - column.mean()) / (deviation if deviation > 0 else 1.0))
    reach = max(4.0, *(float(np.quantile(np.abs(column), 0.999)) for column in scaled))
    across = np.linspace(-reach, reach, CURVE_POINTS)
    curves = [
        np.exp(
            KernelDensity(bandwidth="silverman")
            .fit(column[:, None], sample_weight=weight)
            .score_samples(across[:, None])
        )
        for column in scaled
    ]
    names = result.table.feature_names[: len(scaled)]
    return MarginalDensityDisplay.from_predictions(across, np.stack(curves), names)


def _marginal_caption(result: Result) -> str:
    said = "Gaussian estimates of single columns at the bandwidth of Silverman's rule."
    n = len(result.table.feature_names)
    return said if n <= MOST_CURVES else f"The first {MOST_CURVES} of {n} columns. {said}"


def _add_sparsest(report: Report, result: Result) -> None:
    """The rows of least density, as the table holds them."""
    names = result.table.feature_names
    shown = names[:MOST_COLUMNS]
    frame = result.source.raw.frame
    body: list[list[Any]] = []
    for row in result.sparsest.tolist():
        cells = [_short(frame[name][row]) for name in shown]
        body.append([f"{row + 1:,}", f"{result.values[row]:.4g}", *cells])
    caption = f"The {plural(len(body), 'row')} of least density"
    if len(shown) < len(names):
        caption += f" (the first {len(shown)} of {len(names)} columns)"
    report.table(["row", "log density", *shown], body, caption)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
