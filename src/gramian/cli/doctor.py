"""``gramian doctor``: what is installed and used, and whether it computes what it should."""

from __future__ import annotations

import os
import platform
import time
from typing import Any

from gramian.cli._checks import run_checks
from gramian.cli._faults import DONE, FAILED
from gramian.cli._machine import total_memory, versions
from gramian.cli._outputs import as_json as to_json
from gramian.engine.plan import format_bytes

__all__ = ["SCHEMA", "examine", "run"]

SCHEMA = "gramian.doctor/1"


def run(*, as_json: bool) -> int:
    """Print the findings; 1 if a check failed."""
    findings = examine()
    print(to_json(findings) if as_json else "\n".join(_lines(findings)) + "\n", end="")
    return DONE if findings["healthy"] else FAILED


def examine() -> dict[str, Any]:
    """Everything that the doctor knows."""
    import torch

    from gramian import _config

    started = time.perf_counter()
    checks = run_checks()
    seconds = time.perf_counter() - started
    return {
        "schema": SCHEMA,
        "versions": versions(),
        "system": platform.platform(),
        "processor": {
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "instruction_set": torch.backends.cpu.get_cpu_capability(),
        },
        "threads": torch.get_num_threads(),
        "memory": {"total": total_memory(), "budget": _config.current().memory},
        "devices": _devices(),
        "backends": _backends(),
        "data": _data(),
        "checks": [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in checks],
        "seconds": seconds,
        "healthy": all(check.passed for check in checks),
    }


def _devices() -> list[str]:
    import torch

    found = ["cpu"]
    for i in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        found.append(f"cuda:{i} ({torch.cuda.get_device_name(i)})")
    if torch.backends.mps.is_available():
        found.append("mps")
    return found


def _backends() -> dict[str, str]:
    """Each backend with "ready", or why it cannot run a plain call."""
    import torch

    from gramian import _config
    from gramian.engine.call import Call
    from gramian.engine.plan import backend_reasons
    from gramian.pairwise import SquaredEuclidean

    x = torch.zeros(1, 2)
    call = Call("topk", x, x, SquaredEuclidean(), _config.current())
    return {name: reason or "ready" for name, reason in backend_reasons(call).items()}


def _data() -> dict[str, Any]:
    from gramian.data import list_datasets
    from gramian.data.locate import cache_folder

    return {
        "GRAMIAN_DATA": os.environ.get("GRAMIAN_DATA"),
        "cache": str(cache_folder()),
        "sets": {info.name: info.where for info in list_datasets()},
    }


def _lines(findings: dict[str, Any]) -> list[str]:
    memory, processor, data = findings["memory"], findings["processor"], findings["data"]
    total = "unknown" if memory["total"] is None else format_bytes(memory["total"])
    facts = [
        *findings["versions"].items(),
        ("system", findings["system"]),
        ("processor", f"{processor['cores']} cores, {processor['instruction_set']}"),
        ("threads", findings["threads"]),
        ("memory", f"{total}, engine uses at most {format_bytes(memory['budget'])}"),
        ("devices", ", ".join(findings["devices"])),
        *((f"backend {name}", state) for name, state in findings["backends"].items()),
        ("GRAMIAN_DATA", data["GRAMIAN_DATA"] or "not set"),
        ("data cache", data["cache"]),
        *((f"data {name}", where) for name, where in data["sets"].items()),
    ]
    width = max(len(name) for name, _ in facts)
    lines = [f"{name.ljust(width)}  {value}" for name, value in facts]
    marks = [
        ("ok" if c["passed"] else "FAILED", c["name"], c["detail"]) for c in findings["checks"]
    ]
    lines += ["", f"Self-test, {findings['seconds']:.1f} s"]
    lines += [f"  {mark:<6}  {name}: {detail}" for mark, name, detail in marks]
    passed = sum(c["passed"] for c in findings["checks"])
    lines.append(f"{passed} of {len(findings['checks'])} checks passed.")
    return lines
