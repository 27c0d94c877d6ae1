"""A regression as plain text, and as the Python program that gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gramian.cli._words import closing_lines, columns, program_head, table_line

if TYPE_CHECKING:
    from gramian.cli.regress import Result

__all__ = ["cautions", "chosen", "error_rows", "python_program", "summary_lines"]

_DOUBTFUL = 0.5
"""A path error, beside the ridge, from which the scores are not those of the full kernel."""


def chosen(summary: Mapping[str, Any]) -> str:
    """Ridge and bandwidth in words."""
    used = summary["parameters"]["used"]
    text = f"ridge {used['alpha']:.4g}"
    if "bandwidth" in used:
        unit = " standard deviations" if summary["data"]["standardized"] else ""
        text += f", bandwidth {used['bandwidth']:.4g}{unit}"
    return text


def cautions(summary: Mapping[str, Any]) -> list[str]:
    """What the reader must know before the numbers are trusted."""
    found = list(summary["certificate"]["cautions"])
    path, used = summary["path"], summary["parameters"]["used"]
    if path["error"] > _DOUBTFUL:
        found.append(
            "The path was scored on landmarks that leave out much of the kernel beside this ridge "
            f"({path['error']:.2g} of it): another pair may be better."
        )
    for name, key in (("ridge", "alpha"), ("bandwidth", "bandwidth")):
        tried = sorted({value for value in path[name] if value is not None})
        if len(tried) > 1 and used[key] in (tried[0], tried[-1]):
            found.append(f"The {name} chosen is the last that was tried: try others beyond it.")
    r2 = summary["leave_one_out"]["r2"]
    if r2 is None or r2 <= 0:
        found.append("The rows predict the target no better than its mean does.")
    return found


def error_rows(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values of the errors of left-out rows."""
    errors = summary["leave_one_out"]
    return [
        ("root mean squared error", f"{errors['rmse']:.6g}"),
        ("mean absolute error", f"{errors['mean_absolute_error']:.6g}"),
        ("deviation of the target", f"{errors['target_deviation']:.6g}"),
        ("R²", "none" if errors["r2"] is None else f"{errors['r2']:.4f}"),
    ]


def summary_lines(summary: Mapping[str, Any]) -> list[str]:
    """What `gramian regress` prints."""
    data, found = summary["data"], summary["certificate"]
    kernel = summary["parameters"]["used"]["kernel"]
    return [
        f"{table_line(summary)}, target {data['target']!r}",
        *(f"  {note}" for note in data["notes"]),
        f"Kernel ridge regression, {kernel} kernel, {chosen(summary)}, "
        f"the best of {len(summary['path']['ridge'])} by leave-one-out",
        "",
        *columns(("rows left out", ""), error_rows(summary)),
        "",
        *cautions(summary),
        f"solver               {found['solver']}, residual {found['residual']:.1e}",
        *closing_lines(summary),
    ]


def python_program(result: Result) -> str:
    """A program that makes the same predictions from the same file."""
    request, table = result.request, result.table
    made = [f"    {key}={value!r}," for key, value in result.parameters.items()]
    fit = "X, table.label" if table.weight is None else "X, table.label, table.weight"
    lines = [
        *program_head(request, label=request.target, weight=request.weight),
        'X = table.X.astype("float64")',
        "model = gm.KernelRidgeCV(",
        *made,
        ")",
        f"prediction = model.fit({fit}).predict(X)",
    ]
    return "\n".join(lines) + "\n"
