"""An embedding as plain text, and as the Python program that gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gramian.cli._words import columns, plural
from gramian.engine.plan import format_bytes

if TYPE_CHECKING:
    from gramian.cli.embed import Result

__all__ = ["FLAT", "component_rows", "flat", "kernel_words", "python_program", "summary_lines"]

FLAT = (
    "A component has the eigenvalue zero: the rows vary in fewer directions than were asked for, "
    "and its column is zero."
)
HEADER = ("component", "share", "cumulated", "eigenvalue", "deviation")


def kernel_words(summary: Mapping[str, Any]) -> str:
    """The kernel and its width."""
    used = summary["parameters"]["used"]
    if "bandwidth" not in used:
        return f"{used['kernel']} kernel"
    unit = " (columns in standard deviations)" if summary["data"]["standardized"] else ""
    return f"{used['kernel']} kernel, bandwidth {used['bandwidth']:.4g}{unit}"


def flat(summary: Mapping[str, Any]) -> bool:
    """Whether a component carries nothing."""
    return any(part["eigenvalue"] <= 0 for part in summary["components"])


def component_rows(summary: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """One line for each component, in the order of `HEADER`."""
    return [
        (
            str(part["component"]),
            f"{part['share']:.2%}",
            f"{part['cumulated_share']:.2%}",
            f"{part['eigenvalue']:.6g}",
            f"{part['deviation']:.4g}",
        )
        for part in summary["components"]
    ]


def summary_lines(summary: Mapping[str, Any]) -> list[str]:
    """What `gramian embed` prints."""
    data, seconds = summary["data"], summary["seconds"]
    how = "standardised" if data["standardized"] else "as they are"
    lines = [
        f"{data['name']}: {plural(data['rows'], 'row')}, "
        f"{plural(len(data['columns']), 'column')} {how}",
        *(f"  {note}" for note in data["notes"]),
        f"Kernel PCA, {kernel_words(summary)}",
        f"  {summary['parameters']['how']}",
        "",
        *columns(HEADER, component_rows(summary)),
        *([FLAT] if flat(summary) else []),
        "",
        f"time                 {seconds['read'] + seconds['fit']:.2f} s",
    ]
    if summary["peak_memory"] is not None:
        lines.append(f"peak resident memory {format_bytes(summary['peak_memory'])}")
    return [*lines, *(f"{name:<20} {path}" for name, path in summary["files"].items())]


def python_program(result: Result) -> str:
    """A program that gives the same embedding of the same file."""
    request = result.request
    reading = {
        "columns": request.columns,
        "label": request.label,
        "standardize": request.standardize or None,
        "separator": request.separator,
        "header": None if request.header else False,
    }
    read = ", ".join(
        [repr(request.data), *(f"{k}={v!r}" for k, v in reading.items() if v is not None)]
    )
    used = result.summary["parameters"]["used"]
    made = ", ".join(f"{key}={value!r}" for key, value in used.items())
    lines = [
        "import gramian as gm",
        "from gramian.data import read_table",
        "",
        f"gm.config(memory={request.memory!r}, device={request.device!r})",
        f"table = read_table({read})",
        f"embedding = gm.KernelPCA({made}).fit_transform(table.X)",
    ]
    return "\n".join(lines) + "\n"
