"""From records to text: the table in the documentation, and the lines on the screen."""

from __future__ import annotations

import json
import os
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.runner import check_record

__all__ = ["BEGIN", "END", "line", "read_records", "render_page", "table"]

BEGIN = "<!-- The lines below are written by `python -m benchmarks render`. -->"
END = "<!-- End of the rendered lines. -->"


def read_records(folder: Path) -> list[dict[str, Any]]:
    """Every record under ``folder`` not made with the tiny sizes, by processor and name."""
    records = []
    for path in sorted(folder.rglob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        check_record(record)
        if not record["quick"]:
            records.append(record)
    return records


def table(records: list[dict[str, Any]]) -> str:
    """Markdown: one table for each machine with its versions, cases by name."""
    if not records:
        return "No measurements are recorded for this version. `make bench` makes them."

    def machine_of(record: dict[str, Any]) -> str:
        return _machine_line(record["machine"])

    blocks = []
    ordered = sorted(records, key=lambda record: (machine_of(record), record["name"]))
    for machine, group in groupby(ordered, key=machine_of):
        same = list(group)
        rows = [row for record in same for row in _rows(record)]
        head = (
            "| case | time | achieved / limit | peer | times faster |\n|---|---:|---:|---|---:|\n"
        )
        blocks.append(f"{machine}\n\n{_taken_line(same)}\n\n{head}" + "\n".join(rows))
    return "\n\n".join(blocks)


def render_page(page: Path, records: list[dict[str, Any]]) -> None:
    """Put the table between the two marks in ``page``.

    Raises
    ------
    ValueError
        If the marks are not there, once each and in order.
    """
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"render_page: page must hold the two marks once each, got {page}.")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    partial = page.with_suffix(".part")
    partial.write_text(f"{before}{BEGIN}\n\n{table(records)}\n\n{END}{after}", encoding="utf-8")
    os.replace(partial, page)


def line(record: dict[str, Any]) -> str:
    """One record for the screen."""
    if record["status"] == "wrong":
        return f"{record['name']}: WRONG, not timed. {record['reason']}"
    parts = [f"{record['name']}: {_time(record['seconds']['median'])}"]
    if "limit" in record:
        parts.append(f"{_percent(record)} limit")
    parts += [f"{_beside(peer, record)} {peer['name']}" for peer in record["peers"]]
    return ", ".join(parts)


def _rows(record: dict[str, Any]) -> list[str]:
    if record["status"] == "wrong":
        return [f"| {record['title']} | wrong, not timed |  |  |  |"]
    achieved = _percent(record) if "limit" in record else ""
    first = [record["title"], _time(record["seconds"]["median"]), achieved]
    peers = record["peers"] or [None]
    return [
        "| "
        + " | ".join(
            [
                *(first if place == 0 else ["", "", ""]),
                f"{peer['name']} {peer.get('version') or ''}".strip() if peer else "",
                _beside(peer, record) if peer else "",
            ]
        )
        + " |"
        for place, peer in enumerate(peers)
    ]


def _percent(record: dict[str, Any]) -> str:
    limit = record["limit"]
    percent = 100 * limit["achieved"]
    return f"{percent:{'.0f' if percent >= 10 else '.2g'}} % of the {limit['set_by']}"


def _beside(peer: dict[str, Any], record: dict[str, Any]) -> str:
    """The median of the pairs with its quartiles, or why there is none."""
    if peer["status"] == "absent":
        return "absent"
    if peer["status"] == "wrong":
        return "not timed: its result is wrong"
    spread = peer[record["compare"]]
    median, *quartiles = (spread[key] for key in ("median", "q1", "q3"))
    if record["compare"] == "difference":
        low, high = map(_time, quartiles)
        return f"{_time(median)} more ({low} to {high})"
    return f"{median:.3g} × ({quartiles[0]:.3g} to {quartiles[1]:.3g})"


def _time(seconds: float) -> str:
    """Seconds with a unit that fits.

    Examples
    --------
    >>> _time(0.0123)
    '12.3 ms'
    """
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if abs(seconds) >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _machine_line(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{k} {v}" for k, v in machine["versions"].items() if v)
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['threads']} threads, "
        f"{' '.join(machine['isa'])}; {machine['system']}, Python {machine['python']}; {versions}."
    )


def _taken_line(records: list[dict[str, Any]]) -> str:
    """When, and between which limits, measured before each case, the machine moved."""
    dates = sorted({record["machine"]["date"] or "no date" for record in records})

    def span(name: str, unit: float, digits: str) -> str:
        low, *_, high = sorted(record["limits"][name] / unit for record in 2 * records)
        ends = [format(end, digits) for end in (low, high)]
        return ends[0] if ends[0] == ends[1] else " to ".join(ends)

    return (
        f"Taken {' to '.join(dates[:: max(1, len(dates) - 1)])}; limits measured before each case: "
        f"{span('flops', 1e9, '.0f')} GFLOP/s, {span('bytes', 1e9, '.0f')} GB/s, "
        f"{span('exps', 1e9, '.2f')}·10⁹ exp/s."
    )
