"""The parts of the tour that are measured: one large product, and pairs against scikit-learn."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gramian import _config
from gramian.cli._checks import SUM_ERROR, Check, brute_distances
from gramian.cli._machine import peak_memory
from gramian.gram import Gram
from gramian.pairwise import Gaussian

__all__ = ["LARGE", "Pair", "Product", "compare", "large_product"]

LARGE = 100_000
LARGE_MEMORY = "256MiB"
PATIENCE = 18.0
"""Seconds that the large product may take; a slower machine gets a smaller one."""
BANDWIDTH = 0.5


@dataclass(frozen=True)
class Product:
    """A Gram matrix times a vector: how large, how fast, in how much memory, how exact."""

    n: int
    asked: int
    seconds: float
    rise: int | None
    plan: str
    check: Check

    @property
    def stored(self) -> int:
        """Bytes that the stored matrix would take."""
        return 4 * self.n**2

    @property
    def reason(self) -> str:
        """Why it is smaller than promised; empty if it is not."""
        if self.n == self.asked:
            return ""
        return f"This machine would need more than {PATIENCE:g} s for {self.asked:,} rows."


def large_product(n: int = LARGE, seed: int = 0) -> Product:
    """Multiply the n × n Gaussian Gram matrix of three-dimensional points with a vector.

    One row in a hundred is computed first: if that says that all would take more than `PATIENCE`
    seconds, n is lowered.
    """
    asked = n
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    v = rng.random((n, 1), dtype=np.float32)
    kernel = Gaussian(bandwidth=BANDWIDTH)
    before = peak_memory()
    with _config.config_context(memory=LARGE_MEMORY):
        _ = Gram(x[:500], x, kernel) @ v
        started = time.perf_counter()
        _ = Gram(x[: n // 100], x, kernel) @ v
        expected = 100 * (time.perf_counter() - started)
        if expected > PATIENCE:
            n = max(20_000, int(n * (PATIENCE / expected) ** 0.5) // 10_000 * 10_000)
            x, v = x[:n].copy(), v[:n].copy()
        gram = Gram(x, kernel=kernel)
        plan = str(gram.explain())
        started = time.perf_counter()
        result = gram @ v
        seconds = time.perf_counter() - started
        after = peak_memory()
    rise = None if before is None or after is None else after - before
    return Product(n, asked, seconds, rise, plan, _verified(x, v, result, rng))


def _verified(x: np.ndarray, v: np.ndarray, result: np.ndarray, rng: np.random.Generator) -> Check:
    """Fifty rows against float64."""
    rows = rng.choice(len(x), 50, replace=False)
    truth = np.exp(-brute_distances(x[rows], x) / (2 * BANDWIDTH**2)) @ v.astype(np.float64)
    error = float((np.abs(result[rows] - truth) / truth).max())
    return Check(
        "the product agrees with float64",
        error <= SUM_ERROR,
        f"largest relative error of 50 rows {error:.1e}, allowed {SUM_ERROR:.0e}",
    )


@dataclass(frozen=True)
class Pair:
    """One case against scikit-learn: equal inputs, checked first, timed in turn."""

    name: str
    check: Check
    ours: float
    theirs: float
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of scikit-learn's time over ours, pair by pair: above 1 we are faster."""
        return float(np.median(self.ratios))


