"""Labs as plain text: one record, one declaration, the table of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gramian.labs.frame.declaration import Lab
from gramian.labs.frame.relations import in_words
from gramian.labs.frame.statistics import Estimate
from gramian.labs.frame.values import shown
from gramian.labs.frame.verdicts import ClaimVerdict, ControlVerdict

if TYPE_CHECKING:
    from gramian.labs.frame.record import Record

__all__ = ["aligned", "behaviour", "lab_lines", "measured", "must_be", "record_lines"]

_BEHAVIOURS = {True: "behaves", False: "misbehaves", None: "not applicable"}


def measured(estimates: Sequence[Estimate]) -> str:
    """Values with their intervals, as the reader sees them."""
    return "; ".join(_one(estimate) for estimate in estimates) or "–"


def _one(estimate: Estimate) -> str:
    text = shown(estimate.value)
    if estimate.interval is not None:
        low, high = (shown(end) for end in estimate.interval)
        level = "" if estimate.level is None else f", {100 * estimate.level:g} %"
        text += f" [{low}, {high}{level}]"
    return text


def must_be(verdict: ClaimVerdict) -> str:
    """The threshold of a claim in words."""
    words = in_words(verdict.claim.relation, verdict.claim.threshold, shown)
    return words if verdict.p_holm is None else f"{words}, Holm p {shown(verdict.p_holm)} ≤ 0.01"


def behaviour(verdict: ControlVerdict) -> str:
    """ "behaves", "misbehaves" or "not applicable"."""
    return _BEHAVIOURS[verdict.behaves]


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with aligned columns; nothing is cut."""
    cells = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[j]) for row in cells) for j in range(len(header))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def record_lines(record: Record) -> list[str]:
    """The verdict, each claim and each control of a run."""
    context = record.result.context
    planted = f", planted fault {context.fault}" if context.fault else ""
    lines = [
        f"{record.lab.name}: {record.verdict} ({context.mode}, seed {context.seed}, "
        f"{record.wall_s:.1f} s{planted})"
    ]
    for verdict in record.claims:
        lines.append(f"  {verdict.verdict:<14}  {verdict.claim.id}: {verdict.claim.text}")
        shows = verdict.why or f"{measured(verdict.estimates)}, must be {must_be(verdict)}"
        lines.append(f"  {'':<14}  {shows}")
    for control in record.controls:
        sign = "+" if control.control.sign == "positive" else "−"
        lines.append(
            f"  {behaviour(control):<14}  {sign} {control.control.id}: {control.control.text}"
        )
        seen = control.why or measured([control.observed] if control.observed else [])
        lines.append(f"  {'':<14}  {seen}")
    return lines + [f"  warning: {warning}" for warning in record.result.warnings]


def lab_lines(lab: Lab) -> list[str]:
    """A declaration: what is asked, claimed, controlled, and how long it takes."""
    lines = [f"{lab.name} ({lab.topic}, version {lab.version})", lab.question, ""]
    lines += [f"source: {lab.source}", f"data: {', '.join(lab.data) or 'generated'}"]
    lines += [f"time: quick {lab.seconds[0]:g} s, full {lab.seconds[1]:g} s", "", "Claims"]
    for claim in lab.claims:
        where = "" if len(claim.modes) > 1 else f", {claim.modes[0]} mode only"
        lines.append(f"  {claim.id} ({claim.kind}{where}): {claim.text}")
        names = " and ".join(claim.measurements)
        lines.append(f"    {names} {in_words(claim.relation, claim.threshold, shown)}")
    lines += ["", "Controls; those with − are the faults that --fault plants"]
    for control in lab.controls:
        sign = "+" if control.sign == "positive" else "−"
        lines.append(f"  {sign} {control.id} (of {control.claim}): {control.text}")
    lines += ["", "Method", *(f"  {part}" for part in lab.method.split("\n\n"))]
    parameters = {name: (value, lab.parameters("full")[name]) for name, value in lab.quick.items()}
    if parameters:
        rows = [[name, str(quick), str(full)] for name, (quick, full) in parameters.items()]
        lines += ["", *aligned(["parameter", "quick", "full"], rows)]
    if lab.published_errors:
        lines += ["", "What the published version misses, and what is done here"]
        lines += [f"  {e.where}: {e.error}. Here: {e.instead}." for e in lab.published_errors]
    return lines
