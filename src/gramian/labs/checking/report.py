"""Grades as text, JSON and CSV."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Sequence
from typing import Any

from gramian.labs.checking.grading import Grade, Order
from gramian.labs.checking.judging import Verdict
from gramian.labs.checking.variants import hash_of

__all__ = ["SCHEMA", "class_csv", "class_text", "file_text", "grades_data"]

SCHEMA = "gramian.check/1"
_WIDTH = 88
_SIGNS = {"accepted": "+", "rejected": "-", "missing": "."}


def file_text(order: Order, grade: Grade) -> str:
    """What a learner reads."""
    lines = [f"{order.exercise.lab}: {grade.file}, seed {order.seed}", ""]
    for verdict in grade.verdicts:
        lines += _verdict_lines(verdict)
    if grade.notes:
        lines += ["", "While the file was loaded:"]
        lines += [_wrapped(note, "  ") for note in grade.notes[:10]]
        if len(grade.notes) > 10:
            lines.append(f"  and {len(grade.notes) - 10} more")
    lines += ["", *_score_lines(order, grade)]
    return "\n".join(lines)


def _verdict_lines(verdict: Verdict) -> list[str]:
    lines = [f"  {verdict.name:<24} {verdict.status}"]
    for name, text in (
        ("must hold", verdict.violated),
        ("fails for", verdict.shown),
        ("which is", verdict.label),
        ("hint", verdict.hint),
        ("note", verdict.note),
    ):
        if text:
            lines.append(_wrapped(text, f"    {name:<10} "))
    return lines


def _wrapped(text: str, lead: str) -> str:
    return textwrap.fill(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _score_lines(order: Order, grade: Grade) -> list[str]:
    lines = []
    groups = {f.name: f.group for f in order.exercise.functions if f.group}
    for group in dict.fromkeys(groups.values()):
        own = [v for v in grade.verdicts if groups.get(v.name) == group]
        if own:
            accepted = sum(v.status == "accepted" for v in own)
            lines.append(f"  {group}: {accepted} of {len(own)}")
    total = len(grade.verdicts)
    functions = "function" if total == 1 else "functions"
    summary = f"{grade.accepted} of {total} {functions} accepted."
    if not grade.judged:
        summary = "Nothing in this file could be judged."
    if grade.exit_code:
        summary += f" The same inputs again: --seed {order.seed}"
    return [*lines, summary]


def grades_data(order: Order, grades: Sequence[Grade]) -> dict[str, Any]:
    """Everything as plain data; of a variant's digits only a hash."""
    return {
        "schema": SCHEMA,
        "lab": order.exercise.lab,
        "seed": order.seed,
        "variant_hash": hash_of(order.variant),
        "limits": {
            "function_s": order.limits.function,
            "file_s": order.limits.file,
            "memory_bytes": order.limits.memory,
        },
        "files": [_grade_data(grade) for grade in grades],
    }


def _grade_data(grade: Grade) -> dict[str, Any]:
    return {
        "file": grade.file,
        "accepted": grade.accepted,
        "functions": len(grade.verdicts),
        "judged": grade.judged,
        "exit_code": grade.exit_code,
        "seconds": round(grade.seconds, 3),
        "notes": list(grade.notes),
        "verdicts": [
            {
                "name": verdict.name,
                "status": verdict.status,
                "kind": verdict.kind,
                "violated": verdict.violated,
                "input": {"label": verdict.label, "arguments": verdict.data},
                "hint": verdict.hint,
                "mistake": verdict.mistake,
                "note": verdict.note,
                "seconds": round(verdict.seconds, 3),
            }
            for verdict in grade.verdicts
        ],
    }


def class_text(order: Order, grades: Sequence[Grade]) -> str:
    """A table with a row per file and a column per function."""
    names = [verdict.name for verdict in grades[0].verdicts]
    width = max(len(grade.file) for grade in grades)
    lines = [f"{order.exercise.lab}: {len(grades)} files, seed {order.seed}", ""]
    lines += [f"  {i:>2} {name}" for i, name in enumerate(names, 1)]
    head = "".join(f"{i:>4}" for i in range(1, len(names) + 1))
    lines += ["", f"  {'file':<{width}}{head}  accepted"]
    for grade in grades:
        signs = "".join(f"{_SIGNS[verdict.status]:>4}" for verdict in grade.verdicts)
        end = "" if grade.judged else "  nothing could be judged"
        lines.append(f"  {grade.file:<{width}}{signs}  {grade.accepted} of {len(names)}{end}")
    lines += ["", "  + accepted   - rejected   . missing"]
    lines += ["", *_common_mistakes(grades)]
    return "\n".join(lines).rstrip()


def _common_mistakes(grades: Sequence[Grade]) -> list[str]:
    """What several files share, most frequent first: what to talk about in class."""
    counts: dict[str, int] = {}
    for grade in grades:
        for verdict in grade.verdicts:
            if verdict.mistake:
                what = f"{verdict.name}: {verdict.mistake}"
                counts[what] = counts.get(what, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"  {count:>3} x {what}" for what, count in ordered]


def class_csv(grades: Sequence[Grade]) -> str:
    """The same table for a spreadsheet: file, one column per function, accepted, exit code."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = [verdict.name for verdict in grades[0].verdicts]
    writer.writerow(["file", *names, "accepted", "functions", "exit_code", "seconds"])
    for grade in grades:
        statuses = [verdict.status for verdict in grade.verdicts]
        writer.writerow(
            [
                grade.file,
                *statuses,
                grade.accepted,
                len(statuses),
                grade.exit_code,
                f"{grade.seconds:.2f}",
            ]
        )
    return stream.getvalue()
