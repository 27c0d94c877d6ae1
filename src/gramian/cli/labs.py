"""``gramian lab``: list, show, run and compare the labs."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gramian.cli._faults import DONE, FAILED, INTERRUPTED, BadInputError
from gramian.cli._progress import Progress
from gramian.errors import DataError
from gramian.labs import Record, compare_records, get_lab, lab_names, run_lab
from gramian.labs.frame.exit_codes import DATA_MISSING, INTERNAL, verdict_of, worst
from gramian.labs.frame.index import Line, index_page
from gramian.labs.frame.run import check_options
from gramian.labs.frame.text import aligned, lab_lines
from gramian.report import write_atomically

__all__ = ["Request", "compare_files", "list_all", "run", "show_one"]

INDEX = "index.html"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What ``gramian lab run`` was asked for."""

    names: Sequence[str]
    every: bool
    mode: str
    seed: int
    device: str
    data: str | None
    out: str | None
    fault: str | None
    strict: bool
    quiet: bool
    debug: bool
    command: str


def list_all() -> int:
    """Print one line for each lab."""
    rows = []
    for name in lab_names():
        lab = get_lab(name)
        quick, full = (_duration(seconds) for seconds in lab.seconds)
        data = ", ".join(lab.data) or "generated"
        rows.append([name, lab.topic, quick, full, data, lab.source])
    print("\n".join(aligned(["name", "topic", "quick", "full", "data", "source"], rows)))
    return DONE


def show_one(name: str) -> int:
    """Print what a lab declares."""
    print("\n".join(lab_lines(get_lab(_known(name)))))
    return DONE


def compare_files(first: str, second: str) -> int:
    """Print how two records differ; 1 if they do."""
    differences = compare_records(_record(first), _record(second))
    print("\n".join(differences) or "alike")
    return FAILED if differences else DONE


def run(request: Request) -> int:
    """Run the labs one by one; a lab that raises is named, and the others go on."""
    names = _names(request)
    check_options(request.mode, request.seed, request.device)
    folder = _folder(request.out)
    lines: list[Line] = []
    try:
        for number, name in enumerate(names, 1):
            many = f"{number} of {len(names)}, " if len(names) > 1 else ""
            lines.append(_run_one(request, name, folder, many))
    except KeyboardInterrupt:
        print(f"gramian lab run: interrupted after {len(lines)} labs.", file=sys.stderr)
        return INTERRUPTED
    if len(names) > 1 and folder is not None:
        write_atomically(folder / INDEX, index_page(lines, request.command).encode())
    if len(names) > 1 and not request.quiet:
        print("\n".join(_table(lines)))
    return worst(line.code for line in lines)


def _run_one(request: Request, name: str, folder: Path | None, many: str) -> Line:
    """Run, print and write one lab."""
    started, question = time.perf_counter(), get_lab(name).question
    try:
        with Progress(not request.quiet) as progress:
            progress.step(f"{many}{name}")
            record = run_lab(
                name,
                mode=request.mode,
                seed=request.seed,
                device=request.device,
                data=request.data,
                fault=request.fault,
                strict=request.strict,
                command=None if many else request.command,
                progress=lambda step: progress.step(f"{many}{name}: {step}"),
            )
            if folder is not None:
                progress.step(f"{many}{name}: writing the report")
                write_atomically(folder / f"{name}.html", record.html().encode())
                write_atomically(folder / f"{name}.json", record.json().encode())
    except Exception as error:
        code = _explain(name, error, debug=request.debug)
        return Line(name, code, question, seconds=time.perf_counter() - started)
    if not request.quiet:
        print(record.text(), flush=True)
    return _line(record)


def _explain(name: str, error: Exception, *, debug: bool) -> int:
    """Say on standard error why a lab did not finish; returns its code."""
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    text = " ".join(str(error).split())
    if isinstance(error, DataError | ModuleNotFoundError):
        print(f"gramian lab run: {name}: {text}", file=sys.stderr)
        return DATA_MISSING
    what = f"{type(error).__name__}: {text}"
    print(f"gramian lab run: {name}: internal error, {what}", file=sys.stderr)
    return INTERNAL


def _line(record: Record) -> Line:
    judged = [v for v in record.claims if v.verdict != "not_applicable"]
    steered = [v for v in record.controls if v.behaves is not None]
    return Line(
        record.lab.name,
        record.exit_code,
        record.lab.question,
        f"{sum(v.verdict == 'holds' for v in judged)} of {len(judged)}",
        f"{sum(bool(v.behaves) for v in steered)} of {len(steered)}",
        record.wall_s,
    )


def _table(lines: Sequence[Line]) -> list[str]:
    """The table of many runs, and how many hold."""
    header = ["lab", "verdict", "claims", "controls", "seconds"]
    rows = [[x.name, verdict_of(x.code), x.claims, x.controls, f"{x.seconds:.1f}"] for x in lines]
    held, seconds = sum(x.code == DONE for x in lines), sum(x.seconds for x in lines)
    return [*aligned(header, rows), "", f"{held} of {len(lines)} labs hold, {seconds:.0f} s"]


def _names(request: Request) -> list[str]:
    """The labs to run, each once."""
    if request.every and request.names:
        raise BadInputError("--all must stand without names.")
    if not request.every and not request.names:
        raise BadInputError("NAME must be at least one lab, or use --all.")
    names = lab_names() if request.every else [_known(name) for name in request.names]
    if request.fault is not None:
        if len(names) != 1:
            raise BadInputError("--fault must go with one lab.")
        faults = get_lab(names[0]).faults
        if request.fault not in faults:
            listed = ", ".join(faults)
            raise BadInputError(f"--fault must be one of {listed}, got {request.fault!r}.")
    return list(dict.fromkeys(names))


def _known(name: str) -> str:
    """The name of a lab; the nearest one is offered for a wrong name."""
    from difflib import get_close_matches

    names = lab_names()
    if name not in names:
        near = get_close_matches(name, names, 1)
        hint = f"Did you mean {near[0]!r}?" if near else "See `gramian lab list`."
        raise BadInputError(f"NAME must be a lab, got {name!r}. {hint}")
    return name


def _folder(out: str | None) -> Path | None:
    """The folder for the reports, made if it is missing."""
    if out is None:
        return None
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"--out must be a folder, got {out!r}: {error.strerror}.") from error
    return folder


def _record(path: str) -> Any:
    """A JSON file."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"cannot read {path!r}: {error.strerror}.") from error
    except ValueError as error:
        raise BadInputError(f"{path!r} must be a JSON file: {error}.") from error


def _duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120 else f"{seconds / 60:.0f} min"
