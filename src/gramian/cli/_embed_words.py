"""An embedding as plain text, and as the Python program that gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gramian.cli._words import closing_lines, columns, program_head, table_line

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
    return [
        table_line(summary),
        *(f"  {note}" for note in summary["data"]["notes"]),
        f"Kernel PCA, {kernel_words(summary)}",
        f"  {summary['parameters']['how']}",
        "",
        *columns(HEADER, component_rows(summary)),
        *([FLAT] if flat(summary) else []),
        "",
        *closing_lines(summary),
    ]


def python_program(result: Result) -> str:
    """A program that gives the same embedding of the same file."""
    request = result.request
    used = result.summary["parameters"]["used"]
    made = ", ".join(f"{key}={value!r}" for key, value in used.items())
    lines = [
        *program_head(request, label=request.label),
        f"embedding = gm.KernelPCA({made}).fit_transform(table.X)",
    ]
    return "\n".join(lines) + "\n"
