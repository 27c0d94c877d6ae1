"""The result of a command as plain text, as provenance, and as the program that gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gramian.cli.model import CLASSES
from gramian.engine.plan import format_bytes

if TYPE_CHECKING:
    from gramian.cli._job import Job
    from gramian.cli.cluster import Result

__all__ = [
    "NAMES",
    "closing_lines",
    "columns",
    "plural",
    "program_head",
    "provenance",
    "python_program",
    "summary_lines",
    "table_line",
]

NAMES = {
    "kmeans": "k-means",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
    "mean-shift": "Mean shift",
    "density": "a kernel density",
    "embedding": "a kernel PCA",
    "regression": "a kernel ridge regression",
}
MOST_CLUSTERS = 20


def columns(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Lines with aligned columns: the first on the left, the others on the right."""
    cells = [list(header), *([str(value) for value in row] for row in rows)]
    widths = [max(len(row[j]) for row in cells) for j in range(len(header))]
    return [
        "  ".join(
            text.ljust(width) if j == 0 else text.rjust(width)
            for j, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def settings(summary: Mapping[str, Any]) -> str:
    """The parameters that matter to the reader, in words."""
    used = summary["parameters"]["used"]
    if summary["algorithm"] == "kmeans":
        return f"k = {used['n_clusters']}, the best of {used['n_init']} runs"
    if summary["algorithm"] == "dbscan":
        return f"eps = {used['eps']:.6g}, min_samples = {used['min_samples']}"
    if summary["algorithm"] == "hdbscan":
        return f"min_cluster_size = {used['min_cluster_size']}, min_samples = {used['min_samples']}"
    return f"bandwidth = {used['bandwidth']:.6g}, {used['kernel']} kernel"


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def table_line(summary: Mapping[str, Any]) -> str:
    """The table and its size."""
    data = summary["data"]
    how = "standardised" if data["standardized"] else "as they are"
    rows, n_columns = plural(data["rows"], "row"), plural(len(data["columns"]), "column")
    return f"{data['name']}: {rows}, {n_columns} {how}"


def closing_lines(summary: Mapping[str, Any]) -> list[str]:
    """Time, memory and the files."""
    seconds = summary["seconds"]
    lines = [f"time                 {seconds['read'] + seconds['fit']:.2f} s"]
    if summary["peak_memory"] is not None:
        lines.append(f"peak resident memory {format_bytes(summary['peak_memory'])}")
    return [*lines, *(f"{name:<20} {path}" for name, path in summary["files"].items())]


def program_head(job: Job, *, label: str | None = None, weight: str | None = None) -> list[str]:
    """The lines of a Python program that read the table as the command did."""
    reading = {
        "columns": job.columns,
        "label": label,
        "weight": weight,
        "standardize": job.standardize or None,
        "separator": job.separator,
        "header": None if job.header else False,
    }
    given = [f"{name}={value!r}" for name, value in reading.items() if value is not None]
    return [
        "import gramian as gm",
        "from gramian.data import read_table",
        "",
        f"gm.config(memory={job.memory!r}, device={job.device!r})",
        f"table = read_table({', '.join([repr(job.data), *given])})",
    ]


def provenance(summary: Mapping[str, Any], fitting: str, **further: Any) -> dict[str, Any]:
    """Where a result comes from; ``fitting`` says what was done after reading."""
    peak, seconds = summary["peak_memory"], summary["seconds"]
    return {
        "data": summary["data"]["name"],
        "SHA-256 of the data": summary["data"]["sha256"],
        "versions": ", ".join(f"{name} {found}" for name, found in summary["versions"].items()),
        "device": summary["device"],
        "threads": summary["threads"],
        **further,
        "seconds": f"{seconds['read']:.2f} to read, {seconds['fit']:.2f} {fitting}",
        "peak resident memory": None if peak is None else format_bytes(peak),
    }


def summary_lines(summary: Mapping[str, Any]) -> list[str]:
    """What `gramian cluster` prints."""
    lines = [
        table_line(summary),
        *(f"  {note}" for note in summary["data"]["notes"]),
        f"{NAMES[summary['algorithm']]}, {settings(summary)}: "
        f"{plural(summary['n_clusters'], 'cluster')}, {summary['noise']['share']:.1%} noise",
    ]
    if summary["parameters"]["tried"]:
        lines.append(f"  {summary['parameters']['how']}")
    lines += ["", *_size_lines(summary), ""]
    if summary["inertia"] is not None:
        lines.append(f"inertia              {summary['inertia']:.6g}")
    if summary["silhouette"] is not None:
        silhouette = summary["silhouette"]
        of = f" (of {silhouette['rows']:,} sampled rows)" if silhouette["sampled"] else ""
        lines.append(f"silhouette           {silhouette['mean']:.3f}{of}")
    if summary["scores"] is not None:
        scores = summary["scores"]
        lines.append(
            f"adjusted Rand index  {scores['adjusted_rand_index']:.3f} with {scores['label']!r}"
        )
    return [*lines, *closing_lines(summary)]


def _size_lines(summary: Mapping[str, Any]) -> list[str]:
    """Sizes of the clusters, the largest only where there are many."""
    clusters = summary["clusters"]
    kept = clusters
    if len(clusters) > MOST_CLUSTERS:
        largest = sorted(clusters, key=lambda entry: -entry["rows"])[:MOST_CLUSTERS]
        kept = sorted(largest, key=lambda entry: entry["cluster"])
    named = [(str(c["cluster"]), c["rows"], c["share"]) for c in kept]
    if len(kept) < len(clusters):
        rest = [c for c in clusters if c not in kept]
        size, share = sum(c["rows"] for c in rest), sum(c["share"] for c in rest)
        named.append((f"{len(rest)} smaller ones", size, share))
    if summary["noise"]["rows"]:
        named.append(("noise", summary["noise"]["rows"], summary["noise"]["share"]))
    rows = [(name, f"{size:,}", f"{share:.1%}") for name, size, share in named]
    return columns(("cluster", "rows", "share"), rows)


def python_program(result: Result) -> str:
    """A program that makes the same labels from the same file."""
    request, table = result.request, result.table
    name = CLASSES[request.algorithm]
    made = ", ".join(f"{key}={value!r}" for key, value in result.parameters.items())
    fit = "table.X" if table.weight is None else "table.X, sample_weight=table.weight"
    lines = [
        *program_head(request, label=request.label, weight=request.weight),
        f"model = gm.{name}({made})",
        f"labels = model.fit_predict({fit})",
    ]
    if request.label is not None:
        lines += [
            "",
            "from sklearn.metrics import adjusted_rand_score",
            "",
            "print(adjusted_rand_score(table.label, labels))",
        ]
    return "\n".join(lines) + "\n"
