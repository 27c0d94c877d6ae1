"""``python -m benchmarks list | run | render``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
QUICK = ROOT.parent / "out" / "benchmarks-quick"
PAGE = ROOT.parent / "docs" / "performance.md"


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0; 1 if a case gave a wrong result; 2 if the command makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("command", choices=("list", "run", "render"), nargs="?", default="list")
    parser.add_argument("--filter", help="part of a case's name, or a shell pattern")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: tries the machinery")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeats", type=int, default=15, help="rounds per peer")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds per peer")
    parser.add_argument("--date", help="the day to write in the records")
    parser.add_argument("--out", type=Path, help="folder of the records")
    parser.add_argument("--page", type=Path, default=PAGE, help="page that render writes into")
    options = parser.parse_args(arguments)
    for name in ("threads", "repeats"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1, got {getattr(options, name)}.")
    options.out = options.out or (QUICK if options.quick else ROOT / "results")
    if options.command == "render":
        return _render(options)
    return _list(options) if options.command == "list" else _run(options, parser)


def _render(options: argparse.Namespace) -> int:
    from benchmarks.render import read_records, render_page

    records = read_records(options.out)
    render_page(options.page, records)
    print(f"{options.page}: {len(records)} cases")
    return 0


def _list(options: argparse.Namespace) -> int:
    from benchmarks.machine import PEERS, version_of
    from benchmarks.registry import all_cases, matching

    for case in matching(all_cases(), options.filter):
        print(f"{case.name:32} {case.title}; against {', '.join(p.name for p in case.peers)}")
    for module, distribution in PEERS.items():
        print(f"peer {distribution:27} {version_of(module) or 'absent'}")
    return 0


def _run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from benchmarks.machine import calibrate, describe, set_threads

    set_threads(options.threads)
    from benchmarks.registry import all_cases, matching
    from benchmarks.render import line
    from benchmarks.runner import run_case, write_record

    cases = matching(all_cases(), options.filter)
    if not cases:
        parser.error(f"--filter must match a case, got {options.filter!r}.")
    machine = describe(options.date, options.threads)
    limits = calibrate(options.quick)
    wrong = 0
    for case in cases:
        record = run_case(
            case,
            limits,
            machine,
            quick=options.quick,
            repeats=3 if options.quick else options.repeats,
            budget=options.budget,
        )
        write_record(record, options.out)
        print(line(record), flush=True)
        wrong += record["status"] == "wrong"
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
