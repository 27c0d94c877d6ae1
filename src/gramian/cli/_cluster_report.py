"""The report of ``gramian cluster``: asked, done, seen, counted, repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from gramian.cli._pictures import Picture, add_pictures, inertia_curve
from gramian.cli._words import NAMES, plural, provenance, settings
from gramian.cluster._suggest_eps import k_distances, knee
from gramian.engine.plan import format_bytes
from gramian.plot import ClusterScatterDisplay, CondensedTreeDisplay, KDistanceDisplay
from gramian.report import Report

if TYPE_CHECKING:
    from gramian.cli.cluster import Result

__all__ = ["build_report"]

MOST_LABELS = 48
MOST_COLUMNS = 100
WITH_NOISE = ("dbscan", "hdbscan")
SCORE_NAMES = {"adjusted_rand_index": "adjusted Rand index", "v_measure": "V-measure"}


def build_report(result: Result) -> Report:
    """One self-contained page."""
    summary = result.summary
    data, noise = summary["data"], summary["noise"]
    name = NAMES[summary["algorithm"]]
    found = plural(summary["n_clusters"], "cluster")
    title = f"{name} on {data['name']}"
    lead = f"{plural(data['rows'], 'row')}, {plural(len(data['columns']), 'column')}: {found}"
    if summary["algorithm"] in WITH_NOISE:
        lead += f" and {noise['share']:.1%} noise"
    report = Report(title, f"{lead}.")
    _verdict(report, result)
    report.highlights(_highlights(summary))
    report.ask(
        f"Group the rows of {data['name']} by {name}.",
        {
            "algorithm": f"{name}, {settings(summary)}",
            "how chosen": summary["parameters"]["how"],
            "label column": data["label"] or "none",
            "weight column": data["weight"] or "none",
            "seed": str(summary["seed"]),
            "working memory": f"at most {format_bytes(summary['memory_budget'])}",
        },
    )
    report.notes([*data["notes"], _matrix_note(result)])
    _add_pictures(report, result)
    _add_numbers(report, result)
    report.section("How to repeat it")
    report.code("Command line", summary["command"])
    report.code("Python, the same labels", summary["python"])
    report.provenance(provenance(summary, "to choose and fit"))
    return report


def _verdict(report: Report, result: Result) -> None:
    """What a reader should know first."""
    summary = result.summary
    scores = summary["scores"]
    if scores is not None:
        index = scores["adjusted_rand_index"]
        report.verdict(
            f"The clusters agree with the column {scores['label']!r} at an adjusted Rand index of "
            f"{index:.3f} (1 is the same grouping, 0 is chance). The column was not fitted."
        )
    if summary["n_clusters"] < 2:
        report.verdict("Fewer than two clusters were found: nothing was separated.", "caution")
    if summary["noise"]["share"] >= 0.5:
        report.verdict("Half of the rows or more are noise.", "caution")


def _highlights(summary: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rows": summary["data"]["rows"],
        "columns": len(summary["data"]["columns"]),
        "clusters": summary["n_clusters"],
    }
    if summary["algorithm"] in WITH_NOISE:
        found["noise"] = f"{summary['noise']['share']:.1%}"
    if summary["inertia"] is not None:
        found["inertia"] = summary["inertia"]
    if summary["silhouette"] is not None:
        found["silhouette"] = f"{summary['silhouette']['mean']:.3f}"
    if summary["scores"] is not None:
        found["adjusted Rand index"] = f"{summary['scores']['adjusted_rand_index']:.3f}"
    return found


def _matrix_note(result: Result) -> str:
    """The fitted matrix, said so that a reader can make it again."""
    n, d = result.table.X.shape
    names = result.table.feature_names
    shown = ", ".join(names[:MOST_COLUMNS])
    if len(names) > MOST_COLUMNS:
        shown += f" and {len(names) - MOST_COLUMNS} more (the JSON summary lists them all)"
    how = (
        "standardised (mean 0, population standard deviation 1)"
        if result.request.standardize
        else "not standardised"
    )
    return (
        f"Fitted matrix: {n:,} × {d}, {result.table.X.dtype}, {how}; its columns in order: {shown}."
    )


def _add_pictures(report: Report, result: Result) -> None:
    table, labels, request = result.table, result.labels, result.request
    curve = None
    if result.other_k is not None:
        curve = inertia_curve(result.other_k)
    elif request.algorithm == "dbscan":
        curve = _eps_curve(result)
    elif request.algorithm == "hdbscan":
        curve = _hierarchy(result)
    report.section("Pictures")
    add_pictures(
        report,
        table.X,
        labels,
        names=table.feature_names,
        centers=getattr(result.model, "cluster_centers_", None),
        silhouette=result.silhouette,
        curve=curve,
        seed=request.seed,
    )
    if table.label is not None:
        classes, codes = np.unique(table.label, return_inverse=True)
        if len(classes) <= MOST_LABELS:
            display = ClusterScatterDisplay.from_predictions(
                table.X, codes, feature_names=table.feature_names
            )
            report.figure(
                display,
                f"The column {table.label_name!r}, for comparison",
                caption=f"The same rows, coloured by what the column says{_named(classes)}.",
            )


def _named(classes: np.ndarray) -> str:
    """What the numbers of the legend stand for, unless they are the values themselves."""
    if [str(value) for value in classes] == [str(i) for i in range(len(classes))]:
        return ""
    named = ", ".join(f"{i}: {value}" for i, value in enumerate(classes[:12]))
    return f" ({named}{', …' if len(classes) > 12 else ''})"


def _eps_curve(result: Result) -> Picture:
    """Distances to the nearest rows, eps marked."""
    request, X = result.request, result.table.X
    k = min(request.min_samples, len(X))
    distances = result.choice.distances if result.choice else None
    if distances is None:
        generator = torch.Generator().manual_seed(request.seed)
        distances = k_distances(torch.from_numpy(X), k, generator)
    of = f"{len(distances):,} of the rows" if len(distances) < len(X) else "all rows"
    display = KDistanceDisplay.from_predictions(
        distances, n_neighbors=k, eps=result.parameters["eps"], knee=knee(distances)
    )
    said = f"Distance to the nearest {k} rows, the row itself counted, of {of}."
    return display, "The choice of eps", f"{said} {result.summary['parameters']['how']}"


def _hierarchy(result: Result) -> Picture:
    """The condensed tree with the clusters that were chosen."""
    display = CondensedTreeDisplay.from_estimator(result.model)
    said = (
        "From top to bottom the density rises: clusters lose rows and part. Coloured ones were "
        "chosen, as they last longest."
    )
    return display, "Clusters of every density", said


def _add_numbers(report: Report, result: Result) -> None:
    summary = result.summary
    report.section("Numbers")
    rows = [
        [str(c["cluster"]), c["rows"], f"{c['share']:.1%}", *_mean_silhouette(result, c["cluster"])]
        for c in summary["clusters"]
    ]
    noise = summary["noise"]
    caption = "Clusters"
    if noise["rows"]:
        caption += f"; noise: {plural(noise['rows'], 'row')} ({noise['share']:.1%})"
    report.table(["cluster", "rows", "share", "mean silhouette"], rows, caption)
    quality: list[list[Any]] = []
    if summary["inertia"] is not None:
        quality.append(["inertia", f"{summary['inertia']:.6g}"])
    if summary["silhouette"] is not None:
        silhouette = summary["silhouette"]
        of = f", {silhouette['rows']:,} sampled rows" if silhouette["sampled"] else ""
        quality.append([f"mean silhouette{of}", f"{silhouette['mean']:.4f}"])
    for key, value in (summary["scores"] or {}).items():
        if key != "label":
            quality.append([SCORE_NAMES.get(key, key), f"{value:.4f}"])
    if quality:
        report.table(["measure", "value"], quality, "Quality")
    choice = result.choice
    if choice is not None and choice.tried:
        body = [[_short(value) for value in entry.values()] for entry in choice.tried]
        report.table(list(choice.tried[0]), body, f"Candidates for {choice.name}")


def _mean_silhouette(result: Result, cluster: int) -> list[str]:
    if result.silhouette is None:
        return ["–"]
    values, labels = result.silhouette
    inside = values[labels == cluster]
    return [f"{inside.mean():.3f}" if len(inside) else "–"]


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
