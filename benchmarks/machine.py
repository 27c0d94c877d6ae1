"""The machine: what it is, and what it can do at best."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import gramian
from benchmarks.registry import Work
from benchmarks.timing import in_turn

__all__ = ["PEERS", "Limits", "calibrate", "describe", "missing", "set_threads", "version_of"]

# module name -> distribution name
PEERS = {
    "sklearn": "scikit-learn",
    "sklearnex": "scikit-learn-intelex",
    "faiss": "faiss-cpu",
    "pykeops": "pykeops",
    "dbscan": "dbscan",
    "fast_hdbscan": "fast-hdbscan",
}
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
_ISA = ("avx", "avx2", "fma", "avx512f", "avx512bw", "avx512_bf16", "amx_tile", "asimd", "sve")


@dataclass(frozen=True)
class Limits:
    """What the machine reaches in calls that do one thing only, with the threads in use.

    Attributes
    ----------
    flops : float
        float32 operations per second of a large matrix product.
    bytes : float
        Bytes per second of a copy far larger than the caches, read and written.
    exps : float
        float32 exponentials per second on data in cache.
    """

    flops: float
    bytes: float
    exps: float

    def least(self, work: Work) -> tuple[float, str]:
        """Seconds that ``work`` must take at least, and what sets them."""
        seconds = {
            kind: getattr(work, kind) / getattr(self, kind) for kind in ("flops", "bytes", "exps")
        }
        kind = max(seconds, key=lambda name: seconds[name])
        return seconds[kind], kind

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def set_threads(threads: int) -> None:
    """Give every numerical library ``threads`` threads; call it before they are imported."""
    for variable in _THREAD_VARIABLES:
        os.environ[variable] = str(threads)
    import torch

    torch.set_num_threads(threads)


def calibrate(quick: bool = False) -> Limits:
    """Measure the limits: a matrix product, a copy, and an exponential."""
    import torch

    side = 512 if quick else 2048
    a = torch.full((side, side), 0.5)
    product = torch.empty_like(a)
    large = torch.ones((1 if quick else 64) * 2**20)
    copy = torch.empty_like(large)
    cached = torch.full((2**17,), 0.25)
    exps = torch.empty_like(cached)
    inner = 4 if quick else 50

    def exponentials() -> None:
        for _ in range(inner):
            torch.exp(cached, out=exps)

    calls = [lambda: torch.mm(a, a, out=product), lambda: copy.copy_(large), exponentials]
    in_turn(calls, repeats=1, budget=0.0)  # the first run starts the threads
    rounds = in_turn(calls, repeats=3 if quick else 7, budget=20.0)
    mm, moved, raised = (min(column) for column in zip(*rounds, strict=True))
    return Limits(
        flops=2.0 * side**3 / mm,
        bytes=2.0 * large.nbytes / moved,
        exps=inner * cached.numel() / raised,
    )


def version_of(module: str) -> str | None:
    """The installed version of the distribution behind ``module``, or None."""
    try:
        return importlib.metadata.version(PEERS.get(module, module))
    except importlib.metadata.PackageNotFoundError:
        return None


def missing(module: str | None) -> str | None:
    """Why ``module`` cannot be imported; None where it can."""
    if module is None:
        return None
    try:
        importlib.import_module(module)
    except Exception as error:  # a broken peer is an absent one, however it breaks
        return f"{PEERS.get(module, module)} cannot be imported: {error}"
    return None


def describe(date: str | None, threads: int) -> dict[str, Any]:
    """The machine line that stands beside every number."""
    flags = _cpu_flags()
    return {
        "date": date,
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "isa": [name for name in _ISA if name in flags],
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {
            "gramian": gramian.__version__,
            **{name: version_of(name) for name in ("torch", "numpy", *PEERS)},
        },
    }


def _cpu_name() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", _cpuinfo(), re.MULTILINE)
    return found[1].strip() if found else platform.processor() or "unknown"


def _cpu_flags() -> set[str]:
    found = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", _cpuinfo(), re.MULTILINE)
    return set(found[1].split()) if found else set()


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ""
