"""The report of a run: verdict, claims, controls, pictures, sources, method, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gramian.labs.frame.exit_codes import HOLDS, NO_POWER, REFUTED
from gramian.labs.frame.lab_report import Badge, LabReport
from gramian.labs.frame.record import agrees, expected
from gramian.labs.frame.text import behaviour, measured, must_be
from gramian.labs.frame.values import shown
from gramian.report._player import MOST_FRAMES

if TYPE_CHECKING:
    from gramian.labs.frame.record import Record

__all__ = ["LARGEST", "record_page"]

LARGEST = 3_000_000
"""Bytes of a report."""

_KINDS = {"holds": "good", "refuted": "bad", "undecided": "caution", "not_applicable": "info"}
_OUTCOMES = {True: "good", False: "bad", None: "info"}
_SAME = {True: "yes", False: "no", None: "not measured"}


def record_page(record: Record) -> str:
    """The HTML page of a record; animations lose frames until it is at most 3 MB."""
    for most in (MOST_FRAMES, 24, 12, 6):
        page = _build(record, most)
        if len(page.encode()) <= LARGEST:
            return page
    raise ValueError(
        f"Lab {record.lab.name}: report must be at most {LARGEST} bytes, got {len(page)}. "
        "Draw smaller figures, or fewer."
    )


def _build(record: Record, most: int) -> str:
    lab = record.lab
    report = LabReport(lab.question, f"Lab {lab.name}, {lab.topic}. Source: {lab.source}.")
    _verdict(report, record)
    _claims(report, record)
    _controls(report, record)
    if record.result.figures:
        report.section("Pictures")
    for figure in record.result.figures.values():
        words = (figure.title, figure.alt, figure.caption)
        report.figure(figure.picture, *words, data=figure.data, most_frames=most)
    _sources(report, record)
    report.paragraphs("Method", lab.method)
    context = record.result.context
    parameters = [[name, shown(value)] for name, value in record.config["parameters"].items()]
    if parameters:
        report.section("Parameters")
        report.stacking_table(
            ["parameter", f"{context.mode} mode"], parameters, "What the run was given"
        )
    report.section("How to repeat it").code("Command line", record.command)
    report.provenance(_provenance(record))
    return report.folded("Record", "The record as JSON", record.json()).html()


def _verdict(report: LabReport, record: Record) -> None:
    if record.exit_code == HOLDS:
        report.verdict(record.lab.answer, "good")
    else:
        for line in _failures(record):
            report.verdict(line, "bad" if record.exit_code in (REFUTED, NO_POWER) else "caution")
    if fault := record.result.context.fault:
        report.verdict(f"The fault {fault} is planted: a claim has to fail here.", "info")
    for warning in record.result.warnings:
        report.verdict(warning, "caution")
    judged = [verdict for verdict in record.claims if verdict.verdict != "not_applicable"]
    steered = [verdict for verdict in record.controls if verdict.behaves is not None]
    report.highlights(
        {
            "claims that hold": f"{sum(v.verdict == 'holds' for v in judged)} of {len(judged)}",
            "controls that behave": f"{sum(bool(v.behaves) for v in steered)} of {len(steered)}",
            "mode": record.result.context.mode,
            "seconds": f"{record.wall_s:.1f}",
        }
    )


def _failures(record: Record) -> list[str]:
    """One line for each thing that keeps the run from holding."""
    lines = [
        f"Control {v.control.id} misbehaves, so the claims are void: {v.control.text}"
        for v in record.controls
        if v.behaves is False
    ]
    lines += [
        f"Claim {v.claim.id} is {v.verdict}: {v.claim.text}"
        for v in record.claims
        if v.verdict in ("refuted", "undecided")
    ]
    return lines or [f"The run is {record.verdict}: it took {record.wall_s:.0f} s."]


def _claims(report: LabReport, record: Record) -> None:
    rows = []
    for verdict in record.claims:
        figure = record.result.figures.get(verdict.claim.figure)
        rows.append(
            [
                verdict.claim.text,
                figure.title if figure else "",
                verdict.why or measured(verdict.estimates),
                must_be(verdict),
                Badge(verdict.verdict.replace("_", " "), _KINDS[verdict.verdict]),
            ]
        )
    header = ["claim", "picture", "measured", "must be", "verdict"]
    report.section("Claims").stacking_table(header, rows, "Fixed before the run")


def _controls(report: LabReport, record: Record) -> None:
    rows = [
        [
            verdict.control.text,
            verdict.control.id,
            verdict.control.sign,
            verdict.why or measured([verdict.observed] if verdict.observed else []),
            expected(verdict),
            Badge(behaviour(verdict), _OUTCOMES[verdict.behaves]),
        ]
        for verdict in record.controls
    ]
    header = ["control", "id", "sign", "observed", "expected", "outcome"]
    report.section("Controls").stacking_table(header, rows, "Runs whose outcome is known")


def _sources(report: LabReport, record: Record) -> None:
    lab = record.lab
    if lab.source_values:
        rows = []
        for value in lab.source_values:
            found = record.recomputed(value)
            same = _SAME[agrees(value, found)]
            again = "" if found is None else shown(found)
            rows.append([value.what, value.where, shown(value.printed), again, same, value.note])
        header = ["value", "where", "printed", "recomputed", "agrees", "note"]
        report.section("Printed and recomputed").stacking_table(
            header, rows, "The source's numbers"
        )
    if lab.published_errors:
        rows = [[e.where, e.error, e.instead] for e in lab.published_errors]
        report.section("What the published version misses")
        report.stacking_table(["where", "published", "here"], rows, "What is done instead")


def _provenance(record: Record) -> dict[str, object]:
    env = dict(record.env)
    dirty = " with local changes" if env.pop("dirty") else ""
    commit = env.pop("commit")
    data = [
        f"{d['name']} {d['split']}, {d['n']} rows, SHA-256 {d['sha256_unpacked']}"
        for d in record.result.context.loaded
    ]
    return {
        **env,
        "commit": f"{commit}{dirty}" if commit else None,
        "seed": record.result.context.seed,
        "started": record.started,
        "seconds": f"{record.wall_s:.2f}",
        "data": "; ".join(data) or "generated",
        "lab version": record.lab.version,
        "configuration": record.as_dict()["config_hash"],
    }
