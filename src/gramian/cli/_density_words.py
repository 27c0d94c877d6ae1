"""A density as plain text, and as the Python program that gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gramian.cli._words import closing_lines, columns, program_head, table_line

if TYPE_CHECKING:
    from gramian.cli.density import Result

__all__ = ["CAUTION", "how_wide", "own_bumps", "python_program", "spread_rows", "summary_lines"]

CAUTION = (
    "Most of the density at a row is its own bump: the bandwidth is small for so few rows in so "
    "many columns. Trust the mean from the others, or take fewer columns."
)
OWN_BUMP = 1.0
"""How much higher the mean log density of the rows may be than what they get from each other."""
_RULES = {
    "scott": "by Scott's rule",
    "silverman": "by Silverman's rule",
    "loo": "of greatest leave-one-out likelihood",
}


def how_wide(summary: Mapping[str, Any]) -> str:
    """The bandwidth in words."""
    given, used = summary["parameters"]["given"], summary["parameters"]["used"]
    rule = _RULES.get(given["bandwidth"], "as given")
    unit = " standard deviations" if summary["data"]["standardized"] else ""
    return f"{used['bandwidth']:.6g}{unit}, {rule}"


def own_bumps(summary: Mapping[str, Any]) -> bool:
    """Whether the rows are dense mainly because each lies on itself."""
    own, others = summary["log_density"]["mean"], summary["leave_one_out_mean"]
    return others is None or (own is not None and own - others > OWN_BUMP)


def spread_rows(spread: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values of a summary of log densities."""
    names = [name for name in spread if name != "rows_of_density_zero"]
    rows = [
        (name.replace("_", " "), f"{spread[name]:.6g}")
        for name in names
        if spread[name] is not None
    ]
    if spread["rows_of_density_zero"]:
        rows.append(("rows of density zero", f"{spread['rows_of_density_zero']:,}"))
    return rows


def summary_lines(summary: Mapping[str, Any]) -> list[str]:
    """What `gramian density` prints."""
    return [
        table_line(summary),
        *(f"  {note}" for note in summary["data"]["notes"]),
        f"Density, {summary['parameters']['used']['kernel']} kernel, bandwidth {how_wide(summary)}",
        "",
        *columns(("log density", ""), spread_rows(summary["log_density"])),
        f"mean from the others  {_number(summary['leave_one_out_mean'])}",
        *([CAUTION] if own_bumps(summary) else []),
        "",
        *closing_lines(summary),
    ]


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def python_program(result: Result) -> str:
    """A program that gives the same log densities from the same file."""
    request, table = result.request, result.table
    given = result.summary["parameters"]["given"]
    fit = "table.X" if table.weight is None else "table.X, sample_weight=table.weight"
    lines = [
        "import numpy as np",
        "",
        *program_head(request, weight=request.weight),
        f"model = gm.KernelDensity(bandwidth={given['bandwidth']!r}, kernel={given['kernel']!r})",
        f"log_density = model.fit({fit}).score_samples(table.X)",
    ]
    if request.standardize:
        lines += [
            "scales = np.array(table.preparation.scales)",
            "log_density -= np.log(scales[scales > 0]).sum()  # per unit of the columns",
        ]
    return "\n".join(lines) + "\n"
