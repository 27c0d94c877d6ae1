"""k-means on more and more rows of a memory-map: seconds, memory, and what ten times more costs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks.studies.growth import decades, judged
from benchmarks.studies.memory import watched
from gramian._config import parse_bytes

__all__ = ["scaling"]

FEATURES, CLUSTERS, ITERATIONS = 8, 64, 10
BLOCK = 500_000


def scaling(most: int, memory: str, folder: Path) -> bool:
    """Fits of ``most`` / 100, / 10 and ``most`` rows, ten iterations each from k-means||."""
    sizes = decades(most)
    seconds: list[float] = []
    grown = 0
    with tempfile.TemporaryDirectory() as place:
        rows = _rows(most, Path(place) / "rows.npy")
        _fit(rows[: sizes[0]], memory)  # libraries and pools warm up
        for n in sizes:
            start = time.perf_counter()
            with watched(files=False) as peak:
                model = _fit(rows[:n], memory)
            seconds.append(time.perf_counter() - start)
            grown = max(grown, peak.growth)
            print(f"{n:,} x {FEATURES}, {CLUSTERS} clusters: {seconds[-1]:.2f} s, ", end="")
            print(f"inertia {model.inertia_ / n:.4f} a row, ", end="")
            print(f"{peak.growth / 2**20:.0f} MiB beside the file")
    print(f"working memory allowed {memory}")
    in_time = judged("k-means, eight features", sizes, seconds, folder / "kmeans-scaling.png")
    return in_time and grown <= parse_bytes(memory, "kmeans-scaling")


def _fit(rows: NDArray[np.float32], memory: str) -> gm.KMeans:
    model = gm.KMeans(CLUSTERS, init="k-means||", max_iter=ITERATIONS, tol=0.0, random_state=0)
    with gm.config_context(memory=memory):
        return model.fit(rows)


def _rows(n: int, path: Path) -> NDArray[np.float32]:
    """Rows about 64 points in a file, written a block at a time."""
    table = np.lib.format.open_memmap(path, "w+", np.float32, (n, FEATURES))
    rng = np.random.default_rng(0)
    about = rng.uniform(-10, 10, size=(CLUSTERS, FEATURES)).astype(np.float32)
    for start in range(0, n, BLOCK):
        part = table[start : start + BLOCK]
        part[:] = about[rng.integers(CLUSTERS, size=len(part))]
        part += rng.standard_normal(part.shape, dtype=np.float32)
    table.flush()
    return np.load(path, mmap_mode="r")