def compare(pairs: int = 5, scale: float = 1.0, seed: int = 0) -> list[Pair]:
    """Time searches, sums, k-means and kernel machines against scikit-learn, threads equal."""
    import torch
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    n = int(20_000 * scale)
    x = rng.normal(size=(n, 32)).astype(np.float32)
    y = rng.normal(size=(512, 32)).astype(np.float32)
    z = rng.normal(size=(n // 4, 3)).astype(np.float32)
    v = rng.random((len(z), 1), dtype=np.float32)
    with threadpool_limits(torch.get_num_threads()):
        return [
            _nearest(x, y, pairs),
            _kmeans(x, y[:64].copy(), pairs),
            _gaussian(z, v, pairs),
            _ridge(z[: n // 6].astype(np.float64), pairs),
            _density(z, pairs),
        ]


def _timed(
    name: str, check: Check, ours: Callable[[], Any], theirs: Callable[[], Any], pairs: int
) -> Pair:
    """Both in turn, who begins changing from pair to pair."""
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    contestants = [("ours", ours), ("theirs", theirs)]
    for i in range(pairs):
        for who, call in contestants if i % 2 == 0 else contestants[::-1]:
            started = time.perf_counter()
            call()
            seconds[who].append(time.perf_counter() - started)
    ratios = tuple(b / a for a, b in zip(seconds["ours"], seconds["theirs"], strict=True))
    medians = float(np.median(seconds["ours"])), float(np.median(seconds["theirs"]))
    return Pair(name, check, *medians, ratios)


def _nearest(x: np.ndarray, y: np.ndarray, pairs: int) -> Pair:
    from sklearn.metrics import pairwise_distances_argmin

    def ours() -> np.ndarray:
        return Gram(x, y).argmin(dim=1)

    def theirs() -> np.ndarray:
        return pairwise_distances_argmin(x, y)

    found, peer, sample = ours(), theirs(), slice(0, 2_000)
    truth = brute_distances(x[sample], y).argmin(1)
    wrong = int((found[sample] != truth).sum())
    detail = f"{wrong} of {len(truth):,} rows differ from float64 brute force, "
    detail += f"scikit-learn's {int((peer[sample] != truth).sum())}"
    name = f"nearest of {len(y)} rows, {len(x):,} × {x.shape[1]} float32"
    return _timed(name, Check("equal to brute force", wrong == 0, detail), ours, theirs, pairs)


def _kmeans(x: np.ndarray, start: np.ndarray, pairs: int) -> Pair:
    from sklearn import cluster

    from gramian.cluster import KMeans

    same: dict[str, Any] = {
        "n_clusters": len(start),
        "init": start,
        "n_init": 1,
        "max_iter": 10,
        "tol": 0.0,
    }

    def fit(kind: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # ten iterations need not converge
            return kind(**same).fit(x)

    ours, theirs = fit(KMeans).inertia_, fit(cluster.KMeans).inertia_
    gap = abs(ours - theirs) / theirs
    check = Check("same inertia", bool(gap <= 1e-4), f"inertia differs by {gap:.1e}")
    name = f"k-means, 10 iterations, k = {len(start)}, {len(x):,} × {x.shape[1]} float32"
    return _timed(name, check, lambda: fit(KMeans), lambda: fit(cluster.KMeans), pairs)


def _gaussian(z: np.ndarray, v: np.ndarray, pairs: int) -> Pair:
    from sklearn.metrics.pairwise import rbf_kernel

    def ours() -> np.ndarray:
        return Gram(z, kernel=Gaussian(bandwidth=BANDWIDTH)) @ v

    def theirs() -> np.ndarray:
        return rbf_kernel(z, gamma=1 / (2 * BANDWIDTH**2)) @ v

    gap = float((np.abs(ours() - theirs()) / theirs()).max())
    check = Check("same sums", gap <= 1e-4, f"largest relative difference {gap:.1e}")
    name = f"Gaussian Gram matrix times a vector, {len(z):,} × {len(z):,}, 3 features"
    return _timed(name, check, ours, theirs, pairs)


def _ridge(z: np.ndarray, pairs: int) -> Pair:
    from sklearn import kernel_ridge

    from gramian.kernel_methods import KernelRidge

    y, gamma = np.sin(3 * z[:, 0]) * z[:, 1], 1 / (2 * BANDWIDTH**2)

    def fit(kind: Any, **extra: Any) -> Any:
        return kind(alpha=0.1, kernel="rbf", gamma=gamma, **extra).fit(z, y)

    def ours() -> Any:
        return fit(KernelRidge, random_state=0)

    def theirs() -> Any:
        return fit(kernel_ridge.KernelRidge)

    gap = float(np.abs(ours().predict(z) - theirs().predict(z)).max() / np.abs(y).max())
    check = Check(
        "same predictions", gap <= 1e-6, f"predictions differ by {gap:.1e} of the largest"
    )
    name = f"kernel ridge regression, {len(z):,} × {z.shape[1]} float64"
    return _timed(name, check, ours, theirs, pairs)


def _density(z: np.ndarray, pairs: int) -> Pair:
    from sklearn import neighbors

    from gramian.kernel_methods import KernelDensity

    def ours() -> np.ndarray:
        return KernelDensity(bandwidth=0.2).fit(z).score_samples(z)

    def theirs() -> np.ndarray:
        found: np.ndarray = neighbors.KernelDensity(bandwidth=0.2).fit(z).score_samples(z)
        return found

    gap = float(np.abs(ours() - theirs()).max())
    check = Check("same densities", gap <= 1e-4, f"log densities differ by {gap:.1e}")
    name = f"log density of every row, {len(z):,} × {z.shape[1]} float32"
    return _timed(name, check, ours, theirs, pairs)
