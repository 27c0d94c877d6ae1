"""The index page of several runs: one line for each, with a link to its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gramian.labs.frame.exit_codes import HOLDS, verdict_of
from gramian.labs.frame.lab_report import Badge, Cell, LabReport, Link

__all__ = ["Line", "index_page"]


@dataclass(frozen=True)
class Line:
    """What the table of many runs says of one; `claims` is empty where there is no report."""

    name: str
    code: int
    question: str
    claims: str = ""
    controls: str = ""
    seconds: float = 0.0


def index_page(lines: Sequence[Line], command: str) -> str:
    """The page as HTML."""
    open_ones = [line.name for line in lines if line.code != HOLDS]
    report = LabReport("Labs", f"{len(lines) - len(open_ones)} of {len(lines)} labs hold.")
    if open_ones:
        report.verdict(f"These do not hold: {', '.join(open_ones)}.", "bad")
    else:
        report.verdict("Every claim holds and every control behaves.", "good")
    header = ["lab", "question", "verdict", "claims", "controls", "seconds"]
    report.section("Runs").stacking_table(header, [_cells(line) for line in lines], "All runs")
    return report.section("How to repeat it").code("Command line", command).html()


def _cells(line: Line) -> list[Cell]:
    """One row; the name leads to the report where there is one."""
    name: Cell = Link(line.name, f"{line.name}.html") if line.claims else line.name
    verdict = Badge(verdict_of(line.code), "good" if line.code == HOLDS else "bad")
    return [name, line.question, verdict, line.claims, line.controls, f"{line.seconds:.1f}"]
