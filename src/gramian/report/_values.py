"""Names, values and tables as HTML."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["facts_list", "shown", "table_markup"]

MOST_ROWS = 500


def facts_list(values: Mapping[str, Any]) -> str:
    """Names and values as a description list."""
    rows = "".join(
        f"<dt>{escape(str(name))}</dt><dd>{escape(shown(value))}</dd>"
        for name, value in values.items()
    )
    return f'<dl class="facts">{rows}</dl>' if rows else ""


def table_markup(
    header: Sequence[str], rows: Sequence[Sequence[Any]], caption: str, label: str
) -> str:
    """A table that scrolls sideways by itself; columns of numbers stand on the right."""
    kept = rows[:MOST_ROWS]
    numeric = [all(_is_number(row[i]) for row in kept) for i in range(len(header))]
    classes = [' class="number"' if i and is_number else "" for i, is_number in enumerate(numeric)]
    heads = "".join(
        f'<th scope="col"{kind}>{escape(str(name))}</th>'
        for name, kind in zip(header, classes, strict=True)
    )
    lines = []
    for row in kept:
        first, *others = [escape(shown(value)) for value in row]
        cells = "".join(
            f"<td{kind}>{value}</td>" for kind, value in zip(classes[1:], others, strict=True)
        )
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    cut = ""
    if len(rows) > MOST_ROWS:
        cut = f'<p class="note">The first {MOST_ROWS} of {len(rows):,} rows.</p>'
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
        f"<table>{title}<thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>{cut}"
    )


def _is_number(value: Any) -> bool:
    """Whether a value is a number or reads like one, per cent included."""
    if isinstance(value, numbers.Real):
        return True
    try:
        float(str(value).rstrip("%"))
    except ValueError:
        return False
    return True


def shown(value: Any) -> str:
    """A value as text: integers in groups, floats with five digits, None as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}".replace(",", "\u202f") if abs(int(value)) >= 10_000 else str(value)
    if isinstance(value, numbers.Real):
        return f"{float(value):.5g}" if math.isfinite(value) else str(float(value))
    return str(value)
