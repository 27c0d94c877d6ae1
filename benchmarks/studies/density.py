"""DBSCAN: wrong core rows of each program, and its cost against the number of rows."""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.cases import dbscan as case
from benchmarks.studies.growth import decades, judged
from gramian.report import write_atomically

__all__ = ["correctness", "scaling"]

MIN_SAMPLES = 5
FEATURES = range(2, 17)

Rows = NDArray[Any]
Program = Callable[[Rows, float], NDArray[np.bool_]]


def correctness(n: int, folder: Path) -> bool:
    """Rows on the wrong side of core, by data, features and program; none may be ours."""
    programs = dict(_programs())
    lines = [
        f"Wrong core flags among {n:,} rows, against float64 brute force (min_samples "
        f"{MIN_SAMPLES}, eps the distance of a pair).",
        "",
        "| data | d | " + " | ".join(programs) + " |",
        "|---|--:|" + "--:|" * len(programs),
    ]
    ours_wrong = 0
    for kind in ("uniform", "random walk", "translated"):
        for d in FEATURES:
            wrong = {name: _wrong(program, name, kind, n, d) for name, program in programs.items()}
            ours_wrong += sum(count for name, count in wrong.items() if "gramian" in name)
            cells = " | ".join(str(count) for count in wrong.values())
            lines.append(f"| {kind} | {d} | {cells} |")
    text = "\n".join(lines) + "\n"
    print(text, end="")
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "dbscan-correctness.md", text.encode())
    return ours_wrong == 0


def _wrong(program: Program, name: str, kind: str, n: int, d: int) -> int:
    X = _rows(kind, n, d).astype(np.float32 if "float32" in name else np.float64)
    distances = np.sqrt(truth.squared_distances(X, X))
    eps = float(np.sort(np.sort(distances, axis=1)[:, MIN_SAMPLES - 1])[n // 2])
    core = (distances <= eps).sum(axis=1) >= MIN_SAMPLES
    return int((program(X, eps) != core).sum())


def _rows(kind: str, n: int, d: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(d)
    if kind == "random walk":
        return rng.normal(size=(n, d)).cumsum(axis=0)
    return rng.uniform(size=(n, d)) + (1e4 if kind == "translated" else 0.0)


def _programs() -> Iterator[tuple[str, Program]]:
    """Programs with the type of their rows; those that are not installed are left out."""
    from sklearn.cluster import DBSCAN

    def flags(kind: Any) -> Program:
        def run(X: Rows, eps: float) -> NDArray[np.bool_]:
            core = np.zeros(len(X), dtype=bool)
            core[kind(eps=eps, min_samples=MIN_SAMPLES).fit(X).core_sample_indices_] = True
            return core

        return run

    for name, kind in (("gramian", gm.DBSCAN), ("scikit-learn", DBSCAN)):
        for dtype in ("float32", "float64"):
            yield f"{name}, {dtype}", flags(kind)
    if importlib.util.find_spec("dbscan") is not None:
        import dbscan

        def run(X: Rows, eps: float) -> NDArray[np.bool_]:
            return np.asarray(dbscan.DBSCAN(X, eps=eps, min_samples=MIN_SAMPLES)[1], dtype=bool)

        yield "dbscan, float64", run


def scaling(most: int, folder: Path) -> bool:
    """Seconds of a fit in two features for a hundredth, a tenth and all of ``most`` rows."""
    sizes, seconds = decades(most), []
    gm.DBSCAN().fit(np.zeros((100, 2)))  # libraries and pools warm up
    for n in sizes:
        inputs = case.make({"n": n, "d": 2})
        model = gm.DBSCAN(inputs.eps, min_samples=case.MIN_SAMPLES)
        tries = []
        for _ in range(3):
            start = time.perf_counter()
            model.fit(inputs.points)
            tries.append(time.perf_counter() - start)
        seconds.append(statistics.median(tries))
        print(
            f"DBSCAN, {n:,} x 2: {seconds[-1]:.3f} s, {model.labels_.max() + 1:,} clusters, ",
            end="",
        )
        print(f"{(model.labels_ < 0).mean():.1%} noise")
    return judged("DBSCAN, two features", sizes, seconds, folder / "dbscan-scaling.png")
