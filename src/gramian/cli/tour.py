"""``gramian tour``: what the library promises, shown on this machine, in one report."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from gramian.cli._checks import Check, run_checks
from gramian.cli._faults import DONE, FAILED, BadInputError
from gramian.cli._machine import peak_memory, versions
from gramian.cli._outputs import Outputs
from gramian.cli._progress import Progress
from gramian.cli._tour_machines import kernel_machines
from gramian.cli._tour_parts import LARGE_MEMORY, Pair, Product, compare, large_product
from gramian.cli._tour_tables import real_tables
from gramian.engine.plan import format_bytes
from gramian.report import Report

__all__ = ["run"]

QUICK_LARGE = 20_000


def run(out: str, *, quick: bool, command: str) -> int:
    """Run the parts, print what each shows, write the report; 1 if a claim failed."""
    started = time.perf_counter()
    target = _target(out)
    report = Report("The gramian tour", "What the library promises, measured on this machine.")
    with Outputs([]) as outputs, Progress(True) as progress:
        outputs.claim("--report", str(target))
        progress.step("a. A large Gram matrix in little memory")
        product = large_product(QUICK_LARGE) if quick else large_product()
        _say(_product_lines(product))
        progress.step("b. Pairs against scikit-learn")
        pairs = compare(3, 0.2) if quick else compare()
        _say(_pair_lines(pairs))
        progress.step("c. Exactness and equal bits")
        checks = run_checks()
        _say(["c. Claims", *(_check_line(check) for check in checks)])
        claims = [product.check, *(pair.check for pair in pairs), *checks]
        _verdict(report, claims)
        kept = f"{sum(claim.passed for claim in claims)} of {len(claims)}"
        _report_parts(report, product, pairs, checks, kept)
        progress.step("d. Real tables")
        agreement = real_tables(report, quick=quick)
        _say(["d. Real tables", *(f"   {line}" for line in agreement)])
        progress.step("e. Kernel machines")
        _say(["e. Kernel machines", *(f"   {line}" for line in kernel_machines(report))])
        seconds = time.perf_counter() - started
        report.section("How to repeat it").code("Command line", command)
        report.provenance(_provenance(seconds))
        outputs.put(str(target), report.html().encode())
        outputs.commit()
    failed = [claim for claim in claims if not claim.passed]
    for claim in failed:
        print(f"FAILED: {claim.name}: {claim.detail}")
    print(f"{len(claims) - len(failed)} of {len(claims)} claims hold, {seconds:.0f} s")
    print(f"report: {target}")
    return FAILED if failed else DONE


def _target(out: str) -> Path:
    """The report's path; a folder is made if it is missing."""
    path = Path(out)
    if path.suffix.lower() in (".html", ".htm"):
        return path
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"--report must be a folder, got {out!r}: {error.strerror}.") from error
    return path / "tour.html"


def _say(lines: list[str]) -> None:
    print("\n".join([*lines, ""]), flush=True)


def _check_line(check: Check) -> str:
    return f"   {'ok' if check.passed else 'FAILED'}  {check.name}: {check.detail}"


def _product_facts(product: Product) -> dict[str, str]:
    entries = product.n**2
    rise = "not known here" if product.rise is None else format_bytes(product.rise)
    return {
        "matrix": f"{product.n:,} × {product.n:,}, Gaussian, 3 features, float32",
        "time": f"{product.seconds:.1f} s, {entries / product.seconds:.2g} entries/s",
        "budget": LARGE_MEMORY,
        "peak resident memory rose by": rise,
        "stored, it would take": format_bytes(product.stored),
        "accuracy": product.check.detail,
    }


def _product_lines(product: Product) -> list[str]:
    facts = _product_facts(product)
    lines = ["a. A Gram matrix times a vector, never stored"]
    lines += [f"   {name:<28}  {value}" for name, value in facts.items()]
    lines += [f"   {product.reason}"] if product.reason else []
    return [*lines, "   explain():", *(f"     {line}" for line in product.plan.splitlines())]


def _pair_lines(pairs: list[Pair]) -> list[str]:
    lines = [f"b. Against scikit-learn, median of {len(pairs[0].ratios)} pairs, equal threads"]
    for pair in pairs:
        lines.append(f"   {pair.ratio:5.2f} times its speed  {pair.name}")
        lines.append(f"          {pair.ours:.4f} s and {pair.theirs:.4f} s; {pair.check.detail}")
    return lines


def _verdict(report: Report, claims: list[Check]) -> None:
    failed = [claim for claim in claims if not claim.passed]
    for claim in failed:
        report.verdict(f"{claim.name}: {claim.detail}.", "bad")
    if not failed:
        report.verdict(f"All {len(claims)} claims were checked here and hold.", "good")


def _report_parts(
    report: Report, product: Product, pairs: list[Pair], checks: list[Check], kept: str
) -> None:
    """Highlights and the sections a to c."""
    report.highlights(
        {
            "claims that hold": kept,
            "rows and columns": f"{product.n:,}",
            "stored, it takes": format_bytes(product.stored),
            "memory allowed": LARGE_MEMORY,
            "seconds": f"{product.seconds:.1f}",
            "entries/s": f"{product.n**2 / product.seconds:.1e}",
        }
    )
    report.section(
        "a. A large matrix in little memory",
        "The Gaussian Gram matrix of random points, times a vector. " + product.reason,
    )
    report.table(["fact", "value"], list(_product_facts(product).items()), "The product")
    report.code("explain(), before the work", product.plan)
    report.section(
        "b. Against scikit-learn",
        "Equal inputs and threads; results are checked first, then both run in turn. A ratio "
        "above 1 means that gramian is faster.",
    )
    report.table(
        ["case", "ratio", "gramian (s)", "scikit-learn (s)", "all ratios", "checked"],
        [_pair_row(pair) for pair in pairs],
        f"Medians of {len(pairs[0].ratios)} pairs",
    )
    report.section("c. Claims", "Brute force means direct differences in float64.")
    rows = [["holds" if c.passed else "FAILED", c.name, c.detail] for c in checks]
    report.table(["result", "claim", "detail"], rows, "Checked a moment ago")


def _pair_row(pair: Pair) -> list[str]:
    ratios = " ".join(f"{ratio:.2f}" for ratio in pair.ratios)
    times = f"{pair.ours:.4f}", f"{pair.theirs:.4f}"
    return [pair.name, f"{pair.ratio:.2f}", *times, ratios, pair.check.detail]


def _provenance(seconds: float) -> dict[str, Any]:
    import torch

    peak = peak_memory()
    return {
        "versions": ", ".join(f"{k} {v}" for k, v in versions().items()),
        "processor": f"{os.cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}",
        "threads": torch.get_num_threads(),
        "seed": 0,
        "seconds": f"{seconds:.0f}",
        "peak resident memory": None if peak is None else format_bytes(peak),
        "data": "bundled with scikit-learn, or shipped in the package with licence and source",
    }
